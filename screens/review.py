"""The review: the exact change, masked, as the plan has it; nothing is written before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import StepScreen
from wizard import email_url, report, steps
from wizard.steps import Way
from wizard.targets import KeyState, Plan, Refused, Uncertain
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

_NEEDED = ("server", "credential", "sender", "target")


class ReviewScreen(StepScreen):
    """Shows the plan and applies that very plan."""

    KEY = "review"
    FOOT = "Enter write   y dry run: print and leave   Esc back   F1 help"
    BINDINGS = [Binding("enter", "write", show=False), Binding("y", "dry_run", show=False)]

    plan: Plan | None = None
    """What Enter writes; None while it is being made, and where it cannot be."""
    _writing = False

    @property
    def dry_run(self) -> bool:
        """Whether the program was started so that it writes nothing."""
        return bool(getattr(self.app, "dry_run", False))

    def body(self) -> Iterator[Widget]:
        """Yield the change."""
        with VerticalScroll(can_focus=True, classes="page"):
            self._text = Static("", classes="diff")
            yield self._text

    def on_mount(self) -> None:
        """Make the plan."""
        super().on_mount()
        wrong = steps.problems(self.draft, self.session, _NEEDED)
        if wrong:
            self.show(["Something is missing:", *(f"  {problem.sentence}" for problem in wrong), "", "Esc goes back."])
            return
        if self.walk.way is Way.ROTATE and not self.walk.key_is_proven:
            self.show([
                "The new key is not proven, so the old one stays in force: nothing is written.",
                "",
                "Esc goes back: a rotation wants auth to be OK.",
            ])  # fmt: skip
            return
        self.show(["Reading the target ..."])
        self.make_plan()

    def show(self, lines: list[str]) -> None:
        """Show *lines*."""
        self._text.update(Content("\n".join(lines)))

    @work(exclusive=True, group="checks", exit_on_error=False, description="plan")
    async def make_plan(self) -> None:
        """Ask the target what would change."""
        try:
            self.plan = await self.walk.writer().plan(self.walk.values())
        except (Refused, email_url.CredentialError) as error:
            self.show([f"Nothing can be written: {error}", "", "Esc goes back."])
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash screen without locals
        else:
            self.show(self.lines(self.plan))

    def lines(self, plan: Plan) -> list[str]:
        """Return the review: the change, what is the operator's to change, what is open."""
        from wizard import glitchtip

        lines = ["Nothing has been written yet. This is the whole change.", "", *report.diff(plan), ""]
        lines.append("docker-compose.yml is yours to change:")
        lines += [f"  {row.sentence}" for row in glitchtip.wanted_rows(self.draft)]
        still_open = self.walk.open_findings
        if still_open:
            named = ", ".join(dict.fromkeys(f"{found.verdict.word} {found.check}" for found in still_open))
            lines += ["", f"Open: {named}.", "Going on is recorded in the report."]
        return lines

    def action_write(self) -> None:
        """Write the plan that is shown."""
        if self.dry_run:
            self.action_dry_run()
        elif self.plan is not None and not self._writing:
            self._writing = True
            self.write(self.plan)

    @work(exclusive=True, group="commit", exit_on_error=False, description="write")
    async def write(self, plan: Plan) -> None:
        """Write; leaving the screen does not stop a write that has begun."""
        self.walk.despite = tuple(finding.check for finding in self.walk.open_findings)
        try:
            self.walk.receipt = await self.walk.writer().apply(plan)
        except Refused as error:
            self._writing = False
            self.plan = None
            self.show([f"Nothing was written: {error}", "", "Esc goes back, and the review is made anew."])
        except Uncertain as error:
            states = [f"  {key}: {state.value.replace('_', ' ')}" for key, state in error.keys.items()]
            self.walk.uncertain = dict(error.keys)
            self.show([str(error), *states, "", "Esc goes back."])
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash screen without locals
        else:
            self.leave(To.NEXT)

    def action_dry_run(self) -> None:
        """Leave without writing; the plan is printed after the screens are gone."""
        if self.plan is not None:
            self.walk.farewell = (*report.diff(self.plan), "Dry run: nothing was written.")
            self.leave(To.LEAVE)


def state_word(state: KeyState) -> str:
    """Return the state of a key in words."""
    return state.value.replace("_", " ")
