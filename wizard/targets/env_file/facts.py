"""What can be said of a `.env` at a glance, without a value of it: mode, owner, what is set, since when."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.email_url import url as email_url
from wizard.glitchtip.exported_copy import TEMPLATES
from wizard.model.errors import UsageError
from wizard.model.untrusted import Untrusted
from wizard.targets.env_file.values import env_values

if TYPE_CHECKING:
    from pathlib import Path


def starting_points(directory: Path) -> tuple[Path, ...]:
    """Return the templates in *directory* that a new ``.env`` can start from."""
    found = (directory / name for name in TEMPLATES)
    return tuple(path for path in found if path.is_file())


def lines(path: Path) -> list[str]:
    """Return sentences about the file at *path*, or about what it could start from."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        if templates := starting_points(path.parent):
            name = Untrusted(templates[0].name)
            return [f"There is no such file yet; it starts from {name}, whose comments are kept."]
        return ["There is no such file yet; it is made, 0600."]
    except OSError as error:
        return [f"It cannot be examined: {error.strerror}."]
    if stat.S_ISDIR(status.st_mode):
        return ["This is a directory: name the .env file in it."]
    owner = "yours" if status.st_uid == os.geteuid() else f"of user {status.st_uid}"
    kind = "a symlink, which stays one" if stat.S_ISLNK(status.st_mode) else f"{stat.S_IMODE(status.st_mode):04o}"
    return [f"{kind}, {owner}", *held(path)]


def held(path: Path) -> list[str]:
    """Return what the file holds of mail settings, masked."""
    try:
        values = env_values(path)
    except UsageError as error:
        return [str(error)]
    url = values.get("EMAIL_URL")
    if not url:
        return ["EMAIL_URL is not set in it"]
    said = f"EMAIL_URL set, {email_url.masked(url)}"
    try:
        return [f"{said}, file of {datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d}"]
    except (OSError, ValueError, OverflowError):  # taken away meanwhile, or of a year that no calendar has
        return [said]
