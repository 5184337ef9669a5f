"""The values of a `.env`, as python-dotenv reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.blanks import cut_blanks
from wizard.model.errors import UsageError
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_ENV: Final = 1_048_576


def env_values(path: Path) -> dict[str, str | None]:
    """Return what python-dotenv reads in *path*, without interpolation. Raises UsageError."""
    import io

    shown = Untrusted(path)
    try:
        raw = files.read(path, _LARGEST_ENV)
    except FileNotFoundError:
        raise UsageError(f"{shown} does not exist: name the .env file with --env-file FILE.") from None
    except files.TooLargeError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}; is it a .env file?") from None
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror}; name the .env file with --env-file FILE."
        ) from None
    from dotenv.parser import parse_stream

    # dotenv_values would log a line on stderr for each statement that it cannot read.
    text = cut_blanks(raw.decode("utf-8-sig", "surrogateescape"))
    return {binding.key: binding.value for binding in parse_stream(io.StringIO(text)) if binding.key is not None}
