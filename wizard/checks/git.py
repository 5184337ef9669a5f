"""Whether git would publish the `.env`: tracked, ignored, or neither."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any, Final

from wizard.finding import Finding, Verdict
from wizard.foreign import Foreign

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE: Final = 5.0
"""Seconds for one call of git."""
_DUBIOUS: Final = 128
"""git's exit code where it will not say, such as root in somebody else's repository."""


async def judge(path: Path) -> Finding:
    """Judge the file at *path*, which need not be there yet."""
    shown = str(Foreign(path, 120))
    code, _ = await _git(path, "rev-parse", "--is-inside-work-tree")
    if code is None:
        return Finding(
            "git", shown, Verdict.UNKNOWN, "git cannot be asked whether it tracks this file.",
            remedy=f"Look yourself: git -C {Foreign(path.parent, 100)} ls-files {Foreign(path.name, 60)}",
        )  # fmt: skip
    if code == _DUBIOUS and not _in_repository(path.parent):
        return Finding("git", shown, Verdict.SKIP, "There is no git repository around this file.")
    tracked, said = await _git(path, "ls-files", "--error-unmatch", "--", path.name)
    ignored, _ = await _git(path, "check-ignore", "--no-index", "-q", "--", path.name)
    if tracked == 0:
        return Finding(
            "git", shown, Verdict.FAIL, "git tracks this file, so its secrets are in the repository's history.", (),
            "Treat the key as published: make a new credential in Postal, git rm --cached the file, and ignore it.",
        )  # fmt: skip
    if tracked != 1 or ignored not in {0, 1}:
        return Finding(
            "git", shown, Verdict.UNKNOWN, "git does not tell whether it tracks this file.", (said,) if said else (),
            "Run git ls-files as the owner of the repository.",
        )  # fmt: skip
    if ignored == 0:
        return Finding("git", shown, Verdict.PASS, "git ignores this file.")
    return Finding(
        "git", shown, Verdict.WARN, "git neither tracks nor ignores this file: one `git add` publishes its secrets.",
        remedy=f"Add a line to .gitignore: /{Foreign(path.name, 60)}",
    )  # fmt: skip


def _in_repository(directory: Path) -> bool:
    directory = directory.resolve()
    return any((parent / ".git").exists() for parent in (directory, *directory.parents))


async def _git(path: Path, *words: str) -> tuple[int | None, str]:
    """Run git in the file's directory; return its exit code (None: it did not run or end) and its last word."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        process = await asyncio.create_subprocess_exec(
            "git", "-C", str(path.parent), *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env=environment, **_owner(path.parent),
        )  # fmt: skip
    except (OSError, ValueError):
        return None, ""
    try:
        async with asyncio.timeout(DEADLINE):
            _, raw = await process.communicate()
    except TimeoutError:
        return None, ""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode, Foreign(raw.strip().rpartition(b"\n")[2], 160)


def _owner(directory: Path) -> dict[str, Any]:
    """Return, for root in somebody else's directory, whom to run git as: it refuses root there."""
    with contextlib.suppress(OSError):
        status = directory.stat()
        if os.geteuid() == 0 and status.st_uid != 0:
            return {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}
    return {}
