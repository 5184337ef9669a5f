"""Every declared outcome of a DNS check is one that some check can have."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.model.codes import DNS, Code

ROOT = Path(__file__).parents[3] / "wizard" / "checks" / "dns"
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(ROOT.glob("*.py")))
CODES = [code for code in Code if code.check in DNS]


@pytest.mark.parametrize("code", CODES, ids=[str(code) for code in CODES])
def test_is_given_by_a_check(code: Code) -> None:
    # A domain that was not given leaves every check without a value: run.check makes that code from the id.
    assert f"Code.{code.name}" in SOURCE or code.outcome == "no_value"


def test_each_check_has_a_right_outcome_a_failed_look_up_and_a_missing_value() -> None:
    for check in DNS:
        outcomes = {code.outcome for code in CODES if code.check is check}
        assert {"lookup_failed", "no_value"} <= outcomes
        assert len(outcomes) > 3
