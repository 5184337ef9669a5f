"""One HTTP connection to Infisical: total deadlines, no redirects, capped answers, the token to one host only."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.model import infisical
from wizard.system.threads import in_daemon
from wizard.targets.infisical import tls
from wizard.targets.infisical.errors import ApiError, of_answer, of_gateway, of_redirect
from wizard.targets.infisical.proxy import Proxy, proxy_for

if TYPE_CHECKING:
    import httpx

    from wizard.model.secret import Secret

DEADLINE: Final = 10.0
"""Seconds for one request in all, from the look-up of the name to the last byte."""
LARGEST: Final = 1_048_576
"""Bytes read of an answer."""
LONGEST_WAIT: Final = 10.0
"""Seconds of Retry-After that are waited for, in all: a longer one is shown, and the operator decides."""
UNTOLD_WAIT: Final = 60.0
"""Seconds where a 429 tells none: the limiter's window is one minute (infisical.md section 2)."""
TRIES: Final = 3

_AGAIN: Final = frozenset({"GET", "PATCH"})
"""What may be sent again after a 429, which had no effect. A PATCH gives the same value; a POST is never repeated."""


class Connection:
    """Requests to one server, with its token once there is one. ``call`` raises ApiError and nothing else."""

    def __init__(self, base: str, ca_file: str | None) -> None:
        self.base = base
        self.token: Secret | None = None
        self.answers = True
        """Whether the last request was answered: one that is silent is not waited for at the end."""
        self._ca_file = ca_file
        self._proxy: Proxy | None = None
        self.custom_headers = infisical.custom_headers(os.environ)
        """Of INFISICAL_CUSTOM_HEADERS: they are sent with each request, to this server alone."""
        self._client: httpx.AsyncClient | None = None
        self._patience = LONGEST_WAIT

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: dict[str, str] | None = None,
        deadline: float | None = None,
    ) -> Any:
        """Make one request and return the parsed JSON of a 200; what is safe to repeat is, up to three times."""
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(method, path, query, body, DEADLINE if deadline is None else deadline)
            except ApiError as error:
                wait = error.retry_after
                if method not in _AGAIN or wait is None or wait > self._patience or attempt == TRIES:
                    raise
            self._patience -= wait
            await asyncio.sleep(wait)
        raise AssertionError("every try returns or raises")

    async def close(self) -> None:
        """Close what is open."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _once(
        self, method: str, path: str, query: dict[str, str] | None, body: dict[str, str] | None, deadline: float
    ) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self.token.reveal()}"} if self.token is not None else {}
        self.answers = False
        try:
            async with asyncio.timeout(deadline):
                client = await self._connected()
                request = client.build_request(method, path, params=query, json=body, headers=headers)
                response = await client.send(request, stream=True)
                try:
                    raw = await _read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise ApiError(f"Infisical did not answer within {deadline:g} seconds.", maybe=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _broken(error, self._proxy) from None
        self.answers = True
        return _parsed(self.base, path, response.status_code, response.headers, raw)

    async def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = await self._made()
        return self._client

    async def _made(self) -> httpx.AsyncClient:
        import logging

        import httpx

        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # their lines hold URLs and headers
        secure = self.base.startswith("https:")
        try:
            self._proxy = proxy_for(self.base)
        except ValueError as error:
            raise ApiError(f"{error} of the environment does not name a proxy: correct or unset it.") from None
        if self._proxy is None:
            await _look_up(str(urlsplit(self.base).hostname))
        try:
            return httpx.AsyncClient(
                base_url=self.base,
                verify=await in_daemon(lambda: tls.context(self._ca_file), DEADLINE) if secure else False,
                follow_redirects=False,
                timeout=httpx.Timeout(DEADLINE, connect=5.0),
                proxy=self._proxy.url if self._proxy is not None else None,
                trust_env=False,  # proxies and certificates are chosen here
                headers={
                    **{name: value.reveal() for name, value in self.custom_headers.items()},
                    "User-Agent": "postal-wizard",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",  # a few compressed bytes could become gigabytes
                },
            )
        except (ApiError, TimeoutError):
            raise
        except Exception as error:  # a wrong proxy or certificate variable raises many things, none of them httpx's own
            named = f"{self._proxy.variable}, " if self._proxy is not None else ""
            raise ApiError(
                f"A connection to Infisical cannot be prepared: check the URL and, in the environment, {named}"
                f"SSL_CERT_FILE and SSL_CERT_DIR ({type(error).__name__})."
            ) from None


async def _look_up(host: str) -> None:
    """Resolve *host* once where that can be given up: httpx's own look-up would keep the process from exiting."""
    try:
        await in_daemon(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), DEADLINE / 2)
    except TimeoutError:
        raise ApiError("Infisical's host name cannot be resolved: the resolver gives no answer in time.") from None
    except (OSError, UnicodeError):
        raise ApiError("Infisical's host name cannot be resolved: check the URL.") from None


