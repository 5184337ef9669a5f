"""Whether a `.env` is an exported copy of Infisical: what is written to Infisical alone, the copy takes back.

Sources: the CLI's ``export --format=dotenv`` (packages/cmd/export.go) writes ``KEY='value'`` for every secret, without
comments and without escaping; joined exports of several folders look the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.glitchtip import compose_env
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

_PROJECT_FILE: Final = ".infisical.json"
TEMPLATES: Final = (".env.template", ".env.example", ".env.sample")
"""What people copy a first `.env` from."""
_LEAST: Final = 2
"""Rows that make a habit: one quoted row is anybody's."""
_WRITTEN: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")


def exported_copy(path: Path, *, uses_infisical: bool = False) -> tuple[str, ...]:
    """Return what tells that the `.env` at *path* is an exported copy of Infisical, in sentences; none: it is not one.

    *uses_infisical*: the operator has chosen Infisical, so that the way the file is written is enough. Without that,
    Infisical's own file has to be there too.
    """
    try:
        text = files.read(path, compose_env.LARGEST).decode("utf-8-sig", "surrogateescape")
    except OSError:
        return ()
    text = text.replace("\r\n", "\n")
    rows = [line for line in text.split("\n") if line.strip()]
    entries = compose_env.parse(text, {}).entries
    # What the wizard has written since has no quotes.
    exported = [row for row in rows if row.partition("=")[0] not in _WRITTEN or _is_exported(row)]
    if len(exported) < _LEAST or not any(name in entries for name in _WRITTEN):
        return ()
    if not all(map(_is_exported, exported)):
        return ()
    evidence = [f"Every row of {Untrusted(path.name, 60)} is NAME='value', as infisical export writes it."]
    project = next((folder for folder in (path.parent, path.parent.parent) if (folder / _PROJECT_FILE).is_file()), None)
    if project is not None:
        evidence.append(f"{_PROJECT_FILE} is {'beside it' if project == path.parent else 'in the directory above'}.")
    if project is None and not uses_infisical:
        return ()
    template = _template(path, frozenset(entries))
    if template:
        evidence.append(f"{template} names the same variables without values.")
    return tuple(evidence)


def _is_exported(row: str) -> bool:
    """Whether *row* is one secret as the CLI writes it."""
    name, equals, value = row.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and len(value) > 1 and value[0] == value[-1] == "'"


def _template(path: Path, names: frozenset[str]) -> str:
    """Return the name of a template beside *path* that has some of *names* with nothing behind them; empty without."""
    for name in TEMPLATES:
        entries = compose_env.read(path.with_name(name), {}).entries
        blank = {key for key, entry in entries.items() if not entry.value}
        if blank and blank <= names:
            return name
    return ""
