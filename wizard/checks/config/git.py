"""Whether git would publish the `.env`: tracked, ignored, or neither."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted
from wizard.system import command, files
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

DEADLINE: Final = 5.0
"""Seconds for all calls of git together."""
_CANNOT: Final = 128
"""git's exit code without a repository, and where it will not say, such as root in somebody else's repository."""
_SAMPLE: Final = ".postal-wizard.0123456789abcdef.tmp"
"""A name as the writer gives to its temporary files."""
_MAX_NAMES: Final = 10_000
"""Names looked at in a directory."""
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
            left = await aside(_left_behind, path.parent)
            inside, tracked, tracked_strays, ignored = await _all(
                _git(path, "rev-parse", "--is-inside-work-tree"),
                _git(path, "--literal-pathspecs", "ls-files", "--error-unmatch", "--", path.name),
                _git(path, "ls-files", "--error-unmatch", "--", files.OURS_GLOB),
                _git(path, "check-ignore", "--no-index", "-z", "--stdin", names=(path.name, _SAMPLE, *left)),
            )
    except (TimeoutError, OSError, RuntimeError, ValueError):
        # It hangs, is not installed, may not be started, or the path leads round in a circle.
        return _unknown(path, shown, "") if _in_repository(path.parent) else _none(shown)
    if inside.code == _CANNOT and not _in_repository(path.parent):
        return _none(shown)
    if tracked.code == 0:
        return Finding.fail(
            Code.GIT_TRACKED, shown, "git tracks this file, so its secrets are in the repository's history.",
            remedy="Treat the key as published: make a new credential in Postal, run git rm --cached on the file, "
            "and add it to .gitignore.",
        )  # fmt: skip
    if tracked_strays.code == 0:
        return Finding.fail(
            Code.GIT_TEMPORARY_TRACKED, shown,
            f"git tracks a temporary file of this program ({files.OURS_GLOB}), so the secrets in it are published.",
            remedy="Make a new credential in Postal, run git rm on the temporary file, and add its name to "
            ".gitignore.",
        )  # fmt: skip
    if tracked.code != 1 or ignored.code not in {0, 1}:
        return _unknown(path, shown, tracked.error or ignored.error)
    if path.name not in ignored.names:
        return Finding.warn(
            Code.GIT_NOT_IGNORED, shown,
            'git neither tracks nor ignores this file: one "git add" publishes its secrets.',
            remedy=f"Add a line to .gitignore beside it: /{Untrusted(path.name, 60)}",
        )  # fmt: skip
    exposed = [name for name in left if name not in ignored.names]
    if exposed:
        return Finding.warn(
            Code.GIT_TEMPORARY_LEFT, shown,
            f'git ignores this file, but not {exposed[0]} next to it, which a killed run left: one "git add" '
            "publishes its secrets.",
            remedy=f"Delete it: rm {Untrusted(path.parent / exposed[0], 200)}",
        )  # fmt: skip
    moment = (
        f"While the wizard writes this file, the new text is next to it in {files.OURS_GLOB}, which git does not "
        "ignore."
    )
    return Finding.ok(Code.GIT_IGNORED, shown, "git ignores this file.", () if _SAMPLE in ignored.names else (moment,))


def _left_behind(directory: Path) -> list[str]:
    """Return names of temporary files that killed runs left in *directory*; those of this user were swept before."""
    with os.scandir(directory) as entries:
        return [entry.name for entry in islice(entries, _MAX_NAMES) if files.OURS.fullmatch(entry.name)][:20]


async def _all(*calls: Awaitable[_Answer]) -> list[_Answer]:
    """Return what all *calls* gave; every one has ended by then, also where one raised."""
    ended = await asyncio.gather(*calls, return_exceptions=True)
    wrong = next((one for one in ended if isinstance(one, BaseException)), None)
    if wrong is not None:
        raise wrong
    return [one for one in ended if not isinstance(one, BaseException)]


def _none(shown: str) -> Finding:
    return Finding.skip(Code.GIT_NOT_APPLICABLE, shown, "This file is not in a git repository.")


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
    names: frozenset[str]
    """What it printed, where that was asked for with ``-z``."""


async def _git(path: Path, *words: str, names: tuple[str, ...] = ()) -> _Answer:
    """Run git in the file's directory. Raises OSError where it cannot be started, TimeoutError at the deadline.

    Nothing that the repository names is run: no remote helper for a lazy fetch, no fsmonitor, no hook, no pager.
    """
    user, more = _owner(path.parent)
    given = b"".join(b"./" + os.fsencode(name) + b"\0" for name in names)
    ran = await command.run(
        ("git", *_SETTINGS, "-C", str(path.parent), *words), given,
        deadline=DEADLINE, more=_VARIABLES | more, user=user,
    )  # fmt: skip
    if ran.not_started:
        raise OSError(ran.not_started)
    if ran.code is None:
        raise TimeoutError
    printed = frozenset(os.fsdecode(name.removeprefix(b"./")) for name in ran.stdout.split(b"\0"))
    return _Answer(ran.code, Untrusted(ran.stderr.strip().rpartition(b"\n")[2], 160), printed)


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
