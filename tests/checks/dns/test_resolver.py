"""One question, and everything a server may do instead of answering it."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Final

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checks.dns.fake import Handler, fake, question, reply
from tests.effort import examples
from wizard.checks.dns.resolver import Answer, Questions, system_resolvers
from wizard.model.session import Progress, Session

if TYPE_CHECKING:
    from pathlib import Path


async def ask(handler: Handler, kind: str = "TXT", *, tcp: bool = True, lifetime: float = 0.6) -> Answer:
    async with fake(handler, tcp=tcp) as server, Questions(Session(resolver=server.address), lifetime=lifetime) as asks:
        return await asks.ask("a.test", kind)


def truncated(query: dns.message.Message, tcp: bool) -> list[bytes]:
    answer = reply(query, ("a.test", "TXT", '"whole"') if tcp else ("a.test", "TXT", '"part"'))
    if not tcp:
        answer.flags |= dns.flags.TC
    return [answer.to_wire()]


def _two_questions(query: dns.message.Message) -> bytes:
    answer = reply(query, ("a.test", "A", "192.0.2.1"))
    answer.question.insert(0, dns.rrset.from_text("b.test.", 0, "IN", "A"))
    return answer.to_wire()


def _no_question(query: dns.message.Message) -> bytes:
    answer = reply(query, ("a.test", "A", "192.0.2.1"))
    answer.question.clear()
    return answer.to_wire()


def _records_of_nobody(query: dns.message.Message) -> bytes:
    answer = reply(query, ("a.test", "A", "192.0.2.1"), rcode=dns.rcode.NXDOMAIN)
    return answer.to_wire()


def _bare(query: dns.message.Message, kind: str, text: str) -> bytes:
    """Return an answer that ends in its record: no EDNS behind it, which is not read."""
    answer = reply(query, ("a.test", kind, text))
    answer.use_edns(False)
    return answer.to_wire()


def _cut_off(query: dns.message.Message) -> bytes:
    return _bare(query, "A", "192.0.2.1")[:-3]


def _points_at_itself(query: dns.message.Message) -> bytes:
    wire = _bare(query, "CNAME", "b.test.")
    return wire[:-3] + b"\xc0" + bytes([len(wire) - 3]) + wire[-1:]


ODD: Final = {
    "two questions": _two_questions,
    "no question": _no_question,
    "an address for a name that does not exist": _records_of_nobody,
    "a record cut off": _cut_off,
    "a name that points at itself": _points_at_itself,
}


class TestAnAnswer:
    async def test_joins_the_strings_of_a_record(self) -> None:
        answer = await ask(lambda query, _: [reply(query, ("a.test", "TXT", r'"one " "two\255\027"')).to_wire()])
        assert answer.outcome == "answer"
        assert answer.values == (b"one two\xff\x1b",)

    async def test_tells_the_hops_of_its_cnames(self) -> None:
        records = (("a.test", "CNAME", "b.test."), ("b.test", "CNAME", "c.test."), ("c.test", "A", "192.0.2.1"))
        answer = await ask(lambda query, _: [reply(query, *records).to_wire()], "A")
        assert answer.chain == ("b.test", "c.test")
        assert answer.values == ("192.0.2.1",)

    async def test_that_is_negative_tells_for_how_long(self) -> None:
        answer = await ask(lambda query, _: [reply(query, rcode=dns.rcode.NXDOMAIN, soa="test").to_wire()])
        assert (answer.outcome, answer.ttl, answer.zone) == ("nxdomain", 30, "test")

    async def test_that_was_cut_is_asked_again_over_tcp(self) -> None:
        assert (await ask(truncated)).values == (b"whole",)

    async def test_with_a_wrong_id_or_question_is_ignored(self) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            right = reply(query, ("a.test", "TXT", '"right"')).to_wire()
            wrong = reply(query, ("a.test", "TXT", '"wrong"'))
            wrong.id ^= 1
            other = reply(query, ("b.test", "TXT", '"other"'))
            other.question = [dns.rrset.from_text("b.test.", 0, "IN", "TXT")]
            return [wrong.to_wire(), other.to_wire(), b"\0", right]

        assert (await ask(handler)).values == (b"right",)

    async def test_that_comes_after_the_second_try_still_counts(self) -> None:
        seen: list[float] = []

        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes] | None:
            seen.append(time.monotonic())
            return [reply(query, ("a.test", "TXT", '"late"')).to_wire()] if len(seen) == 2 else None

        assert (await ask(handler, lifetime=4)).values == (b"late",)


class TestEachFailureHasItsOwnWords:
    @pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP])
    async def test_an_error_code(self, rcode: dns.rcode.Rcode) -> None:
        answer = await ask(lambda query, _: [reply(query, rcode=rcode).to_wire()])
        assert answer.failed
        assert f"answered {dns.rcode.to_text(rcode)}" in answer.words

    async def test_silence(self) -> None:
        answer = await ask(lambda _query, _: None)
        assert answer.failed
        assert "did not answer in time" in answer.words

    async def test_tcp_that_is_refused(self) -> None:
        answer = await ask(truncated, tcp=False)
        assert answer.failed
        assert "is blocked" in answer.words
        assert "refused" in answer.words

    async def test_tcp_that_stays_silent(self) -> None:
        answer = await ask(lambda query, tcp: None if tcp else truncated(query, tcp))
        assert answer.failed
        assert "is blocked" in answer.words
        assert "in time" in answer.words

    async def test_nobody_at_the_address(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
            unused.bind(("127.0.0.1", 0))
            address = unused.getsockname()
        async with Questions(Session(resolver=address)) as asks:
            answer = await asks.ask("a.test", "A")
        assert answer.failed
        assert "connection refused" in answer.words

    async def test_bytes_that_are_no_message(self) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            return [query.id.to_bytes(2, "big") + b"\x81\x80" + b"\xff" * 40]

        answer = await ask(handler)
        assert answer.failed
        assert "cannot be read" in answer.words

    @pytest.mark.parametrize("opcode", [opcode for opcode in range(16) if opcode])
    async def test_an_answer_to_another_operation_than_a_query(self, opcode: int) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            wire = bytearray(reply(query, ("a.test", "TXT", '"v=spf1"')).to_wire())
            wire[2] = wire[2] & 0x87 | opcode << 3
            return [bytes(wire)]

        answer = await ask(handler)
        assert answer.failed
        assert "cannot be read" in answer.words

    @pytest.mark.parametrize("what", ODD)
    async def test_a_packet_that_contradicts_itself(self, what: str) -> None:
        answer = await ask(lambda query, _: [ODD[what](query)], "A")
        assert answer.failed
        assert answer.words

    async def test_the_same_over_tcp(self) -> None:
        def handler(query: dns.message.Message, tcp: bool) -> list[bytes]:
            return [ODD["two questions"](query)] if tcp else truncated(query, tcp)

        answer = await ask(handler)
        assert answer.failed
        assert "cannot be read" in answer.words

    @settings(max_examples=examples(60), deadline=None)
    @given(flags=st.integers(0, 0xFFFF), counts=st.binary(min_size=8, max_size=8), rest=st.binary(max_size=80))
    def test_any_packet_comes_to_an_answer(self, flags: int, counts: bytes, rest: bytes) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            head = query.id.to_bytes(2, "big") + flags.to_bytes(2, "big")
            return [head + counts + query.to_wire()[12:] + rest]

        async def one() -> Answer:
            return await ask(handler, lifetime=0.05)

        assert asyncio.run(one()).name == "a.test"

    async def test_a_cname_loop_is_a_fault_and_no_failure(self) -> None:
        records = (("a.test", "CNAME", "b.test."), ("b.test", "CNAME", "a.test."))
        answer = await ask(lambda query, _: [reply(query, *records).to_wire()])
        assert answer.outcome == "loop"
        assert "loop" in answer.words

    async def test_a_cname_loop_behind_servfail_is_found_by_hand(self) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            name, kind = question(query)
            if kind != "CNAME":
                return [reply(query, rcode=dns.rcode.SERVFAIL).to_wire()]
            return [reply(query, (name, "CNAME", "b.test." if name == "a.test" else "a.test.")).to_wire()]

        answer = await ask(handler)
        assert answer.outcome == "loop"
        assert answer.chain == ("b.test", "a.test")

    async def test_a_chain_of_twenty_is_a_fault(self) -> None:
        records = [(f"{'a' * at}.test", "CNAME", f"{'a' * (at + 1)}.test.") for at in range(1, 21)]
        answer = await ask(lambda query, _: [reply(query, *records).to_wire()])
        assert answer.outcome == "loop"

    async def test_a_name_that_cannot_exist(self) -> None:
        async with Questions(Session(resolver=("127.0.0.1", 9)), lifetime=0.2) as asks:
            assert (await asks.ask("a" * 64 + ".test", "A")).outcome == "nxdomain"
            assert (await asks.ask("a..test", "A")).outcome == "nxdomain"

    @pytest.mark.parametrize("name", [r"a\.test", r"a\046test", "a.test\\", "@"])
    async def test_a_backslash_that_somebody_typed_is_no_escape(self, name: str) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            return [reply(query, (question(query)[0], "TXT", '"asked"')).to_wire()]

        async with fake(handler) as server, Questions(Session(resolver=server.address)) as asks:
            answer = await asks.ask(name, "TXT")
        assert answer.outcome == "nxdomain"
        assert not server.asked


class TestQuestions:
    async def test_are_asked_once_however_many_want_the_answer(self) -> None:
        async with (
            fake(lambda query, _: [reply(query, ("a.test", "A", "192.0.2.1")).to_wire()]) as server,
            Questions(Session(resolver=server.address)) as asks,
        ):
            answers = await asyncio.gather(*(asks.ask(name, "A") for name in ("a.test", "A.TEST", "a.test.") * 5))
        assert len(answers) == 15
        assert server.asked == {("a.test", "A"): 1}

    async def test_tell_how_many_of_how_many_are_answered(self) -> None:
        on_event: list[object] = []
        async with (
            fake(lambda query, _: [reply(query).to_wire()]) as server,
            Questions(Session(resolver=server.address), on_event.append) as asks,
        ):
            await asyncio.gather(asks.ask("a.test", "A"), asks.ask("b.test", "A"))
        assert on_event[-1] == Progress(2, 2)

    async def test_go_to_the_next_server_when_one_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with (
            fake(lambda query, _: [reply(query, rcode=dns.rcode.SERVFAIL).to_wire()]) as bad,
            fake(lambda query, _: [reply(query, ("a.test", "A", "192.0.2.1")).to_wire()]) as good,
        ):
            monkeypatch.setattr("wizard.checks.dns.resolver.system_resolvers", lambda: (bad.address, good.address))
            async with Questions(Session()) as asks:
                assert (await asks.ask("a.test", "A")).values == ("192.0.2.1",)

    async def test_one_that_gives_up_waiting_does_not_take_the_answer_from_others(self) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes] | None:
            return [reply(query, ("a.test", "A", "192.0.2.1")).to_wire()] if released.is_set() else None

        released = asyncio.Event()
        async with fake(handler) as server, Questions(Session(resolver=server.address)) as asks:
            first = asyncio.create_task(asks.ask("a.test", "A"))
            second = asyncio.create_task(asks.ask("a.test", "A"))
            await server.until_asked(1)
            first.cancel()
            released.set()
            assert (await second).values == ("192.0.2.1",)


class TestTheSystemsResolvers:
    def test_are_the_first_three(self, tmp_path: Path) -> None:
        path = tmp_path / "resolv.conf"
        path.write_bytes(
            b"# comment\nsearch x\nnameserver 192.0.2.1\nnameserver not-an-address\nnameserver\n"
            b"nameserver fe80::1%eth0\nnameserver 2001:db8::1\nnameserver 192.0.2.9\n\xff\n"
        )
        assert system_resolvers(path) == (("192.0.2.1", 53), ("fe80::1%eth0", 53), ("2001:db8::1", 53))

    def test_are_none_where_the_file_is_missing_or_no_file(self, tmp_path: Path) -> None:
        assert system_resolvers(tmp_path / "none") == ()
        assert system_resolvers(tmp_path) == ()
