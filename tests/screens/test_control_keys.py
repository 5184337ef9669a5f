"""How many keys it takes that are neither a value nor a paste, from the first paint to "written and read back"."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from textual import events

from wizard.model.draft import App, Credential, Domain, Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Driven, Opener, Rehearse
    from wizard.model.draft import Draft
    from wizard.setup.flow import FlowState

pytestmark = pytest.mark.slow

PAGES: Final = Path(__file__).parents[1] / "postal" / "pages"
PAGES_KEY: Final = "pcmzTNdGEhYCjdEhZvo5lYvl"


def help_page(draft: Draft, key: str) -> str:
    """Return Postal's genuine page Help as it is for the rehearsal."""
    text = (PAGES / "help-outgoing.txt").read_text(encoding="utf-8")
    text = text.replace("acme/glitchtip", draft.credential.username).replace(PAGES_KEY, key)
    return text.replace("Port\n25\n", f"Port\n{draft.server.port}\n")


def setup_page(draft: Draft) -> str:
    """Return Postal's genuine page DNS Setup, checked and good, as it is for the rehearsal."""
    text = (PAGES / "domain-setup-checked-all-good.txt").read_text(encoding="utf-8")
    domain = draft.domain
    dkim = next(line for line in text.splitlines() if line.startswith("v=DKIM1"))
    for was, now in (
        ("postal-kRSMYn", domain.dkim_selector),
        (dkim, domain.dkim_value),
        ("spf.postal.mailhost.example", domain.spf_include),
        ("psrp.acme.example", domain.return_path),
        ("rp.postal.mailhost.example", domain.return_path_target),
        ("mx.postal.mailhost.example", domain.mx[0]),
        ("acme.example", domain.name),
    ):
        text = text.replace(was, now)
    return text


class Counted:
    """Presses control keys, and counts them; a value or a paste is given as such."""

    def __init__(self, it: Driven) -> None:
        self.it = it
        self.keys: list[str] = []

    async def press(self, key: str) -> None:
        self.keys.append(key)
        await self.it.press(key)

    async def go(self, step: str) -> None:
        """Press Enter, and be at *step*."""
        await self.press("enter")
        await self.it.at(step)

    def give(self, text: str) -> None:
        """Let the terminal paste *text*."""
        event = events.Paste(text)
        event.set_sender(self.it.app)
        assert self.it.app._driver is not None
        self.it.app._driver.send_message(event)

    async def page(self, text: str) -> None:
        """Paste a page of Postal: F4, the paste, F4."""
        await self.press("f4")
        await self.it.until(lambda: self.it.step == "")
        self.give(text)
        await self.it.see("not shown")
        step = self.it.flow.key
        await self.press("f4")
        await self.it.at(step)

    async def value(self, text: str) -> None:
        """Type *text* into the field that has the focus."""
        await self.it.pilot.press(*({" ": "space"}.get(character, character) for character in text))
        await self.it.pilot.pause()

    async def write(self) -> None:
        """At the mail: send it and type its code; then review and write."""
        await self.press("enter")
        await self.it.see("Its code")
        await self.it.until(lambda: self.it.app.focused is not None and self.it.app.focused.id == "test_mail-code")
        await self.value(self.it.flow.code)
        await self.it.see("arrived: its code came back")
        await self.go("review")
        await self.it.until(lambda: "Enter write" in self.it.keys)
        await self.go("done")
        await self.it.see("written and read back")


async def test_a_first_set_up_takes_at_most_14(opened: Opener, rehearse: Rehearse) -> None:
    flow = rehearse("good")
    pages = help_page(flow.draft, rehearse.info["smtp_key"]), setup_page(flow.draft)
    async with opened(flow=flow) as it:
        keys = Counted(it)
        await keys.go("server")
        await it.checked()
        await keys.go("credential")
        await keys.page(pages[0])
        await keys.press("enter")
        await it.checked()
        await keys.go("sender")
        await keys.page(pages[1])
        await it.checked()
        await keys.go("target")
        await keys.go("test_mail")
        await keys.write()
        assert flow.receipt is not None
        assert flow.receipt.complete
    assert len(keys.keys) <= 14, keys.keys


@pytest.mark.full
async def test_it_takes_17_where_nothing_is_known_but_what_the_pages_say(opened: Opener, rehearse: Rehearse) -> None:
    flow = rehearse("good")
    known, key = flow.draft, rehearse.info["smtp_key"]
    flow.draft = replace(
        known, app=App(), server=Server("", None), credential=Credential(""), domain=Domain(), test_mail=None
    )
    flow.session = replace(flow.session, key=None)
    async with opened(flow=flow) as it:
        keys = Counted(it)
        await keys.go("server")
        await keys.value(known.server.host)
        await keys.press("tab")
        await keys.value(str(known.server.port))  # in place of 25, which is offered
        await keys.press("enter")
        await it.checked()
        await keys.go("credential")
        await keys.page(help_page(known, key))
        await keys.press("enter")
        await it.checked()
        await keys.go("sender")
        await keys.page(setup_page(known))
        await it.see("Proposed: From GlitchTip <glitchtip@shop.example>; HELO name smtp.postal.shop.example")
        await keys.press("enter")  # both proposals
        await it.checked()
        await keys.press("n" if it.app.screen.findings.has_focus else "enter")
        await it.at("target")
        await keys.go("test_mail")
        await keys.value("you@example.net")
        await keys.write()
        assert flow.draft.app.from_ == "GlitchTip <glitchtip@shop.example>"
        assert flow.draft.domain.helo == "smtp.postal.shop.example"
        assert flow.receipt is not None
        assert flow.receipt.complete
    assert len(keys.keys) <= 17, keys.keys


async def test_a_rotation_takes_at_most_5_and_a_paste(opened: Opener, demo: Callable[[str], FlowState]) -> None:
    flow = demo("rotation")
    new_key = flow.session.key
    assert new_key is not None
    flow.session = replace(flow.session, key=None)
    async with opened(flow=flow) as it:
        keys = Counted(it)
        await keys.press("down")
        await keys.go("credential")
        await it.until(lambda: it.app.focused is not None and it.app.focused.id == "credential-key")
        keys.give(new_key.reveal())
        await it.see("24 characters")
        await keys.press("enter")
        await it.checked()
        await keys.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        await keys.go("done")
        await it.see("written and read back")
    assert len(keys.keys) <= 5, keys.keys
