"""Postal's pages as an operator pastes them: whole genuine selections first, then what browsers do to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import one_in
from tests.watch import Watch
from wizard.postal.page_notices import PageCode
from wizard.postal.pages import read

if TYPE_CHECKING:
    from wizard.postal import pages

PAGES: Final = Path(__file__).with_name("pages")
GLITCHTIP_KEY: Final = "pcmzTNdGEhYCjdEhZvo5lYvl"
"""Of the test installation, long dead."""
MASKED: Final = {"credential.key": "***"}
HELP: Final = {
    "server.host": "postal.mailhost.example",
    "server.port": 25,
    "credential.username": "acme/glitchtip",
    **MASKED,
}
PUBLIC_KEY: Final = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDKskGHqLSdfJqiFxpPZxUIxK3d4CZvED1obP+xnPHZiJbPpFeNisXUmdEICcdR+ZDlUGWHEGk3f6z0JyKofvfND31207B+OzxK8Ii/iATcbjclSnG1p4+2T//1JPFWETDYEV/oygSR1BrbTcC+kx/3aPYzpMiq6ud4gSYknG2OYQIDAQAB"  # noqa: E501  # one value
RIVAL_KEY: Final = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCmZDs3vZUodylte7FkBi7fjdv1WVP5Cwmb6mFz9W+4o20Xy1nIjuD2nUIfe7GCzoA8ZB2HbQ2f/rxrgpyoAvuvDiD3U0YfD/NJMlogbeBZtKQ2qPnnZdLA+kvFtCC/zOLPC4zi+GIlUjGw47/JB3hKLIHZ5bj8E1l1TA4Bw8FW9wIDAQAB"  # noqa: E501  # one value


def records(domain: str, selector: str, public_key: str, *, checked: bool, **stored: str) -> dict[str, Any]:
    """Return what a Setup page gives."""
    return {
        "domain.name": domain,
        "domain.spf_include": "spf.postal.mailhost.example",
        "domain.dkim_selector": selector,
        "domain.dkim_value": f"v=DKIM1; t=s; h=sha256; p={public_key};",
        "domain.return_path": f"psrp.{domain}",
        "domain.return_path_target": "rp.postal.mailhost.example",
        "domain.mx": ("mx.postal.mailhost.example",),
        "domain.checked_in_postal": checked,
        **{f"domain.stored_{name}": value for name, value in stored.items()},
    }


def acme(*, checked: bool = True, **stored: str) -> dict[str, Any]:
    return records("acme.example", "postal-kRSMYn", PUBLIC_KEY, checked=checked, **stored)


ALL_GOOD: Final = acme(spf="ok", dkim="ok", return_path="ok", mx="ok")
NEVER: Final = acme(checked=False)
VERIFY: Final = {
    "domain.name": "acme.example",
    "domain.ownership": "postal-verification CfsvehZcdPOybWGbZz00akQqoiJLkwhp",
}


@dataclass(frozen=True)
class Expected:
    """What one genuine page gives."""

    values: dict[str, Any] = field(default_factory=dict)
    codes: tuple[str, ...] = ("page.nothing",)
    key: str | None = None


EXPECTED: Final = {
    "credentials-one-smtp.txt": Expected(MASKED, (), GLITCHTIP_KEY),
    "credentials-smtp-api-holding.txt": Expected(
        MASKED, ("credential.type_api", "credential.holding", "credential.several"), GLITCHTIP_KEY
    ),
    "domain-setup-all-bad.txt": Expected(
        acme(spf="invalid", dkim="invalid", return_path="invalid", mx="missing"),
        ("postal.checked", "postal.record_bad", "postal.record_bad", "postal.record_bad"),
    ),
    "domain-setup-checked-all-good.txt": Expected(ALL_GOOD, ("postal.checked",)),
    "domain-setup-missing-all.txt": Expected(
        acme(spf="missing", dkim="missing", return_path="missing", mx="missing"),
        ("postal.checked", "postal.record_bad", "postal.record_bad"),
    ),
    "domain-setup-never-checked.txt": Expected(NEVER, ("postal.never_checked",)),
    "domain-setup-unchecked-unverified.txt": Expected(VERIFY, ("postal.unverified",)),
    "domain-verify.txt": Expected(VERIFY, ("postal.unverified",)),
    "domains-list-checked.txt": Expected(),
    "help-outgoing-several-credentials.txt": Expected(HELP, (), GLITCHTIP_KEY),
    "help-outgoing.txt": Expected(HELP, (), GLITCHTIP_KEY),
    "message-hardfail.txt": Expected(),
    "message-held-credential.txt": Expected(),
    "message-held-development.txt": Expected(),
    "message-held-suppressed.txt": Expected(),
    "message-list-outgoing.txt": Expected(),
    "message-sent.txt": Expected(),
    "message-softfail-greylist.txt": Expected(),
    "message-softfail-nohosts-then-tried.txt": Expected(),
    "messages-held.txt": Expected(),
    "queue.txt": Expected(),
    "rival-domain-setup-admin.txt": Expected(
        records("rival.example", "postal-lWQSUw", RIVAL_KEY, checked=False), ("postal.never_checked",)
    ),
    "server-advanced-admin.txt": Expected(),
    "server-overview.txt": Expected(),
    "suppressions.txt": Expected(),
}


def page(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def codes(pasted: pages.Pasted) -> list[str]:
    return [notice.code.value for notice in pasted.notices]


def sentence(pasted: pages.Pasted, code: PageCode) -> str:
    return " ".join(notice.sentence for notice in pasted.notices if notice.code is code)


def test_every_genuine_page_has_its_expectation() -> None:
    assert {path.name for path in PAGES.glob("*.txt")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_genuine_page_gives_exactly_what_it_holds(name: str) -> None:
    pasted = read((PAGES / name).read_text(encoding="utf-8"))
    expected = EXPECTED[name]
    assert pasted.values == expected.values
    assert codes(pasted) == list(expected.codes)
    assert (pasted.key.reveal() if pasted.key else None) == expected.key


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize(
    "mangle",
    [
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n\t \n"),
        lambda text: text.replace("\n", "  \n\u200b"),
        lambda text: re.sub(r"(?m)^(.+)\n(?=.)", r"\1\t", text),
        lambda text: re.sub(
            r"(?im)^(good|warning|ok|live|dev|suspended|spf record|dkim record|return path|mx records|smtp|api|"
            r"username|password|port|smtp server address|build a new mail server)\b",
            lambda found: found[0].upper(),
            text,
        ).replace(" Holding", " HOLDING"),
        lambda text: re.sub(r"(?m)^(Good|Warning|OK) ", r"\1\n", text),
        lambda text: text.replace("SPF Record", "Enregistrement SPF").replace("Return Path", "Chemin de retour"),
    ],
    ids=["no-break", "CRLF", "CR", "stray lines", "zero-width", "tabs", "upper case", "label alone", "headings"],
)
def test_a_page_gives_the_same_however_it_was_pasted(name: str, mangle: Any) -> None:
    plain = (PAGES / name).read_text(encoding="utf-8")
    pasted, original = read(mangle(plain)), read(plain)
    assert pasted.values == original.values
    assert codes(pasted) == codes(original)
    assert pasted.key == original.key


TRANSLATED: Final = {
    "Build a new mail server": "Erstellen Sie einen neuen Mailserver",
    "messages/minute": "Nachrichten/Minute",
    "SMTP Server Address": "SMTP-Serveradresse",
    "\nPort\n": "\nHafen\n",
    "Username": "Benutzername",
    "Password": "Passwort",
    "DNS Setup for ": "DNS-Einrichtung für ",
    "We last checked the validity of your DNS records less than a minute ago.": "Wir haben sie eben überprüft.",
    "SPF Record": "SPF-Eintrag",
    "DKIM Record": "DKIM-Eintrag",
    "Return Path": "Rückweg",
    "MX Records": "MX-Einträge",
    "\nGood ": "\nGut ",
    "\nWarning ": "\nWarnung ",
    "You should add a CNAME record at": "Fügen Sie einen CNAME-Eintrag hinzu unter",
    "You need to add a new TXT record with the name": "Fügen Sie einen neuen TXT-Eintrag hinzu mit dem Namen",
    "To verify your ownership of": "Um Ihr Eigentum zu bestätigen an",
    "Not been used yet": "Noch nicht benutzt",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_that_the_browser_translated_gives_the_same(name: str) -> None:
    plain = (PAGES / name).read_text(encoding="utf-8")
    text = plain
    for english, german in TRANSLATED.items():
        text = text.replace(english, german)
    assert text != plain
    assert read(text).values == read(plain).values
    assert codes(read(text)) == codes(read(plain))


def test_a_status_in_a_language_that_is_not_known_is_left_open_and_the_check_is_still_seen() -> None:
    text = page("domain-setup-checked-all-good").replace("\nGood ", "\n良い ")
    for english in ("SPF Record", "DKIM Record", "Return Path", "MX Records"):
        text = text.replace(english, f"記録 {english[:3]}")
    text = text.replace("We last checked the validity of your DNS records", "最後の確認")
    values = read(text).values
    assert values["domain.checked_in_postal"] is True
    assert not any(key.startswith("domain.stored_") for key in values)


class TestTheFrame:
    """Side bar and head are on every page."""

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("DEVELOPMENT", "postal.mode_development"),
            ("Dev", "postal.mode_development"),
            ("SUSPENDED", "postal.suspended"),
        ],
    )
    def test_this_servers_own_mode_is_told_by_every_page(self, word: str, code: str) -> None:
        for name in ("server-overview", "help-outgoing", "queue"):
            pasted = read(page(name).replace("LIVE\nGlitchTip", f"{word}\nGlitchTip"))
            assert code in codes(pasted)
            assert "page.nothing" not in codes(pasted)
            assert "GlitchTip" in " ".join(notice.sentence for notice in pasted.notices)

    def test_the_modes_of_other_servers_are_not_this_ones(self) -> None:
        assert codes(read(page("queue"))) == ["page.nothing"]

    def test_the_mode_is_found_behind_a_translated_side_bar(self) -> None:
        text = page("queue").replace("Build a new mail server", "Einen neuen Server").replace("LIVE\nG", "Dev\nG")
        assert codes(read(text)) == ["postal.mode_development"]

    def test_the_rate_of_the_side_bar_is_no_user_name(self) -> None:
        assert "credential.username" not in read("0.00\nmessages/minute\n25\n").values
        assert read(page("server-overview")).values == {}


class TestTheHelpPage:
    def test_says_that_port_and_key_may_be_others(self) -> None:
        hints = read(page("help-outgoing")).hints
        assert "container" in hints["server.port"]
        assert "first SMTP credential" in hints["credential.key"]

    def test_without_a_credential_gives_no_key(self) -> None:
        text = page("help-outgoing").replace(f"{GLITCHTIP_KEY}\n", "")
        pasted = read(text)
        assert pasted.key is None
        assert pasted.values == {key: value for key, value in HELP.items() if key != "credential.key"}

    def test_with_another_port_gives_a_number(self) -> None:
        assert read(page("help-outgoing").replace("\n25\n", "\n2525\n")).values["server.port"] == 2525


class TestTheCredentials:
    def test_the_sentence_names_the_one_that_holds(self) -> None:
        pasted = read(page("credentials-smtp-api-holding"))
        assert "holding-app" in sentence(pasted, PageCode.HOLDING)
        assert "glitchtip@app" not in sentence(pasted, PageCode.HOLDING)
        assert "glitchtip-api" in sentence(pasted, PageCode.TYPE_API)

    def test_the_key_is_that_of_the_application_by_its_name(self) -> None:
        pasted = read(page("credentials-smtp-api-holding"), "old-app")
        assert pasted.key is not None
        assert pasted.key.reveal() == "Fv7RBOP2DohFmEXZe6ZwLxK4"

    def test_no_key_is_taken_where_several_can_be_meant(self) -> None:
        pasted = read(page("credentials-smtp-api-holding").replace("glitchtip@app", "mailer"))
        assert pasted.key is None
        assert "credential.key" not in pasted.values
        assert "No key was taken" in sentence(pasted, PageCode.SEVERAL)

    def test_one_of_type_ip_is_noticed_and_gives_no_key(self) -> None:
        text = page("credentials-one-smtp").replace(
            f"SMTP\nglitchtip@app\n\n{GLITCHTIP_KEY}", "SMTP-IP\nour network\n\n192.0.2.0/24"
        )
        pasted = read(text)
        assert codes(pasted) == ["credential.type_ip"]
        assert pasted.key is None

    def test_a_key_of_type_api_alone_is_never_taken(self) -> None:
        pasted = read(page("credentials-one-smtp").replace("\nSMTP\n", "\nAPI\n"))
        assert codes(pasted) == ["credential.type_api"]
        assert pasted.key is None

    def test_a_credential_may_be_called_like_a_type(self) -> None:
        pasted = read(page("credentials-one-smtp").replace("glitchtip@app", "API"))
        assert pasted.key is not None
        assert codes(pasted) == []

    def test_a_name_that_only_contains_the_word_does_not_hold(self) -> None:
        assert codes(read(page("credentials-one-smtp").replace("glitchtip@app", "holding company"))) == []

    def test_a_row_in_one_line_is_read(self) -> None:
        pasted = read(f"SMTP glitchtip Holding {GLITCHTIP_KEY} Not been used yet\n")
        assert codes(pasted) == ["credential.holding"]
        assert pasted.key is not None


class TestPostalsOwnNames:
    def test_no_record_is_made_from_the_names_that_postal_ships(self) -> None:
        text = page("domain-setup-never-checked").replace("postal.mailhost.example", "postal.example.com")
        pasted = read(text)
        assert not {"domain.spf_include", "domain.return_path_target", "domain.mx"} & pasted.values.keys()
        assert {"domain.dkim_value", "domain.return_path", "domain.checked_in_postal"} <= pasted.values.keys()
        assert "rp.postal.example.com" in sentence(pasted, PageCode.DNS_DEFAULTS)

    def test_nor_a_host_from_the_help_page(self) -> None:
        pasted = read(page("help-outgoing").replace("postal.mailhost.example", "postal.example.com"))
        assert "server.host" not in pasted.values
        assert "postal.dns_defaults" in codes(pasted)

    def test_other_names_under_example_com_are_somebodys(self) -> None:
        text = page("domain-setup-never-checked").replace("postal.mailhost.example", "mail.example.com")
        assert read(text).values["domain.spf_include"] == "spf.mail.example.com"


class TestTheSetupPage:
    def test_with_a_return_path_prefix_of_its_own_is_read(self) -> None:
        values = read(page("domain-setup-all-bad").replace("psrp.acme", "bounce.acme")).values
        assert values["domain.return_path"] == "bounce.acme.example"
        assert values["domain.name"] == "acme.example"

    def test_with_a_wrapped_key_is_joined(self) -> None:
        wrapped = "\n".join(PUBLIC_KEY[at : at + 64] for at in range(0, len(PUBLIC_KEY), 64))
        assert read(page("domain-setup-never-checked").replace(PUBLIC_KEY, wrapped)).values == NEVER

    def test_two_records_of_dkim_are_invalid(self) -> None:
        text = page("domain-setup-missing-all").replace(
            "No TXT records were returned for postal-kRSMYn._domainkey.acme.example",
            "There are 2 records for at postal-kRSMYn._domainkey.acme.example. There should only be one.",
        )
        assert read(text).values["domain.stored_dkim"] == "invalid"

    def test_postals_own_sentence_is_repeated(self) -> None:
        bad = sentence(read(page("domain-setup-all-bad")), PageCode.RECORD_BAD)
        assert "points to rp.elsewhere.example which is incorrect" in bad

    def test_a_failed_verification_is_noticed(self) -> None:
        flash = "We couldn't verify your domain. Please double check you've added the TXT record correctly.\n"
        assert codes(read(flash + page("domain-verify"))) == ["postal.unverified"]


class TestSeveralPages:
    """In one text."""

    def test_give_the_union(self) -> None:
        text = "\n".join(map(page, ("help-outgoing", "credentials-smtp-api-holding", "domain-setup-checked-all-good")))
        assert read(text).values == {**HELP, **ALL_GOOD}

    def test_keep_the_first_of_two_values_and_say_so(self) -> None:
        other = page("help-outgoing").replace("acme/glitchtip", "acme/other").replace("\n25\n", "\n2525\n")
        pasted = read(page("help-outgoing") + "\n" + other)
        assert pasted.values == HELP
        assert codes(pasted) == ["page.differs", "page.differs"]
        assert "acme/other" in sentence(pasted, PageCode.DIFFERS)

    @pytest.mark.parametrize("footer", ["\nPowered by Postal 0.0.0", ""])
    def test_of_two_domains_are_not_mixed(self, footer: str) -> None:
        first = page("domain-setup-never-checked").replace("\nPowered by Postal 0.0.0", footer)
        pasted = read(first + "\n" + page("rival-domain-setup-admin") + "\n")
        assert pasted.values == NEVER
        assert codes(pasted) == ["postal.never_checked", "page.differs"]

    def test_of_two_moments_keep_the_status_of_the_first(self) -> None:
        pasted = read(page("domain-setup-never-checked") + "\n" + page("domain-setup-checked-all-good"))
        assert pasted.values == NEVER
        assert codes(pasted) == ["postal.never_checked", "page.differs"]

    def test_a_credential_goes_before_the_help_pages_key_and_the_difference_is_said(self) -> None:
        for name in ("credentials-smtp-api-holding", "credentials-one-smtp"):
            other = page("help-outgoing").replace(GLITCHTIP_KEY, "Fv7RBOP2DohFmEXZe6ZwLxK4")
            pasted = read(other + "\n" + page(name))
            assert pasted.key is not None
            assert pasted.key.reveal() == GLITCHTIP_KEY
            assert "glitchtip@app" in sentence(pasted, PageCode.DIFFERS)

    def test_of_two_keys_on_two_help_pages_the_first_is_taken(self) -> None:
        pasted = read(page("help-outgoing") + "\n" + page("help-outgoing").replace(GLITCHTIP_KEY, GLITCHTIP_KEY[::-1]))
        assert pasted.key is not None
        assert pasted.key.reveal() == GLITCHTIP_KEY
        assert codes(pasted) == ["page.differs"]

    def test_setup_and_verify_give_both(self) -> None:
        pasted = read(page("domain-verify") + "\n" + page("rival-domain-setup-admin").replace("rival.", "acme."))
        assert pasted.values["domain.ownership"] == VERIFY["domain.ownership"]
        assert pasted.values["domain.dkim_selector"] == "postal-lWQSUw"


class TestOneValueAlone:
    """Copied from a page."""

    def test_is_taken_by_its_shape(self) -> None:
        assert read(f"v=DKIM1; t=s; h=sha256; p={PUBLIC_KEY}").values == {
            "domain.dkim_value": f"v=DKIM1; t=s; h=sha256; p={PUBLIC_KEY};"
        }
        assert read("v=spf1 a mx include:spf.x.example ~all").values == {"domain.spf_include": "spf.x.example"}
        assert read("acme/glitchtip").values == {"credential.username": "acme/glitchtip"}
        assert read(GLITCHTIP_KEY).values == MASKED
        assert read(VERIFY["domain.ownership"]).values == {"domain.ownership": VERIFY["domain.ownership"]}

    def test_says_nothing_about_the_check(self) -> None:
        assert not codes(read("v=spf1 a mx include:spf.x.example ~all"))

    def test_somebodys_own_spf_record_is_not_postals(self) -> None:
        assert codes(read("v=spf1 include:_spf.other.example -all")) == ["page.nothing"]

    def test_a_long_word_is_no_key(self) -> None:
        assert read("Donaudampfschifffahrtsge").key is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("domains-list-checked", 'Press "DNS setup" next to the domain'),
        ("message-held-credential", "troubleshoot"),
        ("message-sent", "troubleshoot"),
        ("queue", "the pages are Help"),
        ("message-list-outgoing", "the pages are Help"),
    ],
)
def test_a_page_without_values_says_which_is_the_right_one(name: str, words: str) -> None:
    assert words in sentence(read(page(name)), PageCode.NOTHING)


def test_text_of_something_else_gives_nothing_and_says_so() -> None:
    pasted = read("Dear Sir or Madam,\nI am an ordinary letter.\n")
    assert not pasted.values
    assert codes(pasted) == ["page.nothing"]


@pytest.mark.parametrize("name", EXPECTED)
def test_no_sentence_and_no_value_has_a_key(name: str) -> None:
    pasted = read((PAGES / name).read_text(encoding="utf-8"))
    said = repr(pasted) + "".join(notice.sentence for notice in pasted.notices)
    for key in re.findall(r"(?m)^[A-Za-z0-9]{24}$", (PAGES / name).read_text(encoding="utf-8")):
        assert key not in said


@given(st.text(max_size=600))
def test_nothing_pasted_raises_or_reaches_the_terminal_raw(text: str) -> None:
    for notice in read(f"{text}\nDNS Setup for {text}\nWarning {text}\n{page('domain-setup-all-bad')}{text}").notices:
        assert notice.sentence.isprintable()


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    one_in(4, [
        "v=DKIM1; p=" + "A" * 3_000, "\x1b[31m psrp. CNAME ", "a.", "CNAME a.bc\n", "SMTP\n", "SMTP SMTP ",
        "username\na/b\nPostal 1.1\n", f"{GLITCHTIP_KEY}\n", "DNS setup for a.bc\n", "0.00 a/b\n", "Port\n25\n",
        "The open source e-mail platform\n", "Good ", "Good\n", "a.bc\n25\nx\na/b\n", "v=spf1 a mx include:a.b ~all\n",
        "postal-verification " + "a" * 32 + "\n", "last checked the validity of your DNS records ", "a-", "\u200b \t",
    ]),
)  # fmt: skip
def test_a_mebibyte_of_anything_ends_soon_and_is_inert(piece: str) -> None:
    watch = Watch()
    pasted = read(piece * (1_048_576 // len(piece)))
    assert watch.seconds < 60
    assert len(pasted.notices) <= 100
    assert all(notice.sentence.isprintable() for notice in pasted.notices)
