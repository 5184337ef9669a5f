"""The answers file and the saved draft on disk: read within bounds, judged by ``model.answers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model import answers
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Draft

MAX_BYTES: Final = 262_144
"""Bytes of an answers file: it is written by hand or by the wizard, never large."""


def text(path: Path) -> str:
    """Return the text of the answers file at *path*. Raises AnswersError."""
    shown = Untrusted(path)
    try:
        return files.read(path, MAX_BYTES).decode("utf-8-sig")
    except files.TooLargeError as error:
        raise answers.AnswersError(f"{shown} cannot be read: {error.strerror}; is it an answers file?") from None
    except OSError as error:
        raise answers.AnswersError(f"{shown} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise answers.AnswersError(f"{shown} is not UTF-8 text.") from None


def load(path: Path) -> Draft:
    """Return the draft in the answers file at *path*. Raises AnswersError."""
    try:
        return answers.loads(text(path))
    except answers.AnswersError as error:
        shown = Untrusted(path)
        raise answers.AnswersError(str(error) if str(error).startswith(shown) else f"{shown}: {error}") from None
