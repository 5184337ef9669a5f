"""Whether git would publish the `.env`: tracked, ignored, or neither."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE: Final = 5.0
"""Seconds for all calls of git together."""
_CANNOT: Final = 128
"""git's exit code without a repository, and where it will not say, such as root in somebody else's repository."""


async def judge(path: Path) -> Finding:
    """Judge the file at *path*, which need not be there yet. The links in its way are followed, as the writing does."""
    shown = str(Untrusted(path, 120))
    try:
        path = await asyncio.to_thread(path.resolve)
        async with asyncio.timeout(DEADLINE):
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
        return Finding(
            "git", shown, Verdict.FAIL, "git tracks this file, so its secrets are in the repository's history.", (),
            "Treat the key as published: make a new credential in Postal, git rm --cached the file, and ignore it.",
        )  # fmt: skip
    if tracked.code != 1 or ignored.code not in {0, 1}:
        return _unknown(path, shown, tracked.said or ignored.said)
    if ignored.code == 0:
        return Finding("git", shown, Verdict.PASS, "git ignores this file.")
    return Finding(
        "git", shown, Verdict.WARN, "git neither tracks nor ignores this file: one `git add` publishes its secrets.",
        remedy=f"Add a line to .gitignore beside it: /{Untrusted(path.name, 60)}",
    )  # fmt: skip


def _none(shown: str) -> Finding:
    return Finding("git", shown, Verdict.SKIP, "There is no git repository around this file.")


def _unknown(path: Path, shown: str, said: str) -> Finding:
    return Finding(
        "git", shown, Verdict.UNKNOWN, "git cannot tell whether it tracks this file.", (said,) if said else (),
        f"Run as the repository's owner: git -C {Untrusted(path.parent, 100)} ls-files {Untrusted(path.name, 60)}",
    )  # fmt: skip


def _in_repository(directory: Path) -> bool:
    """Whether a ``.git`` stands in or above *directory*; told without git. Where it cannot be looked up: yes."""
    try:
        directory = directory.resolve()
        return any((parent / ".git").exists() for parent in (directory, *directory.parents))
    except (OSError, RuntimeError, ValueError):
        return True


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a call of git ended."""

    code: int
    said: str
    """The last line of its errors."""


async def _git(path: Path, *words: str) -> _Answer:
    """Run git in the file's directory. Raises OSError where it cannot be started.

    No variable GIT_* of ours leads it elsewhere, and no program that the repository names (core.fsmonitor) is run.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    process = await asyncio.create_subprocess_exec(
        "git", "-c", "core.fsmonitor=false", "-C", str(path.parent), *words,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        env=environment, **_owner(path.parent),
    )  # fmt: skip
    try:
        _, raw = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            # A child of git may hold the pipe; nobody waits for it.
            process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # asyncio offers no other way
    return _Answer(process.returncode or 0, Untrusted(raw.strip().rpartition(b"\n")[2], 160))


def _owner(directory: Path) -> dict[str, Any]:
    """Return, for root in somebody else's directory, whom to run git as: it refuses root there."""
    with contextlib.suppress(OSError):
        status = directory.stat()
        if os.geteuid() == 0 and status.st_uid != 0:
            return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}
    return {}
