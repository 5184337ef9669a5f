"""The size of an RSA public key in DER (X.690), the only thing that is asked of a published key.

Measured against cryptography, which reads every kind of key and adds 8 MiB to the program for this one number:
tests/checks/dns/test_rsa_key.py holds the two together on whole, cut and changed keys.
"""

from __future__ import annotations

from typing import Final

_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OID: Final = 0x06
_SEQUENCE: Final = 0x30
_NULL: Final = b"\x05\x00"
_RSA: Final = bytes.fromhex("2a864886f70d010101")
"""1.2.840.113549.1.1.1, rsaEncryption (RFC 8017 appendix C)."""


class NotRsaError(ValueError):
    """A public key of another kind."""


def bits(der: bytes) -> int:
    """Return the size of the key in *der*: a SubjectPublicKeyInfo (RFC 5280 4.1), or the bare key of RFC 8017 A.1.1.

    Raises NotRsaError for a key of another kind, and ValueError where *der* is not a whole public key.
    """
    key = _only(der, _SEQUENCE)
    if key[:1] == bytes([_SEQUENCE]):
        key = _only(_of_rsa(key), _SEQUENCE)
    modulus, rest = _number(key)
    exponent, rest = _number(rest)
    if rest or exponent < 3 or exponent % 2 == 0:
        raise ValueError("not the numbers of an RSA key")
    return modulus.bit_length()


def _of_rsa(info: bytes) -> bytes:
    """Return the RSA key that the content of a SubjectPublicKeyInfo holds."""
    algorithm, rest = _first(info, _SEQUENCE)
    kind, parameters = _first(algorithm, _OID)
    packed = _only(rest, _BIT_STRING)
    if kind != _RSA:
        raise NotRsaError("a key of another kind")
    if packed[:1] != b"\0" or parameters not in {b"", _NULL}:
        raise ValueError("not whole bytes, or parameters that RSA does not have")
    return packed[1:]


def _number(data: bytes) -> tuple[int, bytes]:
    """Return the positive INTEGER at the start of *data*, and what follows."""
    content, rest = _first(data, _INTEGER)
    if not content or content[0] > 0x7F or (content[0] == 0 and content[1:2] < b"\x80"):
        raise ValueError("a negative number, or one with needless zeros")
    return int.from_bytes(content, "big"), rest


def _only(data: bytes, tag: int) -> bytes:
    content, rest = _first(data, tag)
    if rest:
        raise ValueError("more than one value")
    return content


def _first(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first value of *data*, which is of the type *tag*, and what follows."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("a value of another type")
    length, start = data[1], 2
    if length > 0x7F:
        start += length - 0x80
        length = int.from_bytes(data[2:start], "big")
        # DER has one spelling of a length: the shortest, and definite. Of a key some hundred bytes are the most.
        if not 3 <= start <= 6 or length < 0x80 or length < 1 << 8 * (start - 3):
            raise ValueError("a length that DER does not have")
    end = start + length
    if len(data) < end:
        raise ValueError("it ends too early")
    return data[start:end], data[end:]
