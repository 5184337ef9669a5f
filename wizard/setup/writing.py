"""What is written and by whom: the two settings of a draft, and the writer of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.secret import Secret
from wizard.state.journal import Journal
from wizard.targets.env_copy import WithCopy
from wizard.targets.env_file.facts import starting_points
from wizard.targets.env_file.target import EnvFile
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Draft, Target
    from wizard.model.session import Session
    from wizard.targets import TargetWriter


def settings(draft: Draft, session: Session) -> dict[str, str | Secret]:
    """Return DEFAULT_FROM_EMAIL and EMAIL_URL for *draft*. Raises email_url.CredentialError, UsageError."""
    if session.key is None or draft.server.port is None:
        raise UsageError("The key or the port is missing.")
    url = email_url.build(draft.credential.username, session.key.reveal(), draft.server.host, draft.server.port)
    return {"DEFAULT_FROM_EMAIL": draft.app.from_, "EMAIL_URL": Secret(url)}


def writer(
    target: Target, session: Session, journal: Journal, *, from_template: bool = False, in_place: bool = False
) -> TargetWriter:
    """Return the writer for *target*; a new file starts from a template beside it where *from_template* allows it.

    *in_place*: the operator's yes to overwriting a file that is a mount point.
    """
    if isinstance(target, InfisicalTarget):
        if not target.env_copy:
            return Infisical(target, session)

        copy = EnvTarget(target.env_copy)
        return WithCopy(Infisical(target, session), EnvFile(session.path(copy.path), state_of(copy, session, journal)))

    path = session.path(target.path)
    offered = starting_points(path.parent) if from_template and not path.exists() else ()
    template = offered[0] if offered else None
    return EnvFile(path, state_of(target, session, journal), template=template, in_place=in_place)


def state_of(target: EnvTarget, session: Session, journal: Journal) -> Path:
    """Return the directory of the target's own entry, where its backups are."""
    return Journal(journal.home, str(session.path(target.path).resolve())).ready()


KEYS: Final = ("DEFAULT_FROM_EMAIL", "EMAIL_URL")
"""What is written, in the order in which it is written: EMAIL_URL last, since it switches mail over."""
