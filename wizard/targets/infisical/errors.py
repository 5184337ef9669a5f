"""Infisical's answers in words: which error family an answer belongs to, and what the operator does about it.

Judged by status and ``error`` alone, never by ``message``: its text is being rewritten (infisical.md section 6). The
``error`` of a 403 may itself be a sentence; it is shown, not matched. Checked against the recorded exchanges. What is
not Infisical's own JSON is a gateway's, and tells nothing of what became of a write.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from wizard.model import infisical
from wizard.model.untrusted import Untrusted

LOGIN_PATH: Final = "/api/v1/auth/universal-auth/login"


class ApiError(Exception):
    """A call failed. The message is one sentence or two; no body is quoted but the server's own error words."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        error: str = "",
        maybe: bool = False,
        gateway: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        """The HTTP status, None where there was no answer."""
        self.error = error
        """The ``error`` member of the answer."""
        self.maybe = maybe
        """Whether the server may have carried the request out all the same."""
        self.gateway = gateway
        """Whether something in front of Infisical answered in its place."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait, for a 429."""

    @property
    def answered(self) -> bool:
        """Whether Infisical itself answered, and so is done with the request."""
        return self.status is not None and not self.gateway

    @property
    def is_forbidden(self) -> bool:
        """Whether the identity lacks a right, as Infisical itself says."""
        return self.status == 403 and self.error != "TokenError" and not self.gateway

    @property
    def is_absent(self) -> bool:
        """Whether a secret, folder or path is not there, as Infisical itself says and no proxy before it."""
        return self.status == 404 and self.error not in {"", "Not Found"}

    @property
    def is_unknown_route(self) -> bool:
        """Whether the server does not know the route at all: Fastify's own 404 has ``error`` with a blank in it."""
        return self.status == 404 and self.error == "Not Found"

    @property
    def is_dead_token(self) -> bool:
        """Whether a new login would help (infisical.md section 1); 403 with any other ``error`` is a permission."""
        return (self.status, self.error) in {(401, "UnauthorizedError"), (403, "TokenError")}


def of_answer(path: str, status: int, body: Any, retry_after: float | None) -> ApiError:
    """Return the error that an answer with *status* and the parsed JSON *body* is."""
    if not _is_infisical_s(status, body):
        return of_gateway(status)
    members: dict[str, Any] = body
    error = str(members.get("error") or "")
    request_id = members.get("reqId")
    words = _words(path, status, error, _said(members))
    if retry_after is not None:
        words += f" It asks to wait {retry_after:.0f} seconds."
    if isinstance(request_id, str) and request_id:
        words += f" Infisical's log has it under {Untrusted(request_id, 60)}."
    maybe = status < 400 or status >= 500
    return ApiError(words, status=status, error=error, maybe=maybe, retry_after=retry_after)


def _is_infisical_s(status: int, body: Any) -> bool:
    """Whether an error is Infisical's own: any gateway may answer in its place, with JSON of its own kind too.

    502, 503, 504 and 52x are what gateways say of a server that has not answered them (infisical.md section 8a).
    """
    if status in {502, 503, 504} or 520 <= status <= 529 or not isinstance(body, dict):
        return False
    return body.get("statusCode") == status and isinstance(body.get("error"), str)


def _said(members: dict[str, Any]) -> str:
    """Return what the server says, inert: a list of zod issues becomes the paths they name."""
    message = members.get("message") or "it gives no reason"
    if isinstance(message, list):
        paths = [issue.get("path") for issue in message if isinstance(issue, dict)]
        named = [".".join(map(str, path)) if isinstance(path, list) else "" for path in paths]
        return Untrusted("wrong or missing: " + ", ".join(name or "the body" for name in named), 160)
    return Untrusted(str(message).rstrip(". "), 160)


def _words(path: str, status: int, error: str, said: str) -> str:
    login = path == LOGIN_PATH
    if status == 400:
        return f"Infisical refuses the request: {said}."
    if status == 401 and login:
        if error == "ValidationFailure":
            return f"Infisical cannot read the login: {said}."
        return (
            f"Infisical refuses the login: {said}. Check the client id (of Universal Auth, not the identity's own) and "
            "the client secret: expired, used up, revoked, or of another identity or cloud region? Three failures "
            "within 30 seconds lock the identity for 5 minutes."
        )
    if status == 401:
        if error == "ValidationFailure":
            return f"Infisical cannot read the request: {said}."
        return f"Infisical no longer knows the token: {said}. Start the action again: it logs in again."
    if status == 403:
        return _forbidden(login, error, said)
    if status == 404 and login and error != "Not Found":
        return (
            f"Infisical does not know this client id: {said}. Copy it from the identity, Authentication, "
            "Universal Auth."
        )
    if status == 404 and error == "Not Found":
        return f"This server does not know {Untrusted(path, 80)}: is the URL right, without a path after the host?"
    if status == 404:
        return f"Infisical does not find it: {said}."
    if status == 422:
        return f"Infisical refuses the values: {said}."
    if status == 429:
        return f"Infisical limits the rate of requests: {said}."
    if status >= 500:
        return (
            f"Infisical had an error of its own ({status}: {said}). A wrong project, a path with a blank or a value "
            "over 1 MiB causes that too; otherwise look at its log."
        )
    return f"Infisical answered with an unexpected status {status}: {said}."


def _forbidden(login: bool, error: str, said: str) -> str:
    if error == "TokenError":
        return f"Infisical refuses the token: {said}. Start the action again: it logs in again."
    if login:
        return f"Infisical refuses the login: {said}. Is this machine's address among the client secret's trusted IPs?"
    if error == "PermissionDenied":
        return (
            f"The identity lacks a permission: {said}. Give it a role with that permission: the project, Access "
            "Control."
        )
    if error == "ForbiddenError":
        return (
            f"Infisical forbids it: {said}. Is the identity a member of the project, and is this machine's address "
            "among the access token's trusted IPs (Identity, Authentication, Universal Auth)?"
        )
    detail = f" ({Untrusted(error, 160)})" if error else ""
    return f"Infisical forbids it: {said}{detail}. Add the identity to the project, Access Control, Machine Identities."


def of_redirect(status: int, location: str, base: str) -> ApiError:
    """Return the error for a 3xx of the server at *base*: credentials go to one host only, so it is not followed."""
    try:
        here, there = urlsplit(base), urlsplit(location)
        goal = f"{there.scheme or here.scheme}://{there.netloc.rpartition('@')[2] or here.netloc}"
        same_host = there.hostname in {None, here.hostname}
        to_https = same_host and there.scheme == "https" and here.scheme == "http"
    except ValueError:
        goal, same_host, to_https = "an unreadable address", False, False
    words = f"The server redirects ({status}) to {Untrusted(goal, 99)}; nothing was sent there. "
    if to_https:
        words += "Give the URL with https://."
    elif same_host and "/" in location:
        words += "A login page or a proxy is in front of Infisical's API: the API must be reachable without it."
    else:
        words += (
            "That is a login page in front of Infisical (such as Cloudflare Access), or the wrong URL. Where "
            f"such a page lets programs pass by headers, give them in {infisical.CUSTOM_HEADERS}."
        )
    return ApiError(words, status=status, gateway=True, maybe=True)


def of_gateway(status: int) -> ApiError:
    """Return the error for an answer that is not Infisical's: never its body, which may be anything."""
    return ApiError(
        f"A web page or a proxy answered (status {status}), not Infisical's API: check the URL and what is in "
        "front of it.",
        status=status,
        gateway=True,
        maybe=True,
    )
