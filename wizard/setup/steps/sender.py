"""Sender: the From, and what Postal's Setup page says of its domain; DNS judged record by record, live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model import addresses, validation
from wizard.model.codes import Check
from wizard.model.finding import Verdict, needs_check_pressed
from wizard.model.secret import plaintext
from wizard.setup import press_check
from wizard.setup.fields import found, several, text
from wizard.setup.pasting import take_page
from wizard.setup.step import Checks, Field, Offer, Problem, Result, Step

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

KEY: Final = "sender"
WATCH_SECONDS: Final = 15.0
"""Between two looks while watching."""
_PASTE: Final = (
    "Paste Postal's page Domains, the domain, DNS Setup, selected whole in the browser. The pages Verify and Help may "
    "come along."
)
FIELDS: Final[tuple[Field, ...]] = (
    text("app", "from_", "From", "an address, with a display name or without"),
    text("domain", "name", "From domain", "blank: the domain of the From"),
    text("domain", "spf_include", "SPF include", "from Postal's Setup page", from_page=True),
    text("domain", "dkim_selector", "DKIM selector", "such as postal-a1b2c3", from_page=True),
    text("domain", "dkim_value", "DKIM value", "the whole record, v=DKIM1; ...", from_page=True),
    text("domain", "return_path", "Return path", "such as psrp.example.com", from_page=True),
    text("domain", "return_path_target", "Return path's target", "such as rp.example.com", from_page=True),
    several("sending_ips", "Sending IPs", "from which Postal sends"),
    text("domain", "helo", "HELO name", "such as postal.example.com", from_page=True),
    several("mx", "Postal's MX hosts", "from the Setup page"),
    text("domain", "ownership", "Ownership record", "postal-verification ...", from_page=True),
)
BY_SIGNATURE: Final = frozenset({Check.ALIGNMENT, Check.SPF_MAILFROM, Check.RP_MX, Check.POSTAL_VIEW})
"""The checks that follow from which key and which envelope Postal uses."""
FROM_PAGE: Final = tuple(field for field in FIELDS if field.from_page)


def problems(state: FlowState) -> list[Problem]:
    """Return what is wrong with the From and with Postal's values."""
    domain = state.draft.domain
    return found(
        app__from=addresses.problem_with_sender(state.draft.app.from_),
        domain__name=validation.problem_with_domain(domain.name) if domain.name else None,
        domain__spf_include=_optional(domain.spf_include, "The SPF include"),
        domain__return_path=_optional(domain.return_path, "The return path"),
        domain__return_path_target=_optional(domain.return_path_target, "The return path's target"),
        domain__sending_ips=validation.problem_with_ips(domain.sending_ips),
        domain__helo=_optional(domain.helo, "The HELO name"),
        domain__mx=next((problem for host in domain.mx if (problem := _optional(host, "Each MX host"))), None),
    )


def _optional(name: str, what: str) -> str | None:
    return validation.problem_with_domain(name, what) if name else None


def about(state: FlowState) -> object:
    """Return what the DNS checks are about."""
    return (state.draft.app.from_, state.draft.domain)


def _checks(state: FlowState) -> Checks:
    async def run(on_event: Listener) -> list[Finding]:
        from wizard.checks.config import from_address  # start-up: 15 ms
        from wizard.checks.dns import run as dns  # start-up: 180 ms

        # A From elsewhere shows in no record: all of DNS can be right then.
        address = from_address.judge(state.draft)
        wrong = [address] if address.verdict is not Verdict.PASS else []
        for finding in wrong:
            on_event(finding)
        return [*wrong, *await dns.check(state.draft, state.session, on_event, signature=state.session.signature)]

    return Checks(run, about, automatic=True)


async def judge_by_signature(state: FlowState, on_event: Listener) -> None:
    """Judge again what follows from how Postal signed the received mail, where the step was checked before."""
    if not state.is_checked(KEY):
        return
    from wizard.checks.dns import run as dns  # start-up: 180 ms

    subject = about(state)
    findings = await dns.check(
        state.draft, state.session, on_event, only=BY_SIGNATURE, signature=state.session.signature
    )
    others = [one for one in state.findings(KEY) if one.check not in BY_SIGNATURE]
    state.found(KEY, [*others, *findings], about, subject=subject)


