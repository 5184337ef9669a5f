"""The program with a defect put into it: ``injected.py MODULE ATTRIBUTE WORDS`` raises where the attribute is called.

The canary comes by a descriptor, as a key would: it must be found nowhere, so it may be in no argument either.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
from typing import Any, NoReturn

from wizard.cli import main as cli
from wizard.model.secret import Secret

CANARY_FD = 97
"""High: a low one is the very channel of a worker of pytest-xdist."""


def _fail(canary: str) -> NoReturn:
    kept = Secret(canary)
    held = [canary, {"key": canary}]
    try:
        raise KeyError(canary)  # noqa: TRY301  # a cause that quotes it too
    except KeyError as error:
        error.add_note(f"kept {held}")
        raise RuntimeError(f"a defect that quotes {canary} and {held}", kept, canary.encode()) from error


def defective(original: Any, canary: str) -> Any:
    """Return what stands in the place of *original* and fails."""
    if inspect.iscoroutinefunction(original):

        async def fail_later(*_: object, **__: object) -> None:
            mine = canary
            _fail(mine)

        return fail_later

    def fail(*_: object, **__: object) -> None:
        mine = canary
        _fail(mine)

    return fail


def main(module: str, attribute: str, words: list[str]) -> None:
    """Put the defect in and start the program."""
    canary = os.read(CANARY_FD, 4096).decode()
    with contextlib.suppress(OSError):
        os.close(CANARY_FD)
    owner: Any = importlib.import_module(module)
    *path, name = attribute.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, name, defective(getattr(owner, name), canary))
    cli.main(words)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
