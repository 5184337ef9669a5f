"""The values of a `.env`, as python-dotenv reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.errors import UsageError
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_ENV: Final = 1_048_576


def env_values(path: Path) -> dict[str, str | None]:
    """Return what python-dotenv reads in *path*, without interpolation. Raises UsageError."""
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
    from wizard.targets.env_file.python_dotenv import last_values  # start-up: 18 ms

    return last_values(raw)
