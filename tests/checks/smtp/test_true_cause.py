"""Peers whose fault is known, the real check, and the first cause that is named: the true one, nearly always."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp.true_causes import OVER_PEERS, OVER_POSTAL, OVER_POSTFIX
from tests.checks.smtp.true_peers import Bench
from wizard.diagnosis import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme

    from tests.checks.smtp.outcome import Outcome
    from tests.checks.smtp.postfix import Postfix
    from wizard.diagnosis import Diagnosis

pytestmark = pytest.mark.slow
SHARE = 0.95
ALL = {**OVER_POSTAL, **OVER_PEERS, **OVER_POSTFIX}


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, ca: trustme.CA, postfix: Postfix
) -> Iterator[dict[str, Outcome]]:
    """Run every case once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wizard.postal.server.SLOW_DATA", 0.4)
        bench = Bench(tmp_path_factory.mktemp("causes"), ca, patch, postfix)

        async def run() -> dict[str, Outcome]:
            return {name: await case.run(bench) for name, case in ALL.items()}

        yield asyncio.run(run())


def first(diagnosis: Diagnosis) -> str:
    return diagnosis.standing[0].key if diagnosis.standing else "-"


def missed(named: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Return a line for each case whose first cause is another one, and print it."""
    lines = [f"{name}: {wanted[name]}, named {key}" for name, key in named.items() if key != wanted[name]]
    for line in lines:
        print(line)
    return lines


def test_the_table_is_long_and_no_remedy_serves_many_of_its_rows() -> None:
    rows = Counter(case.true for case in ALL.values())
    remedies = Counter(CAUSES[case.true].remedy for case in ALL.values())
    assert sum(rows.values()) >= 60
    assert len(OVER_POSTAL) + len(OVER_PEERS) >= 60
    assert remedies.most_common(1)[0][1] <= 3, remedies.most_common(3)
    assert rows.most_common(1)[0][1] <= 3


@pytest.mark.full
def test_the_first_cause_of_log_and_findings_is_the_true_one(outcomes: dict[str, Outcome]) -> None:
    named = {
        name: first(outcome.with_log() if outcome.log else outcome.diagnosis()) for name, outcome in outcomes.items()
    }
    lines = missed(named, {name: case.true for name, case in ALL.items()})
    assert len(named) == len(ALL)
    assert len(lines) <= (1 - SHARE) * len(named), lines


def test_the_findings_alone_name_it_where_they_can(outcomes: dict[str, Outcome]) -> None:
    named = {name: first(outcome.diagnosis()) for name, outcome in outcomes.items()}
    lines = missed(named, {name: case.alone or case.true for name, case in ALL.items()})
    assert len(lines) <= (1 - SHARE) * len(named), lines


def test_what_is_shown_of_a_row_has_a_remedy_of_its_own(outcomes: dict[str, Outcome]) -> None:
    shown = Counter(
        outcome.with_log().standing[0].remedy for outcome in outcomes.values() if outcome.with_log().standing
    )
    assert sum(shown.values()) >= 60
    assert shown.most_common(1)[0][1] <= 3, shown.most_common(2)


def test_logs_were_really_written(outcomes: dict[str, Outcome]) -> None:
    raised = [outcome.log for outcome in outcomes.values() if "Traceback" in outcome.log]
    assert len(raised) >= 60
