"""Help that teaches: one page a step, one section a field, Postal's pages by their place, and the words of mail."""

from __future__ import annotations

import re

import pytest

from wizard.model.flow import STEP_KEYS
from wizard.postal.web_ui import TABS
from wizard.setup import help_pages
from wizard.setup.help_pages import LABELS


@pytest.mark.parametrize("key", STEP_KEYS)
def test_each_step_has_a_page_without_marks_or_placeholders(key: str) -> None:
    text = "\n".join(help_pages.lines(key, None, "acme/shop"))
    assert len(text) > 300
    assert re.findall(r"[`{}]|\*\w|\bORG\b|\bSRV\b", text) == []


@pytest.mark.parametrize("field", LABELS)
def test_each_field_has_a_part_of_its_own_under_its_label(field: str) -> None:
    step = next(key for key in STEP_KEYS if help_pages.part(key, field)[0] == LABELS[field])
    title, *paragraphs = help_pages.part(step, field)
    assert title == LABELS[field]
    assert len(" ".join(paragraphs)) > 80
    assert help_pages.lines(step, field)[0] == title


def test_a_page_of_postal_is_named_by_its_path_where_the_mail_server_is_known() -> None:
    assert "Postal, Help (/org/acme/servers/shop/help/outgoing)" in " ".join(
        help_pages.part("server", "server.host", "acme/shop")
    )
    assert "Postal, your mail server, Help" in " ".join(help_pages.part("server", "server.host"))
    assert set(TABS) >= {"domains", "help", "held", "messages", "credentials", "new_credential"}


def test_what_has_no_part_of_its_own_gets_that_of_the_step() -> None:
    assert help_pages.part("review", None) == help_pages.part("review", "review.nothing")
    assert help_pages.part("review", None)[0] == "Review"


def test_the_glossary_has_two_lines_for_each_word() -> None:
    words = dict(help_pages.glossary())
    assert words.keys() >= {
        "SPF", "DKIM", "DMARC", "Alignment", "Selector", "Fallback key", "Envelope sender", "Return path", "RCPT",
        "HELO", "PTR", "CRAM-MD5", "STARTTLS", "Credential", "Void look-up", "SOA", "Held",
    }  # fmt: skip
    assert {len(text.splitlines()) for text in words.values()} == {2}
