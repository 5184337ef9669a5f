"""The verdict table: resolving, and connecting to each address."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp import hostile
from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from tests.checks.smtp.names import Answer, Names
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Code

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding

SHORT = smtp.Limits(resolve=0.4, connect=1.0, silent=0.4, wake=0.2, to_rcpt=5.0, data=5.0)


class TestConnecting:
    """Each address has its own verdict."""

    @staticmethod
    async def _at(port: int, a: Answer, aaaa: Answer) -> list[Finding]:
        async with Names(a, aaaa) as names:
            told: Draft = draft(port, host="smtp.postal.example.test")
            return await smtp.check(told, replace(session(), resolver=names.address), limits=SHORT)

    @staticmethod
    def _closed_port() -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return int(free.getsockname()[1])

    async def test_nothing_listens(self) -> None:
        findings = await smtp.check(draft(self._closed_port()), session(), limits=SHORT)
        connect = one(findings, "connect")
        assert connect.verdict.value == "fail"
        assert connect.code is Code.CONNECT_REFUSED
        assert "25" in connect.remedy
        assert verdicts(findings)["greeting"] == "skip"

    async def test_a_refusing_address_beside_a_working_one_is_a_warn(self) -> None:
        async with Peer() as peer:
            findings = await self._at(peer.port, ["127.0.0.1", "127.0.0.2"], [])
        connects = {finding.subject: finding.verdict.value for finding in findings if finding.check == "connect"}
        assert connects == {"127.0.0.1": "pass", "127.0.0.2": "warn"}
        assert {one.code for one in findings if one.check == "connect"} == {
            Code.CONNECT_CONNECTED, Code.CONNECT_SOME_REFUSED,
        }  # fmt: skip
        assert verdicts(findings)["greeting"] == "pass"

    async def test_no_address_works(self) -> None:
        findings = await self._at(self._closed_port(), ["127.0.0.1", "127.0.0.2"], ["::1"])
        connects = {finding.subject: finding.verdict.value for finding in findings if finding.check == "connect"}
        assert connects == dict.fromkeys(("127.0.0.1", "127.0.0.2", "::1"), "fail")

    @pytest.mark.parametrize(
        ("a", "aaaa", "verdict", "code"),
        [
            (["127.0.0.1"], [], "pass", Code.RESOLVE_ADDRESSES),
            (["127.0.0.1"], "SERVFAIL", "warn", Code.RESOLVE_ONE_FAMILY_FAILS),
            (["127.0.0.1"], "silent", "warn", Code.RESOLVE_ONE_FAMILY_FAILS),
            ([], [], "fail", Code.RESOLVE_NO_ADDRESS),
            ("NXDOMAIN", "NXDOMAIN", "fail", Code.RESOLVE_NO_SUCH_NAME),
            ("silent", "silent", "unknown", Code.RESOLVE_TIMED_OUT),
            ("SERVFAIL", "SERVFAIL", "unknown", Code.RESOLVE_LOOKUP_FAILED),
        ],
    )
    async def test_resolving(self, a: Answer, aaaa: Answer, verdict: str, code: Code) -> None:
        async with Peer() as peer:
            findings = await self._at(peer.port, a, aaaa)
        resolve = one(findings, "resolve")
        assert (resolve.verdict.value, resolve.code) == (verdict, code)
        assert bool(resolve.remedy) == (verdict != "pass")
        assert verdicts(findings)["greeting"] == ("pass" if verdict in {"pass", "warn"} else "skip")

    async def test_the_system_resolves_localhost_also_where_a_resolver_is_given(self) -> None:
        async with Peer() as peer, Names("silent", "silent") as names:
            told = draft(peer.port, host="localhost")
            findings = await smtp.check(told, replace(session(), resolver=names.address), limits=SHORT)
        assert one(findings, "resolve").verdict.value == "pass"

    async def test_one_address_is_connected_to_once(self) -> None:
        async with Peer() as peer:
            await smtp.check(draft(peer.port), session(), send=True, limits=SHORT)
            await asyncio.sleep(0)
        assert peer.connections == 1
        assert hostile.KEY.encode() not in peer.received
