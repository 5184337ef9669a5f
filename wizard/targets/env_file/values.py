"""The values of a `.env`, as python-dotenv reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.model.errors import UsageError
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_ENV: Final = 1_048_576
_BLANKS: Final = re.compile(r"[^\S\n]+")
_MAX_BLANKS: Final = 256
"""python-dotenv's search for a comment is quadratic in a run of blanks: 60,000 of them cost 19 s."""


def env_values(path: Path) -> dict[str, str | None]:
    """Return what python-dotenv reads in *path*, without interpolation. Raises UsageError."""
    import io

    shown = Untrusted(path)
    try:
        raw = files.read(path, _LARGEST_ENV)
    except FileNotFoundError:
        raise UsageError(f"{shown} does not exist: name the .env file by --env-file FILE.") from None
    except files.TooLargeError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}; is it a .env file?") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}; name the .env file by --env-file FILE.") from None
    from dotenv.parser import parse_stream

    # dotenv_values would log a line on stderr for each statement that it cannot read.
    text = raw.decode("utf-8-sig", "surrogateescape")
    if any(len(run[0]) > _MAX_BLANKS for run in _BLANKS.finditer(text)):
        raise UsageError(f"{shown} has a line with more than {_MAX_BLANKS} blanks in a row: take them out.")
    return {binding.key: binding.value for binding in parse_stream(io.StringIO(text)) if binding.key is not None}
