"""What the review of a ``.env`` change says beside the values: how much changes, and what is kept."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from wizard.targets.env_file.location import ACL, owner

if TYPE_CHECKING:
    from wizard.targets.env_file.location import Source
    from wizard.targets.env_file.text import Edited


def facts(source: Source, edited: Edited, *, template_name: str | None) -> tuple[str, ...]:
    """Return the sentences beside the diff."""
    said = [f"{edited.touched} of {edited.lines} lines"]
    if source.links:
        said.append(f"{source.shown} is where the symbolic link leads; the link stays")
    status = source.status
    if status is None:
        said.append(f"new file from {template_name} (its comments are kept)" if template_name else "new file")
        return (*said, "0600, yours")
    mode = stat.S_IMODE(status.st_mode)
    mine = status.st_uid == os.geteuid()
    kept = f"{mode:04o}, {'yours' if mine else f'owner {owner(status.st_uid)}, kept'}"
    if ACL in source.attributes:
        kept += ", with an ACL"
    said.append(kept)
    if mode & 0o077:
        said.append(f"other users of this machine can read it: chmod 600 {source.shown} would stop that")
    if status.st_nlink > 1:
        said.append("the file has another name (a hard link), which keeps the old text")
    return tuple(said)
