"""One service of a compose file over another: what an override, ``extends`` and ``include`` make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip.compose_yaml import Mapping, Sequence, Tagged
from wizard.glitchtip.interpolation import LONGEST

if TYPE_CHECKING:
    from pathlib import Path

_MOST_VARIABLES: Final = 2_000
_MOST_ENV_FILES: Final = 50
_REPLACED: Final = ("image", "command", "entrypoint", "extends", "network_mode", "build")
"""All else that is looked at of a service: nothing more is merged, so that aliases cannot multiply."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ``environment``."""

    value: str | None
    """As written, before interpolation; None for a bare name, which is passed on."""
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class EnvFileRow:
    """One entry of ``env_file``."""

    name: str
    """As written, before interpolation."""
    base: Path
    """The directory that it is relative to."""
    required: bool = True
    raw: bool = False
    """``format: raw``: quotes and dollars stay as they are."""


@dataclass(frozen=True, slots=True)
class Body:
    """What matters of one service."""

    file: Path
    line: int
    """Where the service begins."""
    plain: dict[str, Any]
    """image, command, entrypoint, extends, network_mode, build: as they are written."""
    environment: dict[str, Row]
    env_files: tuple[EnvFileRow, ...] = ()
    as_list: bool = False
    """Whether ``environment`` is written as a list."""
    replaces: frozenset[str] = frozenset()
    """Keys under ``!override`` or ``!reset``, which take the place of what they override."""
    removed: frozenset[str] = frozenset()
    """Rows of ``environment`` under ``!reset``."""


def body(service: Mapping, line: int, base: Path) -> Body:
    """Take what matters of one service; *base* is the directory that its paths are relative to."""
    plain: dict[str, Any] = {}
    replaces: set[str] = set()
    for key in (*_REPLACED, "environment", "env_file"):
        if key not in service:
            continue
        value = service[key]
        if isinstance(value, Tagged):
            replaces.add(key)
            value = None if value.removed else value.value
        plain[key] = value
    environment = plain.pop("environment", None)
    files = plain.pop("env_file", None)
    removed = (
        frozenset(str(key)[:200] for key, value in environment.items() if isinstance(value, Tagged) and value.removed)
        if isinstance(environment, dict)
        else frozenset()
    )
    rows = {name: row for name, row in _rows(environment, service.file, line).items() if name not in removed}
    return Body(
        service.file, line, plain, rows, _env_files(files, base), isinstance(environment, list),
        frozenset(replaces), removed,
    )  # fmt: skip


def merged(base: Body, override: Body) -> Body:
    """Merge one service over another as compose does.

    ``environment`` goes by name, ``env_file`` one behind the other, the rest is replaced.
    """
    environment = {} if "environment" in override.replaces else base.environment
    environment = {name: row for name, row in environment.items() if name not in override.removed}
    files = () if "env_file" in override.replaces else base.env_files
    return replace(
        base,
        plain={**base.plain, **override.plain},
        environment={**environment, **override.environment},
        env_files=(*files, *(file for file in override.env_files if file not in files)),
        as_list=base.as_list if base.environment else override.as_list,
    )


def _rows(environment: Any, file: Path, line: int) -> dict[str, Row]:
    """Return ``environment`` in either form by name."""
    if isinstance(environment, Mapping):
        return {
            str(key)[:200]: Row(scalar(value), environment.file, environment.lines.get(key, line))
            for key, value in islice(environment.items(), _MOST_VARIABLES)
        }
    found: dict[str, Row] = {}
    for index, item in enumerate(environment[:_MOST_VARIABLES] if isinstance(environment, list) else []):
        if isinstance(item, str):
            name, equals, value = item.partition("=")
            where = (environment.file, environment.lines[index]) if isinstance(environment, Sequence) else (file, line)
            found[name.strip()[:200]] = Row(value[:LONGEST] if equals else None, *where)
    return found


def scalar(value: Any) -> str | None:
    """Return a scalar as compose hands it on; None for an empty one."""
    value = value.value if isinstance(value, Tagged) else value
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)[:LONGEST] if isinstance(value, str | int) else ""


def _env_files(listed: Any, base: Path) -> tuple[EnvFileRow, ...]:
    found = []
    for item in (listed if isinstance(listed, list) else [listed])[:_MOST_ENV_FILES]:
        name = item.get("path") if isinstance(item, dict) else item
        if isinstance(name, str) and name and "\0" not in name:
            required = not (isinstance(item, dict) and item.get("required") is False)
            raw = isinstance(item, dict) and item.get("format") == "raw"
            found.append(EnvFileRow(name[:4000], base, required, raw))
    return tuple(found)
