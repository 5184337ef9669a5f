"""What follows from the triangle: the verdict in the world that holds, or in both where nobody knows which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from wizard.checks.dns.names import PRESS
from wizard.checks.dns.outcomes import no_value
from wizard.model.codes import Code
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.worlds import Signing
    from wizard.model.details import Triangle

_Found: TypeAlias = "Callable[[Verdict, Code, str, str], Finding]"


def judge(zone: Zone, signed: Signing, triangle: Triangle, unpressed: Triangle | None) -> Finding:
    """Judge *triangle*; *unpressed* is the one in the world where nobody pressed Check, if that may hold as well."""
    verdict = verdict_of(triangle)
    lines = [f"From {zone.shown}", signed.why, *_legs(triangle)]
    if unpressed is not None:
        lines += [f"if nobody has pressed Check: {line}" for line in _legs(unpressed)]
    press = f"{PRESS[0].upper()}{PRESS[1:]} ({zone.setup_path})."
    dmarc = _effect(triangle)

    def found(verdict: Verdict, code: Code, summary: str, remedy: str = "") -> Finding:
        return Finding.of(
            verdict, code, zone.domain, summary, lines, remedy=remedy, detail=triangle, proven_from=signed.proven_from
        )

    # Postal signs with the domain's key only while its status for it is OK, whatever receivers would accept.
    row = "Fix the DKIM key" if signed.own_key else "Make the DKIM record exactly as Postal's page shows it"
    fix = press if signed.press_signs and unpressed is None else f"{row}, then {PRESS} ({zone.setup_path})."
    if verdict is Verdict.SKIP:
        key = triangle.dkim.key or triangle.spf.key
        return no_value(Code.ALIGNMENT_NO_VALUE, zone.domain, key)
    if verdict is Verdict.UNKNOWN:
        words = triangle.dkim.words if triangle.dkim.state == "unknown" else triangle.spf.words
        return found(
            Verdict.UNKNOWN,
            Code.ALIGNMENT_LOOKUP_FAILED,
            f"Not known whether DKIM or SPF aligns with {zone.shown}: {words}.",
            "Try again. The rows DKIM key and SPF (envelope) say what did not answer.",
        )
    if signed.split and verdict is Verdict.PASS:
        return found(
            Verdict.WARN,
            Code.ALIGNMENT_SERVERS_DISAGREE,
            f"The name servers of {zone.shown} disagree on a record that Postal compares. They should all have it "
            "right: which key Postal signs with depends on the server that it asks.",
            "Wait until every name server has the zone's new version, then check again.",
        )
    if verdict is Verdict.PASS:
        if unpressed is not None and verdict_of(unpressed) is not Verdict.PASS:
            return found(
                Verdict.WARN,
                Code.ALIGNMENT_PRESS_CHECK,
                f"DKIM aligns with {zone.shown} once Postal has checked the records; whether it has is not known "
                f"here. Until then Postal signs with d={unpressed.dkim.name or 'its fallback key'}, "
                f"which does not align: {dmarc}.",
                press,
            )
        both = f", and so does SPF at {triangle.spf.name}" if triangle.spf.state == "aligned" else ""
        either = unpressed is not None
        key = f"d={triangle.dkim.name}, s={triangle.dkim.selector}"
        return found(
            Verdict.PASS,
            Code.ALIGNMENT_EITHER_WAY if either else Code.ALIGNMENT_ALIGNED,
            f"DMARC passes by DKIM: {key} aligns with {zone.shown}{both}"
            + (", whether Postal has checked the records or not." if either else "."),
            press if signed.press_check else "",
        )
    if verdict is Verdict.WARN:
        return found(
            Verdict.WARN,
            Code.ALIGNMENT_SPF_ONLY,
            f"DMARC passes only by SPF (at {triangle.spf.name}). DKIM should align too, with d={zone.domain}: "
            "SPF breaks when a receiver forwards the mail.",
            fix,
        )
    return _neither(zone, signed, triangle, found, fix)


def _neither(zone: Zone, signed: Signing, triangle: Triangle, found: _Found, remedy: str) -> Finding:
    signs = f"Postal signs with d={triangle.dkim.name}, s={triangle.dkim.selector}"
    code, why = Code.ALIGNMENT_NEITHER, ""
    if signed.press_signs and signed.world == "never":
        code, why = Code.ALIGNMENT_NEVER_CHECKED, " The records are right, but nobody has pressed Check in Postal yet."
    elif signed.press_signs and signed.world == "stored":
        code, why = Code.ALIGNMENT_STORED_OUTDATED, " The records are right now, but Postal's status is older."
    return found(
        Verdict.FAIL,
        code,
        f"Neither DKIM nor SPF aligns with {zone.shown}: {signs}. It should be d={zone.domain}. Now "
        f"{_effect(triangle)}.{why}",
        remedy,
    )


def verdict_of(triangle: Triangle) -> Verdict:
    """Return the verdict of one world (facts: DNS, section 1)."""
    dkim, spf = triangle.dkim.state, triangle.spf.state
    if dkim == "aligned":
        return Verdict.PASS
    if dkim == "not given":
        return Verdict.SKIP
    if spf == "aligned":
        return Verdict.WARN
    if spf == "not given" and dkim == "not aligned":
        return Verdict.SKIP
    return Verdict.UNKNOWN if "unknown" in {dkim, spf} else Verdict.FAIL


def _legs(triangle: Triangle) -> tuple[str, str]:
    return (
        f"DKIM {triangle.dkim.state}: {triangle.dkim.words}",
        f"SPF {triangle.spf.state}: {triangle.spf.words}",
    )


def _effect(triangle: Triangle) -> str:
    """Return what receivers do with mail that fails DMARC here."""
    asked = {"reject": "refuse the mail", "quarantine": "put the mail into spam"}.get(triangle.policy)
    return f"receivers are asked to {asked}" if asked else "the mail fails DMARC"
