"""What comes after the writing: the test through GlitchTip itself, what its mails may hold, and monitoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.untrusted import Untrusted
from wizard.rollout import monitoring, self_test

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session


def lines(draft: Draft, session: Session) -> list[str]:
    """Return the guided list, ready to be shown."""
    from wizard.glitchtip import compose

    try:
        reading = compose.read(draft, session)
    except compose.ComposeError:
        reading = None
    services = self_test.environments(reading)
    told = ["The test through GlitchTip itself", ""]
    for number, step in enumerate(self_test.steps(draft, services), 1):
        told += [f"{number}  {step.title}", f"   {step.how}", f"   proves: {step.confirms}"]
        if step.warning:
            told.append(f"   WARN {step.warning}")
    told += ["", self_test.content_note(services), ""]
    if isinstance(draft.target, EnvTarget):
        path = session.path(draft.target.path)
        try:
            told += ["Monitoring, quiet while all is well: a line for crontab -e", monitoring.cron_line(path), ""]
            for name, text in monitoring.units(path).items():
                told += [f"or as a systemd timer: {name}", *text.splitlines(), ""]
            told += monitoring.INSTALLING
        except monitoring.UnwritableError as error:
            told.append(str(error))
    elif isinstance(draft.target, InfisicalTarget):
        told.append("Monitoring: check --env-file reads a .env; with Infisical run `check --answers FILE` instead.")
    return [Untrusted(line, 400) for line in told]
