"""Zones made at random: whatever stands in them, every check comes to a verdict."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checks.dns.answers import ZONE
from tests.effort import examples
from wizard.checks.dns import (
    alignment,
    dkim,
    dmarc,
    domain,
    mx_and_ptr,
    postal_view,
    return_path,
    spf_from,
    spf_mailfrom,
    worlds,
)
from wizard.checks.dns.propagation import Version
from wizard.checks.dns.resolver import Answer
from wizard.model.finding import Finding, Verdict

PASS, SKIP = Verdict.PASS, Verdict.SKIP
VOCABULARY = (
    "v=spf1 v=DKIM1; v=DMARC1; p=none; p= p=AAAA k=rsa h=sha256 s=* t=y ; = rua=mailto:a@b.c!5 "
    "psd=y sp=x include: include:a.b a mx ptr exists:%{i}.%{d} a:%{p}.c redirect=d.e -all all "
    "?all a/33//129 ip4:1.2.3.4/0 ip6:: %{z}"
)
WORDS = VOCABULARY.split()
RECORD = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(WORDS),
        max_size=9,
    ).map(" ".join),
)
HOST = st.sampled_from(
    ["", "a.b", "example.com", "psrp.example.com", "rp.postal.example.net", "x\\027.test", "c." * 60 + "d"]
)
HOSTS: st.SearchStrategy[Any] = st.lists(HOST, max_size=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "TXT": st.lists(RECORD.map(lambda text: text.encode("utf-8", "surrogatepass")), max_size=3),
    "MX": st.lists(st.tuples(st.integers(0, 65535), HOST), max_size=3),
    "A": st.lists(st.sampled_from(["192.0.2.25", "198.51.100.1"]), max_size=2),
    "AAAA": st.lists(st.sampled_from(["2001:db8::25"]), max_size=1),
    "SOA": st.just([("ns1.a", 1)]),
}


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_whatever_stands_in_a_zone_every_check_comes_to_a_verdict(data: st.DataObject) -> None:
    known: dict[tuple[str, str], Answer] = {}

    async def ask(name: str, kind: str, /) -> Answer:
        key = (name, kind)
        if key not in known:
            outcome: Any = data.draw(
                st.sampled_from(["answer", "answer", "answer", "nodata", "nxdomain", "failed", "loop"])
            )
            values = tuple(data.draw(VALUES.get(kind, HOSTS))) if outcome == "answer" else ()
            outcome = "nodata" if outcome == "answer" and not values else outcome
            known[key] = Answer(name, kind, outcome, values, words="lost", authoritative=data.draw(st.booleans()))
        return known[key]

    async def versions(name: str, kind: str) -> tuple[Version, ...]:
        said = await ask(f"{name}.direct", kind)
        return (Version("ns1.test", ("192.0.2.1", 53), said, said),)

    async def all_of_them() -> list[Finding]:
        zone = replace(
            ZONE,
            ownership="postal-verification x",
            mx=("a.b",),
            ips=("192.0.2.25", "2001:db8::25"),
            checked=data.draw(st.sampled_from([None, True, False])),
            stored_dkim=data.draw(st.sampled_from(["", "", "ok", "missing"])),
        )
        signed = await worlds.signing(zone, ask, versions)
        key, mail = await dkim.check(zone, ask, versions), await spf_mailfrom.check(zone, ask, signed)

        async def mailfrom(name: str) -> Finding:
            return await spf_mailfrom.at(zone, ask, name, "")

        return [
            key,
            mail,
            await domain.domain(zone, ask),
            await domain.ownership(zone, ask, versions),
            await spf_from.check(zone, ask, versions),
            await dmarc.check(zone, ask, versions),
            await alignment.check(zone, ask, signed, key, mailfrom),
            await return_path.check(zone, ask, versions),
            await mx_and_ptr.rp_mx(zone, ask, mail.subject, zone.rp),
            await mx_and_ptr.mx(zone, ask),
            *await mx_and_ptr.ptr(zone, ask),
            await postal_view.check(zone, ask, versions),
        ]

    findings = asyncio.run(all_of_them())
    assert len(findings) == 13
    for finding in findings:
        assert finding.verdict is not SKIP
        assert finding.summary.endswith((".", "…"))
        assert finding.remedy or finding.verdict is PASS, finding
        assert finding.code is not None
        assert finding.code.check == finding.check
