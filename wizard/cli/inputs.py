"""Secrets that come through a descriptor or standard input."""

from __future__ import annotations

import os
import sys
from typing import Final

from wizard.model import validation
from wizard.model.errors import UsageError
from wizard.model.secret import Secret

CLIENT_SECRET: Final = "client secret"  # noqa: S105  # what it is called
"""What Infisical's secret is called: it is judged as such, and never looked for in Postal."""
_LONGEST_SECRET: Final = 65_536


def secret_from_descriptor(number: int, flag: str, what: str) -> Secret:
    """Read a secret from the open descriptor *number*. Raises UsageError; the sentence never quotes the secret."""
    try:
        with os.fdopen(number, "rb", closefd=number > 2) as file:
            raw = file.read(_LONGEST_SECRET + 1)
    except (OSError, ValueError, OverflowError) as error:
        # Never the number: it may be a key that was typed in its place.
        reason = getattr(error, "strerror", None) or "there is no such descriptor"
        raise UsageError(f"{flag}: this descriptor cannot be read: {reason}.") from None
    return _secret(raw, what)


def secret_from_stdin(what: str) -> Secret:
    """Read a secret from standard input. Raises UsageError."""
    return _secret(sys.stdin.buffer.read(_LONGEST_SECRET + 1), what)


def _secret(raw: bytes, what: str) -> Secret:
    if len(raw) > _LONGEST_SECRET:
        raise UsageError(f"The {what} is longer than {_LONGEST_SECRET // 1024} KiB: is it the right input?")
    if not raw.isascii():
        why = "" if what == CLIENT_SECRET else ", which no mail client can send"
        raise UsageError(f"The {what} contains a character that is not ASCII{why}.")
    text = raw.decode("ascii").removesuffix("\n").removesuffix("\r")
    if not text:
        raise UsageError(f"The {what} is empty: nothing came through the descriptor.")
    if what == CLIENT_SECRET:
        problem = validation.problem_with_client_secret(text)
    else:
        problem = validation.problem_with_key(text)
    if problem is not None:
        raise UsageError(problem.replace("The key", f"The {what}", 1))
    return Secret(text)
