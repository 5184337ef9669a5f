"""A page of Postal pasted at a step: it may replace what this step asks for, and nothing that another has proven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.model.details import Signature
from wizard.model.draft import App, Credential, Draft, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.postal import page_merge
from wizard.setup.flow import FlowState
from wizard.setup.pasting import take_page
from wizard.setup.steps import credential, sender, server
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from wizard.setup.step import AnyField

PAGES: Final = Path(__file__).parents[1] / "postal" / "pages"
DRAFT: Final = Draft(
    App(from_="GlitchTip <glitchtip@acme.example>"), Server("mail.acme.example", 2525), Credential("acme/app")
)
PRESENT: Final = "Present0Present0Present0"
PAGES_KEY: Final = "pcmzTNdGEhYCjdEhZvo5lYvl"


def proven(step: str, kind: Flow = Flow.SET_UP) -> FlowState:
    """Return a run whose server and login are proven, at *step*."""
    state = FlowState(DRAFT, Session(key=Secret(PRESENT)), Journal(Path("/nonexistent"), "x"), kind, step)
    for key, check in (("server", "connect"), ("credential", "auth")):
        state.found(key, [Finding(check, "x", Verdict.PASS, "It is so.")], lambda _state: None)
    return state


def page(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def test_at_the_sender_step_server_user_name_and_key_stay() -> None:
    state = proven("sender")
    said = " ".join(take_page(state, page("help-outgoing") + page("domain-setup-never-checked")).sentences)
    assert (state.draft.server, state.draft.credential) == (DRAFT.server, DRAFT.credential)
    assert state.session.key == Secret(PRESENT)
    assert state.draft.domain.dkim_selector == "postal-kRSMYn"
    assert "acme/app is kept" in said
    assert "the page shows acme/glitchtip" in said
    assert PAGES_KEY not in said


def test_at_the_credential_step_user_name_and_key_are_the_pages_and_the_server_stays() -> None:
    for kind in (Flow.SET_UP, Flow.ROTATE):
        state = proven("credential", kind)
        take_page(state, page("help-outgoing"))
        assert state.draft.credential.username == "acme/glitchtip"
        assert state.session.key == Secret(PAGES_KEY)
        assert state.draft.server == DRAFT.server


def test_at_the_server_step_host_and_port_are_the_pages_and_the_login_stays() -> None:
    state = proven("server")
    take_page(state, page("help-outgoing"))
    assert state.draft.server == Server("postal.mailhost.example", 25)
    assert state.draft.credential == DRAFT.credential


def test_a_rotation_keeps_the_server_though_it_was_not_checked() -> None:
    state = FlowState(DRAFT, Session(), Journal(Path("/nonexistent"), "x"), Flow.ROTATE, "credential")
    take_page(state, page("help-outgoing"))
    assert state.draft.server == DRAFT.server


def test_postals_status_of_a_page_replaces_what_an_older_mail_has_shown() -> None:
    state = proven("sender")
    state.session = Session(signature=Signature("rp.postal.mailhost.example", "postal", "rp.postal.mailhost.example"))
    take_page(state, page("help-outgoing"))
    assert state.session.signature is not None
    take_page(state, page("domain-setup-checked-all-good"))
    assert state.session.signature is None


def test_what_was_taken_is_named_as_the_fields_are_in_one_sentence() -> None:
    every: tuple[AnyField, ...] = (*server.FIELDS, *credential.FIELDS, *sender.FIELDS)
    fields = {field.key: field.label for field in every}
    assert {key: fields[key] for key in page_merge.NAMES} == page_merge.NAMES
    state = FlowState(Draft(), Session(Path("/nonexistent")), Journal(Path("/nonexistent"), "x"), key="sender")
    said = take_page(state, page("domain-setup-never-checked")).sentences
    assert said[0].startswith("Taken from the page: From domain acme.example, SPF include, DKIM selector, ")
    assert not any("domain." in line for line in said)
