"""Every zone from which Postal 3.3.6 really sent a mail: who signs, from where, and what DMARC makes of it.

The rows are recordings: the zone, what Postal had stored of it, and what the receiving server then found.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.checks.dns.fake import fake
from tests.checks.dns.zone_server import Zones
from wizard.checks.dns.run import check
from wizard.model.codes import Code
from wizard.model.details import Published, Signature, Triangle
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Verdict, needs_check_pressed
from wizard.model.session import Session

if TYPE_CHECKING:
    from wizard.model.draft import Stored
    from wizard.model.finding import Finding

HERE: Final = Path(__file__).parent / "delivered"
ROWS: Final[list[dict[str, Any]]] = [
    *map(json.loads, (HERE / "dns-delivered.jsonl").read_text("utf-8").splitlines()),
    *({"name": name, **row} for name, row in json.loads((HERE / "dns-unpressed.json").read_text("utf-8")).items()),
]
VALUES: Final = tomllib.loads((HERE / "setup-values.toml").read_text("utf-8"))
STALE: Final = {"96-stale-ok-psrp-removed", "97-stale-ok-both-removed"}
"""Rows whose stored status is older than the zone."""
WORDS: Final[dict[str, Stored]] = {"OK": "ok", "Missing": "missing", "Invalid": "invalid", "NULL": ""}


def status(row: dict[str, Any], box: str) -> str:
    value = row["postal"][box]
    return str(value["status"] if isinstance(value, dict) else value)


def stored(row: dict[str, Any]) -> dict[str, Any]:
    return {f"stored_{box}": WORDS[status(row, box)] for box in ("spf", "dkim", "mx", "return_path")}


def draft(**more: Any) -> Draft:
    values: dict[str, Any] = {key: tuple(one) if isinstance(one, list) else one for key, one in VALUES.items()}
    return Draft(app=App(from_="GlitchTip <glitchtip@acme.example>"), domain=replace(Domain(**values), **more))


async def judged(row: dict[str, Any], given: Draft, signature: Signature | None = None) -> dict[str, Finding]:
    zones = [row[key].replace("192.0.2.53", "127.0.0.1") for key in ("zone", "installation_zone")]
    async with fake(Zones(zones)) as server:
        session = Session(resolver=server.address, authoritative_port=server.address[1])
        return {finding.check: finding for finding in await check(given, session, signature=signature)}


def of(findings: dict[str, Finding]) -> Triangle:
    detail = findings["alignment"].detail
    assert isinstance(detail, Triangle)
    return detail


def compare(row: dict[str, Any], findings: dict[str, Finding]) -> None:
    """Compare what is predicted with what the receiver found."""
    triangle, truth = of(findings), row["delivered"]
    (signed,) = truth["signed"]
    assert (triangle.dkim.name, triangle.dkim.selector) == (signed["d"], signed["s"])
    assert triangle.spf.name == truth["envelope"].partition("@")[2]
    assert findings["spf_mailfrom"].subject == triangle.spf.name == findings["rp_mx"].subject
    spf = findings["spf_mailfrom"].detail
    assert isinstance(spf, Published)
    assert [one.result for one in spf.spf] == [truth["spf"]]
    assert (triangle.dkim.state == "aligned") is truth["dkim_aligned"]
    assert (triangle.spf.state == "aligned") is truth["spf_aligned"]
    passes = "aligned" in {triangle.dkim.state, triangle.spf.state}
    assert ("pass" if passes else f"fail {triangle.policy}") == truth["dmarc"]
    verdict = {True: Verdict.PASS, False: Verdict.WARN if truth["spf_aligned"] else Verdict.FAIL}
    assert findings["alignment"].verdict is verdict[truth["dkim_aligned"]]


def named(rows: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row["name"] for row in rows])


PRESSED: Final = [row for row in ROWS if row["check_pressed"]]


@named(PRESSED)
async def test_by_the_stored_status_of_the_page(row: dict[str, Any]) -> None:
    findings = await judged(row, draft(**stored(row)))
    compare(row, findings)
    assert of(findings).world == "stored"
    assert findings["alignment"].proven_from == findings["postal_view"].proven_from == "postal"


@named([row for row in PRESSED if row["name"] not in STALE])
async def test_by_what_postals_check_makes_of_the_zone(row: dict[str, Any]) -> None:
    findings = await judged(row, draft(checked_in_postal=True))
    compare(row, findings)
    assert of(findings).world == "checked"
    assert findings["alignment"].proven_from == "dns"
    boxes = {"spf": "SPF", "dkim": "DKIM", "mx": "MX", "return_path": "Return Path"}
    for box, name in boxes.items():
        line = next(line for line in findings["postal_view"].evidence if line.startswith(f"now, {name}: "))
        assert line.removeprefix(f"now, {name}: ").split(",")[0] == status(row, box)


@named([row for row in ROWS if not row["check_pressed"]])
async def test_without_a_press_of_check(row: dict[str, Any]) -> None:
    findings = await judged(row, draft(checked_in_postal=False))
    compare(row, findings)
    assert findings["alignment"].code is Code.ALIGNMENT_NEVER_CHECKED
    assert "Check my records are correct" in findings["alignment"].remedy
    assert needs_check_pressed(findings.values())


@named(ROWS)
async def test_by_the_signature_of_the_received_mail(row: dict[str, Any]) -> None:
    (signed,) = row["delivered"]["signed"]
    signature = Signature(signed["d"], signed["s"], row["delivered"]["envelope"].partition("@")[2])
    findings = await judged(row, draft(checked_in_postal=False), signature)
    compare(row, findings)
    assert findings["alignment"].proven_from == "mail"


async def test_where_nobody_knows_a_right_zone_asks_for_the_press_of_check() -> None:
    findings = await judged(ROWS[0], draft())
    assert findings["alignment"].code is Code.ALIGNMENT_PRESS_CHECK
    assert findings["alignment"].verdict is Verdict.WARN
    assert "Check my records are correct" in findings["alignment"].remedy
    assert findings["postal_view"].code is Code.POSTAL_VIEW_PRESS_CHECK
    assert of(findings).world == "unknown"
    assert needs_check_pressed(findings.values())


@pytest.mark.parametrize(("organisation", "either"), [("mailhost.example", True), ("acme.example", False)])
async def test_where_nobody_knows_both_worlds_carry_a_from_of_the_return_path_s_own_organisation(
    organisation: str, either: bool
) -> None:
    """The recorded fallback signature, which the receiver verified, in a zone below the name that it vouches for."""
    recorded = next(row for row in ROWS if row["name"] == "90-never-pressed")
    (signed,) = recorded["delivered"]["signed"]
    assert signed == {"d": "rp.postal.mailhost.example", "s": "postal", "verifies": True}
    name = f"news.{organisation}"
    policy = '_dmarc IN TXT "v=DMARC1; p=quarantine"\n'
    lines = [line for line in recorded["zone"].replace("acme.example", name).splitlines() if "_dmarc" not in line]
    zone = "\n".join(lines) + "\n" + ("" if either else policy)
    row = {**recorded, "zone": zone, "installation_zone": recorded["installation_zone"] + policy}
    domain = replace(draft().domain, return_path=f"psrp.{name}")
    given = Draft(app=App(from_=f"GlitchTip <glitchtip@{name}>"), domain=domain)

    findings = await judged(row, given)
    assert findings["alignment"].code is (Code.ALIGNMENT_EITHER_WAY if either else Code.ALIGNMENT_PRESS_CHECK)
    assert of(findings).world == "unknown"
    assert findings["alignment"].verdict is (Verdict.PASS if either else Verdict.WARN)

    envelope = recorded["delivered"]["envelope"].partition("@")[2]
    arrived = of(await judged(row, given, Signature(signed["d"], signed["s"], envelope)))
    assert (arrived.dkim.state == "aligned") is either


async def test_a_status_older_than_the_records_is_judged_as_stored_and_asks_to_press_check_again() -> None:
    findings = await judged(ROWS[0], draft(stored_dkim="missing", stored_return_path="missing", stored_spf="ok"))
    assert (of(findings).dkim.selector, of(findings).spf.name) == ("postal", "rp.postal.mailhost.example")
    assert findings["alignment"].code is Code.ALIGNMENT_STORED_OUTDATED
    assert findings["postal_view"].code is Code.POSTAL_VIEW_PRESS_AGAIN
    assert needs_check_pressed(findings.values())


async def test_a_return_path_that_postal_still_uses_and_nobody_finds_is_to_be_published_again() -> None:
    row = next(row for row in ROWS if row["name"] == "96-stale-ok-psrp-removed")
    found = (await judged(row, draft(**stored(row))))["spf_mailfrom"]
    assert found.code is Code.SPF_MAILFROM_NONE
    assert found.record is not None
    assert (found.record.name, found.record.type) == ("psrp.acme.example.", "CNAME")
    assert found.record.value == "rp.postal.mailhost.example."


async def test_a_stored_status_goes_before_what_the_operator_says() -> None:
    findings = await judged(ROWS[0], draft(checked_in_postal=False, **stored(ROWS[0])))
    assert of(findings).world == "stored"
    assert findings["alignment"].code is Code.ALIGNMENT_ALIGNED
    assert not needs_check_pressed(findings.values())


async def test_the_selector_keeps_the_letter_case_that_postal_shows() -> None:
    findings = await judged(ROWS[0], draft(checked_in_postal=True))
    assert findings["dkim"].subject == "postal-kRSMYn._domainkey.acme.example"
    record = findings["dkim"].record
    assert record is not None
    assert (record.name, record.relative) == ("postal-kRSMYn._domainkey.acme.example.", "postal-kRSMYn._domainkey")
    texts = [line for one in findings.values() for line in (one.summary, one.remedy, *one.evidence)]
    assert not [text for text in texts if "postal-krsmyn" in text]


def test_every_recorded_state_is_compared() -> None:
    assert len(ROWS) == 37
    assert len({row["name"] for row in ROWS}) == len(ROWS)
