"""What comes after the writing: the test through GlitchTip itself, what its mails may hold, and monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.glitchtip import compose
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.untrusted import Untrusted
from wizard.rollout import monitoring, restart, self_test

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session


_UNATTENDED: Final = (
    "check --flow does two of these, where docker answers: it asks for a password reset for "
    "test_mail.recipient, and gives the worker a task."
)


def lines(draft: Draft, session: Session) -> list[str]:
    """Return the guided list, ready to be shown."""
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError:
        reading = None
    services = self_test.environments(reading)
    shown = ["The test through GlitchTip itself", "", _UNATTENDED, ""]
    recreate = restart.of_reading(reading, draft, session) if reading is not None else None
    for number, step in enumerate(self_test.steps(draft, services, reading=reading, recreate=recreate), 1):
        shown += [f"{number}  {step.title}", f"   {step.how}", f"   proves: {step.confirms}"]
        if step.warning:
            shown.append(f"   WARN {step.warning}")
    shown += ["", self_test.content_note(services), ""]
    if isinstance(draft.target, EnvTarget):
        path = session.path(draft.target.path)
        try:
            shown += ["Monitoring, quiet while all is well: a line for crontab -e", monitoring.cron_line(path), ""]
            for name, text in monitoring.units(path).items():
                shown += [f"or as a systemd timer: {name}", *text.splitlines(), ""]
            shown += monitoring.INSTALLING
        except monitoring.UnwritableError as error:
            shown.append(str(error))
    elif isinstance(draft.target, InfisicalTarget):
        shown.append("Monitoring: check --env-file reads a .env; with Infisical run check --answers FILE instead.")
    return [Untrusted(line, 400) for line in shown]
