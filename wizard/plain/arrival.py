"""After "accepted", by line prompts: the code, Postal's API, the received headers, GlitchTip's own containers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks import arrival, inside, received
from wizard.checks.smtp.message import accepted
from wizard.postal import held as postal_held
from wizard.setup import report
from wizard.system import event_loop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.finding import Finding
    from wizard.plain.prompts import Prompts
    from wizard.setup.flow import FlowState
    from wizard.system.output import Out

_STEP: Final = "test_mail"
_ASKED: Final = "Code from the mail (Enter: later; n: it did not arrive; a: ask Postal's API; h: paste its headers; i: "
_HOW: Final = f"{_ASKED}let GlitchTip send one from its containers):"


def prove(flow: FlowState, ask: Prompts, out: Out, code: str) -> None:
    """Ask for the code until it comes back or is put off. Raises Back and Left."""
    if flow.session.mailbox:
        out.say(f"In this rehearsal the mail arrives in {flow.session.mailbox}")
    while typed := ask.line(_HOW).strip():
        match typed.lower():
            case "n":
                _not_arrived(flow, out)
            case "a":
                _ask_postal(flow, ask, out)
            case "h":
                text = ask.block("Paste the received mail's headers, or its whole source")
                if text:
                    _tell(flow, out, received.judge(text, flow.draft))
            case "i":
                out.say("GlitchTip sends from inside its containers ...")
                _tell(
                    flow, out, event_loop.run(inside.inside(flow.draft, flow.session, compare=flow.receipt is not None))
                )
            case word if word == code.lower():
                flow.confirmed |= {"arrived"}
                out.say("OK    the test mail arrived")
                return
            case _:
                out.say("That is not the code of this mail.")


def _not_arrived(flow: FlowState, out: Out) -> None:
    known = next((found for found in flow.findings.get(_STEP, ()) if found.check == arrival.STATE), None)
    if known is not None:
        out.say("Asked, Postal told:")
        out.say_rows(report.rows(known))
    out.say("Postal accepts mail that it may still hold. Most likely first:")
    out.say(*(f"  {held.cause}. See {held.where}. {held.release}" for held in postal_held.HELD))


def _ask_postal(flow: FlowState, ask: Prompts, out: Out) -> None:
    sent = accepted(flow.findings.get(_STEP, ()))
    if sent is None:
        return
    guess = arrival.web_address(flow.draft, flow.session)
    address = ask.line(f"Postal's web address [{guess}]:").strip() or guess
    key = ask.api_key()
    if key is None:
        return
    flow.session = replace(flow.session, web_address=address, api_key=key)
    asking = arrival.state(address, key, sent.message_id, flow.all_findings, ids=flow.session.message_ids)
    _tell(flow, out, [event_loop.run(asking)])


def _tell(flow: FlowState, out: Out, found: Iterable[Finding]) -> None:
    """Say *found* and keep it beside what the sending found, for the report."""
    told = list(found)
    known = {(each.check, each.subject): each for each in (*flow.findings.get(_STEP, ()), *told)}
    flow.found(_STEP, known.values())
    for finding in told:
        out.say_rows(report.rows(finding))
