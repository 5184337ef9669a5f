"""What is proposed for the sending addresses and the HELO name, and when nothing is."""

from __future__ import annotations

import pytest

from wizard.checks.proposals import Proposal, from_dialogue, propose
from wizard.model.session import Exchange

BANNER = "220 postal.mailhost.example ESMTP Postal/AB12CD34"


def test_address_and_banner_of_postal_are_proposed_with_their_reasons() -> None:
    found = propose(["192.0.2.25"], BANNER)
    assert (found.sending_ips, found.helo) == (("192.0.2.25",), "postal.mailhost.example")
    assert len(found.reasons) == 2
    assert "192.0.2.25" in found.reasons[0]
    assert "postal.mailhost.example" in found.reasons[1]


def test_both_address_families_are_proposed_once_each() -> None:
    found = propose(["192.0.2.25", "2001:db8::25", "192.0.2.25", "::ffff:192.0.2.9"], BANNER.removeprefix("220 "))
    assert found.sending_ips == ("192.0.2.25", "2001:db8::25", "192.0.2.9")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.20.0.4", "192.168.1.9", "::1", "fd00::5", "fe80::1%eth0", "0.0.0.0", "224.0.0.1"],
)
def test_an_address_that_receivers_never_see_is_not_proposed(address: str) -> None:
    found = propose([address], BANNER)
    assert found.sending_ips == ()
    assert found.helo == "postal.mailhost.example"
    assert address.partition("%")[0] in found.reasons[0]


@pytest.mark.parametrize(
    "banner",
    [
        "220 mail.example.net ESMTP Postfix",
        "220 mx.google.com ESMTP x - gsmtp",
        "",
        "554 no",
        "220 a.example Exim 4.96",
    ],
)
def test_nothing_is_proposed_from_another_server(banner: str) -> None:
    found = propose(["192.0.2.25"], banner)
    assert (found.sending_ips, found.helo) == ((), "")
    assert "not Postal" in found.reasons[0]


@pytest.mark.parametrize(
    "name",
    ["postal.example.com", "smtp.postal.example.com", "localhost", "192.0.2.25", "a..b", "x\x1b[31m", "[192.0.2.1]"],
)
def test_a_name_that_cannot_be_a_helo_name_is_not_proposed(name: str) -> None:
    found = propose(["192.0.2.25"], f"220 {name} ESMTP Postal/AB12CD34")
    assert (found.sending_ips, found.helo) == (("192.0.2.25",), "")
    assert "\x1b" not in "".join(found.reasons)


def test_an_observed_dialogue_gives_its_addresses_and_its_banner() -> None:
    events = [
        Exchange("connect", "192.0.2.24:25", ("refused",), 0.1, "192.0.2.24:25"),
        Exchange("banner", "", (BANNER,), 0.1, "192.0.2.25:25"),
        Exchange("EHLO", "EHLO x", ("250 ok",), 0.1, "192.0.2.25:25"),
        Exchange("banner", "", (BANNER,), 0.1, "[2001:db8::25]:25"),
    ]
    found = from_dialogue(events)
    assert (found.sending_ips, found.helo) == (("192.0.2.25", "2001:db8::25"), "postal.mailhost.example")
    assert from_dialogue(events[:1]) == Proposal()
