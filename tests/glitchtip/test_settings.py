"""GlitchTip's facts: truth as django-environ sees it, the age of an image, and the rows that a set-up wants."""

from __future__ import annotations

from datetime import date

import environ
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.glitchtip import settings as glitchtip


@pytest.mark.parametrize(
    "word", [*sorted(glitchtip.TRUE), "True", " on ", "2", "0", "-1", "", "false", "enabled", "wahr", "1.0"]
)
def test_a_word_is_true_where_the_real_reader_takes_it_for_true(word: str) -> None:
    assert glitchtip.is_true(word) is environ.Env.parse_value(word, bool)


@given(st.text(max_size=6))
def test_so_is_any_text(word: str) -> None:
    assert glitchtip.is_true(word) is environ.Env.parse_value(word, bool)


def test_the_true_words_are_the_real_ones() -> None:
    assert set(environ.Env.BOOLEAN_TRUE_STRINGS) == glitchtip.TRUE


@pytest.mark.parametrize(
    ("tag", "booleans", "timeout"),
    [
        ("", None, None),
        ("latest", None, None),
        ("sha-1a2b3c", None, None),
        ("v1.12", True, True),
        ("v3.3.1", True, True),
        ("3.4.6", True, None),
        ("v3", True, None),
        ("v4", None, False),
        ("v4.0", None, False),
        ("4.0.9", None, False),
        ("v4.1.3", False, False),
        ("5", False, False),
        ("v6.1.0", False, False),
        ("2024.01.03", True, True),
        ("2024-01-19", True, False),
        ("20240507", False, False),
        ("2024.13.45", None, None),
    ],
)
def test_a_tag_tells_whether_the_image_is_older_than_a_change(
    tag: str, booleans: bool | None, timeout: bool | None
) -> None:
    assert glitchtip.older(tag, glitchtip.BOOLEANS_SINCE) is booleans
    assert glitchtip.older(tag, glitchtip.TIMEOUT_SINCE) is timeout


@given(st.text(max_size=20), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_no_tag_makes_it_raise(tag: str, since: date) -> None:
    assert glitchtip.older(tag, since) in {True, False, None}


class TestVariables:
    @pytest.mark.parametrize(
        ("name", "role"),
        [
            ("EMAIL_URL", "live"),
            ("DEFAULT_FROM_EMAIL", "live"),
            ("EMAIL_USE_TLS", "live"),
            ("EMAIL_USE_SSL", "live"),
            ("EMAIL_TIMEOUT", "live"),
            ("EMAIL_BACKEND", "overridden"),
            ("EMAIL_SUBJECT_PREFIX", "dead"),
            ("SERVER_EMAIL", "dead"),
            ("EMAIL_USE_LOCALTIME", "dead"),
            ("EMAIL_HOST_PASSWORD", "only without EMAIL_URL"),
            ("POSTAL_API_KEY", "only without EMAIL_URL"),
            ("EMAIL_URL_FILE", "file"),
            ("DEFAULT_FROM_EMAIL_FILE", "file"),
            ("EMAIL_THROTTLE_COUNT", "live"),
            ("GLITCHTIP_DOMAIN", "live"),
            ("GLITCHTIP_MAX_EVENT_LIFE_DAYS", "live"),
        ],
    )
    def test_each_has_its_role(self, name: str, role: str) -> None:
        assert glitchtip.BY_NAME[name].role == role

    def test_each_stands_once_and_says_something(self) -> None:
        assert len(glitchtip.BY_NAME) == len(glitchtip.VARIABLES)
        assert all(variable.note for variable in glitchtip.VARIABLES)
