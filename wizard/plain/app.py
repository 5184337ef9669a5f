"""The line prompts: the same steps for screen readers, serial lines and terminals that can do no more.

Nothing is drawn, nothing is erased: each question is one line, each finding stands under it.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

from wizard.model import answers
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.exit_codes import Exit
from wizard.model.finding import Verdict
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.plain import arrival as plain_arrival
from wizard.plain import infisical as plain_infisical
from wizard.plain import troubleshoot as plain_troubleshoot
from wizard.plain.prompts import HELP, BackError, LeaveError, Prompts
from wizard.rollout import restart
from wizard.setup import checklist, order, report
from wizard.setup.flow import FlowState, Move, To
from wizard.setup.steps import done as done_step
from wizard.setup.steps import start as start_step
from wizard.system import event_loop
from wizard.system.event_loop import EndedError
from wizard.targets import Refused, UncertainError

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.system.output import Out

_FLOWS: Final = (
    (Flow.SET_UP, "Set up from the beginning"),
    (Flow.ROTATE, "Rotate the credential: a new key, everything else stays"),
    (Flow.TROUBLESHOOT, "Troubleshoot: mail fails or does not arrive"),
    (Flow.CHECK, "Check everything, change nothing"),
)


def run(flow: FlowState, out: Out, stdin: TextIO, *, dry_run: bool = False) -> int:
    """Walk the steps by prompts on stderr and answers from *stdin*; return the exit code."""
    before = {number: signal.signal(number, event_loop.raise_ended) for number in event_loop.SIGNALS}
    try:
        with event_loop.one_loop():
            try:
                return _Plain(flow, out, Prompts(flow, out, stdin), dry_run).walk_all()
            finally:
                event_loop.run(flow.close())
    except LeaveError:
        flow.save()
        out.say("Left early; the draft is saved.")
        return Exit.LEFT
    except EndedError as ended:
        flow.save()
        return ended.code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(slots=True)
class _Plain:
    flow: FlowState
    out: Out
    ask: Prompts
    dry_run: bool
    code: int = Exit.DONE

    def walk_all(self) -> int:
        if self.flow.session.rehearsal:
            self.out.say("REHEARSAL: nothing leaves this machine")
        self.out.say(f"postal-wizard, line prompts. {HELP}")
        goal: order.Step | None = self.flow.step
        while goal is not None:
            number, of = order.place(goal.key, self.flow.kind)
            self.out.say("", f"Step {number} of {of}: {goal.title}. {checklist.line(self.flow.checklist)}")
            try:
                move = getattr(self, f"_{goal.key}")()
            except BackError:
                move = self._move(To.BACK)
            goal = self.flow.take(move) or (self.flow.step if move.to is To.BACK else None)
        return self.code

    def _move(self, to: To, kind: Flow | None = None) -> Move:
        return Move(to, self.flow.draft, self.flow.session, kind=kind)

    def _start(self) -> Move:
        saved = self.flow.left()
        choices: list[tuple[str, Flow | str | None]] = [(title, kind) for kind, title in _FLOWS]
        if saved is not None:
            choices.insert(0, (f"Go on with the draft left at {saved.step} on {saved.when:%Y-%m-%d %H:%M}", None))
        since = event_loop.run(done_step.kept_since(self.flow))
        if since is not None:
            choices.append((f"{done_step.TITLE}, kept on {since:%Y-%m-%d}", done_step.TITLE))
        for number, (title, _) in enumerate(choices, 1):
            self.out.say(f"{number}  {title}")
        while True:
            typed = self.ask.line("Which? [1]").strip() or "1"
            if typed.isdigit() and 1 <= int(typed) <= len(choices):
                break
            self.out.say(f"Type a number from 1 to {len(choices)}.")
        kind = choices[int(typed) - 1][1]
        if kind == done_step.TITLE:
            plain_infisical.let_go(self.flow, self.ask, self.out)
            return self._start()
        if kind is None and saved is not None:
            self.flow.kind, self.flow.confirmed = saved.kind, saved.confirmed
            self.flow.draft = saved.draft
            if saved.step != "start":
                # Without its key nothing after the credential can be proven again.
                at = saved.step if self.flow.session.key is not None else "server"
                return Move(To.GOTO, saved.draft, self.flow.session, step=at)
            return self._move(To.NEXT)
        if kind is Flow.CHECK:
            return self._check_everything()
        if kind is Flow.ROTATE:
            if not plain_infisical.in_force(self.flow, self.ask, self.out):
                return self._start()
            plain_infisical.say_drift(self.flow, self.out)
        return self._move(To.NEXT, Flow(kind) if kind else None)

    def _check_everything(self) -> Move:
        from wizard.setup import check_and_apply

        draft, session = start_step.for_checking(self.flow.session, self.flow.draft)
        missing = answers.missing(draft, for_apply=False)
        if missing:
            self.out.say("There is nothing to check yet:", *missing)
            return self._start()
        outcome = event_loop.run(check_and_apply.check(draft, session))
        for finding in outcome.findings:
            self.out.say_rows(report.rows(finding))
        self.out.say(report.conclusion(outcome.findings))
        self.code = outcome.exit
        return self._move(To.LEAVE)

    def _server(self) -> Move:
        from wizard.checks.smtp import run as smtp

        while True:
            self.ask.ask_all("server", "server")
            found = self.ask.check("server", smtp.check(self.flow.draft, self.flow.session, until="tls"))
            if not self.ask.again(found):
                return self._move(To.NEXT)

    def _credential(self) -> Move:
        from wizard.checks.smtp import run as smtp
        from wizard.email_url import url as email_url

        while True:
            self.ask.ask_all("credential", "credential")
            self.ask.ask_key()
            url = self.flow.values()["EMAIL_URL"]
            assert isinstance(url, Secret)
            self.out.say(f"EMAIL_URL  {email_url.masked(url.reveal())}")
            found = self.ask.check("credential", smtp.check(self.flow.draft, self.flow.session))
            self._offer_username(found)
            if not self.ask.again(found):
                return self._move(To.NEXT)

    def _offer_username(self, found: list[Finding]) -> None:
        granted = next((getattr(finding.detail, "granted", None) for finding in found if finding.check == "auth"), None)
        wrong = any(finding.check == "username" and finding.verdict is Verdict.WARN for finding in found)
        if granted and wrong and self.ask.yes(f"Use {granted} as user name?"):
            draft = self.flow.draft
            self.flow.draft = replace(draft, credential=replace(draft.credential, username=str(granted)))

    def _sender(self) -> Move:
        from wizard.checks.dns import run as dns

        while True:
            self.ask.ask_all("sender", "sender") if self._wants_fields() else None
            found = self.ask.check("sender", dns.check(self.flow.draft, self.flow.session))
            if not self.ask.again(found):
                return self._move(To.NEXT)

    def _wants_fields(self) -> bool:
        from wizard.postal import page_merge, pages

        pasted = self.ask.block("Paste Postal's Setup page")
        if pasted:
            proven = page_merge.proven_keys(self.flow.all_findings)
            page = pages.read(pasted, self.flow.draft.app.name)
            merged = page_merge.merge(page, self.flow.draft, proven, key=self.flow.session.key)
            self.out.say(*merged.sentences)
            if merged.taken and self.ask.yes("Use these values?"):
                self.flow.draft = merged.draft
        return True

    def _test_mail(self) -> Move:
        from wizard.checks.smtp import message
        from wizard.checks.smtp import run as smtp

        self.ask.ask_all("test_mail", "test_mail")
        if self.flow.draft.test_mail is None or not self.ask.yes("Send the test mail now?"):
            return self._move(To.NEXT)
        code = message.new_code()
        found = self.ask.check("test_mail", smtp.check(self.flow.draft, self.flow.session, send=True, code=code))
        if message.accepted(found) is not None:
            plain_arrival.prove(self.flow, self.ask, self.out, code)
        return self._move(To.NEXT)

    def _target(self) -> Move:
        draft = self.flow.draft
        default = "2" if isinstance(draft.target, InfisicalTarget) else "1"
        self.out.say("1  .env beside docker-compose.yml", "2  Infisical")
        kind = self.ask.line(f"Where does GlitchTip read its settings from? [{default}]").strip() or default
        if kind == "2":
            plain_infisical.ask_place(self.flow, self.ask, self.out)
        else:
            if not isinstance(draft.target, EnvTarget):
                self.flow.draft = replace(draft, target=EnvTarget())
            self.ask.ask_all("env", "target")
        return self._move(To.NEXT)

    def _review(self) -> Move:
        from wizard.glitchtip import settings as glitchtip

        wrong = order.problems(self.flow.draft, self.flow.session, ("server", "credential", "sender", "target"))
        if wrong:
            self.out.say(*(problem.sentence for problem in wrong))
            return Move(To.GOTO, self.flow.draft, self.flow.session, step=_step_of(wrong[0]))
        if self.flow.kind is Flow.ROTATE and not self.flow.key_is_proven:
            self.out.say("The new key is not proven, so the old one stays in force: nothing is written.")
            return self._move(To.BACK)
        target = self.flow.writer()
        try:
            plan = event_loop.run(target.plan(self.flow.values()))
        except Refused as error:
            self.out.say(f"Nothing was written: {error}")
            return self._move(To.BACK)
        self.out.say("Nothing has been written yet. This is the whole change.", *report.diff(plan))
        self.out.say("docker-compose.yml is yours to change:")
        self.out.say(*(f"  {row.sentence}" for row in glitchtip.wanted_rows(self.flow.draft)))
        still_open = self.flow.open_findings
        if still_open:
            self.out.say(f"Open: {report.conclusion(still_open)}. Going on is recorded in the report.")
        if self.dry_run:
            self.out.say("Dry run: nothing was written.")
            return self._move(To.LEAVE)
        if not self.ask.yes("Write this?"):
            raise BackError
        try:
            self.flow.receipt = event_loop.run(target.apply(plan))
        except (Refused, UncertainError) as error:
            self.out.say(str(error))
            if isinstance(error, UncertainError):
                self.out.say(*(f"  {key} {state.value.replace('_', ' ')}" for key, state in error.keys.items()))
            self.code = Exit.UNWRITTEN
            return self._move(To.LEAVE)
        self.flow.despite = tuple(finding.check for finding in still_open)
        return self._move(To.NEXT)

    def _done(self) -> Move:
        receipt = self.flow.receipt
        assert receipt is not None
        word = "OK   " if receipt.complete else "WARN "
        for key, state in receipt.keys.items():
            self.out.say(f"{word} {key} {state.value.replace('_', ' ')}{', read back' if receipt.complete else ''}")
        if not receipt.complete:
            self.code = Exit.UNWRITTEN
        self.out.say(*receipt.facts, *restart.lines(self.flow.draft, self.flow.session, self.flow.known, receipt))
        plain_infisical.say_drift(self.flow, self.out)
        self.out.say(restart.REVOKE)
        if self.ask.yes("Roll back to the values before?"):
            try:
                undone = event_loop.run(self.flow.writer().roll_back())
            except (Refused, UncertainError) as error:
                self.out.say(f"Not rolled back: {error}")
                self.code = Exit.UNWRITTEN
                return self._move(To.LEAVE)
            self.out.say(*(f"{key} {state.value}" for key, state in undone.keys.items()), *undone.facts)
            return self._move(To.LEAVE)
        plain_infisical.after_writing(self.flow, self.ask, self.out)
        self.flow.journal.discard()
        return Move(To.LEAVE, self.flow.draft, self.flow.session)

    def _troubleshoot(self) -> Move:
        found, step = plain_troubleshoot.shoot(self.flow, self.ask, self.out)
        self.code = Exit.DONE if found.causes else Exit.UNKNOWN
        if step is None:
            return self._move(To.LEAVE)
        return Move(To.GOTO, self.flow.draft, self.flow.session, step=step)


def _step_of(problem: order.Problem) -> str:
    part = problem.field.partition(".")[0]
    return {"app": "sender", "domain": "sender"}.get(part, part)
