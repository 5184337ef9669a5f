"""Asking by lines: one question a line, the present value in brackets, a few words that always work."""

from __future__ import annotations

import contextlib
import termios
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

from wizard.model import validation
from wizard.model.finding import Verdict
from wizard.model.secret import Secret
from wizard.setup import order, report
from wizard.setup.questions import QUESTIONS, Question
from wizard.system import event_loop

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from typing import Any

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.system.output import Out

HELP: Final = "Enter keeps the value in brackets; - alone clears it; < goes back; ? repeats this; q leaves."


class BackError(Exception):
    """The operator typed ``<``."""


class LeaveError(Exception):
    """The operator typed ``q``, or standard input ended."""


@dataclass(slots=True)
class Prompts:
    """Asks for values of the walk's draft and says what was found."""

    flow: FlowState
    out: Out
    stdin: TextIO

    def line(self, prompt: str) -> str:
        """Ask for one line. Raises Back and Left."""
        while True:
            self.out.prompt(prompt)
            try:
                line = self.stdin.readline()
            except OSError:  # the terminal is gone
                raise LeaveError from None
            if not line:
                raise LeaveError
            typed = line.rstrip("\r\n")
            if typed.strip() == "<":
                raise BackError
            if typed.strip().lower() in {"q", "quit"}:
                raise LeaveError
            if typed.strip() != "?":
                return typed
            self.out.say(HELP)

    def yes(self, question: str) -> bool:
        """Ask a question whose answer is no unless it is yes."""
        return self.line(f"{question} [y/N]").strip().lower() in {"y", "yes"}

    def block(self, prompt: str) -> str:
        """Ask for several lines, ended by one dot alone; an empty first line means none."""
        lines: list[str] = []
        typed = self.line(f"{prompt} (end with a single dot; Enter alone: none)\n>")
        while typed.strip() != "." and (typed or lines) and len(lines) < 2_000:
            lines.append(typed)
            typed = self.line(">")
        return "\n".join(lines)

    def _ask(self, question: Question) -> None:
        present = question.get(self.flow.draft)
        hint = f" ({question.hint})" if question.hint else ""
        typed = self.line(f"{question.label}{hint} [{present}]:")
        if typed.strip() == "-":
            typed = ""
        elif not typed.strip():
            return
        self.flow.draft = question.set(self.flow.draft, typed)

    def ask_all(self, key: str, step: str) -> None:
        """Ask the questions of *key* until the step has no problem with them."""
        for question in QUESTIONS[key]:
            while True:
                self._ask(question)
                problems = order.step(step).problems(self.flow.draft, self.flow.session)
                problem = next((found for found in problems if found.field == question.key.rstrip("_")), None)
                if problem is None:
                    break
                self.out.say(problem.sentence)

    def check(self, step: str, work: Coroutine[Any, Any, list[Finding]]) -> list[Finding]:
        """Run *work* with a line that says so, keep what it found for *step*, and say it."""
        self.out.say("Checking ...")
        found = event_loop.run(work)
        self.flow.found(step, found)
        for finding in found:
            if finding.verdict is not Verdict.SKIP:
                self.out.say_rows(report.rows(finding))
        return found

    def again(self, found: list[Finding]) -> bool:
        """Ask whether to mend something and check again, where something is fail or unknown."""
        if not any(finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN} for finding in found):
            return False
        return self.line("Enter goes on, r asks and checks again:").strip().lower() == "r"

    def ask_client_secret(self) -> None:
        """Ask for Infisical's client secret; blank keeps the one that is there, and a token needs none."""
        session = self.flow.session
        kept = "stored" if session.client_secret or session.token else ""
        while True:
            typed = self._hidden("Client secret", kept)
            if not typed and kept:
                return
            problem = validation.problem_with_key(typed)
            if problem is None:
                self.flow.session = replace(session, client_secret=Secret(typed))
                return
            self.out.say(problem.replace("The key", "The client secret", 1))

    def api_key(self) -> Secret | None:
        """Ask for a key of Postal's HTTP API; blank takes the one that is there, or none."""
        known = self.flow.session.api_key
        typed = self._hidden("API key (server, Credentials, Type API)", "stored" if known is not None else "").strip()
        return Secret(typed) if typed else known

    def _hidden(self, label: str, kept: str) -> str:
        if not self.stdin.isatty():
            return self.line(f"{label} [{kept}]:")
        with self._no_echo():
            return self.line(f"{label}, not shown [{kept}]:")

    @contextlib.contextmanager
    def _no_echo(self) -> Iterator[None]:
        """Show nothing of what is typed. ``getpass`` would read another file, and no word such as ``<``."""
        before = termios.tcgetattr(self.stdin)
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        termios.tcsetattr(self.stdin, termios.TCSANOW, silent)
        try:
            yield
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.stdin, termios.TCSANOW, before)
            self.out.say("")

    def ask_key(self) -> None:
        """Ask for the SMTP key; blank keeps the one that is there."""
        while True:
            kept = "stored" if self.flow.session.key is not None else ""
            typed = self._hidden("Key", kept)
            if not typed and self.flow.session.key is not None:
                return
            problem = validation.problem_with_key(typed)
            if problem is None:
                warning = validation.warning_about_key(typed)
                if warning is not None:
                    self.out.say(f"WARN  {warning}")
                self.flow.session = replace(self.flow.session, key=Secret(typed))
                return
            self.out.say(problem)
