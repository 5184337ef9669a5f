"""A secret that cannot be shown by accident, and the redactor that hunts for one that was."""

from __future__ import annotations

import base64
import hmac
import json
import weakref
from typing import Final, NoReturn, SupportsIndex
from urllib.parse import quote, quote_plus

MASK: Final = "••••••••"
"""What is shown in place of every secret, whatever its length."""

_SHORTEST_REDACTED: Final = 6
"""Below this length a redactor would black out ordinary words; such a key is refused long before it matters."""


class Secret:
    """A value that is masked in every implicit rendering; ``reveal()`` is the only way out.

    It cannot be pickled or copied into another process, compares in constant time, and is known to ``redact`` for as
    long as it lives; unless it was not *hunted*: what a target holds beside its secrets, such as the From.
    """

    __slots__ = ("__weakref__", "_spellings", "_value")

    def __init__(self, value: str, *, hunted: bool = True) -> None:
        self._value = value
        self._spellings: set[str] | None = None
        if hunted:
            _live[id(self)] = weakref.ref(self)
        _known.changes += 1

    def __del__(self) -> None:
        # What stopped being a secret is not masked for ever: the address that a target had under a key, for one.
        if _known is not None:  # None while the interpreter goes
            _live.pop(id(self), None)
            _known.changes += 1

    def reveal(self) -> str:
        """Return the clear text. Every call site is a place where the secret leaves on purpose."""
        return self._value

    def spellings(self) -> set[str]:
        """Return its spellings, made once: they die with it."""
        if self._spellings is None:
            self._spellings = spellings(self._value)
        return self._spellings

    def __repr__(self) -> str:
        return "Secret(****)"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        # A hash of the value would be a digest of the secret lying about; one by identity would disagree with ==.
        raise TypeError("a Secret is not hashable")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret does not leave this process")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


_live: dict[int, weakref.ref[Secret]] = {}
"""The secrets alive, by identity: they have no hash."""


class _Known:
    """What ``redact`` looks for: the spellings of all live secrets, made when first needed after one came or went."""

    def __init__(self) -> None:
        self.changes = 0
        self.longest_first: tuple[int, tuple[str, ...]] = (0, ())
        """With the number of changes that they were made at: one value, because threads redact too."""


_known = _Known()


def plaintext(value: str | Secret) -> str:
    """Return the text of a setting's value, whether it is a secret or not."""
    return value.reveal() if isinstance(value, Secret) else value


def spellings(value: str) -> set[str]:
    """Return the encodings under which *value* could surface in a log, a URL, a traceback or a recorded dialogue."""
    raw = value.encode("utf-8", "surrogatepass")
    found = {
        value,
        quote(value, safe="", errors="replace"),
        quote(value, safe="", errors="replace").replace("~", "%7E"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
        repr(value)[1:-1],
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        raw.hex(),
        raw.hex().upper(),
    }
    found |= set(_base64_cores(raw))
    return {text for text in found if len(text) >= _SHORTEST_REDACTED}


def _base64_cores(raw: bytes) -> list[str]:
    """Return what is the same in every base64 text that contains *raw*, for each of the three alignments."""
    cores = []
    for offset in range(3):
        padded = bytes(offset) + raw
        text = base64.b64encode(padded).decode("ascii").rstrip("=")
        first = -(-offset * 4 // 3)  # characters that mix in what comes before
        last = len(text) if len(padded) % 3 == 0 else len(text) - 1
        core = text[first:last]
        if len(core) >= 8:
            cores += [core, core.replace("+", "-").replace("/", "_")]
    return cores


def redact(text: str) -> str:
    """Return *text* with every live secret, in any of its spellings, replaced by the mask.

    The second line of defence: code keeps secrets out of text in the first place.
    """
    changes = _known.changes
    made_at, known = _known.longest_first
    if made_at != changes:
        alive = [secret for reference in list(_live.values()) if (secret := reference()) is not None]
        known = tuple(sorted({text for secret in alive for text in secret.spellings()}, key=len, reverse=True))
        _known.longest_first = changes, known
    # Not one pattern of all: that takes longer to compile than to search, and re keeps it with the secrets in it.
    for spelling in known:
        if spelling in text:
            text = text.replace(spelling, MASK)
    return text
