"""How the written settings reach GlitchTip: the command, with the operator's own values, and its traps."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.draft import Draft

SERVICES: Final = ("web", "worker")
"""GlitchTip's own names; both read the settings."""
REVOKE: Final = (
    "Revoke the old key in Postal only after the container has the new value: organisation, server, Credentials."
)


def command(draft: Draft, project_id: str = "") -> str:
    """Return the line to run on the host, quoted for a shell. *project_id*: the id where the draft has the slug."""
    up = ["docker", "compose", "up", "-d", *(draft.app.services or SERVICES)]
    target = draft.target
    if not isinstance(target, InfisicalTarget):
        return shlex.join(up)
    project = project_id or (target.project if infisical.is_project_id(target.project) else "")
    run = [
        "infisical",
        "run",
        f"--domain={infisical.cli_domain(target.url)}",
        f"--env={target.environment}",
        f"--path={target.secret_path}",
        # The CLI takes no slug, and with a machine identity it ignores the project of .infisical.json.
        *([f"--projectId={project}"] if project else []),
    ]
    # The id is the operator's to fill in where nothing told it; a shell stops at the unset variable.
    unknown = "" if project else ' --projectId="${PROJECT_ID:?}"'
    return f"{shlex.join(run)}{unknown} -- {shlex.join(up)}"


def lines(draft: Draft, project_id: str = "") -> list[str]:
    """Return the command and what goes wrong with it, ready to be shown."""
    line = f"Now on the host:   {command(draft, project_id)}"
    told = [line, "(restart does not re-read the environment)"]
    target = draft.target
    if isinstance(target, InfisicalTarget):
        if "PROJECT_ID:?" in line:
            told.append(f"PROJECT_ID is the id of {target.project}: Infisical, the project, Settings, Copy Project ID.")
        told += [
            "infisical run logs in by itself from INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and _CLIENT_SECRET with",
            "INFISICAL_AUTH_METHOD=universal-auth, or takes INFISICAL_TOKEN; give none of them as an argument.",
            "Traps: without --env and --path it reads dev and /; EMAIL_URL reaches a service only where its",
            "environment: in docker-compose.yml passes it on, as EMAIL_URL: ${EMAIL_URL}; a .env written by",
            "infisical export --format=dotenv has quotes round each value, which docker run --env-file keeps.",
        ]
    return [Untrusted(text, 600) for text in told]
