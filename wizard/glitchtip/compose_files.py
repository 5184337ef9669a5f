"""The services of a compose project: its files one over another, with what they ``include`` and ``extends``.

Only local paths are followed; a remote one (``https://``, ``oci://``, git) is noted and left alone.
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import compose_env, compose_variables, interpolation
from wizard.glitchtip.compose_merge import Body, body, merged
from wizard.glitchtip.compose_yaml import ComposeError, Mapping, load
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wizard.glitchtip.compose_variables import Variable
    from wizard.glitchtip.interpolation import Known

_MOST_SERVICES: Final = 500
_MOST_FILES: Final = 50
_SERVICE: Final = re.compile(r"[a-zA-Z0-9._-]+")
"""compose-go's schema: any other name makes compose refuse the file."""
_DEEPEST: Final = 10
"""Services that extend one another, and files that include one another."""
_REMOTE: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://|git@|github\.com/|[^\s#]+\.git(?:#|\Z)")
"""What compose fetches: its git and OCI loaders (compose v2, pkg/remote)."""


@dataclass(frozen=True, slots=True)
class RawService:
    """One service, and the variables that its ``${NAME}`` are taken from."""

    body: Body
    known: Known = field(repr=False)


@dataclass(slots=True)
class ProjectFiles:
    """All that the files of a project say, as far as it matters here."""

    services: dict[str, RawService] = field(default_factory=dict)
    name: str = ""
    """Top-level ``name``, interpolated; empty where there is none."""
    secrets: dict[str, Path] = field(default_factory=dict)
    """Top-level ``secrets`` that are files, by name."""
    remote: list[str] = field(default_factory=list)
    """What is fetched from elsewhere and was not read. Untrusted."""
    env_faults: list[tuple[Path, compose_env.Fault]] = field(default_factory=list)
    """Lines of a `.env` for which compose refuses to start."""
    variables: dict[str, Variable] = field(default_factory=dict)
    """Every variable that the files name."""
    documents: dict[Path, Mapping] = field(default_factory=dict)
    """Every file that was read, once."""


def read(files: Sequence[Path], directory: Path, known: Known) -> ProjectFiles:
    """Return what *files*, in their order, describe in the project *directory*. Raises ComposeError."""
    project = ProjectFiles()
    _read(project, files, directory, known, 0)
    if not project.services and not project.remote and files:
        name = Untrusted(files[0].name)
        if any(isinstance(body, Mapping) and "image" in body for body in project.documents[files[0]].values()):
            raise ComposeError(f"{name} is written for docker-compose 1: its services are not under services:.")
        raise ComposeError(f"{name} has no services.")
    return project


def _read(project: ProjectFiles, files: Sequence[Path], directory: Path, known: Known, depth: int) -> None:
    own: dict[str, Body] = {}
    for path in files:
        document = _document(project, path)
        _top_level(project, document, directory, known, depth)
        bodies = _bodies(document, directory)
        bare = [name for raw in bodies.values() for name, row in raw.environment.items() if row.value is None]
        compose_variables.note(project.variables, document, bare, known)
        for name, raw in bodies.items():
            extended = _extended(project, raw, bodies, known, 0)
            own[name] = merged(own[name], extended) if name in own else extended
    for name, raw in own.items():
        above = project.services.get(name)
        project.services[name] = RawService(merged(above.body, raw) if above else raw, known)
    if len(project.services) > _MOST_SERVICES:
        raise ComposeError(f"{Untrusted(files[0].name)} has more than {_MOST_SERVICES} services.")


def _document(project: ProjectFiles, path: Path) -> Mapping:
    if path not in project.documents:
        if len(project.documents) >= _MOST_FILES:
            raise ComposeError(f"More than {_MOST_FILES} files make up this compose project.")
        project.documents[path] = load(path)
    return project.documents[path]


def _top_level(project: ProjectFiles, document: Mapping, directory: Path, known: Known, depth: int) -> None:
    name = document.get("name")
    if depth == 0 and isinstance(name, str):
        project.name = interpolation.interpolated(name[:200], known, lenient=True)
    secrets = document.get("secrets")
    for key, secret in list(secrets.items())[:_MOST_SERVICES] if isinstance(secrets, dict) else []:
        file = secret.get("file") if isinstance(secret, dict) else None
        if isinstance(file, str) and "\0" not in file:
            project.secrets[str(key)[:200]] = directory / interpolation.interpolated(file[:4000], known, lenient=True)
    for entry in _listed(document.get("include"))[:_MOST_FILES]:
        _include(project, entry, directory, known, depth)


def _include(project: ProjectFiles, entry: Any, directory: Path, known: Known, depth: int) -> None:
    """Read what one entry of ``include`` names; its own `.env` counts less than the variables of the project."""
    given = entry if isinstance(entry, dict) else {"path": entry}
    names = list(_names(given.get("path"), known))
    if not names or depth >= _DEEPEST:
        return
    remote = [text for text in names if _REMOTE.match(text)]
    if remote:
        project.remote += remote
        return
    paths = [directory / text for text in names]
    own = next(iter(_names(given.get("project_directory"), known)), "")
    base = directory / own if own else paths[0].parent
    env_files = [directory / text for text in _names(given.get("env_file"), known)] or [base / ".env"]
    _read(project, paths, base, ChainMap(dict(known), dict(env_values(env_files, known, project))), depth + 1)


def env_values(paths: Sequence[Path], known: Known, project: ProjectFiles | None = None) -> dict[str, str | None]:
    """Return what the `.env` files set, the last one first; what compose refuses in them is noted in *project*."""
    values: dict[str, str | None] = {}
    for path in paths:
        text = compose_env.read(path, ChainMap(values, dict(known)))
        values |= {name: entry.value for name, entry in text.entries.items() if entry.value is not None}
        if project is not None:
            project.env_faults += [(path, fault) for fault in text.faults]
    return values


def _names(given: Any, known: Known) -> Iterator[str]:
    for text in _listed(given)[:_MOST_FILES]:
        if isinstance(text, str) and text and "\0" not in text:
            yield interpolation.interpolated(text[:4000], known, lenient=True)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _bodies(document: Mapping, base: Path) -> dict[str, Body]:
    given = document.get("services")
    if not isinstance(given, Mapping):
        return {}
    if len(given) > _MOST_SERVICES:
        raise ComposeError(f"{Untrusted(document.file.name)} has more than {_MOST_SERVICES} services.")
    if not all(_SERVICE.fullmatch(str(name)) for name in given):
        raise ComposeError(
            f"{Untrusted(document.file.name)} has a service with a name that compose refuses: it accepts only "
            "letters, digits and . _ -"
        )
    return {
        str(name)[:200]: body(service, given.lines.get(name, 1), base)
        for name, service in given.items()
        if isinstance(service, Mapping)
    }


def _extended(project: ProjectFiles, raw: Body, beside: dict[str, Body], known: Known, depth: int) -> Body:
    given = raw.plain.get("extends")
    name, file = (given.get("service"), given.get("file")) if isinstance(given, dict) else (given, None)
    if not isinstance(name, str) or depth > _DEEPEST:
        return raw
    if isinstance(file, str):
        file = interpolation.interpolated(file[:4000], known, lenient=True)
        if _REMOTE.match(file):
            project.remote.append(file)
            return raw
        if "\0" in file:
            return raw
        path = raw.file.parent / file
        beside = _bodies(_document(project, path), path.parent)
    base = beside.get(name)
    return raw if base is None else merged(_extended(project, base, beside, known, depth + 1), raw)
