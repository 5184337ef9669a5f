"""The values of a `.env`, as python-dotenv reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.errors import UsageError
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_ENV: Final = 1_048_576


def env_values(path: Path) -> dict[str, str | None]:
    """Return what python-dotenv reads in *path*, without interpolation. Raises UsageError."""
    import io

    shown = Untrusted(path)
    try:
        if not path.is_file():
            reason = "is not a regular file" if path.exists() else "does not exist"
            raise UsageError(f"{shown} {reason}: name the .env file by --env-file FILE.")
        with path.open("rb") as file:
            raw = file.read(_LARGEST_ENV + 1)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None
    if len(raw) > _LARGEST_ENV:
        raise UsageError(f"{shown} is larger than 1 MiB: is it a .env file?")
    import dotenv

    text = raw.decode("utf-8-sig", "surrogateescape")
    return dict(dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False))
