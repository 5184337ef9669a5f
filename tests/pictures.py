"""Pictures of every screen, made from the rehearsal: ``python -m tests.pictures``.

The program runs as for an operator, against the rehearsal's servers; nothing in a picture is made up, and a picture
with a key of the run in it is not written. Each step at 80x24, and three of them at 120x40, dark and light; and a
recording of a first set-up in asciinema's format, version 2.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screens.app import WizardApp
from screens.shell.textual_private import drawn
from screens.troubleshoot import TroubleshootScreen
from screens.widgets.findings import Findings
from wizard.model.flow import Flow
from wizard.model.secret import spellings
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.pilot import Pilot

    from wizard.setup.flow import FlowState

SMALL: Final = (80, 24)
LARGE: Final = (120, 40)
AT_BOTH: Final = ("start", "sender", "done")
_PATIENCE: Final = 60.0
_LOG: Final = "smtplib.SMTPRecipientsRefused: {'you@example.net': (535, b'Mail server has been suspended')}"
_HOME: Final = "\x1b[H\x1b[2J"
_ON_LIGHT: Final = {"#292929": "#fafafa", "#c5c8c6": "#1c1c1c"}
"""Background and text of a picture (Rich's SVG_EXPORT_THEME), and what a light terminal has in their place."""


class Camera:
    """Takes pictures of a running program, and records what it shows."""

    def __init__(self, app: WizardApp, pilot: Pilot[int], take: Callable[[str, str], None], suffix: str) -> None:
        self.app, self.pilot, self._take, self._suffix = app, pilot, take, suffix
        self.frames: list[tuple[float, str]] = []
        """Seconds since the first, and what was shown."""
        self._begun = time.monotonic()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds*. Raises TimeoutError."""
        async with asyncio.timeout(_PATIENCE):
            while not holds():
                await self.pilot.pause(0.05)
                self._record()

    async def at(self, key: str) -> None:
        """Wait until the step *key* is shown."""
        await self.until(lambda: getattr(self.app.screen, "KEY", "") == key)

    async def press(self, *keys: str) -> None:
        """Press *keys*."""
        await self.pilot.press(*keys)
        self._record()

    async def picture(self, name: str) -> None:
        """Take a picture once the screen is at rest."""
        await self.pilot.pause(0.5)
        self._record()
        svg = self.app.export_screenshot(title="postal-wizard")
        if self._suffix.endswith("light"):
            svg = re.sub("|".join(_ON_LIGHT), lambda match: _ON_LIGHT[match[0]], svg)
        self._take(f"{name}{self._suffix}", svg)

    def _record(self) -> None:
        shown = self.shown.replace("\n", "\r\n")
        if not self.frames or self.frames[-1][1] != shown:
            self.frames.append((time.monotonic() - self._begun, shown))

    @property
    def shown(self) -> str:
        """The text on the screen."""
        width, height = self.app.size
        return "\n".join(line[:width] for line in drawn(self.app.screen)[:height])


async def walk_all(camera: Camera, flow: FlowState) -> None:
    """Walk from the start to done and take a picture of each step."""
    await camera.until(lambda: "EMAIL_URL" in camera.shown)
    await camera.picture("start")
    await camera.press("enter")
    for key in ("server", "credential", "sender", "target", "test_mail"):
        await camera.at(key)
        if key in {"credential", "test_mail"}:
            await camera.press("enter")
        if key != "target":
            await camera.until(partial(flow.is_checked, key))
        if key == "test_mail":
            await camera.until(lambda: "Its code" in camera.shown)
            await camera.press(*flow.code)
            await camera.until(lambda: "arrived" in camera.shown)
        await camera.picture(key)
        await camera.press("enter")
    await camera.at("review")
    await camera.until(lambda: "Nothing has been written yet" in camera.shown)
    await camera.picture("review")
    await camera.press("enter")
    await camera.at("done")
    await camera.until(lambda: "written and read back" in camera.shown)
    await camera.press("m")
    await camera.until(lambda: "Everything is proven" in camera.shown)
    await camera.picture("done")


async def broken_dns(camera: Camera, flow: FlowState) -> None:
    """Take the sender step with a record that is wrong."""
    await camera.until(lambda: flow.is_checked("sender"))
    camera.app.screen.query_one(Findings).focus()
    await camera.picture("sender_wrong_key")


async def suspended(camera: Camera, _flow: FlowState) -> None:
    """Take the diagnosis of a suspended server."""
    assert isinstance(camera.app.screen, TroubleshootScreen)
    camera.app.screen.carry_out("paste", {"block": _LOG})
    await camera.until(lambda: "proven" in camera.shown)
    await camera.picture("troubleshoot")


Walk = Any
"""Walks one scenario with a camera: ``async (camera, flow)``."""
_WALKS: Final[tuple[tuple[str, str, Flow, Walk], ...]] = (
    ("good", "start", Flow.SET_UP, walk_all),
    ("dkim-wrong", "sender", Flow.SET_UP, broken_dns),
    ("suspended", "troubleshoot", Flow.TROUBLESHOOT, suspended),
)


async def filmed(
    flow: FlowState, walk: Callable[[Camera, FlowState], Coroutine[Any, Any, None]], size: tuple[int, int], theme: str,
    take: Callable[[str, str], None],
) -> Camera:  # fmt: skip
    """Run the program at *size* in the colours of *theme* and let *walk* lead it."""
    app = WizardApp(flow, theme=theme)
    suffix = ("" if size == SMALL else "_large") + ("" if theme == "dark" else f"_{theme}")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        camera = Camera(app, pilot, take, suffix)
        await walk(camera, flow)
    return camera


def recording(frames: list[tuple[float, str]], size: tuple[int, int]) -> str:
    """Return *frames* in asciinema's format: a line of JSON for the size, then one a frame."""
    head = {"version": 2, "width": size[0], "height": size[1], "title": "postal-wizard: a first set-up, rehearsed"}
    lines = [json.dumps(head)]
    lines += [json.dumps([round(seconds, 2), "o", _HOME + shown], ensure_ascii=False) for seconds, shown in frames]
    return "\n".join(lines) + "\n"


def main(directory: Path) -> None:
    """Write every picture into *directory*."""
    directory.mkdir(parents=True, exist_ok=True)
    for scenario, key, kind, walk in _WALKS:
        for size, theme in ((SMALL, "dark"), (SMALL, "light"), (LARGE, "dark"), (LARGE, "light")):
            if walk is not walk_all and (size, theme) != (SMALL, "dark"):
                continue
            with tempfile.TemporaryDirectory(prefix="postal-wizard-") as temporary:
                rehearsal = lifetime.start(scenario, Path(temporary) / "glitchtip")
                secrets = spellings(rehearsal.info["smtp_key"]) | spellings(rehearsal.info["client_secret"])

                def write(name: str, text: str, secrets: set[str] = secrets, home: str = temporary) -> None:
                    if any(secret in text for secret in secrets):
                        raise SystemExit(f"{name} would show a key; it was not written")
                    (directory / name).write_text(text.replace(home, "/srv"), encoding="utf-8")

                def take(name: str, svg: str, large: bool = size == LARGE, write: Any = write) -> None:
                    if not large or name.startswith(AT_BOTH):
                        write(f"{name}.svg", svg)

                try:
                    flow = rehearsed(rehearsal.info)
                    flow.key, flow.kind = key, kind
                    camera = asyncio.run(filmed(flow, walk, size, theme, take))
                finally:
                    rehearsal.stop()
                if walk is walk_all and (size, theme) == (SMALL, "dark"):
                    write("set_up.cast", recording(camera.frames, size))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("assets") / "pictures")
