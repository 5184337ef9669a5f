"""Generated files and values: whatever the file, only value spans change, or the change is refused."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from dotenv.parser import Binding, parse_stream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from wizard.targets import Refused
from wizard.targets.env_file import python_dotenv, spelling
from wizard.targets.env_file import text as env_text

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "smtp://org%2Fserver:k%40y@smtp.postal.example.com:2525"
FROM = "GlitchTip <glitchtip@example.com>"


def _parsed(raw: bytes) -> list[Binding]:
    return list(parse_stream(io.StringIO(raw.decode("utf-8", "surrogateescape"), newline="")))


PARTS = [*"AE=='\"##\\ \n\n\r\t${}`xé\x0c\u2028", "export ", "EMAIL_URL", "='", '="', "\udcff"]
NOISE = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)
LINE = st.one_of(
    st.sampled_from(
        [b"EMAIL_URL=", b"export EMAIL_URL=", b"  EMAIL_URL = ", b"DEFAULT_FROM_EMAIL=", b"A=", b"B =", b"A='", b'B="']
    ),
    st.sampled_from([b"# EMAIL_URL=x", b"EMAIL_URL", b"A=1 # c", b"B='x\nEMAIL_URL=no\n'", b"", b"  ", b"\xff=\xfe"]),
    NOISE.map(lambda text: text.encode("utf-8", "surrogateescape")),
    st.binary(max_size=6),
)
VALUE = st.sampled_from(
    [b"", b"old", b"'o d'", b'"o\\"d"', b"a$b # c", b"'x' # c", b'"y"#c', b" # c", b"'open", b"it's", b"\xe9"]
)
FILE = st.builds(
    lambda bom, pairs, last: (b"\xef\xbb\xbf" if bom else b"") + b"".join(a + b + c for a, b, c in pairs) + last,
    st.booleans(),
    st.lists(st.tuples(LINE, VALUE, st.sampled_from([b"\n", b"\n", b"\r\n", b"\r", b""])), max_size=7),
    st.sampled_from([b"", b"A=1", b"# end"]),
)
ANY_VALUE = st.one_of(st.sampled_from([URL, FROM, "", "a'b", "x y#"]), st.text(max_size=12))
MANY = settings(max_examples=examples(2500), deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.mark.slow
@given(FILE, ANY_VALUE, ANY_VALUE)
@settings(MANY, max_examples=examples(5000))
def test_nothing_but_value_spans_changes_in_any_file(
    reached: Callable[..., None], raw: bytes, url: str, from_: str
) -> None:
    values = {"EMAIL_URL": url, "DEFAULT_FROM_EMAIL": from_}
    reached(files=1)
    try:
        edited = env_text.edit(raw, values).raw
        python_dotenv.confirm(raw, edited, values)  # as the writer does before it writes
    except Refused:
        return
    old, new = _parsed(raw), _parsed(edited)
    assert [(b.key, b.value) for b in new if b.key and b.key not in values] == [
        (b.key, b.value) for b in old if b.key and b.key not in values
    ]
    for key, value in values.items():
        assert {b.value for b in new if b.key == key} == {value}
    assert (edited.startswith(b"\xef\xbb\xbf")) == raw.startswith(b"\xef\xbb\xbf")
    for before, after in zip(old, new, strict=False):
        one, other = before.original.string, after.original.string
        if before.key not in values:
            # At the end an appended line may take the blanks in front of it into its own statement.
            assert other == one or (before is old[-1] and other.startswith(one))
        else:
            if not one.endswith(("\n", "\r")):  # the last line is ended before another is appended
                other = re.sub(r"(\r\n|\n|\r)\Z", "", other)
            assert _differs_in_the_value_alone(one, other, str(before.key), values[str(before.key)])


def _differs_in_the_value_alone(one: str, other: str, key: str, value: str) -> bool:
    head = re.match(rf"(\s*(?:export\s+)?'?{key}'?)([^\S\r\n]*=[^\S\r\n]*)?", one)
    assert head is not None
    lead = head.group(1) if head.group(2) is None else head.group(0).split("=")[0] + "="
    spelled = spelling.spell(key, value)
    if one == other:
        return True
    assert other.startswith(lead)
    rest, tail = other[len(lead) :], one[len(lead) :]
    if head.group(2) is None:
        assert rest.startswith("=")
        rest = rest[1:]
    # An empty value is found anywhere: the blanks before it and behind it have to be those of before.
    return any(
        tail.startswith(rest[:at])
        and tail.endswith(rest[at + len(new) :])
        and not rest[:at].strip()
        and _is_no_more_than_a_value(tail[at : len(tail) - len(rest) + at + len(new)])
        for new in (spelled, spelled or "''", spelled + " ", "'' ")
        for at in range(len(rest) + 1)
        if rest.startswith(new, at)
    )


def _is_no_more_than_a_value(replaced: str) -> bool:
    """Whether *replaced* has no comment behind a value: that stays."""
    quote = replaced[:1] if replaced[:1] in {"'", '"'} else ""
    return replaced.endswith(quote) if quote else re.search(r"\s#", replaced) is None


@pytest.mark.slow
@given(NOISE.map(lambda text: text.encode("utf-8", "surrogateescape")) | FILE)
@MANY
def test_the_scanner_sees_what_python_dotenv_sees(raw: bytes) -> None:
    text = env_text.decode(raw)
    ours = list(env_text.scan(text))
    assert "".join(text[b.start : b.end] for b in ours) == text
    theirs = _parsed(raw)
    assert [b.key for b in ours if b.key] == [b.key for b in theirs if b.key]
    assert sum(b.broken for b in ours) == sum(b.error for b in theirs)


@given(st.text(min_size=1, max_size=20) | st.text(alphabet="a'\"\\$`#{~ ", max_size=8))
@MANY
def test_every_spelling_is_read_back_or_refused(value: str) -> None:
    try:
        raw = env_text.edit(b"", {"A": value}).raw
    except Refused:
        return
    assert python_dotenv.last_values(raw) == {"A": value}
    assert len(raw.splitlines()) == 1
