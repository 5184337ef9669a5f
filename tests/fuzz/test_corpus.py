"""What reads text from outside takes anything: the corpus of the fuzzer, and bytes made out of it at random."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS: Final = Path(__file__).parent / "corpus"
ODD: Final = (
    b"\0", b"\xff", b"\x1b[31m", b"\r", b"\n\n", b"\xc2\xb2", b"\xe2\x80\xae", b"\xed\xb2\x80", b"[" * 2_000, b"{}",
    b"9" * 5_000, b"1e999", b"NaN", b"null", b'"', b"'", b"${", b"\\", b" " * 3_000, b"%", b"::", b"=", b"\xc0\x0c",
)  # fmt: skip
"""What readers stumble over: control bytes, digits that are not decimal, numbers that nothing holds, depth, quotes."""


def seeds(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def test_every_reader_has_a_small_corpus() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert all(seeds(name) for name in TARGETS)
    assert sum(len(one) for name in TARGETS for one in seeds(name)) < 65_536


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read(name: str) -> None:
    for one in seeds(name):
        TARGETS[name](one)


@st.composite
def changed(draw: st.DrawFn, name: str) -> bytes:
    """Return a seed with a few pieces cut out, doubled, or put in."""
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        end = at + draw(st.integers(0, 12))
        data[at:end] = draw(st.one_of(st.sampled_from(ODD), st.binary(max_size=6), st.just(bytes(data[at:end]) * 2)))
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_bytes_made_out_of_it_are_read_too(name: str, reached: Callable[..., None]) -> None:
    tried = []

    @settings(max_examples=examples(800), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(changed(name))
    def takes(data: bytes) -> None:
        tried.append(1)
        TARGETS[name](data)

    takes()
    assert len(tried) >= 20
    reached(inputs=len(tried))
