"""A process that forks, for each line it reads, a child which writes generation after generation until it is killed.

The line is the number to count from; the child prints its pid once it has written, its parent how it ended.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wizard.targets.env_file import (
    python_dotenv,  # noqa: F401  # loaded before the fork, as a running wizard has them
    write,
)


def settings(generation: int) -> dict[str, str]:
    """Return the pair of one generation."""
    return {
        "EMAIL_URL": f"smtp://org%2Fserver:key{generation}@smtp.example.com:2525",
        "DEFAULT_FROM_EMAIL": f"Generation {generation} <glitchtip@example.com>",
    }


def main(path: Path) -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            generation = int(line)
            while True:
                generation += 1
                write(path, settings(generation))
                if generation == int(line) + 1:
                    print(os.getpid(), flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
