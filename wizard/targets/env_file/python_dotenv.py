"""python-dotenv as the independent judge: what it reads in the bytes of a ``.env`` file, before and after a change.

Its parser is called, not ``dotenv_values``: that forgets duplicates and logs broken lines to stderr.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from dotenv.parser import Binding, parse_stream

from wizard.model.blanks import cut_blanks
from wizard.targets import Refused
from wizard.targets.env_file.text import MARK, decode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def _bindings(raw: bytes) -> list[Binding]:
    text = decode(raw)
    if text.startswith(MARK):
        text = MARK + text  # a second mark is text, and the reader would drop it for the first
    return list(parse_stream(io.StringIO(cut_blanks(text), newline="")))


def last_values(raw: bytes) -> dict[str, str | None]:
    """Return the value of each key, as ``dotenv_values(interpolate=False)`` does: the last one counts."""
    return {binding.key: binding.value for binding in _bindings(raw) if binding.key is not None}


def _others(bindings: list[Binding], keys: Collection[str]) -> list[tuple[str | None, str | None]]:
    """Return the statements of other keys, and the broken ones, in order."""
    return [
        (None, binding.original.string.strip()) if binding.error else (binding.key, binding.value)
        for binding in bindings
        if binding.error or (binding.key is not None and binding.key not in keys)
    ]


def confirm(before: bytes, after: bytes, wanted: Mapping[str, str | None], *, every: bool = True) -> None:
    """Raise Refused unless *after* holds *wanted*, at every occurrence or at the last, and all else as *before*.

    None means a key that is not there, or there without a value.
    """
    old, new = _bindings(before), _bindings(after)
    if _others(old, wanted) != _others(new, wanted):
        raise Refused(
            "python-dotenv would read other settings of the file differently afterwards: nothing was written."
        )
    for key, value in wanted.items():
        read = [binding.value for binding in new if binding.key == key] or [None]
        if set(read if every else read[-1:]) != {value}:
            raise Refused(f"python-dotenv would not read {key} as intended: nothing was written.")
