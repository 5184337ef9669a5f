"""Pictures of every screen at 80x24, made from the rehearsal: ``python -m screens.pictures``.

The program runs as for an operator, against the rehearsal's servers; nothing in a picture is made up, and a picture
with a key of the run in it is not written.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screens.app import WizardApp
from screens.shell.textual_private import drawn
from screens.troubleshoot import TroubleshootScreen
from screens.widgets.findings import Findings
from wizard.model.flow import Flow
from wizard.model.secret import spellings
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from wizard.setup.flow import FlowState

SIZE: Final = (80, 24)
_PATIENCE: Final = 20.0
_LOG: Final = "smtplib.SMTPRecipientsRefused: {'you@example.net': (535, b'Mail server has been suspended')}"


async def walk_all(flow: FlowState, take: Callable[[str, str], None]) -> None:
    """Walk from the start to done and take a picture of each step."""
    app = WizardApp(flow)
    async with app.run_test(size=SIZE) as pilot:

        async def at(key: str) -> None:
            await until(pilot, lambda: getattr(app.screen, "KEY", "") == key)

        async def picture(name: str) -> None:
            await pilot.pause(0.3)
            take(name, app.export_screenshot(title="postal-wizard"))

        await until(pilot, lambda: "EMAIL_URL" in shown(app))
        await picture("start")
        await pilot.press("enter")
        for key in ("server", "credential", "sender", "target", "test_mail"):
            await at(key)
            if key in {"credential", "test_mail"}:
                await pilot.press("enter")
            if key == "target":
                await picture(key)
                await pilot.press("enter")
                continue
            await until(pilot, partial(flow.is_checked, key))
            await picture(key)
            await pilot.press("enter")
        await at("review")
        await until(pilot, lambda: "Enter write" in shown(app))
        await picture("review")
        await pilot.press("enter")
        await at("done")
        await picture("done")


async def broken_dns(flow: FlowState, take: Callable[[str, str], None]) -> None:
    """Take the sender step with a record that is wrong."""
    flow.key = "sender"
    app = WizardApp(flow)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: flow.is_checked("sender"))
        app.screen.query_one(Findings).focus()
        await pilot.pause(0.3)
        take("sender_wrong_key", app.export_screenshot(title="postal-wizard"))


async def suspended(flow: FlowState, take: Callable[[str, str], None]) -> None:
    """Take the diagnosis of a suspended server."""
    flow.key, flow.kind = "troubleshoot", Flow.TROUBLESHOOT
    app = WizardApp(flow)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TroubleshootScreen)
        app.screen.carry_out("paste", {"block": _LOG})
        await until(pilot, lambda: "Go to the step" in shown(app))
        await pilot.pause(0.3)
        take("troubleshoot", app.export_screenshot(title="postal-wizard"))


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Wait until *holds*. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE):
        while not holds():
            await pilot.pause(0.05)


def shown(app: WizardApp) -> str:
    """Return the text on the screen."""
    width, height = app.size
    return "\n".join(line[:width] for line in drawn(app.screen)[:height])


def main(directory: Path) -> None:
    """Write every picture into *directory*."""
    directory.mkdir(parents=True, exist_ok=True)
    for scenario, walker in (("good", walk_all), ("dkim-wrong", broken_dns), ("suspended", suspended)):
        with tempfile.TemporaryDirectory(prefix="postal-wizard-") as temporary:
            rehearsal = lifetime.start(scenario, Path(temporary) / "glitchtip")
            secrets = spellings(rehearsal.info["smtp_key"]) | spellings(rehearsal.info["client_secret"])

            def take(name: str, svg: str, secrets: set[str] = secrets) -> None:
                if any(secret in svg for secret in secrets):
                    raise SystemExit(f"the picture {name} would show a key; it was not written")
                (directory / f"{name}.svg").write_text(svg.replace(temporary, "/srv"), encoding="utf-8")

            try:
                asyncio.run(walker(rehearsed(rehearsal.info), take))
            finally:
                rehearsal.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("assets") / "pictures")
