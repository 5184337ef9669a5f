"""Every scenario is walked to its end by a reader who does what the texts say and presses what is offered."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import pytest

from tests.effort import FULL
from tests.rehearsal.walker import SECRETS, holding, walk
from wizard.model.exit_codes import Exit
from wizard.rehearsal import scenarios

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROVEN: Final = "GlitchTip sends mail. Everything is proven."
ENDINGS: Final = {one.name: PROVEN for one in scenarios.STATES} | {
    # The change request is the writing: once it is approved there is nothing left to write.
    "infisical-approval": "Every key had its value already: nothing was written.",
    # Nothing is to be written: the check of everything finds no fault any more.
    "old-containers": "26 OK, 3 not applicable",
}
SAMPLE: Final = ("good", "no-new-key", "dkim-missing", "development", "infisical-read-only")
"""Those that differ most; ``.ci/full`` walks them all."""
UNPRETENDED: Final = {"dns-slow", "exported-copy", "good", "infisical", "rotation", "starttls"}
"""Scenarios in which nothing is pretended but the restart."""


@pytest.mark.parametrize("scenario", sorted(ENDINGS) if FULL else SAMPLE)
def test_the_texts_lead_to_the_end(scenario: str, tmp_path: Path, reached: Callable[..., None]) -> None:
    walked = walk(scenario, tmp_path / "rehearsal")
    print(f"{scenario:<20} {' '.join(walked.keys):<40} {walked.ending}")
    assert walked.ending == ENDINGS[scenario]
    assert walked.exit == (Exit.LEFT if scenario == "old-containers" else Exit.DONE)
    pretended = walked.text.count("Pretended: ")
    assert pretended == (0 if scenario in UNPRETENDED else 1)
    assert walked.rows_left == ()
    assert walked.shown_to == ()
    reached(walks_of_scenarios=1)
    assert "Internal error" not in walked.text


def test_a_secret_that_stands_somewhere_is_found(tmp_path: Path) -> None:
    info = dict.fromkeys(SECRETS, "SecretOfTheRehearsal1234")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "draft.toml").write_bytes(base64.b64encode(b"SecretOfTheRehearsal1234"))
    (tmp_path / ".env").write_text("EMAIL_URL=smtp://a:SecretOfTheRehearsal1234@h:25")
    assert list(holding(info, "smtp://a:SecretOfTheRehearsal1234@h", tmp_path)) == ["the text", "state/draft.toml"]
