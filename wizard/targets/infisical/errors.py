"""Infisical's answers in words: which error family an answer belongs to, and what the operator does about it.

Judged by status and ``error`` alone, never by ``message``: its text is being rewritten (infisical.md section 6). The
``error`` of a 403 may itself be a sentence; it is shown, not matched. Checked against the recorded exchanges.
"""

from __future__ import annotations

from typing import Any, Final

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
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        """The HTTP status, None where there was no answer."""
        self.error = error
        """The ``error`` member of the answer."""
        self.maybe = maybe
        """Whether the server may have carried the request out all the same."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait, for a 429."""

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
    members = body if isinstance(body, dict) else {}
    error = str(members.get("error") or "")
    request_id = members.get("reqId")
    words = _words(path, status, error, _said(members))
    if retry_after is not None:
        words += f" It asks to wait {retry_after:.0f} seconds."
    if isinstance(request_id, str) and request_id:
        words += f" Infisical's log has it under {Untrusted(request_id, 60)}."
    maybe = status < 400 or status >= 500
    return ApiError(words, status=status, error=error, maybe=maybe, retry_after=retry_after)


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
        return f"Infisical no longer knows the token: {said}. Start the action again to log in anew."
    if status == 403:
        return _forbidden(login, error, said)
    if status == 404 and login and error != "Not Found":
        return (
            f"Infisical knows no such client id: {said}. It stands under the identity, Authentication, Universal Auth."
        )
    if status == 404 and error == "Not Found":
        return f"This server does not know {Untrusted(path, 80)}: is the URL right, without a path behind the host?"
    if status == 404:
        return f"Infisical does not find it: {said}."
    if status == 422:
        return f"Infisical refuses the values: {said}."
    if status == 429:
        return f"Infisical limits the rate of requests: {said}."
    if status >= 500:
        return (
            f"Infisical failed inside ({status}: {said}). A wrong project, a path with a blank or a value over 1 MiB "
            "do that too; else look at its log."
        )
    return f"Infisical answered with an unexpected status {status}: {said}."


def _forbidden(login: bool, error: str, said: str) -> str:
    if error == "TokenError":
        return f"Infisical refuses the token: {said}. Start the action again to log in anew."
    if login:
        return f"Infisical refuses the login: {said}. Is this machine's address among the client secret's trusted IPs?"
    if error == "PermissionDenied":
        return f"The identity lacks a permission: {said}. Give it a role with it in the project, Access Control."
    detail = f" ({Untrusted(error, 160)})" if error and error != "ForbiddenError" else ""
    return f"Infisical forbids it: {said}{detail}. Add the identity to the project, Access Control, Machine Identities."


def of_redirect(status: int, location: str) -> ApiError:
    """Return the error for a 3xx: credentials go to one host only, so it is named and not followed."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(location)
        goal = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "another path"
    except ValueError:
        goal = "an unreadable address"
    return ApiError(
        f"The server redirects ({status}) to {Untrusted(goal, 99)}; nothing was sent there. "
        "Use that URL if it is yours.",
        status=status,
    )


def not_json(status: int) -> ApiError:
    """Return the error for an answer that is no JSON: never its body, which may be anything."""
    return ApiError(
        f"A web page or a proxy answered (status {status}), not Infisical's API: check the URL and what is before it.",
        status=status,
        maybe=status < 400 or status >= 500,
    )
