"""The hand-over from Infisical to docker compose: the lines to run on the host, and what would go wrong with them.

``infisical run`` does not log in (infisical.md section 8): without a token it starts a user's browser login,
or silently uses a user's session, whose personal overrides win. It gives the one folder that it is given, and nothing
of another one: a variable that the compose file needs and nothing gives is blank in the new containers.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model import infisical
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.draft import InfisicalTarget
    from wizard.targets.infisical.records import InfisicalFacts

ONLY_V4_FROM: Final = "0.43.99"
"""The CLI's version from which it reads only ``/v4/secrets`` (cli#295)."""
_WIDTH: Final = 600
_NO_PROJECT_ID: Final = "PROJECT_ID:?"
_TRAPS: Final = (
    (
        "infisical run does not log in: without INFISICAL_TOKEN it starts a browser login, or uses a user's own "
        "session, whose personal overrides win. Without --env and --path it reads dev and /."
    ),
    "EMAIL_URL reaches a service only where docker-compose.yml passes it on, as EMAIL_URL: ${EMAIL_URL}.",
    "A .env made by infisical export --format=dotenv has quotes around each value, which docker run --env-file keeps.",
)
_BY_DESCRIPTOR: Final = (
    "postal-wizard takes the client secret from a password store by a descriptor, in bash: "
    "postal-wizard apply --answers FILE --client-secret-fd 3 3< <(gopass show PATH)"
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What is known of the way from an Infisical folder to GlitchTip's containers."""

    target: InfisicalTarget
    known: InfisicalFacts
    """What is known of the server: the project's id, its generation."""
    up: str
    """``docker compose ... up -d SERVICES``, quoted for a shell."""
    lacking: Sequence[str] = ()
    """What the compose file needs and neither the folder nor ``.env`` gives (compose_variables.missing)."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The lines for a shell, in their order; client id and secret are in its environment by then."""
        if self.known.by_token:
            return (self._run,)
        login = f"infisical login --method=universal-auth --domain={shlex.quote(self._domain)} --plain --silent"
        # A login that failed leaves it empty, and infisical run would then log a user in.
        guarded = f'[ -n "${infisical.TOKEN}" ] && {self._run}'
        return (f'export {infisical.TOKEN}="$({login})"', guarded, f"unset {infisical.TOKEN}")

    @property
    def command(self) -> str:
        """The same on one line."""
        return "; ".join(self.steps)

    @property
    def lines(self) -> list[str]:
        """The lines with what has to be there before them, ready to be shown."""
        shown = [*self._lacking_first(), *self._version_first(), "Now on the host:", *self._credentials()]
        shown += [f"  {step}" for step in self.steps]
        if _NO_PROJECT_ID in self._run:
            name = self.target.project
            shown.append(f"PROJECT_ID is the id of {name}: Infisical, the project, Settings, Copy Project ID.")
        return [Untrusted(text, _WIDTH) for text in shown]

    @property
    def notes(self) -> list[str]:
        """What would go wrong with them, and how the client secret need not be typed."""
        return [*_TRAPS, *([] if self.known.by_token else [_BY_DESCRIPTOR])]

    @property
    def _domain(self) -> str:
        return infisical.cli_domain(self.target.url)

    @property
    def _run(self) -> str:
        target = self.target
        project = self.known.project_id or (target.project if infisical.is_project_id(target.project) else "")
        words = [
            "infisical",
            "run",
            f"--domain={self._domain}",
            # The CLI takes no slug, and with a machine identity it ignores the project of .infisical.json.
            *([f"--projectId={project}"] if project else []),
            f"--env={target.environment}",
            f"--path={target.secret_path}",
        ]
        # The id is the operator's to fill in where it is not known; a shell stops at the unset variable.
        unknown = "" if project else f' --projectId="${{{_NO_PROJECT_ID}}}"'
        return f"{shlex.join(words)}{unknown} -- {self.up}"

    def _credentials(self) -> list[str]:
        """Return how client id and secret, or a token, get into the shell: never as an argument."""
        if self.known.by_token:
            return [f"  (with {infisical.TOKEN} in the environment, as for this run)"]
        client_id = infisical.CLIENT_IDS[0]
        secret = infisical.CLIENT_SECRET
        return [
            f"  export {client_id}={shlex.quote(self.target.client_id)}",
            f"  read -rs {secret} && export {secret}",
            f'  (paste the client secret; it is not shown. Or: export {secret}="$(gopass show PATH)")',
        ]

    def _lacking_first(self) -> list[str]:
        if not self.lacking:
            return []
        names = Untrusted(", ".join(self.lacking), 300)
        it = "it" if len(self.lacking) == 1 else "them"
        words = (
            f"First: docker-compose.yml needs {names}, and neither the folder {self.target.secret_path} nor .env has "
            f"{it}: the command below would start the containers with {it} blank. Put {it} into .env, or export {it} "
            "in the shell first."
        )
        return [words]

    def _version_first(self) -> list[str]:
        if self.known.generation != "v3":
            return []
        words = (
            f"First: this server has only Infisical's API v3, and the CLI from {ONLY_V4_FROM} on reads only "
            "v4: the infisical run below fails with it. See infisical --version, and use an older CLI or a "
            "newer server."
        )
        return [words]


def awaiting(up: str | None) -> str:
    """Return what to do while a change request awaits approval: there is nothing to hand over yet."""
    then = f", then run {up}" if up else ""
    return (
        f"Nothing has changed in Infisical yet: have the change request approved there{then}. Until then GlitchTip "
        "keeps its old settings. To take it back, close the change request."
    )
