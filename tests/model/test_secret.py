"""A Secret cannot be shown by accident, and the redactor finds one that was."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import unicodedata
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model.secret import MASK, Secret, redact
from wizard.model.untrusted import Untrusted, lines

INERT = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
CANARY = "s3cr3t/p@ss:w%rd+#~é\"'"


class TestSecret:
    @pytest.mark.parametrize("shown", [str, repr, "{}".format, "{:>20}".format, lambda secret: f"{secret!s}{secret!r}"])
    def test_no_rendering_shows_the_value(self, shown: object) -> None:
        assert callable(shown)
        assert CANARY not in shown(Secret(CANARY))

    def test_what_is_not_hunted_is_masked_itself_and_left_alone_elsewhere(self) -> None:
        sender = Secret("glitchtip@shop.example", hunted=False)
        assert str(sender) == MASK
        assert redact("From glitchtip@shop.example") == "From glitchtip@shop.example"

    def test_it_does_not_leave_the_process(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(Secret(CANARY))

    def test_copies_are_the_same_object(self) -> None:
        secret = Secret(CANARY)
        assert copy.deepcopy([secret])[0] is secret

    def test_equality_is_by_value(self) -> None:
        assert Secret("abc") == Secret("abc")
        assert Secret("abc") != Secret("abd")
        assert Secret("abc") != "abc"

    def test_it_has_no_dictionary_to_look_into(self) -> None:
        assert not hasattr(Secret(CANARY), "__dict__")


class TestRedact:
    def test_every_spelling_is_masked(self) -> None:
        secret = Secret(CANARY)
        raw = CANARY.encode()
        spellings = {
            "clear": CANARY,
            "percent": quote(CANARY, safe=""),
            "percent with tilde": quote(CANARY, safe="").replace("~", "%7E"),
            "plus": quote_plus(CANARY),
            "repr": repr(CANARY),
            "json": json.dumps(CANARY),
            "hex": raw.hex(),
        }
        for name, spelling in spellings.items():
            shown = redact(f"before {spelling} after")
            assert MASK in shown, name
            assert spelling.strip("\"'") not in shown, name
        assert secret.reveal() == CANARY

    @given(user=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12))
    def test_an_auth_plain_line_is_masked_at_every_offset(self, user: str) -> None:
        secret = Secret("Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2")
        line = base64.b64encode(f"\0{user}\0{secret.reveal()}".encode()).decode()
        assert MASK in redact(line)

    def test_short_values_do_not_black_out_words(self) -> None:
        secret = Secret("ab")
        assert redact("cabin") == "cabin"
        assert len(secret) == 2


class TestForeign:
    @given(st.text())
    def test_nothing_a_terminal_acts_on_is_left(self, text: str) -> None:
        shown = Untrusted(text)
        assert not {unicodedata.category(character) for character in shown} & INERT
        assert len(shown) <= 200

    @given(st.binary())
    def test_bytes_become_inert_text(self, raw: bytes) -> None:
        assert not {unicodedata.category(character) for character in Untrusted(raw)} & INERT

    def test_escapes_are_shown_not_sent(self) -> None:
        assert Untrusted("\x1b[31mred\u202e\x9b") == "\\x1b[31mred\\u202e\\x9b"

    def test_bytes_that_are_not_utf8_are_shown_as_hex(self) -> None:
        assert Untrusted(b"gr\xfc\xdf") == "gr\\xfc\\xdf"

    def test_a_secret_inside_is_masked(self) -> None:
        secret = Secret("hunter2hunter2")
        assert Untrusted(f"535 {secret.reveal()}") == f"535 {MASK}"

    def test_a_secret_across_the_cut_does_not_leave_its_head(self) -> None:
        secret = Secret("Qq" * 12)
        assert "QqQq" not in Untrusted("x" * 190 + secret.reveal())

    def test_a_text_keeps_its_first_lines_and_counts_the_rest(self) -> None:
        shown = lines("\n".join(str(number) for number in range(50)))
        assert len(shown) == 20
        assert shown[-1] == "... and 31 more lines"

    def test_ten_megabytes_take_no_time_to_cut(self) -> None:
        assert len(Untrusted(b"A" * 10_000_000)) == 200
        assert len(lines("x\n" * 1_000_000)) == 20


def test_what_is_no_secret_any_more_is_not_masked_for_ever() -> None:
    address = "somebody-once-secret@example.com"
    secret = Secret(address)
    assert address not in redact(f"From {address}")
    del secret
    assert redact(f"From {address}") == f"From {address}"


def test_of_two_secrets_that_begin_alike_neither_leaves_its_tail() -> None:
    """The longer is looked for first: the shorter one, masked first, would leave what the longer has behind it."""
    short = Secret("Abcdef0123")
    long = Secret("Abcdef0123456789tail")
    longest = Secret("Abcdef0123456789tail9876end")
    for secret in (short, long, longest):
        assert redact(f"<{secret.reveal()}>") == f"<{MASK}>"


def test_what_is_looked_for_is_kept_no_longer_than_the_secret() -> None:
    """``re`` keeps the last patterns that it compiled, with all that is written in them."""
    secret = Secret("KeptByNobodyOnceItIsGone")
    assert redact(secret.reveal()) == MASK
    del secret
    redact("")
    assert "KeptByNobody" not in str(list(vars(re)["_cache"]))
