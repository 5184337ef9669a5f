"""Test mail: sent as Django does once configuration and target were judged, and proven by the code that comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks import arrival, received, registry
from wizard.checks.smtp.message import CODE_LENGTH, accepted, new_code
from wizard.email_url.url import CredentialError
from wizard.model import addresses
from wizard.model.codes import Check
from wizard.model.errors import UsageError
from wizard.model.finding import Verdict, granted
from wizard.model.secret import Secret, plaintext
from wizard.postal import held, web_ui
from wizard.setup import configuration, press_check, proofs, report
from wizard.setup.fields import found, set_recipient
from wizard.setup.flow import ARRIVED, IN_SPAM, SEEN
from wizard.setup.step import Checks, Field, Offer, OfferField, Page, Problem, Result, Step
from wizard.setup.steps import sender
from wizard.targets import Refused

if TYPE_CHECKING:
    from wizard.model.details import Delivery
    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

KEY: Final = "test_mail"
_RECIPIENT: Final = Field(
    f"{KEY}.recipient",
    "To",
    lambda draft: draft.test_mail.recipient if draft.test_mail else "",
    set_recipient,
    "blank: no test mail is sent",
)

FIELDS: Final = (_RECIPIENT,)
_SEEN: Final = "OK    arrived: Postal says that it was sent, and you saw it"


def problems(state: FlowState) -> list[Problem]:
    """Return what is wrong with the recipient; none means that no test mail is asked for."""
    mail = state.draft.test_mail
    if mail is None or not mail.recipient:
        return []
    return found(test_mail__recipient=addresses.problem_with_address(mail.recipient))


def about(state: FlowState) -> object:
    """Return what the sending is about."""
    draft = state.draft
    return (draft.server, draft.credential, draft.app.from_, draft.test_mail, state.session.key)


def delivery(state: FlowState) -> Delivery | None:
    """Return the test mail that was accepted last, None where none was."""
    return accepted(state.findings(KEY))


async def _enter(state: FlowState, on_event: Listener) -> Result:
    """Judge configuration and target first: a mail of settings that cannot work proves nothing."""
    await judge(state, on_event)
    return Result()


async def judge(state: FlowState, on_event: Listener) -> list[Finding]:
    """Judge the target, then the configuration: whether something is about to be replaced tells what is a fault."""
    await judge_target(state)
    return await configuration.judge(state, on_event)


async def judge_target(state: FlowState) -> None:
    """Ask the target whether it could be written; it keeps the plan for the review."""
    state.plan, state.refusal = None, ""
    try:
        state.plan = await state.writer().plan(state.values())
    except (Refused, CredentialError, UsageError, LookupError) as error:
        state.refusal = str(error)


def _checks(state: FlowState) -> Checks | None:
    if state.draft.test_mail is None or not state.draft.test_mail.recipient:
        return None

    async def run(on_event: Listener) -> list[Finding]:
        from wizard.checks.smtp import run as smtp  # start-up: 80 ms

        state.code = new_code()
        state.confirmed -= {ARRIVED, IN_SPAM, SEEN}
        state.records.pop(KEY, None)
        return await smtp.check(state.draft, state.session, on_event, send=True, code=state.code)

    question, closed = _before_sending(state)
    return Checks(run, about, question=question, closed=closed, verb="send")


def _before_sending(state: FlowState) -> tuple[str, str]:
    """Return what to ask before the mail is sent, and why it cannot be sent; both empty: it can."""
    if any(str(one.code) == "resolve.loopback" for one in state.all_findings):
        host = state.draft.server.host
        return "", f"Nothing is sent: in a container {host} is the container itself. Correct the host first."
    if state.refusal:
        return f"The target refuses the writing: {state.refusal} Send the test mail anyway?", ""
    failing = _failing(state)
    if failing:
        names = ", ".join(dict.fromkeys(f"{registry.name(one.check)} ({one.subject})" for one in failing))
        return f"With this configuration mail fails: {names}. Send the test mail anyway?", ""
    return "", ""


def _failing(state: FlowState) -> list[Finding]:
    """Return what is wrong with the configuration, so that a mail sent with it proves nothing."""
    return [one for one in state.findings(configuration.RECORD) if one.verdict is Verdict.FAIL]


def worth_showing(findings: list[Finding]) -> list[Finding]:
    """Return what is about this mail, and whatever went wrong before it."""
    mail = {Check.SENDER, Check.RECEIVED, Check.ARRIVAL, Check.INSIDE}
    return [one for one in findings if one.check in mail or one.verdict is not Verdict.PASS]


def _lines(state: FlowState) -> list[str]:
    press = press_check.lines(state)
    if delivery(state) is None:
        # Their rows are at the review; what to do is said here too, for here they hinder.
        return [*(f"{registry.name(one.check)}: {one.remedy or one.summary}" for one in _failing(state)), *press]
    if ARRIVED in state.confirmed:
        return ["OK    arrived: its code came back", *press]
    if SEEN in state.confirmed and _sent(state):
        return [_SEEN, *press]
    place = ["v looks into the recipient's pretend mailbox."] if state.session.mailbox else []
    who = proofs.taker(state.all_findings)
    return [f"{who[:1].upper()}{who[1:]} accepted the mail and may still hold it. Did it arrive?", *place, *press]


# What can be done


async def _take_code(state: FlowState, given: Given, _on_event: Listener) -> Result:
    typed = plaintext(given["code"]).strip().upper()
    if typed == state.code:
        _has_arrived(state)
        state.save()
        return Result()  # the step's lines say it
    if len(typed) != CODE_LENGTH:
        return Result(sentences=(f"A code has {CODE_LENGTH} characters, and this has {len(typed)}.",))
    return Result(sentences=("This is not the code of the newest test mail. Its subject has the code.",))


def _has_arrived(state: FlowState) -> None:
    """Note the arrival; what Postal said of the mail before, such as that it holds it, is over."""
    state.confirmed = (state.confirmed | {ARRIVED}) - {IN_SPAM}
    if state.is_checked(KEY):
        kept = [one for one in state.findings(KEY) if one.check != Check.ARRIVAL or one.verdict is Verdict.PASS]
        state.found(KEY, kept, about)


async def _in_spam(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    state.confirmed = (state.confirmed | {IN_SPAM}) - {ARRIVED, SEEN}
    state.save()
    sentence = "Noted: the mail arrived in spam. Its headers say why: paste them (F4)."
    return Result(sentences=(sentence,))


def _sent(state: FlowState) -> bool:
    """Whether Postal's API says that it has sent this very mail."""
    said = [one for one in state.findings(KEY) if one.check == Check.ARRIVAL]
    return bool(said) and all(one.verdict is Verdict.PASS for one in said)