async def _read(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError("The answer is compressed, though none was asked for: is this Infisical?", maybe=True)
    raw = bytearray()
    async for part in response.aiter_raw():
        raw += part
        if len(raw) > LARGEST:
            raise ApiError("The answer is larger than 1 MiB and was not read: is this Infisical?", maybe=True)
    return bytes(raw)


def _parsed(base: str, path: str, status: int, headers: httpx.Headers, raw: bytes) -> Any:
    if 300 <= status < 400:
        raise of_redirect(status, headers.get("location", ""), base)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise of_gateway(status) from None
    if status == 200:
        return body
    raise of_answer(path, status, body, _retry_after(headers) if status == 429 else None)


def _retry_after(headers: httpx.Headers) -> float:
    """Return the seconds of Retry-After: a number or a date (RFC 9110 10.2.3), a minute where it tells neither."""
    text = str(headers.get("retry-after", "")).strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return UNTOLD_WAIT


_BY_TEXT: Final = (
    ("Hostname mismatch", "Infisical's certificate is for another name: use the URL that it is made for."),
    ("IP address mismatch", "Infisical's certificate is for another name: use the URL that it is made for."),
    ("certificate has expired", "Infisical's certificate has expired: renew it on its server."),
    ("CERTIFICATE_VERIFY_FAILED", "Infisical's certificate cannot be verified: name a private CA's file in ca_file."),
    ("WRONG_VERSION_NUMBER", "This port does not speak TLS: is the URL https:// where the server has http only?"),
    ("RECORD_LAYER_FAILURE", "This port does not speak TLS: is the URL https:// where the server has http only?"),
    ("Name or service not known", "Infisical's host name cannot be resolved: check the URL."),
    ("name resolution", "Infisical's host name cannot be resolved: check the URL."),
    ("nodename", "Infisical's host name cannot be resolved: check the URL."),
)  # fmt: skip


def _broken(error: Exception, proxy: Proxy | None) -> ApiError:
    """Say what became of a connection. Of *error* nothing is shown, for its text may hold a header."""
    import httpx

    if proxy is not None and not _is_about_tls(error):
        if isinstance(error, httpx.ProxyError):
            return ApiError(f"The proxy {proxy.shown} of {proxy.variable} refuses the way to Infisical.")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return ApiError(
                f"The proxy {proxy.shown}, which {proxy.variable} names, cannot be reached. To reach Infisical "
                "without it, name Infisical's host in NO_PROXY."
            )

    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return ApiError("The Infisical URL cannot be read: write it as https://secrets.example.com.")
    if isinstance(error, httpx.ConnectTimeout):
        return ApiError("Infisical cannot be reached: the connection was not accepted in time.")
    if isinstance(error, httpx.ConnectError):
        text = f"{error}{error.__cause__}"
        words = next((words for part, words in _BY_TEXT if part in text), None)
        return ApiError(words or "Infisical cannot be reached: nothing accepts the connection at this URL.")
    if isinstance(error, httpx.TimeoutException):
        return ApiError("Infisical did not answer in time.", maybe=True)
    return ApiError(
        "The connection to Infisical broke off; is the URL http:// where the server speaks TLS?", maybe=True
    )


def _is_about_tls(error: Exception) -> bool:
    """Whether *error* is of the TLS within a proxy's tunnel: the proxy itself did its work."""
    text = f"{error}{error.__cause__}"
    return "SSL" in text or "certificate" in text
