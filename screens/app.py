"""The Textual program round the steps: it moves between them and leaves in good order, whatever ends it."""

from __future__ import annotations

import asyncio
import contextlib
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import ScreenError
from textual.binding import Binding
from textual.css.query import NoMatches
from textual.widget import MountError

from screens.shell.dialogs import Confirm
from screens.shell.frame import Modal
from screens.shell.key_queue import Turns
from screens.shell.palette import ScreenCommands
from screens.shell.shutdown import Endings
from screens.shell.textual_private import CrashingApp
from screens.shell.themes import MONO, THEMES
from screens.terminal import filters
from screens.terminal.driver import FrugalDriver
from wizard.model.exit_codes import Exit
from wizard.model.flow import Move, To
from wizard.state.directory import StateError
from wizard.system import ascii as ascii_only
from wizard.system import crash_log, event_loop, hardening

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from screens.shell.step_screen import StepScreen
    from wizard.setup.flow import FlowState

_FAREWELL: Final = 0.5
"""Seconds for a token to be revoked."""
_LEFT_OVER: Final = 0.3
"""Seconds for what was cancelled to end: leaving takes less than one."""


class WizardApp(CrashingApp):
    """Owns the walk; every screen returns a Move, and the walk says what comes next."""

    CSS = (files("assets") / "style.tcss").read_text(encoding="utf-8")
    ALLOW_SELECT = False
    COMMANDS = {ScreenCommands}
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q", "leave", "quit", priority=True),
        Binding("ctrl+c", "help_quit", "how to leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", "redraw", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    def __init__(self, flow: FlowState, *, dry_run: bool = False, theme: str = "dark") -> None:
        # Set before the theme is known: else NO_COLOR would make black on black of the terminal's own colours.
        super().__init__(driver_class=FrugalDriver, ansi_color=True)
        self.register_theme(MONO)
        self.theme = THEMES[theme]
        self.add_filter(filters.Inert())
        if ascii_only.is_wanted():
            self.add_filter(filters.Ascii())
        self.flow = flow
        flow.dry_run = dry_run
        self.farewell: list[str] = []
        """Said on stderr once the screens are gone."""
        self._given = flow.session.key
        """The key that was there before anything was typed: leaving loses nothing of it."""
        self.endings = Endings(self, self.save, self.log_home)
        self._turns = Turns(self)

    def compose(self) -> ComposeResult:
        """Lay out nothing: the steps are screens."""
        yield from ()

    def on_mount(self) -> None:
        """Listen to signals, watch the terminal, show the first step."""
        self.endings.listen()
        self.show_step(self.flow.key)

    async def on_event(self, event: events.Event) -> None:
        """Let keys act one after another."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._turns.has(event):
            focused = self.focused or self.screen
            await super().on_event(event)
            self._turns.taken(event, focused)

    async def on_unmount(self) -> None:
        """End the login of this run, as well as that goes: a silent server is not waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self.flow.close()

    def show_step(self, key: str) -> None:
        """Show the screen of the step named *key*."""
        self.push_screen(screen_of(key)(self.flow), self.moved)
        self.call_after_refresh(hardening.trim)

    def moved(self, move: Move | None) -> None:
        """Open the step that a screen names."""
        if move is None:
            return
        try:
            goal = self.flow.take(move)
        except StateError as error:
            self.finish(Exit.UNWRITTEN, str(error))
            return
        if goal is not None:
            self.show_step(goal)
        elif move.to is To.BACK:
            self.show_step(self.flow.key)
        elif self.flow.uncertain:
            self.finish(Exit.UNWRITTEN, self.flow.uncertainty)
        else:
            if self.flow.receipt is not None:
                self.flow.journal.discard()
            self.finish(self.flow.exit, *self.flow.farewell)

    def finish(self, code: int, *lines: str) -> None:
        """End with *code*; *lines* are said when the screens are gone."""
        self.farewell += lines
        self.exit(return_code=int(code))

    # Leaving

    def action_leave(self) -> None:
        """Leave; ask first where something would be lost, and at the second time of asking leave."""
        if isinstance(self.screen, Confirm) and self.screen.leaving:
            self.leave(yes=True)
        elif self.key_is_unsaved:
            self.push_screen(_leaving("Leave now? The answers are saved as a draft; the key is not."), self.leave)
        elif self.answers_are_unsaved:
            self.push_screen(_leaving("Leave now? What you changed here is kept in the draft."), self.leave)
        else:
            self.leave(yes=True)

    @property
    def step_screen(self) -> StepScreen | None:
        """The step that is shown, be it under a page."""
        from screens.shell.step_screen import StepScreen  # start-up: 30 ms, behind the first frame

        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, StepScreen)), None)

    @property
    def key_is_unsaved(self) -> bool:
        """Whether a key was given in this run that is written nowhere."""
        key = self.flow.session.key
        kept = key is None or key == self._given or key == self.flow.stored  # noqa: PLR1714  # a set goes by identity
        return not kept and self.flow.receipt is None

    @property
    def answers_are_unsaved(self) -> bool:
        """Whether the step that is shown holds other answers than the draft that was saved last."""
        return self.flow.is_unsaved and self.flow.receipt is None

    def leave(self, yes: bool | None) -> None:
        """Save the draft and leave."""
        if not yes:
            return
        if self.flow.key == "done" and self.flow.receipt is not None:
            self.finish(Exit.DONE, *self.flow.farewell)
            return
        if self.flow.uncertain:
            self.save()
            self.finish(Exit.UNWRITTEN, self.flow.uncertainty)
            return
        if not self.flow.is_left_early:
            self.save()
            self.finish(Exit.DONE)
            return
        self.finish(Exit.LEFT, self.flow.left_early if self.save() else "Left early; the draft could not be saved.")

    def save(self) -> bool:
        """Save what the present screen has, right or wrong; say whether that worked."""
        try:
            self.flow.save()
        except StateError:
            return False
        return True

    def action_redraw(self) -> None:
        """Redraw everything: another program may have written on the terminal."""
        if isinstance(self.driver, FrugalDriver):
            self.driver.forget()
        self.screen.refresh(layout=True)

    def action_help_quit(self) -> None:
        """Say on Ctrl+C how to leave, on what is in front, and without Textual's toast."""
        front = self.screen if isinstance(self.screen, Modal) else self.step_screen
        if front is not None:
            front.say("Ctrl+Q leaves this program. Ctrl+Z suspends it.")

    # Crashing

    CRASHED = int(Exit.INTERNAL)

    @property
    def log_home(self) -> Path:
        """Where the log of a crash goes."""
        return crash_log.home(self.flow.journal.home, rehearsal=self.flow.session.rehearsal)

    def is_no_defect(self, error: Exception) -> bool:
        """Whether *error* is of a screen that was just being built when the program was ended."""
        return self.ends and isinstance(error, NoMatches | ScreenError | MountError)

    def crashed(self, error: Exception) -> None:
        """Write the redacted log, and keep the draft."""
        path = crash_log.write(error, self.log_home)
        with contextlib.suppress(Exception):
            self.save()
        self.farewell.append(f"Internal error; a redacted log is in {path}.")


def _leaving(question: str) -> Confirm:
    return Confirm(question, yes="leave", no="stay", leaving=True)


def screen_of(key: str) -> type[StepScreen]:
    """Return the class of the screen for the step named *key*; its file has the step's name."""
    module = import_module(f"screens.{key}")
    name = "".join(part.capitalize() for part in key.split("_")) + "Screen"
    found: type[StepScreen] = getattr(module, name)
    return found


def run(flow: FlowState, *, dry_run: bool = False, theme: str = "dark") -> tuple[int, list[str]]:
    """Run the screens; return the exit code and what to say once they are gone."""
    app = WizardApp(flow, dry_run=dry_run, theme=theme)
    with app.endings.handling(), event_loop.a_loop(_LEFT_OVER) as loop:
        app.run(loop=loop)
    return int(app.return_code or 0), [line for line in app.farewell if line]
