"""Every zone of the table: the verdict of every check on it, by real name servers and a real resolver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.dns.cases import CASES
from tests.checks.dns.zones import IP4, IP6, KEY, SELECTOR, TOKEN, Case, domain_of
from wizard.checks.dns.run import IDS, check
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Verdict, worst
from wizard.model.session import Session

if TYPE_CHECKING:
    from tests.checks.dns.conftest import Network


def draft_of(case: Case, zone: str) -> Draft:
    domain = case.domain.replace("{domain}", zone) or zone
    given = Domain(
        name=domain,
        spf_include="spf.postal.test",
        return_path_target="rp.postal.test",
        dkim_selector=SELECTOR,
        dkim_value=KEY,
        ownership=TOKEN,
        sending_ips=(IP4, IP6),
        helo="helo.postal.test",
        mx=("mx.postal.test",),
        checked_in_postal=True,
    )
    changes = {
        key: value.replace("{domain}", zone) if isinstance(value, str) else value for key, value in case.draft.items()
    }
    return Draft(app=App(from_=f"GlitchTip <glitchtip@{domain}>"), domain=replace(given, **changes))  # type: ignore[arg-type]  # the table's values fit


@pytest.mark.parametrize(("at", "case"), list(enumerate(CASES)), ids=[case.what for case in CASES])
async def test_every_check_has_the_verdict_of_the_table(at: int, case: Case, many_zones: Network) -> None:
    zone = domain_of(at)
    session = Session(resolver=many_zones.resolver, authoritative_port=many_zones.authoritative_port)
    given: list[object] = []
    findings = await check(draft_of(case, zone), session, given.append)

    verdicts = {
        one: worst(found) if any(f.verdict is not Verdict.SKIP for f in found) else Verdict.SKIP
        for one in IDS
        if (found := [finding for finding in findings if finding.check == one])
    }
    text = "\n".join(
        f"{f.verdict.word:4} {f.check} {f.subject}: {f.summary} | {f.remedy}\n       " + "\n       ".join(f.evidence)
        for f in findings
    )
    assert {name: verdict.value for name, verdict in verdicts.items()} == case.verdicts(), text
    shown = case.shown.replace("{domain}", case.domain.replace("{domain}", zone) or zone).replace("{zone}", zone)
    assert shown in text
    assert case.code in {"", *(finding.code for finding in findings)}
    assert [f.remedy for f in findings if " below" in f.remedy and f.record is None] == []
    assert all(finding.code is not None and finding.code.check == finding.check for finding in findings)
    assert [finding for finding in given if finding in findings]
    for finding in findings:
        if finding.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN, Verdict.SKIP}:
            assert finding.remedy or finding.check in {"spf_mailfrom", "rp_mx"}, finding


def test_the_table_holds_at_least_60_zones_all_different() -> None:
    assert len({case.what for case in CASES}) == len(CASES) >= 60
