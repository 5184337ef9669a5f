"""A pasted page put into a draft: it completes, and never touches what an earlier step has proven."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from wizard.model.codes import Check
from wizard.model.draft import App, Credential, Domain, Draft, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.postal.page_merge import merge, proven_keys, told_keys
from wizard.postal.page_notices import PageCode
from wizard.postal.pages import read

PAGES: Final = Path(__file__).with_name("pages")
PROVEN: Final = frozenset({"server.host", "server.port", "credential.username", "credential.key"})
DRAFT: Final = Draft(
    App(from_="GlitchTip <glitchtip@acme.example>"),
    Server("mail.acme.example", 2525),
    Credential("acme/app"),
)
KEY: Final = Secret("Present0Present0Present0")


def page(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


def test_a_help_page_fills_an_empty_draft() -> None:
    merged = merge(read(page("help-outgoing")), Draft())
    assert merged.draft.server == Server("postal.mailhost.example", 25)
    assert merged.draft.credential.username == "acme/glitchtip"
    assert merged.key is not None
    assert "container" in " ".join(merged.sentences)


def test_nothing_that_an_earlier_step_has_proven_is_changed_and_each_difference_is_said() -> None:
    merged = merge(read(page("help-outgoing")), DRAFT, PROVEN, key=KEY)
    assert merged.draft == DRAFT
    assert merged.key is None
    assert merged.hints == ()
    assert [notice.code for notice in merged.notices] == [PageCode.DIFFERS] * 4
    said = " ".join(merged.sentences)
    assert "mail.acme.example is kept" in said
    assert "the page shows acme/glitchtip" in said


def test_a_proven_answer_that_the_page_shows_too_is_no_difference() -> None:
    draft = replace(DRAFT, server=Server("Postal.MailHost.example.", 25), credential=Credential("acme/glitchtip"))
    pasted = read(page("help-outgoing"))
    assert pasted.key is not None
    merged = merge(pasted, draft, PROVEN, key=Secret(pasted.key.reveal()))
    assert merged.draft == draft
    assert merged.notices == ()


def test_a_setup_page_at_the_sender_step_leaves_server_and_credential_alone() -> None:
    merged = merge(read(page("domain-setup-checked-all-good")), DRAFT, PROVEN, key=KEY)
    assert (merged.draft.server, merged.draft.credential) == (DRAFT.server, DRAFT.credential)
    assert merged.draft.domain.dkim_selector == "postal-kRSMYn"
    assert merged.draft.domain.stored_dkim == "ok"
    assert merged.draft.domain.checked_in_postal is True


def test_the_stored_status_is_replaced_as_a_whole() -> None:
    known = replace(DRAFT, domain=Domain(checked_in_postal=True, stored_dkim="ok", stored_mx="missing"))
    domain = merge(read(page("domain-setup-never-checked")), known, told_keys(known)).draft.domain
    assert domain.checked_in_postal is False
    assert (domain.stored_spf, domain.stored_dkim, domain.stored_return_path, domain.stored_mx) == ("", "", "", "")


def test_a_page_of_another_domain_replaces_every_record_of_the_first() -> None:
    known = merge(read(page("domain-verify")), replace(DRAFT, domain=Domain(sending_ips=("192.0.2.25",)))).draft
    domain = merge(read(page("rival-domain-setup-admin")), known).draft.domain
    assert (domain.name, domain.return_path, domain.ownership) == ("rival.example", "psrp.rival.example", "")
    assert domain.sending_ips == ("192.0.2.25",)


def test_a_page_of_another_domain_than_the_froms_says_so() -> None:
    merged = merge(read(page("rival-domain-setup-admin")), DRAFT)
    assert merged.draft.domain.name == "rival.example"
    (differs,) = (notice for notice in merged.notices if notice.code is PageCode.DIFFERS)
    assert "glitchtip@acme.example" in differs.sentence
    assert "rival.example" in differs.sentence


def test_records_of_another_domain_are_not_taken_where_the_domain_stays() -> None:
    known = replace(DRAFT, domain=Domain(name="acme.example", stored_dkim="ok", checked_in_postal=True))
    merged = merge(read(page("rival-domain-setup-admin")), known, told_keys(known))
    assert merged.draft == known
    (differs,) = (notice for notice in merged.notices if notice.code is PageCode.DIFFERS)
    assert "rival.example" in differs.sentence
    assert "acme.example" in differs.sentence


def test_what_is_proven_follows_from_the_findings() -> None:
    def passed(check: Check) -> Finding:
        return Finding(check, "x", Verdict.PASS, "It is so.")

    refused = Finding(Check.AUTH, "x", Verdict.FAIL, "It is not.")
    assert proven_keys([passed(Check.CONNECT)]) == {"server.host", "server.port"}
    assert proven_keys([passed(Check.CONNECT), passed(Check.AUTH)]) == PROVEN
    assert proven_keys([refused]) == frozenset()


def test_told_are_the_answers_that_a_draft_has() -> None:
    assert told_keys(Draft()) == frozenset()
    assert told_keys(DRAFT) == {"server.host", "server.port", "credential.username"}


def test_no_sentence_has_a_key() -> None:
    for given in (None, KEY):
        merged = merge(read(page("help-outgoing")), DRAFT, PROVEN if given else (), key=given)
        assert "pcmzTNdGEhYCjdEhZvo5lYvl" not in " ".join(merged.sentences) + repr(merged)
