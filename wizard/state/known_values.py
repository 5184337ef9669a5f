"""What is known of Postal for a target, kept after the set-up: so that later checks judge all of it without a paste.

Names, public keys, the status that Postal has stored and the newest message number, with their dates. Never a secret.
One file in the target's entry of the state directory, 0600; a file that is not ours, or broken, counts as none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.model import answers
from wizard.model.draft import App, Domain, Draft, EnvTarget, Server
from wizard.state import previous_values
from wizard.state.directory import StateError, state_home
from wizard.state.journal import Journal
from wizard.system import files

if TYPE_CHECKING:
    from wizard.model.draft import Target
    from wizard.model.session import Session

_FILE: Final = "postal-values.toml"
_MAX_BYTES: Final = 65_536
_STATUS: Final = ("checked_in_postal", "stored_spf", "stored_dkim", "stored_return_path", "stored_mx")
"""What Postal's page shows of its own check: it belongs together, and to one moment."""


@dataclass(frozen=True, slots=True)
class KnownValues:
    """Postal's values for one target."""

    domain: Domain
    """With ``name``: the From domain that they are about."""
    web_url: str = ""
    newest_message: int = 0
    """The greatest message number that Postal's API has shown; 0: none."""
    when: datetime | None = None
    """When the values were kept last; set by ``keep``."""
    status_when: datetime | None = None
    """When Postal's stored status was read from its page; None before it is kept: now, unless it is the known one."""


def of_draft(
    draft: Draft, newest_message: int = 0, status_when: datetime | None = None, web_url: str = ""
) -> KnownValues:
    """Return what *draft* knows of Postal, to be kept.

    *status_when* is when a page was pasted in this run, *web_url* where Postal's API has answered in it.
    """
    named = replace(draft.domain, name=draft.domain_name)
    return KnownValues(named, draft.server.web_url or web_url, newest_message, status_when=status_when)


def keep(
    target: Target, values: KnownValues, now: datetime, *, directory: Path | None = None, home: Path | None = None
) -> KnownValues:
    """Keep *values* for *target* with the date *now*, in place of what was kept; return them as they were kept.

    *directory* is what the target's path is relative to, *home* the state directory (default: the user's own). Raises
    StateError.
    """
    before = recall(target, directory=directory, home=home)
    status_when = values.status_when
    if status_when is None:
        same = before is not None and _status(before.domain) == _status(values.domain)
        status_when = before.status_when if same and before is not None else now
    newest = values.newest_message or (before.newest_message if before is not None else 0)
    kept = replace(values, newest_message=newest, when=now, status_when=status_when)
    entry = _entry(target, directory, home).ready()
    try:
        files.write_private(entry / _FILE, _dumped(kept))
    except OSError as error:
        raise StateError(f"Postal's values could not be kept: {error.strerror}.") from None
    return kept


def recall(target: Target, *, directory: Path | None = None, home: Path | None = None) -> KnownValues | None:
    """Return what is kept for *target*, None where there is nothing usable."""
    entry = _entry(target, directory, home)
    if not entry.is_ours():
        return None
    try:
        table: dict[str, Any] = tomllib.loads(files.read_own(entry.directory / _FILE, _MAX_BYTES).decode())
        kept = table.pop("kept")
        draft = answers.loads(_toml(table))
        newest, when, status_when = kept["newest_message"], kept["when"], kept["status_when"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, answers.AnswersError):
        return None
    dates = isinstance(when, datetime) and isinstance(status_when, datetime)
    if not dates or not isinstance(newest, int) or isinstance(newest, bool) or newest < 0:
        return None
    return KnownValues(draft.domain, draft.server.web_url, newest, when.astimezone(UTC), status_when.astimezone(UTC))


def keep_newest(target: Target, newest: int, *, directory: Path | None = None, home: Path | None = None) -> None:
    """Keep the newest message number beside what is kept for *target*; nothing where nothing is. Raises StateError."""
    known = recall(target, directory=directory, home=home)
    if known is not None and known.when is not None and newest > known.newest_message:
        keep(target, replace(known, newest_message=newest), known.when, directory=directory, home=home)


def completed(draft: Draft, session: Session, home: Path | None = None) -> tuple[Draft, Session]:
    """Return *draft* and *session* with what an earlier set-up of the target has kept of Postal, where they lack it."""
    known = recall(draft.target, directory=session.directory, home=home) if draft.target is not None else None
    if known is None:
        return draft, session
    session.message_ids.newest = max(session.message_ids.newest, known.newest_message)
    if fills_status(draft, known):
        session = replace(session, status_when=known.status_when)
    return fill(draft, known), session


def fills_status(draft: Draft, known: KnownValues) -> bool:
    """Whether ``fill`` gives *draft* the stored status of *known*, with its date."""
    if known.domain.name != draft.domain_name or known.status_when is None:
        return False
    return not _has_status(draft.domain) and _has_status(known.domain)


def fill(draft: Draft, known: KnownValues) -> Draft:
    """Return *draft* with what it lacks and *known* has; nothing where they are about different From domains."""
    if known.domain.name != draft.domain_name:
        return draft
    status = set(_STATUS) if _has_status(draft.domain) else set()
    lacking = {
        field.name: getattr(known.domain, field.name)
        for field in fields(Domain)
        if getattr(draft.domain, field.name) == field.default and field.name not in {"name", *status}
    }
    web_url = draft.server.web_url or known.web_url
    return replace(draft, domain=replace(draft.domain, **lacking), server=replace(draft.server, web_url=web_url))


def _has_status(domain: Domain) -> bool:
    return any(getattr(domain, name) not in {None, ""} for name in _STATUS)


def _status(domain: Domain) -> tuple[object, ...]:
    return tuple(getattr(domain, name) for name in _STATUS)


def _entry(target: Target, directory: Path | None, home: Path | None) -> Journal:
    if isinstance(target, EnvTarget):
        path = (directory or Path.cwd()) / Path(target.path).expanduser()
        return Journal(home or state_home(), str(path.resolve()))
    return Journal(home or state_home(), previous_values.name_of(target))


def _dumped(values: KnownValues) -> str:
    draft = Draft(App(name=""), Server(web_url=values.web_url), domain=values.domain)
    table: dict[str, Any] = tomllib.loads(answers.dumps(draft))
    table["kept"] = {
        "newest_message": values.newest_message,
        "when": values.when,
        "status_when": values.status_when,
    }
    return _toml(table)


def _toml(table: dict[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(table)
