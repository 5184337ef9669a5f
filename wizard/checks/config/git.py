"""Whether git would publish the `.env`: tracked, ignored, or neither."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted
from wizard.system import command
from wizard.system.threads import aside

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE: Final = 5.0
"""Seconds for all calls of git together."""
_CANNOT: Final = 128
"""git's exit code without a repository, and where it will not say, such as root in somebody else's repository."""
_SETTINGS: Final = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.askPass=",
)  # fmt: skip
_VARIABLES: Final = {
    # In a partial clone with a sparse index, ls-files fetches what is missing, by a program that the repository's own
    # configuration names. Each of the two stops it (git 2.39); `-c remote.origin.uploadpack=` does not.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}


async def judge(path: Path) -> Finding:
    """Judge the file at *path*, which need not be there yet. The links in its way are followed, as the writing does."""
    shown = str(Untrusted(path, 120))
    try:
        async with asyncio.timeout(DEADLINE):
            path = await aside(path.resolve)
            inside, tracked, ignored = await asyncio.gather(
                _git(path, "rev-parse", "--is-inside-work-tree"),
                _git(path, "--literal-pathspecs", "ls-files", "--error-unmatch", "--", path.name),
                _git(path, "check-ignore", "--no-index", "-q", "--", f"./{path.name}"),
            )
    except (TimeoutError, OSError, RuntimeError, ValueError):
        # It hangs, is not installed, may not be started, or the path leads round in a circle.
        return _unknown(path, shown, "") if _in_repository(path.parent) else _none(shown)
    if inside.code == _CANNOT and not _in_repository(path.parent):
        return _none(shown)
    if tracked.code == 0:
        return Finding.fail(
            Code.GIT_TRACKED, shown, "git tracks this file, so its secrets are in the repository's history.",
            remedy="Treat the key as published: make a new credential in Postal, git rm --cached the file, "
            "and ignore it.",
        )  # fmt: skip
    if tracked.code != 1 or ignored.code not in {0, 1}:
        return _unknown(path, shown, tracked.error or ignored.error)
    if ignored.code == 0:
        return Finding.ok(Code.GIT_IGNORED, shown, "git ignores this file.")
    return Finding.warn(
        Code.GIT_NOT_IGNORED, shown,
        "git neither tracks nor ignores this file: one `git add` publishes its secrets.",
        remedy=f"Add a line to .gitignore beside it: /{Untrusted(path.name, 60)}",
    )  # fmt: skip


def _none(shown: str) -> Finding:
    return Finding.skip(Code.GIT_NOT_APPLICABLE, shown, "There is no git repository around this file.")


def _unknown(path: Path, shown: str, error: str) -> Finding:
    return Finding.unknown(
        Code.GIT_UNKNOWN, shown, "git cannot tell whether it tracks this file.", (error,) if error else (),
        remedy=f"Run as the repository's owner: git -C {Untrusted(path.parent, 100)} ls-files "
        f"{Untrusted(path.name, 60)}",
    )  # fmt: skip


def _in_repository(directory: Path) -> bool:
    """Whether there is a ``.git`` in or above *directory*; found without git. Where it cannot be looked up: yes."""
    try:
        directory = directory.resolve()
        return any((parent / ".git").exists() for parent in (directory, *directory.parents))
    except (OSError, RuntimeError, ValueError):
        return True


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a call of git ended."""

    code: int
    error: str
    """The last line of its errors."""


async def _git(path: Path, *words: str) -> _Answer:
    """Run git in the file's directory. Raises OSError where it cannot be started, TimeoutError at the deadline.

    Nothing that the repository names is run: no remote helper for a lazy fetch, no fsmonitor, no hook, no pager.
    """
    user, more = _owner(path.parent)
    ran = await command.run(
        ("git", *_SETTINGS, "-C", str(path.parent), *words), deadline=DEADLINE, more=_VARIABLES | more, user=user
    )
    if ran.not_started:
        raise OSError(ran.not_started)
    if ran.code is None:
        raise TimeoutError
    return _Answer(ran.code, Untrusted(ran.stderr.strip().rpartition(b"\n")[2], 160))


def _owner(directory: Path) -> tuple[tuple[int, int] | None, dict[str, str]]:
    """Return, for root in somebody else's directory, whom to run git as and with which HOME: it refuses root there."""
    with contextlib.suppress(OSError):
        status = directory.stat()
        if os.geteuid() == 0 and status.st_uid != 0:
            home = "/"
            with contextlib.suppress(KeyError):
                home = pwd.getpwuid(status.st_uid).pw_dir
            return (status.st_uid, status.st_gid), {"HOME": home}
    return None, {}
