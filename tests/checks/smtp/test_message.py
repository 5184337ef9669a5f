"""The test mail, byte for byte as Django would send it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import sanitize_address

from wizard.checks.smtp import message as delivery
from wizard.model.draft import App, Draft, Server, TestMail

FROMS = (
    "GlitchTip <glitchtip@example.com>",
    "glitchtip@example.com",
    "Glütchtip <glitchtip@example.com>",
    '"Glitch, Tip" <glitchtip@example.com>',
    "GlitchTip <glitchtip@exämple.com>",
    "x" * 90 + " <glitchtip@example.com>",
    "日本 <glitchtip@example.com>",
)


@pytest.fixture(autouse=True, scope="module")
def _django() -> None:
    if not settings.configured:
        settings.configure(DEFAULT_CHARSET="utf-8", USE_TZ=True, EMAIL_USE_LOCALTIME=False)


def draft(from_: str = FROMS[0], name: str = "glitchtip", recipient: str = "you@example.net") -> Draft:
    return Draft(
        app=App(name=name, from_=from_), server=Server("smtp.postal.example.com", 25), test_mail=TestMail(recipient)
    )


@pytest.mark.parametrize("name", ["glitchtip", "glütchtip", "g" * 100])
@pytest.mark.parametrize("from_", FROMS)
def test_the_bytes_are_those_that_django_hands_to_smtplib(from_: str, name: str) -> None:
    ours = delivery.build_message(draft(from_, name), "ABC234", "web.example.com")
    body = ours.get_payload(decode=True)
    assert isinstance(body, bytes)
    theirs = EmailMessage(
        f"Test mail ABC234 from {name}",
        body.decode(),
        from_,
        ["you@example.net"],
        headers={"Date": ours["Date"], "Message-ID": ours["Message-ID"]},
    )
    assert delivery.as_bytes(ours) == theirs.message().as_bytes(linesep="\r\n")


def test_the_message_id_is_made_for_the_name_that_ehlo_gives() -> None:
    message = delivery.build_message(draft(), "ABC234", "web.example.com")
    assert message["Message-ID"].startswith("<")
    assert message["Message-ID"].endswith("@web.example.com>")


def test_the_code_stands_in_subject_and_body() -> None:
    sent = delivery.as_bytes(delivery.build_message(draft(), "ABC234"))
    head, _, body = sent.partition(b"\r\n\r\n")
    assert b"ABC234" in head
    assert b"ABC234" in body


def test_codes_are_six_unambiguous_characters_and_differ() -> None:
    codes = {delivery.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 6 and set(code) <= set(delivery.ALPHABET) for code in codes)
    assert not set("01OIL") & set(delivery.ALPHABET)


@pytest.mark.parametrize("address", [*FROMS, "you@example.net", '"a b"@example.net'])
def test_the_envelope_is_the_bare_address_that_django_gives(address: str) -> None:
    from email.utils import parseaddr

    assert delivery.envelope(address) == parseaddr(sanitize_address(address, "utf-8"))[1]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.example>, x",
        "a@b.example, c@d.example",
        "Glitch, Tip <a@b.example>",
        "a@b.example\nBcc: c@d.example",
        "a@b.example\r",
        "@b.example",
        "a@",
        "jürgen@example.net",
        "a@b..example",
    ],
)
def test_what_django_refuses_or_smtplib_would_cut_is_refused(address: str) -> None:
    with pytest.raises(delivery.BadAddressError):
        delivery.envelope(address)


@pytest.mark.parametrize("name", ["a\nBcc: c@d.example", "a\r\nb"])
def test_a_line_break_in_the_name_starts_no_header(name: str) -> None:
    head = delivery.as_bytes(delivery.build_message(draft(name=name), "ABC234")).partition(b"\r\n\r\n")[0]
    assert not any(line.startswith((b"Bcc", b"b")) for line in head.split(b"\r\n"))


def test_a_from_with_a_line_break_is_refused() -> None:
    with pytest.raises(delivery.BadAddressError):
        delivery.build_message(draft("a@b.example\nBcc: c@d.example"), "ABC234")
