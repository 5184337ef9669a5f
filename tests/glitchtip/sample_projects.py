"""Whole compose projects, rebuilt in our own words from what GlitchTip's users run."""

from __future__ import annotations

import shutil
from pathlib import Path

PROJECTS = Path(__file__).parent / "projects"
NAMES = tuple(sorted(path.name for path in PROJECTS.iterdir() if path.is_dir()))
HIDDEN = {"env": ".env", "env.template": ".env.template", "infisical.json": ".infisical.json"}
"""What git or tools would take for their own under its real name."""


def copied(name: str, directory: Path) -> Path:
    """Copy the project *name* into *directory*, hidden files under their real names, and return where it is."""
    made = directory / name
    shutil.copytree(PROJECTS / name, made)
    for path in sorted(made.rglob("*")):
        if path.name in HIDDEN:
            path.rename(path.with_name(HIDDEN[path.name]))
    return made
