"""What the official CLI's conventions tell of an Infisical: environment variables, ``.infisical.json`` upward.

Source: Infisical/cli as in infisical.md section 8. Values only prefill what the operator is asked: a domain that comes
from the file is confirmed first, for a repository could send the client secret anywhere by it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME: Final = ".infisical.json"
DEFAULT_URL: Final = "https://app.infisical.com"
"""Where the CLI goes when nothing names a domain. Never taken as a value here: a client secret would go there."""
_LARGEST: Final = 65_536
_MAX_HEAD: Final = 4096
"""Bytes of .git/HEAD: a reference of one line."""
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Conventions:
    """What was found; what nothing tells is empty in ``target``."""

    target: InfisicalTarget
    messages: tuple[str, ...]
    """A line for each source, ready to be shown; no secret, every foreign character inert."""
    domain_from_file: bool
    """``target.url`` comes from ``.infisical.json``: the operator confirms it before anything is sent there."""

    above: str = ""
    """The directory of the file, where that is not the one that was looked at."""

    @property
    def anything(self) -> bool:
        """Whether there is anything to prefill."""
        return self.target != InfisicalTarget()

    @property
    def question(self) -> str:
        """What to ask before the domain of the file is used."""
        return f"{NAME} names {self.target.url} as Infisical. The client secret will be sent there: is it yours?"

    def unconfirmed(self) -> InfisicalTarget:
        """Return the target without the domain that nobody has confirmed."""
        return replace(self.target, url="") if self.domain_from_file else self.target


def discover(directory: Path, environ: Mapping[str, str] | None = None) -> Conventions:
    """Look at *environ* (default: the process's own) and for the file from *directory* upward."""
    given = os.environ if environ is None else environ
    messages: list[str] = []
    path = _upward(directory)
    content: dict[str, Any] = {}
    if path is not None:
        read = _read(path)
        if isinstance(read, str):
            messages.append(read)
        else:
            content = read
    taken = _Taken(messages)
    from_file = taken.file
    url = taken.variable(given, *infisical.DOMAINS, is_url=True)
    domain_from_file = False
    if not url:
        url = _base(from_file(content, "domain"))
        domain_from_file = bool(url)
    target = InfisicalTarget(
        url=url,
        project=taken.variable(given, infisical.PROJECT) or from_file(content, "workspaceId"),
        environment=taken.variable(given, infisical.ENVIRONMENT)
        or (_of_branch(path, content) if path is not None else "")
        or from_file(content, "defaultEnvironment"),
        secret_path=_folder(taken.variable(given, infisical.FOLDER) or from_file(content, "defaultSecretPath") or "/"),
        client_id=taken.variable(given, *infisical.CLIENT_IDS),
    )
    messages += [f"{name} of the environment is set" for name in infisical.SECRETS if given.get(name, "").strip()]
    if target != InfisicalTarget() and not url:
        messages.append(f"nothing names Infisical's domain: the official CLI would go to {DEFAULT_URL}")
    above = Untrusted(path.parent, 60) if path is not None and path.parent != directory.absolute() else ""
    return Conventions(target, tuple(Untrusted(line, 160) for line in messages), domain_from_file, above)


def variables(target: InfisicalTarget) -> dict[str, str]:
    """Return the environment that tells *target*: what ``discover`` reads, the other way round."""
    return {
        infisical.DOMAINS[0]: target.url,
        infisical.PROJECT: target.project,
        infisical.ENVIRONMENT: target.environment,
        infisical.FOLDER: target.secret_path,
        infisical.CLIENT_IDS[0]: target.client_id,
    }


def completed(
    target: InfisicalTarget, *, folder_told: bool, environ: Mapping[str, str] | None = None
) -> tuple[InfisicalTarget, tuple[str, ...]]:
    """Return *target* with what it lacks from the variables, and a line for each that was used.

    From the variables alone: what ``.infisical.json`` says is for somebody to confirm. *folder_told*: the operator gave
    the folder.
    """
    given = os.environ if environ is None else environ
    messages: list[str] = []
    taken = _Taken(messages)
    filled = replace(
        target,
        url=target.url or taken.variable(given, *infisical.DOMAINS, is_url=True),
        project=target.project or taken.variable(given, infisical.PROJECT),
        environment=target.environment or taken.variable(given, infisical.ENVIRONMENT),
        client_id=target.client_id or taken.variable(given, *infisical.CLIENT_IDS),
    )
    folder = "" if folder_told else taken.variable(given, infisical.FOLDER)
    lines = tuple(Untrusted(f"taken from the environment: {line}", 200) for line in messages)
    return replace(filled, secret_path=_folder(folder)) if folder else filled, lines


@dataclass(frozen=True, slots=True)
class _Taken:
    """Takes values and says from where."""

    messages: list[str]

    def variable(self, given: Mapping[str, str], *names: str, is_url: bool = False) -> str:
        """Return the first of *names* that holds something usable."""
        for name in names:
            value = _text(given.get(name))
            value = _base(value) if is_url else value
            if value:
                self.messages.append(f"{name}={value}")
                return value
        return ""

    def file(self, content: dict[str, Any], key: str) -> str:
        """Return what the file says under *key*."""
        value = _text(content.get(key))
        if value:
            self.messages.append(f"{NAME}: {key} {value}")
        return value


def _upward(directory: Path) -> Path | None:
    for parent in (directory.absolute(), *directory.absolute().parents):
        path = parent / NAME
        try:
            if path.is_file():
                return path
        except OSError:
            return None
    return None


def _read(path: Path) -> dict[str, Any] | str:
    try:
        content = json.loads(files.read(path, _LARGEST))
    except OSError as error:
        return f"{NAME} cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        return f"{NAME} is not JSON"
    return content if isinstance(content, dict) else f"{NAME} is not what the official CLI writes"


def _of_branch(path: Path, content: dict[str, Any]) -> str:
    """Return the environment that the file maps the present git branch to, empty where it maps none.

    As the CLI does, by the last part of the branch's name: ``release/prod`` is looked up as ``prod``.
    """
    mapping = content.get("gitBranchToEnvironmentMapping")
    if not isinstance(mapping, dict) or not mapping:
        return ""
    for parent in (path.parent, *path.parent.parents):
        try:
            head = files.read(parent / ".git" / "HEAD", _MAX_HEAD).decode()
        except (OSError, UnicodeDecodeError):
            continue
        return _text(mapping.get(head.strip().rpartition("/")[2]))
    return ""


def _text(value: object) -> str:
    """Return *value* where it is printable text of a sane length, else nothing."""
    text = value.strip() if isinstance(value, str) else ""
    return text if text.isprintable() and len(text) <= _LONGEST else ""


def _base(text: str) -> str:
    """Return the URL without ``/api``, which the CLI adds where it is missing; without user and password in it."""
    try:
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            return ""
    except ValueError:
        return ""
    return infisical.bare_url(text)


def _folder(text: str) -> str:
    """Return the folder without the slashes at its end, which the server removes too."""
    return text.rstrip("/") or "/"
