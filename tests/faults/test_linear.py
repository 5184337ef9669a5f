"""Time grows with the length of what is read, and no faster: `re` holds the interpreter, so that a freeze is total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults import patterns
from tests.watch import Watch
from wizard.email_url import explain, url
from wizard.model.blanks import cut_blanks
from wizard.targets import env_file
from wizard.targets.env_file.values import env_values

if TYPE_CHECKING:
    from pathlib import Path

WHOLE: Final = {
    "wizard.glitchtip.compose_yaml._WORDS",
    "wizard.checks.proposals._HOST",
    "wizard.postal.page_credentials.HOST",
    "wizard.targets.infisical.location._HOST",
}
"""Patterns that are only ever matched from the beginning, by a variable that does not show it."""
BOUNDED: Final = {
    "wizard.email_url.oddities._HOST_WORDS": "a value of at most 100 characters is looked at",
    "wizard.email_url.oddities._KEY_WORDS": "the same",
    "wizard.email_url.oddities._USER_WORDS": "the same",
    "wizard.glitchtip.mail_log._USERINFO": "a line is cut at 1,600 characters",
    "wizard.postal.page_records._DKIM": "a cell of a page is cut at 4,000 characters",
}
"""Patterns that are quadratic or worse, and what bounds the text that they meet."""
OURS: Final = ("wizard.rehearsal.", "wizard/rehearsal/")
"""The rehearsal's servers: they hear this program alone."""


@pytest.mark.slow
def test_every_pattern_of_the_program_is_linear() -> None:
    uses = patterns.everywhere()
    assert len(uses) > 250
    found = {}
    for use in uses:
        if use.where not in BOUNDED and not use.where.startswith(OURS):
            shown = patterns.is_quadratic(replace(use, anchored=use.anchored or use.where in WHOLE))
            if shown:
                found[use.where] = shown
    assert found == {}


def test_the_measure_finds_a_quadratic_pattern_and_lets_a_linear_one_pass() -> None:
    for source, bad in ((r"\s+#", True), (r"<[^>]*>", True), (r"(?<=\s)#", False), (r"<[^>]{0,50}>", False)):
        assert bool(patterns.is_quadratic(patterns.Use(source, 0, "here", anchored=False))) is bad, source


def took(call: object, *arguments: object) -> float:
    assert callable(call)
    watch = Watch()
    call(*arguments)
    return watch.seconds


BLANKS: Final = {
    "before a comment": "A=x" + " " * 60_000 + "y\n",
    "in every line": ("A=x" + " " * 900 + "y\n") * 1_000,
    "tabs": "EMAIL_URL=x" + "\t" * 200_000 + "\n",
    "unicode blanks": "A=x" + "\u2003" * 60_000 + "y\n",
}


@pytest.mark.parametrize("name", BLANKS)
def test_blanks_without_end_freeze_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(BLANKS[name])
    assert took(env_values, path) < 3
    assert took(env_file.write, path, {"EMAIL_URL": "smtp://a:b@h:25"}) < 3
    assert "EMAIL_URL=smtp://a:b@h:25" in path.read_text()
    assert took(url.given, "EMAIL_URL=" + "x" + " " * 60_000 + "y") < 1


def test_a_url_of_any_length_is_explained_at_once() -> None:
    for part in ("A" * 20_000, "your-" * 4_000, "a." * 10_000, "-" * 20_000):
        for text in (f"smtp://{part}:{part}@{part}:25", f"smtp://u:{part}@h:25", f"smtp://u:p@{part}:25"):
            assert took(explain.explain, text) < 3, text[:40]


def test_a_value_with_few_blanks_stays_as_it_is() -> None:
    text = "A=one   two" + " " * 100 + "three # four\n"
    assert cut_blanks(text) == text
