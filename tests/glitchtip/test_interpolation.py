"""Variables and `.env` lines become what compose makes of them; nothing of it runs without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.watch import Watch
from wizard.glitchtip import compose_env, interpolation

if TYPE_CHECKING:
    from pathlib import Path

RECORDED = [
    ("K=a$b", "a"),
    ('K="a$b"', "a"),
    ('K="a\\$b"', "a$b"),
    ('K="a$$b"', "a$b"),
    ("K=a$HOMEb", "a"),
    ('K="a$HOMEb"', "a"),
    ('K="a\\$HOMEb"', "a$HOMEb"),
    ('K="a$$HOMEb"', "a$HOMEb"),
    ("K=a${HOME}b", "a/nonexistentb"),
    ('K="a${HOME}b"', "a/nonexistentb"),
    ('K="a\\${HOME}b"', "a${HOME}b"),
    ('K="a$${HOME}b"', "a${HOME}b"),
    ("K=a$$b", "a$b"),
    ('K="a\\$\\$b"', "a$$b"),
    ('K="a$$$$b"', "a$$b"),
    ('K="ab\\$"', "ab$"),
    ('K="ab$$"', "ab$"),
    ('K="a\\$1b"', "a$1b"),
    ('K="a$$1b"', "a$1b"),
    ("K=a\\$b", "a\\"),
    ('K="a\\\\\\$b"', "a\\$b"),
    ('K="a\\\\$$b"', "a\\$b"),
    ('K="@:/?#%+&= \\"\'\\\\\\$!~*()[];,|<>^\\`{}x"', "@:/?#%+&= \"'\\$!~*()[];,|<>^\\`{}x"),
    ('K="@:/?#%+&= \\"\'\\\\\\$!~*()[];,|<>^`{}x"', "@:/?#%+&= \"'\\$!~*()[];,|<>^`{}x"),
    ('K="@:/?#%+&= \\"\'\\\\$$!~*()[];,|<>^`{}x"', "@:/?#%+&= \"'\\$!~*()[];,|<>^`{}x"),
]
"""Lines that docker compose v2 reads otherwise than python-dotenv does without interpolation, as it was seen to."""


def read(path: Path, known: dict[str, str | None]) -> dict[str, str | None]:
    return {name: entry.value for name, entry in compose_env.read(path, known).entries.items()}


KNOWN: dict[str, str | None] = {"A": "x", "EMPTY": "", "NOTHING": None}


@pytest.mark.parametrize(("line", "value"), RECORDED)
def test_a_line_of_a_dotenv_file_is_read_as_compose_was_seen_to_read_it(line: str, value: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"BEFORE=1\n{line}\nAFTER=2\n")
    found = read(path, {"HOME": "/nonexistent"})
    assert found == {"BEFORE": "1", "K": value, "AFTER": "2"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "x"),
        ("$A", "x"),
        ("$A-b", "x-b"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${NONE-d}", "d"),
        ("${NOTHING-d}", "d"),
        ("${NONE:-${A}}", "x"),
        ("${NONE:-a${ALSO:-b}c}d", "abcd"),
        ("${A:+alt}", "alt"),
        ("${EMPTY:+alt}", ""),
        ("${EMPTY+alt}", "alt"),
        ("${A:?wanted}", "x"),
        ("${A?wanted}", "x"),
        ("$$A", "$A"),
        ("$$$A", "$x"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_a_variable_is_interpolated_as_the_compose_specification_says(text: str, value: str) -> None:
    assert interpolation.interpolated(text, KNOWN) == value


@pytest.mark.parametrize("text", ["a$", "$1", "${", "${A", "${}", "${A!}", "$-", "a$ b", "${A:=b}"])
def test_a_dollar_that_begins_no_variable_is_refused_in_the_file_and_kept_in_a_dotenv(text: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        interpolation.interpolated(text, KNOWN)
    assert "$" in interpolation.interpolated(text, KNOWN, lenient=True)


@pytest.mark.parametrize("text", ["${NONE:?wanted}", "${EMPTY:?wanted}", "${NONE?}"])
def test_a_variable_that_is_insisted_on_and_not_set_is_told(text: str) -> None:
    with pytest.raises(KeyError):
        interpolation.interpolated(text, KNOWN)


@pytest.mark.parametrize(
    ("text", "passed_on"),
    [
        ("${EMAIL_URL}", True),
        ("$EMAIL_URL", True),
        ("${EMAIL_URL:-consolemail://}", True),
        ("${EMAIL_URL:?wanted}", True),
        ("${OTHER}", False),
        ("${EMAIL_URL}x", False),
        ("$${EMAIL_URL}", False),
        ('"${EMAIL_URL}"', False),
        ("${EMAIL_URL:+x}", False),
        ("smtp://h", False),
        ("$", False),
    ],
)
def test_only_the_variable_of_the_same_name_alone_is_passed_on(text: str, passed_on: bool) -> None:
    assert interpolation.passes_on(text, "EMAIL_URL") is passed_on


@pytest.mark.parametrize("text", ["$A" * 32_000, "${B:-" * 9_000, "${B:-" * 9_000 + "}" * 9_000, "$" * 60_001])
def test_a_value_has_an_end(text: str) -> None:
    watch = Watch()
    made = interpolation.interpolated(text, {"A": "y" * interpolation.LONGEST}, lenient=True)
    assert len(made) <= interpolation.LONGEST
    assert watch.seconds < 5


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=120) | st.text("K=\"'$\\{}: #\nab", max_size=60).map(str.encode))
def test_no_file_makes_it_raise(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(raw)
    assert isinstance(read(path, {}), dict)


def test_a_file_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none", {}) == {}
    assert read(tmp_path, {}) == {}
