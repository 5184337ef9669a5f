"""The size of an RSA public key in DER, as a DKIM record holds it (RFC 6376 3.6.1).

Read here because the size is all that is wanted, and a library that could use the key takes 8 MiB to load.
"""

from __future__ import annotations

from typing import Final

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OBJECT: Final = 0x06
_RSA: Final = bytes.fromhex("2a864886f70d010101")
"""rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017 A.1)."""
_NULL: Final = b"\x05\x00"


class NotRsaError(ValueError):
    """It is a public key, but of another kind."""


def bits(der: bytes) -> int:
    """Return the bits of the modulus in *der*: a SubjectPublicKeyInfo (RFC 5280 4.1), or the bare key of RFC 8017.

    Raises NotRsaError for another kind of key and ValueError where it is none.
    """
    whole = _only(_SEQUENCE, der)
    if whole[:1] != bytes([_SEQUENCE]):
        return _modulus(whole)
    algorithm, rest = _next(_SEQUENCE, whole)
    key = _only(_BIT_STRING, rest)
    name, parameters = _next(_OBJECT, algorithm)
    if name != _RSA:
        raise NotRsaError("another algorithm than rsaEncryption")
    if parameters not in {b"", _NULL} or key[:1] != b"\0":
        raise ValueError("parameters that rsaEncryption has not")
    return _modulus(_only(_SEQUENCE, key[1:]))


def _modulus(key: bytes) -> int:
    modulus, rest = _next(_INTEGER, key)
    exponent = _only(_INTEGER, rest)
    n, e = _number(modulus), _number(exponent)
    if not 3 <= e < n or not e % 2:
        raise ValueError("numbers that make no RSA key")
    return n.bit_length()


def _number(content: bytes) -> int:
    if not content or content[0] & 0x80 or (content[0] == 0 and len(content) > 1 and not content[1] & 0x80):
        raise ValueError("a number that is negative, or not as short as can be")
    return int.from_bytes(content, "big")


def _only(tag: int, data: bytes) -> bytes:
    content, rest = _next(tag, data)
    if rest:
        raise ValueError("something stands behind it")
    return content


def _next(tag: int, data: bytes) -> tuple[bytes, bytes]:
    """Return the content of the value at the start of *data*, which has to be of *tag*, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("another value is wanted here")
    length, at = data[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
        if not 2 < at <= 6 or length < 0x80 or data[2] == 0:
            raise ValueError("a length that is not as short as can be")
    if len(data) < at + length:
        raise ValueError("its end is missing")
    return data[at : at + length], data[at + length :]
