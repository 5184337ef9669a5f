"""The DKIM key: the one that Postal made, published once and whole (RFC 6376 3.6.1, RFC 8301)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.dns import rsa_key
from wizard.checks.dns.names import lacks, quoted, unknown
from wizard.checks.dns.propagation import Detail, settle
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

SMALLEST: Final = 1024
"""Bits below which receivers must not accept a signature (RFC 8301 3.2)."""
_GOOD: Final = frozenset({Verdict.PASS, Verdict.WARN})
_BLANK: Final = " \t\r\n"
"""What a tag list folds at (RFC 6376 2.8): no other blank, such as the one that browsers do not break at."""


class BadKeyError(ValueError):
    """No receiver can use the key record; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """A usable RSA key."""

    der: bytes
    bits: int
    testing: bool


def tags(text: str) -> dict[str, str]:
    """Take a tag list apart (RFC 6376 3.2). Raises BadKey where it is none."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip(_BLANK)
        if not part.strip(_BLANK):
            continue
        if not equals:
            raise BadKeyError(f"{quoted(part.strip(_BLANK), 40)} is no tag=value pair")
        if name in found:
            raise BadKeyError(f"the tag {name}= stands in it twice")
        found[name] = value.strip(_BLANK)
    return found


def key_of(text: str) -> Key:
    """Decode a key record. Raises BadKey with what makes it useless."""
    if '"' in text:
        raise BadKeyError("quotes were typed in: they are part of the value now")
    found = tags(text)
    if "v" in found and (found["v"] != "DKIM1" or next(iter(found)) != "v"):
        raise BadKeyError("v= must come first and be DKIM1")
    if (kind := found.get("k", "rsa")) != "rsa":
        raise BadKeyError(f"k={kind} is not the kind of key that Postal signs with (rsa)")
    if "h" in found and "sha256" not in _words(found["h"]):
        raise BadKeyError(f"h={found['h']} leaves out sha256, the only hash that Postal signs with")
    if "s" in found and not {"*", "email"} & set(_words(found["s"])):
        raise BadKeyError(f"s={found['s']} does not allow the key for e-mail")
    if "p" not in found:
        raise BadKeyError("it has no p=, so there is no key in it")
    der = _decoded(found["p"])
    bits = _bits(der)
    if bits < SMALLEST:
        raise BadKeyError(f"its key has {bits} bits, and receivers refuse keys under {SMALLEST}")
    return Key(der, bits, "y" in _words(found.get("t", "")))


def _words(value: str) -> list[str]:
    return [word.strip(_BLANK) for word in value.split(":")]


def _decoded(value: str) -> bytes:
    packed = re.sub(f"[{_BLANK}]+", "", value)
    if not packed:
        raise BadKeyError("p= is empty, which revokes the key")
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise BadKeyError(f"p= is not base64: it is broken after {_sound(packed)} characters") from None


def _sound(packed: str) -> int:
    """Count the characters before the first that base64 does not have; all of them where only the length is wrong."""
    found = re.match(r"[A-Za-z0-9+/]*={0,2}", packed)
    return len(found.group()) if found else 0


def _bits(der: bytes) -> int:
    try:
        return rsa_key.bits(der)
    except rsa_key.NotRsaError:
        raise BadKeyError("p= holds a key that is not RSA") from None
    except ValueError:
        raise BadKeyError(f"p= decodes to {len(der)} bytes that are no public key: part of it is missing") from None


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def pasted(value: str) -> bytes:
    """Return the key that Postal shows; what cannot be decoded equals no published key."""
    try:
        return _decoded(tags(value).get("p", ""))
    except BadKeyError:
        return b""


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the key record by the resolver and by every authoritative server."""
    if not zone.dkim_name:
        return lacks("dkim", zone.domain, "domain.dkim_selector", "the selector of Postal's key for this domain")
    if not zone.dkim_value:
        return lacks("dkim", zone.dkim_name, "domain.dkim_value", "the key record that Postal shows")
    own = await ask(zone.dkim_name, "TXT")

    async def one(answer: Answer) -> Finding:
        return await judge(zone, answer, ask)

    return await settle(own, versions(zone.dkim_name, "TXT"), one, right=_GOOD)