async def _seen(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Take the operator's word for what Postal says it has sent; without Postal's word it would prove nothing."""
    state.confirmed = (state.confirmed | {SEEN}) - {IN_SPAM}
    state.save()
    return Result()  # the step's lines say it


async def _not_arrived(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Say what Postal may hold a mail for, the most likely first; what it said of this one before all."""
    lines = []
    known = next((one for one in state.findings(KEY) if one.check == Check.ARRIVAL), None)
    if known is not None:
        lines += [f"Postal was asked: {known.summary}", f"    then  {known.remedy}", ""]
    else:
        lines += ["F5 asks Postal which of these it is; that needs an API key.", ""]
    lines += ["Postal said 250 and may still hold the mail. The most likely first:", ""]
    for number, one in enumerate(held.HELD, 1):
        status = f" ({one.status}{': ' + one.text if one.text else ''})"
        lines += [f"{number:>2}  {one.cause}{status}", f"    see   {one.where}", f"    then  {one.release}", ""]
    return Result(page=Page("Accepted, but it did not arrive", tuple(lines)))


async def _ask_postal(state: FlowState, given: Given, _on_event: Listener) -> Result:
    mail = delivery(state)
    if mail is None:
        return Result()
    address = plaintext(given.get("web_url") or "") or arrival.web_address(state.draft, state.session)
    typed = given.get("api_key")
    key = Secret(plaintext(typed)) if typed else state.session.api_key
    if key is None:
        place = web_ui.place("new_credential", granted(state.all_findings))
        return Result(sentences=(f"The API key is missing: make a credential of type API at {place}.",))
    state.session = replace(state.session, web_address=address)
    subject = about(state)
    finding = await arrival.state(address, key, mail.message_id, state.all_findings, ids=state.session.message_ids)
    if finding.code not in arrival.NEW_KEY:  # one that Postal does not take replaces none
        state.session = replace(state.session, api_key=key)
    return _keep(state, [finding], subject)


async def _inside(state: FlowState, _given: Given, on_event: Listener) -> Result:
    from wizard.checks import inside  # start-up: 190 ms

    written, subject = state.receipt is not None, about(state)
    sent = await inside.inside(state.draft, state.session, on_event, compare=written, replaced=state.replaced)
    return _keep(state, sent, subject)


async def _headers(state: FlowState, given: Given, on_event: Listener) -> Result:
    """Judge the received headers; those of the mail that was sent prove its arrival, and how Postal signs."""
    pasted = plaintext(given["block"])
    mail = delivery(state)
    sent = mail.message_id if mail is not None else ""
    if mail is not None and state.code and state.code in pasted:
        _has_arrived(state)
    judged = received.judge(pasted, state.draft, sent, granted(state.all_findings))
    result = _keep(state, judged, about(state))
    signature = received.signature(pasted, state.draft, sent) if sent else None
    if signature is not None:
        state.session = replace(state.session, signature=signature)
        await sender.judge_by_signature(state, on_event)
    return result


def _keep(state: FlowState, findings: list[Finding], subject: object) -> Result:
    """Keep *findings* about the mail *subject*, and show them even where it is another mail by now."""
    state.add(KEY, findings, about, subject=subject)
    skipped = report.sentences(one for one in findings if one.verdict is Verdict.SKIP)
    return Result(findings=tuple(findings), sentences=skipped)


def _offers(state: FlowState) -> tuple[Offer, ...]:
    offers = []
    wanted = "" if state.draft.test_mail is not None else "Type the recipient first: the mail goes there."
    if delivery(state) is not None:
        if ARRIVED not in state.confirmed:
            code = OfferField("code", "Its code", hint="in the mail's subject and text")
            offers.append(Offer("code", "", "type its code", _take_code, asks=(code,), direct=True))
            offers.append(Offer("in_spam", "j", "it is in spam", _in_spam))
            if _sent(state) and SEEN not in state.confirmed:
                offers.append(Offer("seen", "i", "it is in the inbox", _seen))
        offers.append(Offer("not_arrived", "a", "it did not arrive", _not_arrived))
        web = OfferField(
            "web_url", "Postal's web address", arrival.web_address(state.draft, state.session), optional=True
        )
        hint = "your mail server, Credentials, type API"
        api = OfferField("api_key", "API key", hint=hint, secret=True, optional=state.session.api_key is not None)
        offers.append(Offer("ask_postal", "f5", "ask Postal", _ask_postal, asks=(web, api)))
    why = "GlitchTip itself sends, from its containers."
    offers.append(Offer("inside", "f6", "send from inside", _inside, closed=wanted, why=why))
    prompt = "Paste the received mail's headers, or its whole source."
    offers.append(Offer("headers", "f4", "paste its headers", _headers, block=prompt))
    return tuple(offers)


STEP: Final = Step(
    KEY,
    "Mail",
    "Send a mail and see it arrive.",
    "It goes out as GlitchTip would send it; a code in it proves that it arrived.",
    fields=lambda _state: FIELDS,
    problems=problems,
    checks=_checks,
    enter=_enter,
    lines=_lines,
    offers=_offers,
    worth_showing=worth_showing,
)
