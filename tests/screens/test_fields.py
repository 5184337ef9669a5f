"""What is typed and pasted: one sentence at the field for each mistake, nothing lost, and a key that goes nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.widgets import Input

from tests.effort import one_in
from wizard.model.draft import InfisicalTarget, Server
from wizard.model.flow import Flow
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from tests.screens.conftest import Driven, Opener, Rehearse

KEY = "Canary0Key00000000Canary"


async def paste(it: Driven, text: str) -> None:
    focused = it.app.focused
    assert focused is not None
    focused.post_message(events.Paste(text))
    await it.pilot.pause()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    one_in(
        2,
        [
            ("server-host", "", "The host is missing"),
            ("server-host", "smtp://mail.example.com", "leave out the scheme"),
            ("server-host", "mail.example.com/smtp", "leave out the path"),
            ("server-port", "", "The port is missing"),
            ("server-port", "0", "from 1 to 65535"),
            ("server-port", "99999", "from 1 to 65535"),
            ("server-port", "smtp", "from 1 to 65535"),
        ],
    ),
)
async def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(
    opened: Opener, field: str, typed: str, sentence: str
) -> None:
    async with opened("server") as it:
        it.app.screen.query_one(f"#{field}", Input).focus()
        await it.type(typed)
        await it.press("enter")
        await it.see(sentence)
        assert it.step == "server"
        rows = it.text.splitlines()
        at = next(number for number, row in enumerate(rows) if sentence in row)
        assert rows[at - 1].strip("│ ").startswith("Host" if field == "server-host" else "Port")
        assert it.app.screen.query_one(f"#{field}", Input).value == typed


async def test_rows_about_other_answers_say_so_and_count_for_no_proof(opened: Opener) -> None:
    async with opened("credential") as it:
        await it.press("enter")
        await it.see("Checked live  6 right")
        await it.see("proofs 1/5")
        name = it.app.screen.query_one("#credential-username", Input).value
        await it.type("shop/other")
        await it.see("Checked live, before your change  6 right")
        assert "proofs 0/5" in it.text
        await it.type(name)
        await it.see("Checked live  6 right")
        assert "proofs 1/5" in it.text


async def test_what_is_wrong_stays_as_typed_when_its_field_is_left(opened: Opener) -> None:
    async with opened("server") as it:
        it.app.screen.query_one("#server-host", Input).focus()
        await it.type("shop/apps")
        await it.press("tab")
        await it.type("smtp")
        await it.press("tab")
        await it.see("from 1 to 65535")
        await it.see("leave out the path")
        assert it.app.screen.query_one("#server-host", Input).value == "shop/apps"
        assert it.app.screen.query_one("#server-port", Input).value == "smtp"
        await it.press("escape")
        await it.at("start")
        assert ":-1" not in it.text
        await it.press("l")
        await it.see("So far")
        assert "shop/apps:" not in it.text


async def test_a_port_behind_the_host_goes_into_its_own_field(opened: Opener) -> None:
    async with opened("server") as it:
        it.app.screen.query_one("#server-host", Input).focus()
        await it.type("mail.example.com:2526")
        await it.press("tab")
        assert (it.flow.draft.server.host, it.flow.draft.server.port) == ("mail.example.com", 2526)
        assert it.app.screen.query_one("#server-host", Input).value == "mail.example.com"
        assert it.app.screen.query_one("#server-port", Input).value == "2526"


async def test_a_port_that_is_typed_replaces_the_offered_one_and_none_of_the_operators_own(
    opened: Opener, rehearse: Rehearse
) -> None:
    flow = rehearse("good")
    flow.draft = replace(flow.draft, server=Server("", None))
    async with opened(flow=flow) as it:
        await it.press("enter")
        await it.at("server")
        port = it.app.screen.query_one("#server-port", Input)
        assert port.value == "25"
        await it.type("mail.example.com")
        await it.press("tab", *"2526")
        assert port.value == "2526"
        await it.press("shift+tab", "tab", "7")
        assert port.value == "25267"


async def test_what_is_found_while_the_next_field_is_filled_in_leaves_the_focus_there(opened: Opener) -> None:
    """The host alone is checked with the port that is offered, 25, where nothing listens here."""
    async with opened("server") as it:
        await it.checked()
        port = str(it.flow.draft.server.port)
        it.app.screen.query_one("#server-port", Input).focus()
        await it.type("25")
        await it.press("shift+tab", "tab")
        await it.until(lambda: it.flow.is_checked("server") and not it.app.screen.checking)
        assert it.app.screen.findings.open
        assert it.app.focused is not None
        assert it.app.focused.id == "server-port"
        await it.type(port)
        await it.press("enter")
        await it.until(lambda: it.flow.is_checked("server") and not it.app.screen.findings.open)
        assert str(it.flow.draft.server.port) == port


async def test_who_goes_to_another_field_while_checks_run_stays_there(opened: Opener) -> None:
    async with opened("sender", "resolver-silent") as it:
        it.app.screen.query_one("#app-from", Input).focus()
        await it.until(lambda: it.app.screen.checking)
        await it.press("tab")
        await it.checked()
        await it.pilot.pause()
        assert it.app.screen.findings.open
        assert it.app.focused is not None
        assert it.app.focused.id == "domain-name"


async def test_an_address_with_a_line_break_is_one_sentence(opened: Opener) -> None:
    async with opened("sender") as it:
        await it.checked()
        await it.type("GlitchTip glitchtip@@shop.example")
        await it.press("enter")
        assert it.step == "sender"
        assert it.app.focused is not None
        assert it.app.focused.id == "app-from"


class TestPaste:
    """A paste is one line in a field, and not a character less."""

    @pytest.mark.parametrize(
        "text", one_in(3, ["\r\nmail.example.com\r\n", "\nmail.example.com", "mail.example.com\n"])
    )
    async def test_line_breaks_go_and_the_content_stays(self, opened: Opener, text: str) -> None:
        async with opened("server") as it:
            await it.type("")
            await paste(it, text)
            assert it.app.screen.query_one("#server-host", Input).value == "mail.example.com"

    async def test_two_lines_are_refused_with_a_sentence(self, opened: Opener) -> None:
        async with opened("server") as it:
            before = it.app.screen.query_one("#server-host", Input).value
            await paste(it, "mail.exam\r\nple.com\r\n")
            await it.see("You pasted 2 lines; this field takes one.")
            assert it.app.screen.query_one("#server-host", Input).value == before
            await it.press("backspace")
            assert "You pasted" not in it.text

    async def test_a_key_with_a_blank_inside_is_kept_with_a_warning(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await paste(it, f"\n{KEY[:12]} {KEY[12:]}\n")
            await it.see("contains a blank inside")
            assert it.app.screen.query_one("#credential-key", Input).value == f"{KEY[:12]} {KEY[12:]}"

    async def test_a_key_with_an_invisible_character_is_one_sentence(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await paste(it, f"{KEY}\u200b")
            await it.press("enter")
            await it.see("not ASCII")
            assert it.step == "credential"

    async def test_an_unencoded_email_url_is_taken_apart_and_its_key_not_shown(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("f4")
            await it.see("Paste an EMAIL_URL")
            await paste(it, f"EMAIL_URL=smtp://acme/app:{KEY}@mail.example.com:2525\n")
            await it.see("not shown")
            assert KEY not in it.text
            await it.press("f4")
            await it.at("credential")
            await it.see("was not encoded")
            assert KEY not in it.text
            assert it.app.screen.query_one("#credential-username", Input).value == "acme/app"
            await it.press("escape")
            await it.at("server")
            assert it.flow.session.key == Secret(KEY)
            assert (it.flow.draft.server.host, it.flow.draft.server.port) == ("mail.example.com", 2525)

    async def test_esc_forgets_the_block(self, opened: Opener) -> None:
        async with opened("credential") as it:
            before = it.flow.session.key
            await it.press("f4")
            await it.see("Paste an EMAIL_URL")
            await paste(it, f"smtp://acme/app:{KEY}@mail.example.com:2525")
            await it.press("escape")
            await it.at("credential")
            await it.press("escape")
            await it.at("server")
            assert it.flow.session.key == before

    async def test_postals_page_fills_the_fields_and_says_what_was_taken(self, opened: Opener) -> None:
        page = "TXT record at @\nv=spf1 a mx include:spf.other.example ~all\npostal-q1w2e3._domainkey"
        async with opened("sender") as it:
            await it.checked()
            await it.press("f4")
            await it.see("Paste Postal's page")
            await paste(it, page)
            await it.see("[pasted: 3 lines")
            await it.press("f4")
            await it.see("Taken from the page: SPF include, DKIM selector")
            await it.at("sender")
            assert it.app.screen.query_one("#domain-spf_include", Input).value == "spf.other.example"
            assert it.app.screen.query_one("#domain-dkim_selector", Input).value == "postal-q1w2e3"


class TestKey:
    """The credential's key on the screen."""

    async def test_it_is_masked_counted_and_encoded_into_a_masked_url(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await it.type(KEY)
            assert KEY not in it.text
            assert "24 characters" in it.text
            assert "smtp://shop%2Fapps:••••••••@" in it.text
            assert "/ became %2F" in it.text

    async def test_copy_and_cut_give_nothing_away(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await it.type(KEY)
            await it.press("ctrl+a", "ctrl+c", "ctrl+x", "super+c")
            assert it.app.clipboard == ""
            assert it.app.screen.query_one("#credential-key", Input).value == KEY

    async def test_the_palette_reveals_it_and_no_letter_does(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await it.type(KEY[:-1])
            await it.press("v")
            assert it.app.screen.query_one("#credential-key", Input).value == KEY[:-1] + "v"
            assert KEY[:-1] not in it.text
            await it.command("Reveal the key")
            await it.see(KEY[:-1] + "v")
            screen = it.app.screen
            assert screen._hiding is not None
            screen.hide()
            await it.pilot.pause()
            assert KEY[:-1] not in it.text

    async def test_blank_keeps_the_stored_one(self, opened: Opener) -> None:
        async with opened("credential") as it:
            stored = it.flow.session.key
            await it.press("tab")
            await it.type(KEY)
            await it.type("")
            assert "blank keeps the present one" in it.text
            await it.press("escape")
            await it.at("server")
            assert it.flow.session.key == stored

    async def test_its_field_is_empty_once_the_screen_is_left(self, opened: Opener) -> None:
        async with opened("credential") as it:
            field = it.app.screen.query_one("#credential-key", Input)
            await it.press("tab")
            await it.type(KEY)
            await it.press("escape")
            await it.at("server")
            await it.until(lambda: field.value == "")
            assert it.flow.session.key == Secret(KEY)

    async def test_the_granted_name_is_offered_and_taken_by_u(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.type("glitchtip@app")
            await it.press("enter")
            await it.checked()
            await it.see("CRAM-MD5")
            await it.until(lambda: "u use" in it.keys and "u use shop/apps" in it.acting)
            await it.press("u")
            assert it.app.screen.query_one("#credential-username", Input).value == "shop/apps"
            await it.see("check again to prove it")


async def test_letters_act_only_outside_fields(opened: Opener) -> None:
    async with opened("server") as it:
        await it.checked()
        await it.press("end", "r", "d", "c")
        assert it.app.screen.query_one("#server-host", Input).value.endswith("rdc")
        assert it.step == "server"
        assert "r check again" not in it.keys


async def test_one_key_never_replaces_a_value(opened: Opener) -> None:
    async with opened("server") as it:
        await it.press("x")
        assert it.app.screen.query_one("#server-host", Input).value == "127.0.0.1x"


async def test_in_a_rotation_what_is_typed_first_is_the_key(opened: Opener, rehearse: Rehearse) -> None:
    flow = rehearse("good")
    flow.kind, flow.stored = Flow.ROTATE, flow.session.key
    flow.session = replace(flow.session, key=None)
    async with opened("credential", flow=flow) as it:
        await it.pilot.press(*"New0Key0")
        await it.see("8 characters")
        assert "New0Key0" not in it.text
        assert flow.draft.credential.username in it.text


@pytest.mark.parametrize("typed", [KEY, "a" * 63 + "1"])
async def test_a_secret_in_a_plain_field_is_refused_and_offered_to_its_own(opened: Opener, typed: str) -> None:
    async with opened("credential") as it:
        it.app.screen.query_one("#credential-username", Input).focus()
        await it.type("")
        await paste(it, typed)
        await it.press("tab")
        await it.see("Use it as ")
        assert typed not in it.text
        await it.press("y")
        await it.at("credential")
        assert typed not in repr(it.flow.draft)
        assert typed not in it.text
        secret = it.flow.session.key if typed == KEY else it.flow.session.client_secret
        assert secret == Secret(typed)


async def test_a_resumed_draft_puts_the_focus_on_the_key_that_is_missing(opened: Opener, rehearse: Rehearse) -> None:
    flow = rehearse("good")
    flow.session = replace(flow.session, key=None)
    async with opened("credential", flow=flow) as it:
        assert it.app.focused is not None
        assert it.app.focused.id == "credential-key"


@pytest.mark.full
async def test_the_longest_form_scrolls_to_its_last_field_under_its_own_complaints(
    opened: Opener, rehearse: Rehearse
) -> None:
    flow = rehearse("exported-copy")
    flow.draft = replace(flow.draft, target=InfisicalTarget("ftp://secrets.example.com", "", "", "", ""))
    async with opened("target", flow=flow) as it:
        await it.press("enter")
        await it.see("The environment is missing")
        assert "CA file" not in it.text
        it.app.screen.query_one("#target-ca_file", Input).focus()
        await it.see("CA file")
        it.app.screen.query_one("#choice-target-kind Buttons").focus()
        await it.until(lambda: "e update .env too" in it.keys)