async def judge(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    """Judge one answer for the key's name."""
    name = zone.dkim_name
    record = zone.record(name, "TXT", zone.dkim_value)
    if answer.failed:
        return unknown("dkim", name, answer.words, record=record)
    evidence = [f"should be {quoted(zone.dkim_value)}"]
    if answer.chain:
        evidence.append(f"CNAME {' → '.join([name, *answer.chain])}")

    def fault(is_now: str, so: str, remedy: str = "") -> Finding:
        return Finding(
            "dkim",
            name,
            Verdict.FAIL,
            f"{name} {is_now}; wanted is the one record that Postal shows; {so}.",
            tuple(evidence),
            remedy or f"Publish the record below at {name}, exactly one, then check again.",
            record=record,
            detail=Detail(),
        )

    no_signature = "so Postal signs with its fallback key and DMARC rests on that or on SPF"
    if answer.outcome == "loop":
        return fault(f"cannot be looked up: {answer.words}", no_signature)
    if not answer.found:
        evidence.append(f"resolvers hold this answer for up to {answer.ttl} seconds after you publish the record")
        twice = await ask(zone.doubled(name), "TXT")
        if any(pasted(_text(value)) for value in twice.values):
            return fault(
                f"has no record, it stands at {twice.name} instead",
                "so nobody finds it",
                f"Your DNS panel appends the domain by itself: enter the name as {zone.relative(name)}.",
            )
        return fault("has no TXT record", no_signature)
    texts = [_text(value) for value in answer.values]
    evidence += [f"is {quoted(text)}" for text in texts[:5]]
    if len(texts) > 1:
        return fault(f"has {len(texts)} TXT records", "receivers may take any of them, and Postal accepts only one")
    try:
        key = key_of(texts[0])
    except BadKeyError as error:
        return fault(f"holds a record of no use: {error}", "so receivers reject or ignore the signature")
    wanted = pasted(zone.dkim_value)
    if not wanted:
        return fault(
            f"holds a key ({key.bits} bits), and the pasted value holds none to compare it with",
            "so nobody can tell whether signatures verify",
            "Copy the DKIM record from Postal's DNS Setup page again, whole: v=DKIM1; ... p=...; (domain.dkim_value).",
        )
    if key.der != wanted:
        evidence.append(f"differs: {difference(key, wanted)}")
        return fault(
            f"holds another key than Postal's ({key.bits} bits)", "so receivers reject every signature made with it"
        )
    return _right(zone, key, evidence)


def _right(zone: Zone, key: Key, evidence: list[str]) -> Finding:
    name = zone.dkim_name
    record = zone.record(name, "TXT", zone.dkim_value)
    if key.testing:
        return Finding(
            "dkim",
            name,
            Verdict.WARN,
            f"{name} holds Postal's key with t=y (testing); wanted is none: receivers may treat mail as unsigned.",
            tuple(evidence),
            "Take y out of the record's t= tag; the record below has none.",
            record=record,
            detail=Detail(),
        )
    if key.bits < 2048:
        evidence.append(f"{key.bits} bits is what Postal makes; longer keys would be stronger")
    evidence.append(f"press *Check my records are correct* in Postal now ({zone.setup_path})")
    evidence.append("Postal signs with this key only from then on")
    return Finding(
        "dkim",
        name,
        Verdict.PASS,
        f"{name} holds Postal's key, {key.bits} bits, equal to the pasted one: signatures of {zone.shown} verify.",
        tuple(evidence),
        record=record,
        detail=Detail(),
    )


def difference(key: Key, wanted: bytes) -> str:
    """Say where two keys part, in characters of base64."""
    ours, theirs = (base64.b64encode(one).decode("ascii") for one in (wanted, key.der))
    same = next(
        (at for at, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    return (
        f"p= has {len(theirs)} characters, wanted {len(ours)}; from character {same + 1} on it is "
        f"…{theirs[same : same + 16]}… instead of …{ours[same : same + 16]}…"
    )
