"""GlitchTip as far as its mail goes, for the rehearsal's pretend containers: its settings, its mail, its web service.

The settings are read as glitchtip/settings.py reads them (``email_url.readers``), and the mail is sent by smtplib in
Django's order (django/core/mail/backends/smtp.py): what goes wrong raises the same exceptions.
"""

from __future__ import annotations

import http.server
import json
import os
import smtplib
import socket
import ssl
import traceback
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.email_url import readers
from wizard.glitchtip import settings

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST: Final = 30.0
"""Seconds for a mail where EMAIL_TIMEOUT is not set; Django would wait for ever."""
_MOST: Final = 65_536
_TOKEN: Final = "rehearsal-csrf-token"  # noqa: S105  # of the pretend web service, which anybody may ask


class ImproperlyConfigured(Exception):  # noqa: N818  # Django's name, which its traceback shows
    """The stand-in for ``django.core.exceptions.ImproperlyConfigured``."""

    __module__ = "django.core.exceptions"


def trouble() -> str:
    """Return the traceback with which GlitchTip would end at its start, empty where it would not."""
    try:
        _load()
    except (ValueError, ImproperlyConfigured) as error:
        begins = 'Traceback (most recent call last):\n  File "/code/glitchtip/settings.py", line 692, in <module>\n'
        return begins + "".join(traceback.format_exception_only(error))
    return ""


def _load() -> None:
    domain = next((os.environ[name] for name in settings.LINK_VARIABLES if os.environ.get(name)), settings.DEFAULT_LINK)
    if not domain.startswith(("http://", "https://")):
        raise ImproperlyConfigured("GLITCHTIP_DOMAIN must start with http or https")
    if os.environ.get("EMAIL_TIMEOUT"):
        int(os.environ["EMAIL_TIMEOUT"])
    url = os.environ.get("EMAIL_URL", "")
    if not url:
        return
    parts = urlsplit(url)
    _ = parts.port  # raises as django-environ does
    if readers.glitchtip(url).error:
        raise ImproperlyConfigured(f"Invalid email schema {parts.scheme}")


def send_test_email(recipient: str) -> None:
    """Do as ``manage.py sendtestemail``: silent where it worked. Raises what smtplib raises."""
    host = socket.gethostname()
    send(recipient, f"Test email from {host}", f"If you're reading this, it was successful ({host}).")


def send(recipient: str, subject: str, text: str) -> None:
    """Send one mail as Django does with the settings of this process. Raises what smtplib raises."""
    url = os.environ.get("EMAIL_URL", "")
    reading = readers.glitchtip(url) if url else readers.UNSET
    message = _message(recipient, subject, text)
    if reading.backend == "console":
        print(message)  # noqa: T201  # as Django's console backend does
    elif reading.backend == "smtp":
        _over_smtp(reading, message, recipient)


def _message(recipient: str, subject: str, text: str) -> EmailMessage:
    sender = os.environ.get("DEFAULT_FROM_EMAIL", settings.DEFAULT_FROM)
    if not sender:
        raise ValueError('Invalid address ""')
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, sender, recipient
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain=socket.gethostname())
    message.set_content(text)
    return message


def _over_smtp(reading: readers.Reading, message: EmailMessage, recipient: str) -> None:
    tls = reading.tls or settings.is_true(os.environ.get("EMAIL_USE_TLS", ""))
    implicit = reading.ssl or settings.is_true(os.environ.get("EMAIL_USE_SSL", ""))
    if tls and implicit:
        raise ValueError(
            "EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive, so only set one of those settings to True."
        )
    given = os.environ.get("EMAIL_TIMEOUT", "")
    timeout = float(given) if given else _LONGEST
    place: tuple[str, int] = (reading.host or "", reading.port or 0)
    context = ssl.create_default_context()
    client = (
        smtplib.SMTP_SSL(*place, timeout=timeout, context=context) if implicit
        else smtplib.SMTP(*place, timeout=timeout)
    )  # fmt: skip
    with client:
        if tls:
            client.starttls(context=context)
        password = reading.password.reveal() if reading.password is not None else ""
        if reading.username and password:
            client.login(reading.username, password)
        client.sendmail(parseaddr(str(message["From"]))[1], [recipient], message.as_bytes())


def web_port() -> int:
    """Return where the web service listens (GlitchTip's bin/): GRANIAN_PORT, PORT, else 8000."""
    given = (os.environ.get(name, "") for name in ("GRANIAN_PORT", "PORT"))
    return next((int(text) for text in given if text.isdigit() and 0 < int(text) < 65536), 8000)


def web(accounts: tuple[str, ...], note: Callable[[str], None]) -> type[http.server.BaseHTTPRequestHandler]:
    """Return a handler that is allauth's headless API as far as a password reset goes; *note* takes log lines."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/_allauth/browser/v1/config":
                self._answer(200, cookie=True)
            else:
                self._answer(404)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            body = self.rfile.read(min(int(length), _MOST) if length.isdigit() else 0)
            if self.path != "/_allauth/browser/v1/auth/password/request":
                self._answer(404)
            elif self.headers.get("X-CSRFToken") != _TOKEN:
                self._answer(403)
            else:
                self._answer(self._reset(body))

        def _reset(self, body: bytes) -> int:
            try:
                recipient = json.loads(body)["email"]
            except (ValueError, KeyError, TypeError):
                return 400
            if recipient not in accounts:
                return 200  # GlitchTip does not tell whether there is such an account
            host = self.headers.get("Host", "")
            scheme = self.headers.get("X-Forwarded-Proto", "http")
            try:
                send(
                    recipient, "Password Reset Email", f"{scheme}://{host}/reset-password/set-new-password/1-rehearsal"
                )
            except Exception:
                note(traceback.format_exc())
                return 500
            return 200

        def _answer(self, status: int, *, cookie: bool = False) -> None:
            body = json.dumps({"status": status}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if cookie:
                self.send_header("Set-Cookie", f"csrftoken={_TOKEN}; Path=/; SameSite=Lax")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, _format: str, *arguments: Any) -> None:
            note(" ".join(map(str, arguments)))

    return Handler
