"""Text from outside made inert: server replies, DNS, HTTP bodies, file contents, paths.

Terminal widgets pass escape sequences on as they are, so nothing that the program did not write itself may reach one
(or a log) except through ``Untrusted``.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Self

from wizard.model.secret import redact

WIDTH: Final = 200
"""Characters kept of a line."""
LINES: Final = 20
"""Lines kept of a text."""

_INERT_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Untrusted(str):
    r"""One line of text from outside, with nothing left in it that a terminal would act on.

    Characters of the Unicode categories Cc, Cf, Cs, Co, Zl and Zp become ``\xNN`` or ``\uNNNN``; bytes that are not
    UTF-8 as ``\xNN``; live secrets are masked; what is over ``width`` characters is cut with an ellipsis.
    """

    __slots__ = ()

    def __new__(cls, text: object, width: int = WIDTH) -> Self:
        """Make *text* (``str``, ``bytes`` or anything with a ``str()``) inert and at most *width* characters long."""
        if type(text) is cls and len(text) <= width:
            return text
        if isinstance(text, bytes | bytearray):
            # Four bytes a character at most; the margin keeps a secret that straddles the cut redactable.
            plain = bytes(text[: width * 4 + 4096]).decode("utf-8", "surrogateescape")
        else:
            plain = str(text)[: width + 4096]
        clean = redact(plain)
        # What is printable has none of the categories: the common case costs nothing per character.
        shown = clean if clean.isprintable() else "".join(map(_shown, clean))
        return super().__new__(cls, shown if len(shown) <= width else shown[: width - 1] + "…")


def lines(text: str | bytes, *, width: int = WIDTH, most: int = LINES) -> list[Untrusted]:
    """Split *text* at line feeds into at most *most* inert lines; the last says how many were left out."""
    separator: str | bytes = b"\n" if isinstance(text, bytes) else "\n"
    parts = text.split(separator, most)  # type: ignore[arg-type]  # both are str or both are bytes
    if parts and not parts[-1]:
        parts.pop()
    kept = [Untrusted(_without_return(part), width) for part in parts[:most]]
    if len(parts) > most:
        left = parts[most].count(separator) + 1  # type: ignore[arg-type]  # the same pair
        kept[-1] = Untrusted(f"... and {left + 1} more lines")
    return kept


def _without_return(part: str | bytes) -> str | bytes:
    return part.removesuffix(b"\r") if isinstance(part, bytes) else part.removesuffix("\r")


def _shown(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) not in _INERT_CATEGORIES:
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
