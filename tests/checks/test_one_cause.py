"""One cause is one row: what is not right for the same reason is put together, in every front end."""

from __future__ import annotations

from typing import Final

from screens.widgets.findings import Findings
from wizard.checks import one_cause
from wizard.checks.dns.outcomes import lookup_failed
from wizard.model.codes import Code
from wizard.model.finding import Finding, Record
from wizard.setup import report

SILENT: Final = "192.0.2.53 did not answer in time"
LOOKUPS: Final = [
    lookup_failed(Code.DOMAIN_LOOKUP_FAILED, "shop.example", SILENT),
    lookup_failed(Code.SPF_MAILFROM_LOOKUP_FAILED, "psrp.shop.example", f"psrp.shop.example CNAME: {SILENT}"),
    Finding.unknown(Code.ALIGNMENT_LOOKUP_FAILED, "shop.example", f"Not known whether DKIM aligns: TXT: {SILENT}."),
]


def _inside(name: str, why: str) -> Finding:
    return Finding.skip(Code.INSIDE_BEFORE_WRITING, name, f"No mail was sent from {name}: {why}.")


def test_one_silent_dns_server_is_one_row_whatever_was_asked() -> None:
    lines = report.all_rows(LOOKUPS)
    assert sum(line.startswith("?") for line in lines) == 1
    assert lines[-1].strip() == "for the same reason: SPF (envelope), DMARC result"


def test_two_servers_that_do_not_answer_are_two_rows() -> None:
    other = lookup_failed(Code.MX_LOOKUP_FAILED, "shop.example", "192.0.2.54 refused to answer")
    assert [len(group) for group in one_cause.grouped([*LOOKUPS, other])] == [3, 1]


def test_services_with_the_same_fault_are_said_once_and_another_fault_apart() -> None:
    said = report.sentences([_inside("web", "it is down"), _inside("worker", "it is down"), _inside("beat", "no key")])
    assert said == (
        "No mail was sent from web: it is down. The same holds for worker.",
        "No mail was sent from beat: no key.",
    )


def test_a_service_whose_name_begins_like_another_word_is_told_apart() -> None:
    found = [_inside("web", "web-2 is down"), _inside("worker", "worker is down")]
    assert len(one_cause.grouped(found)) == 2


def test_what_is_right_and_what_has_a_record_to_publish_keeps_its_row() -> None:
    right = [Finding.ok(Code.RP_MX_REACHABLE, name, "Right.") for name in ("a.example", "b.example")]
    record = Record("a.example.", "@", "TXT", "v=spf1 -all")
    wrong = [Finding.fail(Code.SPF_FROM_ABSENT, "a.example", "Not there.", record=record) for _ in range(2)]
    assert [len(group) for group in one_cause.grouped([*right, *wrong])] == [1, 1, 1, 1]


def test_the_rows_of_a_screen_name_what_else_is_so_right_below() -> None:
    rows = Findings()
    rows.show([*LOOKUPS, _fail("web"), _fail("worker"), Finding.ok(Code.RP_MX_REACHABLE, "a.example", "Right.")])
    lines = [line for line, _ in rows._in(79)]
    assert [line[:6] for line in lines] == ["✗ FAIL", "-     ", "? ?   ", "-     ", "✓ OK  "]
    assert (lines[1].split()[-1], len(rows.open)) == ("worker", 2)
    assert rows.least == len(lines)


def _fail(name: str) -> Finding:
    return Finding.fail(Code.INSIDE_DOWN, name, f"No mail was sent from {name}, because it does not run.")
