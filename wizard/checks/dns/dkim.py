"""The DKIM key: the one that Postal made, published once and whole (RFC 6376 3.6.1, RFC 8301)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.checks.dns import worlds
from wizard.checks.dns.dkim_key import BadKeyError, Key, key_of, of_flaw, pasted
from wizard.checks.dns.names import decoded, quoted
from wizard.checks.dns.near_miss import by_wildcard, difference, flaw
from wizard.checks.dns.outcomes import lookup_failed, no_value
from wizard.checks.dns.propagation import settle
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

_Fault: TypeAlias = "Callable[..., Finding]"

_GOOD: Final = frozenset({Verdict.PASS, Verdict.WARN})
_PUBLISH: Final = "Publish the record below, exactly one at that name, then check again."
_UNVERIFIED: Final = "no signature with it verifies"


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the key record by the resolver and by every authoritative server."""
    if not zone.selector:
        return no_value(Code.DKIM_NO_VALUE, zone.domain, "domain.dkim_selector")
    if not zone.dkim_value:
        return no_value(Code.DKIM_NO_VALUE, zone.dkim_name, "domain.dkim_value")
    own = await ask(zone.dkim_name, "TXT")

    async def one(answer: Answer) -> Finding:
        return await judge(zone, answer, ask)

    return await settle(
        own,
        versions(zone.dkim_name, "TXT"),
        one,
        right=_GOOD,
        stale=Code.DKIM_STALE,
        split=Code.DKIM_NOT_EVERYWHERE,
    )


async def judge(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    """Judge one answer for the key's name."""
    name = zone.dkim_name
    record = zone.record(name, "TXT", zone.dkim_value)
    if answer.failed:
        return lookup_failed(Code.DKIM_LOOKUP_FAILED, name, answer.words, record=record)
    evidence = [worlds.why(zone)]
    if answer.chain:
        evidence.append(f"CNAME {' → '.join([name, *answer.chain])}")

    def fault(code: Code, is_now: str, so: str, remedy: str = _PUBLISH) -> Finding:
        return Finding.fail(
            code,
            name,
            f"{name} {is_now}. It should hold exactly the record that Postal shows. Now {so}.",
            evidence,
            remedy=remedy,
            record=record,
            detail=Published(),
        )

    if answer.outcome == "loop":
        return fault(Code.DKIM_CNAME_LOOP, f"cannot be looked up: {answer.words}", _without(zone))
    if not answer.found:
        evidence += [
            f"should be {quoted(zone.dkim_value)}",
            f"resolvers hold this answer for up to {answer.ttl} seconds after you publish the record",
        ]
        enter = f"enter the name as {zone.relative(name)}"
        for code, other, remedy in (
            (Code.DKIM_DOUBLED_NAME, zone.doubled(name), f"Your DNS panel adds the domain itself: {enter}."),
            (Code.DKIM_MISPLACED, f"{zone.selector}.{zone.domain}", f"Move it, with ._domainkey: {enter}."),
        ):
            there = await ask(other.lower(), "TXT")
            if any(pasted(decoded(value)) for value in there.values):
                return fault(code, f"has no record: it was published at {other}", "nobody finds it", remedy)
        return fault(Code.DKIM_MISSING, "has no TXT record", _without(zone))
    texts = [decoded(value) for value in answer.values]
    try:
        key = _key(texts)
    except BadKeyError as error:
        if await by_wildcard(ask, answer):
            evidence.append(f"is {quoted(texts[0])}")
            return fault(
                Code.DKIM_WILDCARD,
                "has no record of its own: the answer comes from a wildcard (*) record",
                _without(zone),
                f"{_PUBLISH} It overrides the wildcard, which can stay.",
            )
        several = error.code is Code.DKIM_SEVERAL
        evidence += [f"is {quoted(text)}" for text in texts[:5]] if several else difference(texts[0], zone.dkim_value)
        return fault(error.code, f"holds a record that cannot be used: {error}", _UNVERIFIED)
    return _compared(zone, key, texts[0], evidence, fault)


def _without(zone: Zone) -> str:
    """Return what Postal does without a record that it finds right."""
    if zone.stored_dkim == "ok":
        return "Postal signs with a key that nobody finds, until its next check"
    return "Postal signs with its fallback key, and DMARC depends on that key or on SPF"


def _key(texts: list[str]) -> Key:
    """Return the key in the one text. Raises BadKeyError: with what was typed into it, where that is the reason."""
    if len(texts) > 1:
        raise BadKeyError(Code.DKIM_SEVERAL, f"{len(texts)} TXT records, of which Postal and receivers accept only one")
    text = texts[0]
    try:
        return key_of(text)
    except BadKeyError as error:
        typed = flaw(text)
        if typed is None or typed.cleaned == text:
            raise
        try:
            key_of(typed.cleaned)
        except BadKeyError:
            raise error from None
        raise BadKeyError(of_flaw(typed), f"it {typed.words}, which is part of the value now") from None


def _compared(zone: Zone, key: Key, text: str, evidence: list[str], fault: _Fault) -> Finding:
    expected = pasted(zone.dkim_value)
    if not expected:
        return fault(
            Code.DKIM_PASTED_UNUSABLE,
            f"holds a key ({key.bits} bits), and the pasted value (domain.dkim_value) holds none to compare it with",
            "nobody knows whether signatures verify",
            "Copy the whole DKIM record from Postal's DNS Setup page again: v=DKIM1; ... p=...; (domain.dkim_value).",
        )
    if key.der != expected:
        ours, theirs = (base64.b64encode(one).decode("ascii") for one in (expected, key.der))
        evidence += [f"p= has {len(theirs)} characters, should have {len(ours)}", *difference(theirs, ours)]
        return fault(
            Code.DKIM_OTHER_KEY,
            f"holds another key than Postal's ({key.bits} bits)",
            _UNVERIFIED,
        )
    evidence.append(f"is {quoted(text)}")
    record = zone.record(zone.dkim_name, "TXT", zone.dkim_value)
    if key.testing:
        return Finding.warn(
            Code.DKIM_TESTING,
            zone.dkim_name,
            f"{zone.dkim_name} holds Postal's key with t=y (testing). It should be without t=y: receivers may "
            "treat the mail as unsigned.",
            evidence,
            remedy="Remove y from the record's t= tag, as in the record below.",
            record=record,
            detail=Published(),
        )
    if key.bits < 2048:
        evidence.append(f"Postal makes keys of {key.bits} bits; longer ones would be stronger")
    return Finding.ok(
        Code.DKIM_EQUAL,
        zone.dkim_name,
        f"{zone.dkim_name} holds Postal's key, {key.bits} bits, equal to the pasted one: receivers can verify "
        "what Postal signs with it.",
        evidence,
        record=record,
        detail=Published(),
    )
