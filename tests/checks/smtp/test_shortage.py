"""A host without files or threads left: unknown with a sentence, nothing on stderr, never the end of the program."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from wizard.checks.smtp import run as smtp
from wizard.checks.smtp import tls
from wizard.model.codes import Code

if TYPE_CHECKING:
    import trustme

SHORT = smtp.Limits(resolve=1.0, connect=1.0, silent=0.4, wake=0.2, to_rcpt=3.0, data=3.0)

_FEW_FILES = """
import asyncio, json, os, resource, sys
from wizard.checks.smtp import run as smtp
from wizard.checks.smtp import tls
from wizard.model.draft import App, Credential, Draft, Server, TestMail
from wizard.model.secret import Secret
from wizard.model.session import Session
import wizard.glitchtip.compose, dns.resolver, email.generator

host, port, left, resolver = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

async def main():
    parts = {"credential": Credential("acme/app"), "test_mail": TestMail("b@c.example")}
    told = Draft(App(from_="a@example.test"), Server(host, port), **parts)
    at = Session(key=Secret("Hostile0Test0Key00000000"), resolver=("127.0.0.1", int(resolver)) if resolver else None)
    limits = smtp.Limits(resolve=1.0, connect=1.0, silent=0.4, wake=0.2, to_rcpt=3.0, data=3.0)
    async def nothing(_draft, _session):
        return ()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    used = max(map(int, os.listdir("/proc/self/fd"))) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + left - 1, hard))
    try:
        return await smtp.check(told, at, send=True, limits=limits, apart=nothing)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

found = asyncio.run(main())
print(json.dumps([[one.check, one.verdict.value, one.code, one.summary] for one in found]))
"""


async def _with_files_left(host: str, left: int, resolver: str = "") -> list[list[str]]:
    import asyncio

    async with Peer() as peer:
        words = [sys.executable, "-X", "dev", "-c", _FEW_FILES, host, str(peer.port), str(left), resolver]
        done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), left
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("left", [0, 1, 2, 3, 6])
async def test_too_few_files_are_unknown_at_the_stage_that_needs_one(left: int) -> None:
    found = await _with_files_left("127.0.0.1", left)
    assert [check for check, *_ in found] == list(smtp.IDS)
    judged = {check: (verdict, code) for check, verdict, code, _ in found}
    assert "fail" not in {verdict for verdict, _ in judged.values()}, found
    if left == 0:
        assert judged["connect"] == ("unknown", Code.CONNECT_NO_RESOURCES.value)
    if left == 6:
        assert judged["sender"][0] == "pass"


async def test_a_name_that_cannot_be_looked_up_for_want_of_files_is_unknown() -> None:
    found = await _with_files_left("smtp.postal.example.test", 0)
    check, verdict, _, summary = found[0]
    assert (check, verdict) == ("resolve", "unknown"), found
    assert summary


async def test_a_resolver_that_cannot_be_asked_for_want_of_files_is_unknown() -> None:
    found = await _with_files_left("smtp.postal.example.test", 0, "53535")
    assert found[0][:2] == ["resolve", "unknown"], found


class TestNoThreads:
    """Python says RuntimeError: can't start new thread."""

    @pytest.fixture
    def none_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_self: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refuse)

    async def test_the_dialogue_is_unknown(self, none_left: None) -> None:
        async with Peer() as peer:
            findings = await smtp.check(draft(peer.port), session(), send=True, limits=SHORT)
        assert one(findings, "greeting").code is Code.GREETING_NO_RESOURCES
        assert one(findings, "greeting").verdict.value == "unknown"
        assert one(findings, "greeting").remedy
        assert [verdicts(findings)[check] for check in smtp.IDS[3:]] == ["skip"] * 5

    async def test_a_name_is_unknown(self, none_left: None) -> None:
        findings = await smtp.check(draft(25, host="smtp.postal.example.test"), session(), limits=SHORT)
        assert one(findings, "resolve").code is Code.RESOLVE_NO_RESOURCES

    async def test_starttls_is_unknown_where_its_thread_is_not_to_be_had(
        self, monkeypatch: pytest.MonkeyPatch, trusted_ca: trustme.CA
    ) -> None:
        def none() -> None:
            raise OSError(11, "the system has no thread left")

        monkeypatch.setattr(tls, "context", none)
        from tests.checks.smtp import hostile

        async with Peer(context=hostile.server_context(trusted_ca.issue_cert("localhost"))) as peer:
            findings = await smtp.check(draft(peer.port, "starttls"), session(), send=True, limits=SHORT)
        assert one(findings, "tls").code is Code.TLS_NO_RESOURCES
        assert peer.auths == 0


async def test_an_error_that_came_to_nothing_is_not_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """STARTTLS was to be prepared, and no address was reached."""

    def none() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(tls, "context", none)
    findings = await smtp.check(draft(9, "starttls", host="127.0.0.1"), session(), limits=SHORT)
    gc.collect()
    assert verdicts(findings)["tls"] == "skip"
    assert caplog.records == []
