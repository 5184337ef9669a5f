"""Whether a `.env` is an exported copy of Infisical, which one writing alone would leave behind or lose again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.glitchtip.exported_copy import exported_copy
from wizard.model.codes import Code
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session


def judge(draft: Draft, session: Session) -> list[Finding]:
    """Return a warning where the target is one of two places that have the settings; nothing else."""
    target = draft.target
    if isinstance(target, InfisicalTarget) and not target.env_copy:
        evidence = exported_copy(session.path(".env"), uses_infisical=True)
        if evidence:
            return [
                Finding.warn(
                    Code.COMPOSE_STALE_COPY, ".env",
                    ".env is an exported copy of Infisical. It keeps the old EMAIL_URL, and the next plain docker "
                    "compose up -d starts GlitchTip with it.",
                    evidence,
                    remedy="Name .env as the copy at the step Target (env_copy in an answers file): then the wizard "
                    "writes it after Infisical. Or export it again after the writing.",
                )
            ]  # fmt: skip
    if isinstance(target, EnvTarget):
        name = Untrusted(target.path, 80)
        evidence = exported_copy(session.path(target.path))
        if evidence:
            return [
                Finding.warn(
                    Code.COMPOSE_COPY_OVERWRITTEN, name,
                    f"{name} is an exported copy of Infisical: the next export overwrites what is written only "
                    "here.",
                    evidence,
                    remedy=f'Choose Infisical as the target, with env_copy = "{name}": the wizard writes both.',
                )
            ]  # fmt: skip
    return []
