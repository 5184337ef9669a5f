"""Strings that look like a key: 24 letters and digits as Postal makes them, and the forms of Infisical and of tokens.

``redact`` does not know a key that was pasted into a plain field: it is not a ``Secret``. What is written down (the
report, the draft) and what a plain field takes is looked at by its form.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.model.secret import MASK

_SHAPES: Final = {
    "Postal key": r"(?=[A-Za-z0-9]{0,23}[A-Z])(?=[A-Za-z0-9]{0,23}[a-z])(?=[A-Za-z0-9]{0,23}[0-9])[A-Za-z0-9]{24}",
    "client secret": r"[0-9a-fA-F]{64}",
    "service token": r"st\.[0-9a-fA-F]{20,}[\w.]*",
    "access token": r"eyJ[\w.=+/-]{20,}",
}
"""Kind, and its form: Postal's key with an upper, a lower and a digit; 64 hexadecimal digits (Infisical's client
secret); ``st.`` and at least 20; ``eyJ`` and at least 20 characters (a JSON Web Token)."""
_WHOLE: Final = {kind: re.compile(shape, re.ASCII) for kind, shape in _SHAPES.items()}
_WITHIN: Final = re.compile(
    # With one of these on either side it is part of a longer word: of a DKIM key in base64, mostly.
    "|".join(rf"(?<![A-Za-z0-9+/])(?:{shape})(?![A-Za-z0-9+/])" for shape in _SHAPES.values()),
    re.ASCII,
)


def looks_like_secret(text: str) -> str | None:
    """Return what kind of secret the whole of *text* looks like (``Postal key``, ...), None where like none."""
    stripped = text.strip()
    return next((kind for kind, pattern in _WHOLE.items() if pattern.fullmatch(stripped)), None)


def mask_secrets(text: str) -> str:
    """Return *text* with every word that looks like a secret replaced by the mask."""
    return _WITHIN.sub(MASK, text)


def drop_secrets(text: str) -> str:
    """Return *text* without the words that look like a secret: for a draft, whose field is then asked for again."""
    return _WITHIN.sub("", text)
