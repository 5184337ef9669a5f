"""What a target holds is masked; only what is secret in it is searched for in everything that is printed."""

from __future__ import annotations

import pytest

from wizard.model.secret import MASK, redact
from wizard.targets import held


@pytest.mark.parametrize(
    ("key", "value", "hunted"),
    [
        ("EMAIL_URL", "smtp://shop%2Fapps:Abcdefghij0123456789Wxyz@smtp.shop.example:25", True),
        ("EMAIL_URL", "smtp:Abcdefghij0123456789Wxyz", True),
        ("EMAIL_URL", "consolemail://", False),
        ("DEFAULT_FROM_EMAIL", "glitchtip@shop.example", False),
        ("SECRET_KEY", "s3cret-0f-django", True),
    ],
)
def test_a_sender_and_a_scheme_are_no_secrets(key: str, value: str, hunted: bool) -> None:
    one = held(key, value)
    assert (str(one), one.reveal()) == (MASK, value)
    assert (redact(f"it is {value}.") == f"it is {MASK}.") is hunted
