"""Connecting: every address of the host apart and side by side, and the first that works is talked to."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.session import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.smtp.client import BrokenError
    from wizard.model.session import Listener

_GRACE: Final = 0.25
"""Seconds that an address further back waits for those before it: GlitchTip tries them in order."""


@dataclass(frozen=True, slots=True)
class _Tried:
    """What became of one address."""

    address: str
    sock: socket.socket | None
    error: OSError | None
    seconds: float


class Reach:
    """Tries all addresses at once; ``on_finding`` gets each finding as soon as it can be judged."""

    def __init__(
        self,
        addresses: tuple[str, ...],
        port: int,
        on_finding: Callable[[Finding], None],
        on_event: Listener,
        *,
        seconds: float,
        silent: float,
    ) -> None:
        self.addresses = addresses
        self.works: set[str] = set()
        """Addresses that are connected to so far."""
        self._port = port
        self._on_finding = on_finding
        self._on_event = on_event
        self._silent = silent
        self._started = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(self._try(address, seconds)) for address in addresses]
        self._chosen: socket.socket | None = None

    async def first(self) -> tuple[str, socket.socket] | None:
        """Return the first address in order that works with its socket; None where none does: all is reported then."""
        pending = set(self._tasks)
        grace: float | None = None
        while pending:
            done, pending = await asyncio.wait(pending, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
            ready = [task.result() for task in self._tasks if task.done() and task.result().sock is not None]
            before = self._tasks[: self.addresses.index(ready[0].address)] if ready else []
            if ready and (all(task.done() for task in before) or not done):
                self._chosen = ready[0].sock
                assert self._chosen is not None
                self._on_finding(self._passed(ready[0]))
                return ready[0].address, self._chosen
            grace = _GRACE if ready else None
        for task in self._tasks:
            self._on_finding(self._failed(task.result()))
        return None

    async def judge(self) -> None:
        """Report the other addresses, now that one works; a silent one has ``silent`` seconds from the start."""
        end = self._started + self._silent
        pending = set(self._tasks)
        while pending:
            left = max(0.0, end - asyncio.get_running_loop().time())
            done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
            for task in done:
                tried = task.result()
                if tried.sock is not None and tried.sock is self._chosen:
                    continue
                self._on_finding(self._passed(tried) if tried.sock is not None else self._warned(tried))
        for address, running in zip(self.addresses, self._tasks, strict=True):
            if not running.done():
                running.cancel()
                late = TimeoutError(f"no answer within {self._silent:g} s")
                self._on_finding(self._warned(_Tried(address, None, late, self._silent)))

    def give_up(self, why: BrokenError) -> None:
        """Report for every address that none worked before the deadline of the whole check."""
        for address, task in zip(self.addresses, self._tasks, strict=True):
            seconds = asyncio.get_running_loop().time() - self._started
            late = _Tried(address, None, TimeoutError(str(why)), seconds)
            self._on_finding(self._failed(task.result() if task.done() else late))

    def close(self) -> None:
        """Stop trying, and close every socket that was not handed out."""
        for task in self._tasks:
            task.cancel()
            if not task.done() or task.cancelled():
                continue
            sock = task.result().sock
            if sock is not None and sock is not self._chosen:
                sock.close()

    async def _try(self, address: str, seconds: float) -> _Tried:
        loop = asyncio.get_running_loop()
        start = loop.time()
        sock: socket.socket | None = None
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(
                address, self._port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            async with asyncio.timeout(seconds):
                await loop.sock_connect(sock, where)
        except TimeoutError:
            assert sock is not None
            sock.close()
            late = TimeoutError(f"no answer within {seconds:g} s")
            return self._report(_Tried(address, None, late, loop.time() - start))
        except OSError as error:
            if sock is not None:
                sock.close()
            return self._report(_Tried(address, None, error, loop.time() - start))
        except BaseException:
            if sock is not None:
                sock.close()
            raise
        self.works.add(address)
        return self._report(_Tried(address, sock, None, loop.time() - start))

    def _report(self, tried: _Tried) -> _Tried:
        words = "connected" if tried.error is None else _what(tried.error).words
        self._on_event(Exchange("connect", self._at(tried.address), (words,), tried.seconds, tried.address))
        return tried

    def _at(self, address: str) -> str:
        return f"[{address}]:{self._port}" if ":" in address else f"{address}:{self._port}"

    def _passed(self, tried: _Tried) -> Finding:
        words = f"{self._at(tried.address)} accepts connections."
        return Finding.ok(Code.CONNECT_CONNECTED, tried.address, words, seconds=tried.seconds)

    def _failed(self, tried: _Tried) -> Finding:
        assert tried.error is not None
        what = _what(tried.error)
        if what is _NO_RESOURCES:
            return self._untried(tried)
        return Finding.fail(
            what.alone,
            tried.address,
            f"{self._at(tried.address)}: {what.words}, and no address of the host works, so no mail can be sent.",
            (_raised(tried.error),),
            remedy=what.remedy.format(port=self._port),
            seconds=tried.seconds,
        )

    def _warned(self, tried: _Tried) -> Finding:
        assert tried.error is not None
        what = _what(tried.error)
        if what is _NO_RESOURCES:
            return self._untried(tried)
        six = ":" in tried.address
        return Finding.warn(
            what.beside,
            tried.address,
            f"{self._at(tried.address)}: {what.words}, while another address works; each mail may first lose "
            "time here.",
            (_raised(tried.error),),
            remedy=f"Publish port {self._port} on {'[::]' if six else 'this address'} too, "
            f"or delete the {'AAAA' if six else 'A'} record.",
            seconds=tried.seconds,
        )

    def _untried(self, tried: _Tried) -> Finding:
        return Finding.unknown(
            Code.CONNECT_NO_RESOURCES,
            tried.address,
            f"{self._at(tried.address)} was not tried: {_NO_RESOURCES.words}, so it is not known whether it works.",
            (_raised(tried.error),) if tried.error is not None else (),
            remedy=_NO_RESOURCES.remedy,
            seconds=tried.seconds,
        )


@dataclass(frozen=True, slots=True)
class _What:
    """What became of a try that failed."""

    words: str
    alone: Code
    """The outcome where no address works."""
    beside: Code
    """The outcome where another address works."""
    remedy: str
    """With ``{port}`` in it."""


_ROUTE: Final = (
    "Check the network between the two hosts (ip route get ADDRESS), and whether the record names the right address."
)
_REFUSED: Final = _What(
    "nothing listens there (connection refused)",
    Code.CONNECT_REFUSED,
    Code.CONNECT_SOME_REFUSED,
    "On Postal's host, see what listens: ss -ltn. Postal's smtp_server.default_port is 25; {port} needs that "
    "setting, PORT, or a container mapping {port}:25 on this address. Then: postal status.",
)
_SILENT: Final = _What(
    "no answer (timed out)",
    Code.CONNECT_SILENT,
    Code.CONNECT_SOME_SILENT,
    "Open TCP {port} for this host in the firewall of Postal's host and of its provider; some providers block 25, "
    "so have Postal listen on 2525 too.",
)
_FORBIDDEN: Final = _What(
    "this host's own firewall forbids it (permission denied)",
    Code.CONNECT_FORBIDDEN,
    Code.CONNECT_SOME_FORBIDDEN,
    "Allow outgoing TCP {port} on this host.",
)
_NO_RESOURCES: Final = _What(
    "this host has no file, port or memory left for another connection",
    Code.CONNECT_NO_RESOURCES,
    Code.CONNECT_NO_RESOURCES,
    "Close other programs or raise the limit (ulimit -n), then check again.",
)


_SHORT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN})


def is_shortage(error: OSError) -> bool:
    """Whether this host itself had no file, thread, port or memory left."""
    return error.errno in _SHORT


def shortage(error: OSError) -> str:
    """Return what this host lacks, in its own words."""
    return error.strerror or str(error)


def _no_route(words: str) -> _What:
    return _What(words, Code.CONNECT_NO_ROUTE, Code.CONNECT_SOME_NO_ROUTE, _ROUTE)


def _what(error: OSError) -> _What:
    """Return what happened."""
    if isinstance(error, ConnectionRefusedError):
        return _REFUSED
    if isinstance(error, TimeoutError):
        return _SILENT
    if is_shortage(error):
        return _NO_RESOURCES
    match error.errno:
        case errno.ENETUNREACH:
            return _no_route("this host has no route to that network (network is unreachable)")
        case errno.EHOSTUNREACH:
            return _no_route("no route to that host")
        case errno.EACCES | errno.EPERM:
            return _FORBIDDEN
        case errno.EADDRNOTAVAIL:
            words = "no such address can be used from this host"
            return _What(words, Code.CONNECT_UNUSABLE, Code.CONNECT_SOME_UNUSABLE, _ROUTE)
    words = os.strerror(error.errno) if error.errno else str(error)
    return _What(words, Code.CONNECT_FAILED, Code.CONNECT_SOME_FAILED, _ROUTE)


def _raised(error: OSError) -> str:
    """Return what GlitchTip's log would show."""
    if isinstance(error, TimeoutError) and not error.errno:
        return f"TimeoutError: timed out ({error})"
    return f"{type(error).__name__}: [Errno {error.errno}] {error.strerror or error}"
