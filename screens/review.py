"""The review: the exact change, masked, as the plan has it; nothing is written before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.shell.step_screen import StepScreen
from screens.widgets.wrap import wrapped
from wizard.email_url import url as email_url
from wizard.glitchtip import settings as glitchtip
from wizard.model.draft import InfisicalTarget
from wizard.model.flow import Flow
from wizard.setup import order, report
from wizard.setup.flow import To
from wizard.targets import Plan, Refused, UncertainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState

_NEEDED = ("server", "credential", "sender", "target")


class ReviewScreen(StepScreen):
    """Shows the plan and applies that very plan."""

    KEY = "review"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [
        Binding("enter", "write", show=False),
        Binding("y", "dry_run", show=False),
        Binding("i", "infisical", show=False),
    ]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self.plan: Plan[object] | None = None
        """What Enter writes; None while it is being made, and where it cannot be."""
        self._writing = False
        self._refused = False
        self._text = Static("", classes="block")

    @property
    def dry_run(self) -> bool:
        """Whether the program was started so that it writes nothing."""
        return bool(getattr(self.app, "dry_run", False))

    def body(self) -> Iterator[Widget]:
        """Yield the change."""
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text

    def on_mount(self) -> None:
        """Make the plan."""
        super().on_mount()
        wrong = order.problems(self.draft, self.session, _NEEDED)
        if wrong:
            self.show(["Something is missing:", *(f"  {problem.sentence}" for problem in wrong), "", "Esc goes back."])
        elif self.flow.kind is Flow.ROTATE and not self.flow.key_is_proven:
            self.show([
                "The new key is not proven, so the old one stays in force: nothing is written.",
                "",
                "Esc goes back: a rotation wants auth to be OK.",
            ])  # fmt: skip
        else:
            self.show(["Reading the target ..."])
            self.make_plan()

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.plan is None or self._writing:
            return [*(["i Infisical's place and secret"] if self.can_mend_place else []), "p report"]
        return ["Enter print and leave (dry run)"] if self.dry_run else ["Enter write", "y dry run: print and leave"]

    @property
    def can_mend_place(self) -> bool:
        """Whether another place or client secret could help: in a rotation no way back leads to the target's step."""
        return self._refused and isinstance(self.draft.target, InfisicalTarget)

    def action_infisical(self) -> None:
        """Ask for Infisical's place and client secret anew, then come back."""
        if self.can_mend_place:
            self.leave(To.GOTO, "target")

    def show(self, lines: list[str]) -> None:
        """Show *lines*."""
        self._text.update(Content("\n".join(wrapped(lines, hang=4))))

    @work(exclusive=True, group="checks", exit_on_error=False, description="plan")
    async def make_plan(self) -> None:
        """Ask the target what would change."""
        try:
            self.plan = await self.flow.writer().plan(self.flow.values())
        except (Refused, email_url.CredentialError) as error:
            self.show([f"Nothing can be written: {error}", "", "Esc goes back."])
            self._refused = True
            self.show_keys()
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
        else:
            self.show(self.lines(self.plan))
            self.show_keys()

    def lines(self, plan: Plan[object]) -> list[str]:
        """Return the review: the change, what is open, what is the operator's to change."""
        nothing = "Every key has its value already; writing changes nothing."
        first = nothing if plan.changes_nothing else "Nothing has been written yet. This is the whole change."
        lines = [first, "", *report.diff(plan), ""]
        still_open = self.flow.open_findings
        if still_open:
            named = ", ".join(dict.fromkeys(f"{found.verdict.word} {found.check}" for found in still_open))
            lines += [f"Open: {named}. Going on is allowed, and recorded in the report.", ""]
        lines.append("docker-compose.yml is yours to change:")
        return [*lines, *(f"  {row.sentence}" for row in glitchtip.wanted_rows(self.draft))]

    def action_write(self) -> None:
        """Write the plan that is shown."""
        if self.dry_run:
            self.action_dry_run()
        elif self.plan is not None and not self._writing:
            self._writing = True
            self.show_keys()
            self.write(self.plan)

    @work(exclusive=True, group="commit", exit_on_error=False, description="write")
    async def write(self, plan: Plan[object]) -> None:
        """Write. A signal waits for this; Esc does nothing meanwhile."""
        self.flow.despite = tuple(finding.check for finding in self.flow.open_findings)
        try:
            self.flow.receipt = await self.flow.writer().apply(plan)
        except Refused as error:
            self.failed([f"Nothing was written: {error}", "", "Esc goes back, and the review is made anew."])
        except UncertainError as error:
            states = [f"  {key}: {state.value.replace('_', ' ')}" for key, state in error.keys.items()]
            self.flow.uncertain = dict(error.keys)
            self.failed([str(error), *states, "", "Esc goes back."])
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
        else:
            self.flow.uncertain = {}
            self.leave(To.NEXT)

    def failed(self, lines: list[str]) -> None:
        """Show why nothing, or not all, was written; the plan is no longer good."""
        self._writing, self.plan = False, None
        self.show(lines)
        self.show_keys()

    def action_back(self) -> None:
        """Go back; not from a write that has begun."""
        if not self._writing:
            super().action_back()

    def action_dry_run(self) -> None:
        """Leave without writing; the plan is printed after the screens are gone."""
        if self.plan is not None and not self._writing:
            self.flow.farewell = (*report.diff(self.plan), "Dry run: nothing was written.")
            self.leave(To.LEAVE)
