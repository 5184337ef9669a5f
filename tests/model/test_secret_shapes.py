"""What looks like a key, and what does not: Postal's own values and DKIM records among them."""

from __future__ import annotations

import base64
import random

import pytest

from wizard.model.secret import MASK
from wizard.model.secret_shapes import looks_like_secret, mask_secrets

KEY = "aB3dE5gH7jK9mN1pQ3sT5vW7"
HEX = "0123456789abcdef" * 4
TOKEN = "st.0123456789abcdef0123"
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0.abc-_"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (KEY, "Postal key"), (f"  {KEY}\n", "Postal key"), (HEX, "client secret"), (HEX.upper(), "client secret"),
        (TOKEN, "service token"), (f"{TOKEN}.more.of.it", "service token"), (JWT, "access token"),
        ("eyJ" + "x" * 20, "access token"),
        # One character too few or too many, or a kind of character that is missing.
        (KEY[:-1], None), (KEY + "x", None), (KEY.lower(), None), (KEY.upper(), None),
        ("aBcDeFgHiJkLmNoPqRsTuVwX", None),
        (HEX[:-1], None), (HEX + "0", None), (HEX[:-1] + "g", None), (TOKEN[:-1], None), ("eyJ" + "x" * 19, None),
        ("org/server", None), ("glitchtip@example.com", None), ("postal-verification " + "a" * 32, None), ("", None),
        ("postal.mailhost.example", None), (KEY[:12] + " " + KEY[12:], None), (KEY[:-1] + "ß", None),
    ],
)  # fmt: skip
def test_a_whole_value(text: str, kind: str | None) -> None:
    assert looks_like_secret(text) == kind


@pytest.mark.parametrize("secret", [KEY, HEX, TOKEN, JWT])
@pytest.mark.parametrize("around", ["{}", 'username = "{}"', "key={}", "the key {}, and more", "({})", "smtp://u:{}@h"])
def test_within_a_text_it_is_found_and_masked(secret: str, around: str) -> None:
    text = around.format(secret)
    assert mask_secrets(text) == around.format(MASK)


def test_a_dkim_record_is_never_taken_for_a_key() -> None:
    seed = random.Random(7)
    records = [
        f"v=DKIM1; t=s; h=sha256; p={base64.b64encode(seed.randbytes(size)).decode()};"
        for size in (162, 294)
        for _ in range(3_000)
    ]
    assert [mask_secrets(record) for record in records] == records


def test_other_long_words_are_left() -> None:
    text = "mx.postal.mailhost.example 2026-11-27T16:00:00Z /srv/glitchtip/docker-compose.yml 550e8400-e29b-41d4-a716"
    assert mask_secrets(text) == text
