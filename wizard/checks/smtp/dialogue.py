"""One SMTP connection, talked over by smtplib itself in one daemon thread.

smtplib has no total deadline, no cap on replies and cannot be cancelled. Here every ``await`` can be: leaving it shuts
the socket down, which ends the thread's read at once; a thread that is still busy never keeps the process from exiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import queue
import smtplib
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wizard.checks.smtp.client import BrokenError, FloodedError, HandshakeError, Observed, Reply, drop_words
from wizard.model.session import Exchange
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.secret import Secret
    from wizard.model.session import Listener

__all__ = ["MECHANISMS", "BrokenError", "Dialogue", "FloodedError", "HandshakeError", "Reply"]

MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
"""The first of these that is offered is the only one tried. GlitchTip tries CRAM-MD5 first; that is predicted."""
_BACKSTOP: Final = 60.0
"""Seconds after which a read ends even if nobody is left to shut the socket down."""
_GOODBYE: Final = 5.0
"""Seconds that the thread, alone, waits for the answer to QUIT."""

_Result = TypeVar("_Result")


class Dialogue:
    """What the check says to one server. Every method raises BrokenError when the connection does not live to answer.

    Making one takes *sock* over, and raises OSError where this host has no file or thread left.
    """

    def __init__(self, sock: socket.socket, host: str, name: str, at: tuple[str, int], on_event: Listener) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_event = on_event
        self._at = at
        self._left = False
        self._parting = False
        """Set by the thread once QUIT is sent: its answer is not reported."""
        self.woken = False
        """Whether the server was silent for so long that it was spoken to before its banner."""
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        with contextlib.ExitStack() as stack:
            stack.callback(sock.close)
            sock.settimeout(_BACKSTOP)
            self._handle = sock.dup()  # shuts the connection down also while wrap_socket() owns its descriptor
            stack.callback(self._handle.close)
            self._smtp = Observed(sock, host, name, self._observe)
            try:
                threading.Thread(target=self._work, name="smtp dialogue", daemon=True).start()
            except RuntimeError:
                raise OSError(errno.EAGAIN, "the system has no thread left") from None
            stack.pop_all()

    # --- the dialogue -------------------------------------------------------------------------------------------------

    async def greet(self, patience: float) -> Reply:
        """Read the banner. After *patience* seconds of silence say NOOP first: its answer shows what it is."""
        woken = self._loop.call_later(patience, self._wake)
        try:
            reply = await self._do(lambda: self._smtp.connect(*self._at))
        finally:
            woken.cancel()
        if self.woken and reply.code == 220:
            await self._do(self._smtp.getreply)  # the answer to NOOP
        return reply

    def _wake(self) -> None:
        self.woken = True
        with contextlib.suppress(OSError):
            self._handle.send(b"NOOP\r\n")

    async def ehlo(self) -> Reply:
        """Say EHLO, and HELO where that is refused, as smtplib does."""
        return await self._do(self._smtp.ehlo_or_helo_if_needed)

    def offers(self, extension: str) -> bool:
        """Whether the last EHLO reply lists *extension*."""
        return bool(self._smtp.has_extn(extension))

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The AUTH mechanisms of the last EHLO reply."""
        return tuple(dict.fromkeys(self._smtp.esmtp_features.get("auth", "").split()))

    async def starttls(self, context: ssl.SSLContext) -> Reply:
        """Upgrade; where STARTTLS is refused, ``tls`` stays None. EHLO has to follow. Raises HandshakeError."""
        return await self._do(lambda: self._upgrade(context))

    def _upgrade(self, context: ssl.SSLContext) -> None:
        started = time.perf_counter()
        try:
            self._smtp.starttls(context=context)
        except ssl.SSLError as error:
            self._observe("tls", "", Reply(-1, "", str(error).encode(), time.perf_counter() - started))
            raise HandshakeError(error) from None
        sock = self.tls
        if sock is None:
            return
        if sock.version() is None:  # wrap_socket shakes no hands on a socket that is no longer connected
            raise BrokenError("the connection was closed")
        words = f"{sock.version()} {(sock.cipher() or ('',))[0]}"
        self._observe("tls", "", Reply(-1, "", words.encode(), time.perf_counter() - started))

    @property
    def tls(self) -> ssl.SSLSocket | None:
        """The socket, once it is a TLS one."""
        return self._smtp.sock if isinstance(self._smtp.sock, ssl.SSLSocket) else None

    async def log_in(self, mechanism: str, username: str, key: Secret) -> Reply:
        """Log in by *mechanism*, once."""
        return await self._do(lambda: self._smtp.log_in(mechanism, username, key.reveal()))

    async def mail(self, sender: str, size: int | None = None) -> Reply:
        """Give the envelope sender, with the size where the server asks for it, as smtplib's sendmail does."""
        options = [f"size={size}"] if size is not None and self.offers("size") else []
        return await self._do(lambda: self._smtp.mail(sender, options))

    async def rcpt(self, recipient: str) -> Reply:
        """Give the recipient."""
        return await self._do(lambda: self._smtp.rcpt(recipient))

    async def data(self, message: bytes) -> Reply:
        """Send the message; the reply is that to DATA if it was refused there, else that to the final dot."""
        return await self._do(lambda: self._smtp.data(message))

    @property
    def seconds_to_354(self) -> float | None:
        """Seconds from DATA to 354; None where no 354 came."""
        return self._smtp.seconds_to_354

    async def rset(self) -> Reply:
        """Take MAIL and RCPT back."""
        return await self._do(self._smtp.rset)

    # --- the thread ---------------------------------------------------------------------------------------------------

    async def leave(self) -> None:
        """Send QUIT; its answer, and closing, are left to the thread."""
        if not self._left:
            sent: asyncio.Future[None] = self._loop.create_future()
            self._jobs.put(lambda: self._goodbye(sent))
            self._jobs.put(None)
            await sent
            self._left = True

    def abort(self) -> None:
        """Shut the connection down now; whatever the thread is reading ends."""
        if not self._left:
            self._left = True
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)
            self._jobs.put(None)

    async def _do(self, call: Callable[[], Any]) -> Reply:
        """Run *call* in the thread; return the last reply it read. smtplib's refusals are replies, not errors."""
        future: asyncio.Future[Reply] = self._loop.create_future()

        def job() -> None:
            try:
                outcome: Reply | BrokenError = self._reply(call)
            except BrokenError as error:
                outcome = error
            self._post(_settle, future, outcome)

        self._jobs.put(job)
        return await future

    def _reply(self, call: Callable[[], Any]) -> Reply:
        try:
            call()
        except smtplib.SMTPServerDisconnected:
            raise BrokenError("the connection was closed") from None
        except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError):
            pass  # the last reply says it
        except BrokenError:
            raise
        except OSError as error:
            raise BrokenError(drop_words(error)) from None
        except Exception as error:  # a reply that smtplib stumbles over; its text could hold the login
            raise BrokenError(f"it answered what smtplib cannot read ({type(error).__name__})") from None
        return self._smtp.last

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
        finally:
            self._smtp.close()
            self._handle.close()

    def _goodbye(self, sent: asyncio.Future[None]) -> None:
        with contextlib.suppress(Exception):  # the verdict is known; no answer changes it now
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(_GOODBYE)
                self._smtp.putcmd("quit")
                self._observe("QUIT", "QUIT", Reply(-1, ""))
        self._parting = True  # whatever is read from now on is nobody's, however soon it comes
        self._post(_settle, sent, None)
        with contextlib.suppress(Exception):  # the same
            if self._smtp.sock is not None:
                self._smtp.getreply()

    def _observe(self, verb: str, sent: str, reply: Reply) -> None:
        if not self._left and not self._parting:
            self._post(self._pass_on, Exchange(verb, Untrusted(sent), reply.shown, reply.seconds, self._at[0]))

    def _pass_on(self, exchange: Exchange) -> None:
        if not self._left:
            self._on_event(exchange)

    def _post(self, call: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to report to
            self._loop.call_soon_threadsafe(call, *args)


def _settle(future: asyncio.Future[_Result], outcome: _Result | BrokenError) -> None:
    if future.done():
        return
    if isinstance(outcome, BrokenError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
