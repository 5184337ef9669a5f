"""Postal's pages as an operator pastes them."""

from __future__ import annotations

import pytest

from wizard.model.draft import App, Domain, Draft
from wizard.postal.pages import take

DRAFT = Draft(app=App(from_="GlitchTip <glitchtip@example.com>"), domain=Domain(name="example.com"))
KEY = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCe7sruDlWTQH1oTZqZwjlJqZ+PKrcQAgMuccikpLE4tnAKk3oG2WtWbYK7iAtTzF+CqmMwMRkenHgDc6JoWISu4sSo2yMh9ARYwv5AXSDim9diMTMZ+UNMZu2YsVv9m0VNb8tbzWdtHVwlq/Ck6xRSW/SUpYhyTmwDqjkPrZwrcQIDAQAB"  # noqa: E501  # one value
SETUP = f"""Acme\tglitchtip
Overview\tMessages\tDomains\tRouting\tCredentials\tWebhooks\tSettings\tHelp
DNS Setup for example.com
We last checked the validity of your DNS records about 2 hours ago. Check my records are correct
SPF Record
Good
You need to add a TXT record at the apex/root of your domain (@) with the following content. If you already send mail
from another service, you may just need to add include:spf.postal.example.net to your existing record.

v=spf1 a mx include:spf.postal.example.net ~all

DKIM Record
Warning
You need to add a new TXT record with the name postal-AbC123._domainkey with the following content.
v=DKIM1; t=s; h=sha256; p={KEY};
Return Path
OK
This is optional but we recommend adding this to improve deliverability. You should add a CNAME record at
psrp.example.com to point to the hostname below.
You should add a CNAME record at psrp.example.com to point to the hostname below.
rp.postal.example.net
MX Records
If you wish to receive incoming e-mail for this domain, you need to add the following MX records to the domain.
mx1.postal.example.net
mx2.postal.example.net
"""
RECORDS = {
    "domain.spf_include": "spf.postal.example.net",
    "domain.dkim_selector": "postal-AbC123",
    "domain.dkim_value": f"v=DKIM1; t=s; h=sha256; p={KEY};",
    "domain.return_path": "psrp.example.com",
    "domain.return_path_target": "rp.postal.example.net",
    "domain.mx": ("mx1.postal.example.net", "mx2.postal.example.net"),
}
HELP = """Sending E-Mail
SMTP Server Address\tsmtp.postal.example.net
Port\t25
Username\tacme/glitchtip
Password\tAb3dE6gH9jK2mN5pQ8sT1vW4
Authentication Methods\tPLAIN, LOGIN or CRAM-MD5
"""
CREDENTIALS = """Credentials
Add another credential
SMTP
Main
Zb3dE6gH9jK2mN5pQ8sT1vW4
Used 3 days ago
SMTP
GlitchTip mail
Ab3dE6gH9jK2mN5pQ8sT1vW4
Not been used yet
Holding
API
GlitchTip API
Cb3dE6gH9jK2mN5pQ8sT1vW4
"""


class TestTheSetupPage:
    def test_gives_every_record(self) -> None:
        assert take(SETUP, DRAFT).values == RECORDS

    @pytest.mark.parametrize(
        "mangle",
        [
            lambda text: text.replace(" ", "\u00a0"),
            lambda text: text.replace("\n", "\r\n"),
            lambda text: text.replace("\n", "\n\n\t \n"),
            lambda text: text.replace("\n", "  \n\u200b"),
            lambda text: text.replace(KEY, "\n".join(KEY[at : at + 64] for at in range(0, len(KEY), 64))),
            lambda text: text.replace("v=spf1 a", '"v=spf1 a').replace("~all", '~all"'),
            lambda text: text.replace("SPF Record", "Enregistrement SPF").replace("Return Path", "Chemin de retour"),
        ],
        ids=["no-break spaces", "CRLF", "stray lines", "zero-width", "a wrapped key", "quotes", "translated labels"],
    )
    def test_gives_the_same_however_it_was_pasted(self, mangle: object) -> None:
        assert callable(mangle)
        mangled = mangle(SETUP)
        assert mangled != SETUP
        assert take(mangled, DRAFT).values == RECORDS

    def test_says_what_was_taken(self) -> None:
        said = take(SETUP, DRAFT).said
        assert "domain.return_path_target = rp.postal.example.net" in said
        assert len([line for line in said if " = " in line]) == len(RECORDS)

    def test_tells_whether_the_check_was_pressed(self) -> None:
        never = SETUP.replace("We last checked the validity of your DNS records about 2 hours ago. ", "")
        assert any("has pressed" in line for line in take(SETUP, DRAFT).said)
        assert any("Nobody has pressed" in line for line in take(never, DRAFT).said)

    def test_of_another_domain_is_named(self) -> None:
        said = take(SETUP.replace("psrp.example.com", "psrp.example.org"), DRAFT).said
        assert any("another domain than example.com" in line for line in said)

    def test_with_a_custom_return_path_prefix_is_read(self) -> None:
        values = take(SETUP.replace("psrp.example.com", "bounce.example.com"), DRAFT).values
        assert values["domain.return_path"] == "bounce.example.com"
        assert values["domain.return_path_target"] == "rp.postal.example.net"

    def test_with_an_error_sentence_in_it_gives_what_is_wanted_not_what_is(self) -> None:
        text = SETUP.replace(
            "rp.postal.example.net\nMX",
            "There is a CNAME record at psrp.example.com but it points to rp.other.test which is incorrect.\n"
            "rp.postal.example.net\nMX",
        )
        assert take(text, DRAFT).values == RECORDS

    def test_holds_no_key(self) -> None:
        assert take(SETUP, DRAFT).key is None