def page_facts(draft: Draft) -> str:
    """Return how much of Postal's Setup page is known."""
    known = sum(bool(field.get(draft)) for field in FROM_PAGE)
    return f"Postal's page: {known} of {len(FROM_PAGE)} values known"


def _lines(state: FlowState) -> list[str]:
    # What is not right has a row, which says what to do.
    press = [] if any(needs_check_pressed([one]) for one in state.open_findings) else press_check.lines(state)
    return [page_facts(state.draft), *_proposed_lines(state), *press]


def _proposed_lines(state: FlowState) -> list[str]:
    """Return what is proposed, as a line; none where nothing is."""
    ips, helo = proposed_values(state)
    named = {"From": proposed_from(state.draft), "sending IPs": ", ".join(ips), "HELO name": helo}
    said = "; ".join(f"{name} {value}" for name, value in named.items() if value)
    return [f"Proposed: {said}"] if said else []


async def _paste(state: FlowState, given: Given, _on_event: Listener) -> Result:
    return take_page(state, plaintext(given["block"]))


async def _use_proposed(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Take the From and what the connection proposes, as far as they are not known."""
    from_, (ips, helo) = proposed_from(state.draft), proposed_values(state)
    app, domain = state.draft.app, state.draft.domain
    state.draft = replace(
        state.draft,
        app=replace(app, from_=from_ or app.from_),
        domain=replace(domain, sending_ips=ips or domain.sending_ips, helo=helo or domain.helo),
    )
    reasons = state.proposal.reasons if state.proposal is not None and (ips or helo) else ()
    return Result(sentences=(*([f"The From is {from_} now."] if from_ else []), *reasons))


def proposed_from(draft: Draft) -> str:
    """Return a From to start with where none is known: GlitchTip at the domain of Postal's page; else empty."""
    if draft.app.from_ or not draft.domain.name:
        return ""
    return f"GlitchTip <glitchtip@{draft.domain.name}>"


def proposed_values(state: FlowState) -> tuple[tuple[str, ...], str]:
    """Return sending addresses and HELO name to confirm: of what the connection proposes, what is not known yet."""
    proposal, domain = state.proposal, state.draft.domain
    if proposal is None:
        return (), ""
    return (() if domain.sending_ips else proposal.sending_ips), ("" if domain.helo else proposal.helo)


async def _pressed(state: FlowState, _given: Given, on_event: Listener) -> Result:
    """Take the operator's word that Check is pressed, and judge again what follows from it."""
    findings = state.findings(KEY)
    state.draft = press_check.pressed(state.draft)
    # A mail that was signed before says nothing of the next one.
    state.session = replace(state.session, signature=None, status_when=None)
    state.found(KEY, findings, about)
    await judge_by_signature(state, on_event)
    return Result(sentences=("Noted. Postal signs by the records as they are now.",))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    offers = [Offer("paste", "f4", "paste Postal's page", _paste, block=_PASTE)]
    if _proposed_lines(state):
        why = " ".join(state.proposal.reasons) if state.proposal is not None else ""
        offers.append(Offer("use_proposed", "u", "use proposed values", _use_proposed, why=why))
    if press_check.lines(state):
        offers.append(Offer("pressed", "h", "say that Check is pressed", _pressed))
    return tuple(offers)


def still_open(findings: list[Finding]) -> bool:
    """Whether watching is still worthwhile."""
    return any(finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN} for finding in findings)


STEP: Final = Step(
    KEY,
    "Sender",
    "Who does GlitchTip write as?",
    "Postal must have verified the domain: your mail server, Domains.",
    fields=lambda _state: FIELDS,
    problems=problems,
    checks=_checks,
    lines=_lines,
    offers=_offers,
)
