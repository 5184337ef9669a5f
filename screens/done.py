"""Done: what was written and read back, what to restart, and the way back while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from screens.base import StepScreen
from screens.modals import Confirm, Page
from wizard import afterwards, report
from wizard.draft import EnvTarget
from wizard.foreign import Foreign
from wizard.targets import Refused, Uncertain
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.finding import Finding
    from wizard.session import Listener

_REVOKE = (
    "Revoke the old key in Postal only after the container has the new value: organisation, server, Credentials.",
)


class DoneScreen(StepScreen):
    """Shows the receipt."""

    KEY = "done"
    AUTO_FOCUS = ""
    FOOT = "c copy   r container   g what now   b roll back   p report   Enter finish"
    BINDINGS = [
        Binding("enter", "finish", show=False),
        Binding("b", "roll_back", show=False),
        Binding("p", "report", show=False),
        Binding("g", "guide", show=False),
    ]

    def body(self) -> Iterator[Widget]:
        """Yield the receipt, the commands, and the container's findings."""
        self._text = Static("", classes="page-text")
        yield self._text
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Show what was written."""
        super().on_mount()
        self._text.update(Content("\n".join(self.lines())))

    @property
    def command(self) -> str:
        """What makes GlitchTip read the settings."""
        return f"docker compose up -d {' '.join(self.draft.app.services or ('web', 'worker'))}"

    def lines(self) -> list[str]:
        """Return the receipt in words."""
        receipt = self.walk.receipt
        if receipt is None:
            return ["Nothing was written."]
        word = "OK    written and read back" if receipt.written else "WARN  not everything is written"
        lines = [f"{word}      {receipt.place}"]
        lines += [f"      {key} {state.value.replace('_', ' ')}" for key, state in receipt.keys.items()]
        lines += [f"      {fact}" for fact in receipt.facts]
        lines += ["", f"Now on the host:   {self.command}", "(restart does not re-read the environment)", "", *_REVOKE]
        return lines

    def has_checks(self) -> bool:
        """Whether there is a container to look into."""
        return True

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Compare inside the container."""
        from wizard.checks import container

        return container.check(self.draft, self.session, heard)

    def found(self, found: list[Finding]) -> None:
        """Say so where there is nothing to look into."""
        if all(finding.verdict.value == "skip" for finding in found):
            self.status.update(Content(found[0].summary if found else ""))

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self.command)
        self.status.update(Content("copied"))

    def action_roll_back(self) -> None:
        """Ask, then put the old values back."""
        if self.walk.receipt is not None:
            self.app.push_screen(Confirm("Put the values back that were there before?"), self.roll_back)

    def roll_back(self, yes: bool | None) -> None:
        """Put the old values back."""
        if yes:
            self.undo()

    @work(exclusive=True, group="commit", exit_on_error=False, description="undo")
    async def undo(self) -> None:
        """Undo the writing."""
        assert self.walk.receipt is not None
        try:
            undone = await self.walk.writer().undo(self.walk.receipt)
        except (Refused, Uncertain) as error:
            self._text.update(Content(f"Not rolled back: {error}"))
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash screen without locals
        else:
            self.walk.receipt = None
            states = "\n".join(f"      {key} {state.value}" for key, state in undone.keys.items())
            self._text.update(Content(f"OK    rolled back: the values before are in force again\n{states}"))

    def action_report(self) -> None:
        """Write the redacted report into the state directory and show it."""
        text = report.text(self.draft, self.walk.all_findings, receipt=self.walk.receipt, despite=self.walk.despite)
        path = self.walk.journal.ready() / "report.md"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self.app.push_screen(Page([f"Written to {Foreign(path)}", "", *text.splitlines()]))

    def action_guide(self) -> None:
        """Show what proves the whole in GlitchTip itself, and the lines for monitoring."""
        self.app.push_screen(Page(afterwards.lines(self.draft, self.session)))

    def action_finish(self) -> None:
        """Finish; a backup is kept until the operator says that mail arrives."""
        if self.walk.receipt is not None and isinstance(self.draft.target, EnvTarget):
            question = "Does mail arrive, so that the backup with the old values may go?\n\ny removes it, n keeps it"
            self.app.push_screen(Confirm(question), self.finish)
        else:
            self.leave(To.NEXT)

    def finish(self, confirmed: bool | None) -> None:
        """Forget the draft, and the backup where the operator confirmed."""
        if confirmed:
            self.forget()
        self.leave(To.NEXT)

    def forget(self) -> None:
        """Remove the backups of the file that was written."""
        from wizard.targets.env_backups import Backups

        target = self.draft.target
        assert isinstance(target, EnvTarget)
        path = self.session.path(target.path)
        from wizard.walk import state_of

        Backups(state_of(target, self.session, self.walk.journal), path).forget()