class TestTheHelpPage:
    def test_gives_server_user_name_and_key(self) -> None:
        taken = take(HELP, DRAFT)
        assert taken.values == {
            "credential.username": "acme/glitchtip",
            "server.host": "smtp.postal.example.net",
            "server.port": "25",
        }
        assert taken.key is not None
        assert taken.key.reveal() == "Ab3dE6gH9jK2mN5pQ8sT1vW4"

    def test_warns_that_port_and_key_may_be_others(self) -> None:
        said = " ".join(take(HELP, DRAFT).said)
        assert "outside its container" in said
        assert "first SMTP credential" in said

    def test_is_read_with_label_and_value_on_lines_of_their_own(self) -> None:
        assert take(HELP.replace("\t", "\n"), DRAFT).values == take(HELP, DRAFT).values

    def test_never_says_the_key(self) -> None:
        taken = take(HELP, DRAFT)
        assert "Ab3dE6gH9jK2mN5pQ8sT1vW4" not in " ".join(taken.said) + repr(taken)


class TestTheCredentialsPage:
    def test_gives_the_key_named_like_the_application_and_says_that_it_holds(self) -> None:
        taken = take(CREDENTIALS, DRAFT)
        assert taken.key is not None
        assert taken.key.reveal() == "Ab3dE6gH9jK2mN5pQ8sT1vW4"
        assert any("Holding" in line for line in taken.said)

    def test_gives_no_key_where_several_can_be_meant(self) -> None:
        taken = take(CREDENTIALS.replace("GlitchTip mail", "Second"), DRAFT)
        assert taken.key is None
        assert any("Main, Second" in line for line in taken.said)

    def test_never_gives_an_api_key(self) -> None:
        assert take(CREDENTIALS[CREDENTIALS.index("API") :], DRAFT).key is None

    def test_is_read_as_rows(self) -> None:
        taken = take("SMTP glitchtip Ab3dE6gH9jK2mN5pQ8sT1vW4 Not been used yet\n", DRAFT)
        assert taken.key is not None
        assert not any("Holding" in line for line in taken.said)


def test_the_verify_page_gives_the_ownership_text() -> None:
    text = (
        "Verify example.com\nAdd the following TXT record.\n\npostal-verification Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf \n"
    )
    assert take(text, DRAFT).values == {"domain.ownership": "postal-verification Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf"}


def test_all_pages_in_one_paste_are_told_apart() -> None:
    taken = take(HELP + CREDENTIALS + SETUP, DRAFT)
    assert taken.values == take(HELP, DRAFT).values | RECORDS


def test_a_single_value_is_taken_alone() -> None:
    assert take(f"v=DKIM1; t=s; h=sha256; p={KEY}", DRAFT).values == {
        "domain.dkim_value": f"v=DKIM1; t=s; h=sha256; p={KEY};"
    }
    assert take("v=spf1 a mx include:spf.x.example ~all", DRAFT).values == {"domain.spf_include": "spf.x.example"}


def test_text_of_something_else_gives_nothing_and_says_so() -> None:
    taken = take("Dear Sir or Madam,\nI am an ordinary letter.\n", DRAFT)
    assert not taken.values
    assert any("Nothing was recognised" in line for line in taken.said)


def test_hostile_text_ends_soon_and_is_inert() -> None:
    taken = take("v=DKIM1; p=" + "A" * 150_000 + "\x1b[31m psrp." * 20_000, DRAFT)
    assert all("\x1b" not in line and len(line) <= 200 for line in taken.said)
