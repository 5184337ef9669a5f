"""The size of a DKIM key, against the library that could use the key."""

from __future__ import annotations

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.checks.dns import rsa_key

KEY = rsa.generate_private_key(65537, 1024).public_key()
SPKI = KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
BARE = KEY.public_bytes(Encoding.DER, PublicFormat.PKCS1)


def oracle(der: bytes) -> int | None:
    """Return the bits of an RSA key, 0 for another kind of key, None for none."""
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0


def ours(der: bytes) -> int | None:
    try:
        return rsa_key.bits(der)
    except rsa_key.NotRsaError:
        return 0
    except ValueError:
        return None


@pytest.mark.parametrize("size", [1024, 1536, 2048, 4096])
def test_a_key_has_the_size_it_was_made_with(size: int) -> None:
    key = rsa.generate_private_key(65537, size).public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        assert rsa_key.bits(key.public_bytes(Encoding.DER, form)) == size


def test_another_kind_of_key_is_told_apart() -> None:
    for key in (
        ed25519.Ed25519PrivateKey.generate().public_key(),
        ec.generate_private_key(ec.SECP256R1()).public_key(),
    ):
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert ours(der) == oracle(der) == 0


@pytest.mark.parametrize("der", [SPKI, BARE])
def test_no_part_of_a_key_is_a_key(der: bytes) -> None:
    cut = [der[:length] for length in range(len(der))] + [der[1:], der + b"\0"]
    assert [part for part in cut if ours(part) is not None] == []
    assert [part for part in cut if oracle(part) is not None] == []


@given(st.sampled_from([SPKI, BARE]), st.integers(0, 60), st.integers(0, 255))
@settings(max_examples=500, deadline=None)
def test_a_damaged_key_is_judged_as_the_library_judges_it(der: bytes, at: int, byte: int) -> None:
    damaged = bytearray(der)
    damaged[at] = byte
    told = oracle(bytes(damaged))
    if der is SPKI and 4 < at < 24:  # the algorithm: one the library does not know is another kind all the same
        assert bool(ours(bytes(damaged))) == bool(told)
    else:
        assert ours(bytes(damaged)) == told


@given(st.binary(max_size=80))
def test_any_bytes_are_judged(data: bytes) -> None:
    assert not ours(data)
