"""Leaving the check: cancelled at every stage within half a second, and never a reason for the process to stay."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp import hostile
from tests.checks.smtp.hostile import STAGES, TLS_STAGES, Peer, draft, session
from tests.watch import Watch
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Code
from wizard.model.session import Event, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """Listen on a port whose queue is full: the kernel drops what else knocks, as a firewall does."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


async def _seconds_to_cancel(task: asyncio.Task[object]) -> float:
    watch = Watch()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return watch.seconds


@pytest.mark.parametrize("stage", [*STAGES, *TLS_STAGES])
async def test_a_cancelled_check_is_gone_at_once(stage: str, trusted_ca: trustme.CA) -> None:
    tls = stage in TLS_STAGES
    context = hostile.server_context(trusted_ca.issue_cert("localhost")) if tls else None
    on_event: list[Event] = []
    async with Peer(stage, hostile.silence, context=context) as peer:
        told = draft(peer.port, "starttls" if tls else "none")
        task = asyncio.create_task(smtp.check(told, session(), on_event.append, send=True))
        await asyncio.wait_for(peer.reached.wait(), 5)
        assert await _seconds_to_cancel(task) < 0.5
        count = len(on_event)
        await _thread_gone()
        assert len(on_event) == count


async def _thread_gone() -> None:
    """Wait until the dialogue's thread has ended, which it does once its socket is shut down."""
    for thread in threading.enumerate():
        if thread.name == "smtp dialogue":
            await asyncio.to_thread(thread.join, 0.5)
            assert not thread.is_alive()


async def test_a_check_can_be_cancelled_while_it_connects() -> None:
    with full_backlog() as port:
        task = asyncio.create_task(smtp.check(draft(port), session()))
        await asyncio.sleep(0.1)
        assert not task.done()
        assert await _seconds_to_cancel(task) < 0.5


async def test_a_check_can_be_cancelled_while_the_system_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, release = threading.Event(), threading.Event()

    def stuck(*_args: object, **_options: object) -> list[object]:
        asked.set()
        release.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    try:
        task = asyncio.create_task(smtp.check(draft(25, host="smtp.postal.example.test"), session()))
        assert await asyncio.to_thread(asked.wait, 5)
        assert await _seconds_to_cancel(task) < 0.5
    finally:
        release.set()


async def test_a_check_can_be_cancelled_while_the_resolver_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        at = replace(session(), resolver=("127.0.0.1", int(silent.getsockname()[1])))
        task = asyncio.create_task(smtp.check(draft(25, host="smtp.postal.example.test"), at))
        silent.setblocking(False)
        await asyncio.get_running_loop().sock_recv(silent, 512)
        assert await _seconds_to_cancel(task) < 0.5


_STUCK = """
import asyncio, socket, sys, time
from wizard.checks.smtp import run as smtp
from wizard.model.draft import App, Draft, Server
from wizard.model.session import Session

if sys.argv[1] == "resolve":
    socket.getaddrinfo = lambda *_a, **_k: time.sleep(30)
async def main():
    reached = asyncio.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    host = "127.0.0.1" if sys.argv[1] == "banner" else "smtp.postal.example.test"
    draft = Draft(app=App(from_="a@example.test"), server=Server(host, listener.getsockname()[1]))
    task = asyncio.create_task(smtp.check(draft, Session()))
    await asyncio.sleep(0.3)
    assert not task.done()
asyncio.run(main())
"""


@pytest.mark.parametrize("stage", ["banner", "resolve"])
def test_a_stuck_check_does_not_keep_the_process(stage: str) -> None:
    watch = Watch()
    done = subprocess.run(
        [sys.executable, "-c", _STUCK, stage], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert watch.seconds < 5


async def test_the_verdict_does_not_wait_for_the_answer_to_quit() -> None:
    on_event: list[tuple[float, Event]] = []
    watch = Watch()
    async with Peer("QUIT", hostile.silence) as peer:
        findings = await smtp.check(
            draft(peer.port), session(), lambda event: on_event.append((time.monotonic(), event)), send=True
        )
        await asyncio.wait_for(peer.reached.wait(), 5)
    assert watch.seconds < 2
    assert [finding.verdict.value for finding in findings if finding.check == "sender"] == ["pass"]
    assert [event.verb for _, event in on_event if isinstance(event, Exchange)][-1] == "QUIT"


class TestTheWholeDeadline:
    """The deadlines of the product itself."""

    def test_are_15_seconds_to_rcpt_and_30_more_for_data(self) -> None:
        assert (smtp.LIMITS.to_rcpt, smtp.LIMITS.data) == (15.0, 30.0)
        assert smtp.LIMITS.resolve == 5.0

    async def test_a_silent_address_is_no_reason_to_wait_for_more_than_the_deadline(self) -> None:
        limits = smtp.Limits(connect=5.0, to_rcpt=0.4)
        with full_backlog() as port:
            watch = Watch()
            findings = await smtp.check(draft(port), session(), limits=limits)
        connect = next(finding for finding in findings if finding.check == "connect")
        assert connect.verdict.value == "fail"
        assert connect.code is Code.CONNECT_SILENT
        assert watch.seconds < 1.4
