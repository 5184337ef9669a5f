"""A DKIM key record read as a receiver reads it (RFC 6376 3.2 and 3.6.1, RFC 8301)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.dns import rsa_key
from wizard.checks.dns.names import quoted
from wizard.checks.dns.near_miss import named
from wizard.model.codes import Code

if TYPE_CHECKING:
    from wizard.checks.dns.near_miss import Flaw

SMALLEST: Final = 1024
"""Bits below which receivers must not accept a signature (RFC 8301 3.2)."""
_BLANK: Final = " \t\r\n"
"""What a tag list folds at (RFC 6376 2.8): no other blank, such as the one that browsers do not break at."""
_TAG: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FLAWS: Final = {
    "blank": Code.DKIM_LEADING_BLANK,
    "quotes": Code.DKIM_QUOTES_TYPED,
    "backslashes": Code.DKIM_BACKSLASHES_TYPED,
}


class BadKeyError(ValueError):
    """No receiver can use the key record; the message says why, ``code`` is the outcome."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Key:
    """A usable RSA key."""

    der: bytes
    bits: int
    testing: bool


def tags(text: str) -> dict[str, str]:
    """Take a tag list apart (RFC 6376 3.2). Raises BadKeyError where it is not one."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip(_BLANK)
        if not part.strip(_BLANK):
            continue
        if not equals or not _TAG.fullmatch(name):
            raise BadKeyError(Code.DKIM_MALFORMED, f"{quoted(part.strip(_BLANK), 40)} is not a tag=value pair")
        if name in found:
            raise BadKeyError(Code.DKIM_TAG_TWICE, f"the tag {name}= is there twice, so receivers reject the record")
        found[name] = value.strip(_BLANK)
    return found


def key_of(text: str) -> Key:
    """Decode a key record. Raises BadKeyError with what makes it unusable."""
    found = tags(text)
    if "v" in found and (found["v"] != "DKIM1" or next(iter(found)) != "v"):
        wrong = "v=DKIM1 is not its first tag" if found["v"] == "DKIM1" else f"v={found['v'][:20]} is not v=DKIM1"
        raise BadKeyError(Code.DKIM_WRONG_VERSION, wrong)
    if (kind := found.get("k", "rsa")) != "rsa":
        raise BadKeyError(Code.DKIM_WRONG_TYPE, f"k={kind} is not the kind of key that Postal signs with (rsa)")
    if "h" in found and "sha256" not in _words(found["h"]):
        raise BadKeyError(
            Code.DKIM_WRONG_HASH, f"h={found['h']} leaves out sha256, the only hash that Postal signs with"
        )
    if "s" in found and not {"*", "email"} & set(_words(found["s"])):
        raise BadKeyError(Code.DKIM_WRONG_SERVICE, f"s={found['s']} does not allow the key for e-mail")
    if "p" not in found:
        raise BadKeyError(Code.DKIM_NO_KEY, "it has no p=, so it holds no key")
    der = decoded_p(found["p"])
    bits = _bits(der)
    if bits < SMALLEST:
        raise BadKeyError(Code.DKIM_TOO_SHORT, f"its key has {bits} bits, and receivers refuse keys under {SMALLEST}")
    return Key(der, bits, "y" in _words(found.get("t", "")))


def of_flaw(flaw: Flaw) -> Code:
    """Return the outcome of something that was typed into the record."""
    return _FLAWS[flaw.kind]


def _words(value: str) -> list[str]:
    return [word.strip(_BLANK) for word in value.split(":")]


def decoded_p(value: str) -> bytes:
    """Decode the p= tag. Raises BadKeyError."""
    packed = re.sub(f"[{_BLANK}]+", "", value)
    if not packed:
        raise BadKeyError(Code.DKIM_REVOKED, "p= is empty, which revokes the key")
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        sound = _sound(packed)
        what = (
            f"after {sound} characters comes {named(packed[sound])}" if sound < len(packed) else "its length is wrong"
        )
        raise BadKeyError(Code.DKIM_NOT_BASE64, f"p= is not base64: {what}") from None


def _sound(packed: str) -> int:
    """Count the characters before the first that base64 does not have; all of them where only the length is wrong."""
    found = re.match(r"[A-Za-z0-9+/]*={0,2}", packed)
    return len(found.group()) if found else 0


def _bits(der: bytes) -> int:
    try:
        return rsa_key.bits(der)
    except rsa_key.NotRsaError:
        raise BadKeyError(Code.DKIM_WRONG_TYPE, "p= holds a key that is not RSA") from None
    except ValueError:
        raise BadKeyError(
            Code.DKIM_BROKEN, f"p= decodes to {len(der)} bytes that are not a public key: part of it is missing"
        ) from None


def pasted(value: str) -> bytes:
    """Return the key that Postal shows; what cannot be decoded equals no published key."""
    try:
        return decoded_p(tags(value).get("p", ""))
    except BadKeyError:
        return b""
