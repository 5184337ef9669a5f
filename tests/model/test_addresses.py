"""Addresses are judged as Django will: what is accepted here is sent, and what Django refuses is refused here first."""

from __future__ import annotations

from email.utils import parseaddr

import django.conf
import pytest
from django.core.mail import EmailMessage
from django.core.mail.message import sanitize_address
from hypothesis import given
from hypothesis import strategies as st

from wizard.model import addresses

if not django.conf.settings.configured:
    django.conf.settings.configure()

FROMS = [
    "gt@example.com",
    "GlitchTip <gt@example.com>",
    '"GlitchTip, Inc" <gt@example.com>',
    "<gt@example.com>",
    " gt@example.com ",
    "Glitch Tip <gt@errors.example.com>",
    '"A \\"b\\" c" <gt@example.com>',
    "Grüße <gt@example.com>",
    "a+b@example.com",
    "o'neil@example.com",
    "gt@straße.example",
]
WRONG = [
    "",
    " ",
    "gt",
    "gt@",
    "@example.com",
    "gt@example.com\n",
    "gt@example.com\nBcc: x@y.z",
    "Glitch, Tip <gt@example.com>",
    "a@b.example, c@d.example",
    "gt@example.com>",
    "<gt@example.com",
    "a@b>, x",
    "'gt@example.com'",
    "gt@@example.com",
    "gt@exa mple.com",
    "jürgen@example.com",
    "gt@example..com",
    "gt@-example.com",
    "a@b@c.example",
    "A (x) <gt@example.com>",
    "x@y <gt@example.com>",
    "gt\x00@example.com",
    "gt@example.com\u200b",
]


@pytest.mark.parametrize("text", FROMS)
def test_what_is_accepted_django_sends_from_that_very_address(text: str) -> None:
    assert addresses.problem_with_from(text) is None
    message = EmailMessage("s", "b", text.strip(), ["you@example.net"]).message()
    bare = addresses.parse_from(text)[1]
    local, _, domain = parseaddr(str(message["From"]))[1].rpartition("@")
    assert local == bare.rpartition("@")[0]
    assert domain.isascii()


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_gets_one_sentence(text: str) -> None:
    problem = addresses.problem_with_from(text)
    assert problem is not None
    assert problem.isprintable()


@pytest.mark.parametrize("text", ["you@example.net", "a.b+c@sub.example.net", "x@localhost"])
def test_a_bare_address_is_a_recipient(text: str) -> None:
    assert addresses.problem_with_address(text) is None


@pytest.mark.parametrize("text", ["You <you@example.net>", "a@b.c, d@e.f", "a@b>, x", "a@b\r\nRCPT TO:<x@y>", "", "a"])
def test_a_recipient_is_one_bare_address(text: str) -> None:
    assert addresses.problem_with_address(text) is not None


@pytest.mark.parametrize("text", ["webmaster@localhost", "root@localhost", "g@10.0.0.1"])
def test_a_sender_needs_a_domain_that_postal_can_verify(text: str) -> None:
    assert addresses.problem_with_sender(text) is not None


@given(st.text(max_size=40))
def test_whatever_is_accepted_django_accepts(text: str) -> None:
    if addresses.problem_with_from(text) is None:
        assert sanitize_address(text.strip(), "utf-8")


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("gt@example.com", False),
        ("GlitchTip <gt@example.com>", False),
        ('"GlitchTip, Inc" <gt@example.com>', True),
        ("Acme Inc. <gt@example.com>", True),
    ],
)
def test_a_display_name_that_stands_in_quotes_or_should_is_told(text: str, quotes: bool) -> None:
    assert addresses.needs_quotes(text) is quotes


@pytest.mark.parametrize(
    ("domain", "ascii_"),
    [
        ("Example.COM.", "example.com"),
        ("m\u00fcller.example", "xn--mller-kva.example"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("\u2028.example", "\u2028.example"),
    ],
)
def test_a_domain_is_written_as_dns_has_it(domain: str, ascii_: str) -> None:
    assert addresses.ascii_domain(domain) == ascii_


@pytest.mark.parametrize("domain", ["example.com", "m\u00fcller.example", "stra\u00dfe.example"])
def test_the_domain_that_django_sends_is_known_beforehand(domain: str) -> None:
    sent = EmailMessage("s", "b", f"gt@{domain}", ["you@example.net"]).message()["From"]
    assert str(sent) == f"gt@{addresses.django_domain(domain)}"
