"""The size of a published key, as cryptography reads it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.watch import Watch
from wizard.checks.dns.rsa_key import NotRsaError, bits

if TYPE_CHECKING:
    from collections.abc import Callable

DER = serialization.Encoding.DER
FORMATS = (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1)


@cache
def keys() -> list[bytes]:
    """Return RSA keys of several sizes, each in both forms."""
    made = [rsa.generate_private_key(65537, size).public_key() for size in (1024, 1032, 2048)]
    return [key.public_bytes(DER, form) for key in made for form in FORMATS]


def by_cryptography(der: bytes) -> int | str:
    try:
        key = serialization.load_der_public_key(der)
    except UnsupportedAlgorithm:
        return "other"
    except ValueError:
        return "broken"
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else "other"


def by_us(der: bytes) -> int | str:
    try:
        return bits(der)
    except NotRsaError:
        return "other"
    except ValueError:
        return "broken"


def test_whole_keys_have_their_size() -> None:
    assert [by_us(der) for der in keys()] == [1024, 1024, 1032, 1032, 2048, 2048]
    assert [by_us(der) for der in keys()] == [by_cryptography(der) for der in keys()]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate,
        ed448.Ed448PrivateKey.generate,
        x25519.X25519PrivateKey.generate,
        lambda: dsa.generate_private_key(1024),
    ],
    ids=["EC", "Ed25519", "Ed448", "X25519", "DSA"],
)
def test_keys_of_other_kinds_are_so(make: Callable[[], Any]) -> None:
    der = make().public_key().public_bytes(DER, FORMATS[0])
    assert by_us(der) == by_cryptography(der) == "other"


def test_a_raw_ed25519_key_is_broken() -> None:
    der = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert by_us(der) == by_cryptography(der) == "broken"


def test_a_key_that_is_cut_anywhere_or_has_more_behind_it_is_broken() -> None:
    for der in keys():
        cuts = [der[:at] for at in range(len(der))] + [der + b"\0", der + der]
        assert {by_us(cut) for cut in cuts} == {by_cryptography(cut) for cut in cuts} == {"broken"}


@settings(max_examples=examples(4000), deadline=None)
@given(st.data())
def test_a_changed_byte_is_read_alike(data: st.DataObject) -> None:
    """In the frame of the key and the exponent; within the modulus every byte is as good as another.

    A number for a kind of key that nobody can have given is another kind here, and broken there.
    """
    der = bytearray(data.draw(st.sampled_from(keys())))
    places = [*range(40), *range(len(der) - 6, len(der))]
    der[data.draw(st.sampled_from(places))] = data.draw(st.integers(0, 255))
    ours, theirs = by_us(bytes(der)), by_cryptography(bytes(der))
    assert ours == theirs or (ours, theirs) == ("other", "broken")


@given(st.binary(max_size=80))
def test_any_bytes_are_read_alike(der: bytes) -> None:
    assert by_us(der) == by_cryptography(der) == "broken"


def test_a_record_of_any_length_is_read_at_once() -> None:
    watch = Watch()
    assert by_us(b"\x30\x83\x0f\xff\xfc" + b"\x30" * 0xFFFFC) == "broken"
    assert by_us(b"\x30\xff" + b"\xff" * 65_535) == "broken"
    assert watch.seconds < 0.5
