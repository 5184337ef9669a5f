"""Whether a wheel holds every file that the checkout has, and no other: ``python -m tests.cli.wheel WHEEL``.

What counts as the checkout are git's tracked files: what merely lies about on this machine must not be in it.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("wizard", "screens", "assets")
SHARE: Final = "assets/share/"
EXPECTED: Final = (
    "assets/style.tcss", "assets/answers.toml", "assets/answers.schema.json", "assets/findings.schema.json",
    "assets/help/sender.md", "share/man/man1/postal-wizard.1", "wizard/py.typed",
)  # fmt: skip
"""One of each kind that is no code: a comparison of two empty lists would be right too."""


def tracked() -> set[str]:
    """Return the files of the packages that git knows, as they should be named in the wheel."""
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=True)
    names = {name for name in listed.stdout.decode().split("\0") if name}
    return {f"share/{name.removeprefix(SHARE)}" if name.startswith(SHARE) else name for name in names}


def held(wheel: Path) -> set[str]:
    """Return the files in *wheel*, its metadata aside, and those of its data under the names they are installed by."""
    found = set()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            first, _, rest = name.partition("/")
            if first.endswith(".data"):
                found.add(rest.removeprefix("data/"))
            elif not first.endswith(".dist-info"):
                found.add(name)
    return found


def faults(wheel: Path) -> list[str]:
    """Return a line for each difference."""
    wanted, there = tracked(), held(wheel)
    lines = [f"not in the wheel: {name}" for name in sorted(wanted - there)]
    lines += [f"only in the wheel: {name}" for name in sorted(there - wanted)]
    return lines + [f"expected and not there: {name}" for name in EXPECTED if name not in there]


if __name__ == "__main__":
    differences = faults(Path(sys.argv[1]))
    print(*differences, f"{len(held(Path(sys.argv[1])))} files compared", sep="\n")
    sys.exit(1 if differences else 0)
