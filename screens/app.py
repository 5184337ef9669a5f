"""The Textual program round the steps: it moves between them, survives signals, and never shows a variable."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import os
import select
import signal
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from rich.segment import Segment
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Static

from screens.driver import FrugalDriver
from screens.modals import Confirm
from wizard import crash, process
from wizard.exits import Exit
from wizard.journal import StateError
from wizard.walk import Move, To

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.color import Color

    from screens.base import StepScreen
    from wizard.steps import Step
    from wizard.walk import Walk

_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_PULSE: Final = 1.0
"""Seconds between two looks whether the terminal is still there; costs nothing on the wire."""
_SMALLEST: Final = (60, 18)
_ASCII: Final = str.maketrans(
    {"─": "-", "•": "*", "…": "...", "→": "->", "·": "|", "●": "o", "▏": "|", "▎": "|", "▔": "-", "▁": "_", "▊": "|",
     "━": "=", "↑": "^", "↓": "v", "▼": "v", "▶": ">", "█": "#", "╺": "-", "╸": "-", "│": "|"}
)  # fmt: skip


class Ascii(LineFilter):
    """Draws with ASCII alone where the terminal's locale has nothing else."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the filter's interface
        """Translate every segment; one character stays one character."""
        return [
            Segment("".join(character.translate(_ASCII)[:1] for character in text), style, control)
            for text, style, control in segments
        ]


class WizardApp(App[int]):
    """Owns the walk; every screen returns a Move, and the walk says what comes next."""

    CSS = (files("assets") / "style.tcss").read_text(encoding="utf-8")
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    BINDINGS = [Binding("ctrl+q", "leave", "quit", show=False, priority=True)]

    def __init__(self, walk: Walk, *, dry_run: bool = False) -> None:
        super().__init__(driver_class=FrugalDriver)
        self.walk = walk
        self.dry_run = dry_run
        self.farewell: list[str] = []
        """Said on stderr once the screens are gone."""
        self._ending: int | None = None
        self._small = False

    def compose(self) -> ComposeResult:
        """Lay out nothing: the steps are screens."""
        yield from ()

    def on_mount(self) -> None:
        """Listen to signals, watch the terminal, show the first step."""
        self.theme = "ansi-dark"
        if not _speaks_utf8():
            self._filters.append(Ascii())
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.end_by_signal, number)
        self.set_interval(_PULSE, self.feel_terminal)
        self.show_step(self.walk.step)

    def on_resize(self) -> None:
        """Say so where the terminal is too small to work in."""
        small = self.size.width < _SMALLEST[0] or self.size.height < _SMALLEST[1]
        if small != self._small:
            self._small = small
            if small:
                self.push_screen(TooSmall())
            elif isinstance(self.screen, TooSmall):
                self.pop_screen()

    def show_step(self, step: Step) -> None:
        """Show the screen of *step*."""
        self.push_screen(screen_of(step.key)(self.walk), self.moved)
        self.call_after_refresh(process.trim)

    def moved(self, move: Move | None) -> None:
        """Go where a screen wants to."""
        if move is None:
            return
        try:
            goal = self.walk.take(move)
        except StateError as error:
            self.finish(Exit.UNWRITTEN, str(error))
            return
        if goal is not None:
            self.show_step(goal)
        elif move.to is To.BACK:
            self.show_step(self.walk.step)
        elif self.walk.uncertain:
            states = ", ".join(f"{key} {state.value.replace('_', ' ')}" for key, state in self.walk.uncertain.items())
            self.finish(Exit.UNWRITTEN, f"The writing is uncertain: {states}.")
        else:
            if self.walk.receipt is not None:
                self.walk.journal.discard()
            self.finish(Exit.DONE, *self.walk.farewell)

    def finish(self, code: int, *lines: str) -> None:
        """End with *code*; *lines* are said when the screens are gone."""
        self.farewell += lines
        self.exit(return_code=int(code))

    # Leaving

    def action_leave(self) -> None:
        """Leave; where a key would be lost, ask first."""
        if isinstance(self.screen, Confirm):
            return
        if self.walk.unsaved or self._typed_key():
            question = "Leave now? The draft is saved; the key is not, it has to be given again."
            self.push_screen(Confirm(question), self.leave)
        else:
            self.leave(yes=True)

    def _typed_key(self) -> bool:
        session = getattr(self.screen, "session", None)
        return session is not None and session.key != self.walk.session.key

    def leave(self, yes: bool | None) -> None:
        """Save the draft and leave."""
        if not yes:
            return
        finished = self.walk.key == "done" and self.walk.receipt is not None
        self.save()
        self.finish(Exit.DONE if finished else Exit.LEFT, "" if finished else "Left early; the draft is saved.")

    def save(self) -> None:
        """Save what the present screen has, right or wrong."""
        for screen in reversed(self.screen_stack):
            draft = getattr(screen, "draft", None)
            if draft is not None:
                self.walk.draft = draft
                break
        with contextlib.suppress(StateError):
            self.walk.save()

    def end_by_signal(self, number: int) -> None:
        """Save the draft, let a commit in flight finish, end with 128 plus *number*."""
        if self._ending is not None:
            return
        self._ending = number
        self.save()
        self.run_worker(self._end(number), name="end", group="end", description="end", exit_on_error=False)

    async def _end(self, number: int) -> None:
        committing = [worker for worker in self.workers if worker.group == "commit" and worker.is_running]
        for worker in committing:
            with contextlib.suppress(Exception):
                await worker.wait()
        if number == signal.SIGHUP:
            # The terminal is gone: there is nothing to restore and nobody to tell.
            os._exit(128 + number)
        self.exit(return_code=128 + number)

    def feel_terminal(self) -> None:
        """End as by SIGHUP when the terminal is gone without one, in place of spinning on its end."""
        poll = select.poll()
        poll.register(0, select.POLLIN)
        if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0)):
            self.end_by_signal(signal.SIGHUP)

    # Crashing: pinned to textual 8.2, whose own handler prints the locals of every frame.

    def _handle_exception(self, error: Exception) -> None:
        path = crash.write(error, self.walk.journal.home)
        with contextlib.suppress(Exception):
            self.save()
        self.farewell.append(f"Internal error; a redacted log is in {path}.")
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._return_code = int(Exit.INTERNAL)
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        """Never render a traceback with locals."""
        self._return_code = int(Exit.INTERNAL)
        self._close_messages_no_wait()

    def panic(self, *_renderables: Any) -> None:
        """Show nothing of an error on the way out; the log has it."""
        self._fatal_error()


class TooSmall(Screen[None]):
    """One line in place of a step that does not fit."""

    def compose(self) -> ComposeResult:
        """Say what would help."""
        yield Static(Content("Enlarge the terminal to 60x18, or run postal-wizard --plain."))


def screen_of(key: str) -> type[StepScreen]:
    """Return the class of the screen for the step named *key*; its file has the step's name."""
    from importlib import import_module

    module = import_module(f"screens.{key}")
    name = "".join(part.capitalize() for part in key.split("_")) + "Screen"
    found: type[StepScreen] = getattr(module, name)
    return found


def _speaks_utf8() -> bool:
    if os.environ.get("TERM") == "linux":
        return False
    return locale.nl_langinfo(locale.CODESET).upper().replace("-", "") == "UTF8"


def run(walk: Walk, *, dry_run: bool = False) -> tuple[int, list[str]]:
    """Run the screens; return the exit code and what to say once they are gone."""
    app = WizardApp(walk, dry_run=dry_run)
    app.run()
    return int(app.return_code or 0), [line for line in app.farewell if line]
