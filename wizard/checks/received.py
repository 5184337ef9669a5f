"""What the headers of the received test mail say: who signed it, who vouched for it, how it travelled, how long.

The receiving server's Authentication-Results (RFC 8601) is the one judgement that no check from here can replace.
Only its topmost field is believed: lower ones may have come with the mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import HeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from email.message import Message

    from wizard.model.draft import Draft

CHECK: Final = "received"
LONGEST: Final = 262_144
"""Characters read of what is pasted."""
FALLBACK_SELECTOR: Final = "postal"
"""Postal's ``dns.dkim_identifier`` alone: the installation's key (app/lib/dkim_header.rb)."""
PRESS: Final = "In Postal press *Check my records are correct*: server, Domains, the domain, DNS Setup."
_SLOW: Final = 60.0
"""Seconds over which a hop is worth a word."""

_RESULT: Final = re.compile(r"^\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"\b(header\.(?:d|s|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_TLS: Final = re.compile(r"\bwith\s+E?SMTPS|using\s+TLS|TLS ?v?1|version=TLS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field."""

    by: str
    tls: bool
    when: datetime | None


def judge(text: str, draft: Draft) -> list[Finding]:
    """Return what pasted headers tell; one finding that says so where they are none."""
    # Bytes that were no UTF-8 come here as surrogates, at which the parser's fields fail when other letters are there.
    message = HeaderParser().parsestr(text[:LONGEST].lstrip().encode("utf-8", "replace").decode())
    if not message.get_all("Received") and not message.get("Authentication-Results"):
        return [
            Finding(
                CHECK, "headers", Verdict.UNKNOWN, "This holds no Received and no Authentication-Results field.",
                remedy="Paste the mail's whole source: in the mail program Show original, View source or Ctrl+U.",
            )
        ]  # fmt: skip
    results = _results(message)
    return [
        _signature(message, results, draft),
        _spf(results, draft),
        _dmarc(results),
        _return_path(message, draft),
        _way(_hops(message)),
    ]


def _results(message: Message) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Return, from the topmost Authentication-Results, each method's results with their properties."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    field = _unfolded(message.get("Authentication-Results"))
    for part in _COMMENT.sub(" ", field).split(";")[1:]:
        match = _RESULT.match(part)
        if match:
            properties = {name.lower(): value for name, value in _PROPERTY.findall(part)}
            found.setdefault(match[1].lower(), []).append((match[2].lower(), properties))
    return found


def _unfolded(value: object) -> str:
    return " ".join(str(value or "").split())


def _signature(message: Message, results: dict[str, list[tuple[str, dict[str, str]]]], draft: Draft) -> Finding:
    signed = [_tags(_unfolded(field)) for field in message.get_all("DKIM-Signature", [])]
    said = {(tags.get("d", ""), tags.get("s", "")): "not judged" for tags in signed}
    for result, properties in results.get("dkim", []):
        key = (properties.get("header.d", properties.get("header.i", "").lstrip("@")), properties.get("header.s", ""))
        said[next((known for known in said if known[0] == key[0] and key[1] in {"", known[1]}), key)] = result
    evidence = tuple(f"d={signer} s={selector}: {result}" for (signer, selector), result in said.items())
    domain, selector = draft.domain_name, draft.domain.dkim_selector
    if not said:
        return Finding(
            CHECK, "dkim", Verdict.FAIL, "The mail arrived without a DKIM signature.", evidence,
            f"Postal signs every mail: did this one come through it? {PRESS}",
        )  # fmt: skip
    own = next((item for item in said.items() if item[0][0].lower() == domain), None)
    if own is not None:
        (_, used), result = own
        if result == "pass":
            note = f", with the selector {used} and not {selector}" if selector and used not in {"", selector} else ""
            words = f"Signed with the key of {domain}{note}, and the receiver verified it."
            return Finding(CHECK, "dkim", Verdict.PASS, words, evidence)
        return Finding(
            CHECK, "dkim", Verdict.UNKNOWN if result == "not judged" else Verdict.FAIL,
            f"Signed with the key of {domain}, which the receiver judged {result}.", evidence,
            "Compare the DKIM record with Postal's Setup page: the sender step does it.",
        )  # fmt: skip
    fallback = next((item for item in said.items() if item[0][1] == FALLBACK_SELECTOR), None)
    if fallback is not None:
        return Finding(
            CHECK, "dkim", Verdict.WARN,
            f"Signed with Postal's fallback key (d={fallback[0][0]}, s=postal) and not with that of {domain}.",
            evidence, f"{PRESS} Postal uses the domain's own key only when that check was good.",
        )  # fmt: skip
    return Finding(
        CHECK, "dkim", Verdict.WARN, f"Signed by {next(iter(said))[0]} and not by {domain}.", evidence,
        "Another server signed it on the way: does this mail come through Postal?",
    )  # fmt: skip


def _tags(field: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in field.split(";"))
    return {name.strip(): value.replace(" ", "") for name, _, value in pairs if name.strip()}


def _spf(results: dict[str, list[tuple[str, dict[str, str]]]], draft: Draft) -> Finding:
    result, properties = (results.get("spf") or [("", {})])[0]
    name = properties.get("smtp.mailfrom", properties.get("smtp.helo", "")).rpartition("@")[2]
    if not result:
        return Finding(CHECK, "spf", Verdict.SKIP, "The receiver tells no SPF result.")
    if result == "pass":
        return Finding(CHECK, "spf", Verdict.PASS, f"SPF passed for the envelope sender at {name}.")
    verdict = Verdict.UNKNOWN if result == "temperror" else Verdict.FAIL
    host = draft.domain.return_path_target or "the return-path host"
    return Finding(
        CHECK, "spf", verdict, f"SPF gave {result} for the envelope sender at {name}.",
        remedy=f"Its SPF record must allow Postal's sending IP; psrp.{draft.domain_name} takes it from {host}.",
    )  # fmt: skip


def _dmarc(results: dict[str, list[tuple[str, dict[str, str]]]]) -> Finding:
    result, properties = (results.get("dmarc") or [("", {})])[0]
    if not result:
        return Finding(CHECK, "dmarc", Verdict.SKIP, "The receiver tells no DMARC result.")
    name = properties.get("header.from", "the From domain")
    if result in {"pass", "bestguesspass"}:
        return Finding(CHECK, "dmarc", Verdict.PASS, f"DMARC passed for {name}.")
    if result == "none":
        return Finding(
            CHECK, "dmarc", Verdict.WARN, f"{name} publishes no DMARC policy.",
            remedy="Publish one: the sender step shows the record to paste.",
        )  # fmt: skip
    return Finding(
        CHECK, "dmarc", Verdict.UNKNOWN if result == "temperror" else Verdict.FAIL, f"DMARC gave {result} for {name}.",
        remedy="Neither DKIM nor SPF aligned with the From: see the sender step, alignment.",
    )  # fmt: skip


def _return_path(message: Message, draft: Draft) -> Finding:
    sender = parseaddr(_unfolded(message.get("Return-Path")))[1]
    name = sender.rpartition("@")[2].lower()
    domain, target = draft.domain_name, draft.domain.return_path_target.lower()
    if not name:
        return Finding(CHECK, "return path", Verdict.SKIP, "No Return-Path field was pasted.")
    if name == target:
        return Finding(
            CHECK, "return path", Verdict.WARN, f"Bounces go to the installation's {name} and not to psrp.{domain}.",
            remedy=f"Publish the return path as the sender step shows it. {PRESS}",
        )  # fmt: skip
    if domain and (name == domain or name.endswith(f".{domain}")):
        return Finding(CHECK, "return path", Verdict.PASS, f"Bounces go to {name}, which is of {domain}.")
    return Finding(
        CHECK, "return path", Verdict.WARN, f"Bounces go to {name}, which is neither of {domain} nor Postal's.",
        remedy="Was the mail forwarded, or did it not come through Postal?",
    )  # fmt: skip


def _hops(message: Message) -> list[Hop]:
    """Return the hops in the order they were made: the undermost field is the first."""
    return [_hop(_unfolded(field)) for field in reversed(message.get_all("Received", []))][:50]


def _hop(field: str) -> Hop:
    head, _, date = field.rpartition(";")
    try:
        when: datetime | None = parsedate_to_datetime(date.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        when = None
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    by = re.search(r"\bby\s+(\S+)", head)
    return Hop(Untrusted(by[1] if by else "?", 80), _TLS.search(head) is not None, when)


def _way(hops: list[Hop]) -> Finding:
    evidence: list[str] = []
    slowest, before = (0.0, ""), None
    for hop in hops:
        delay: float | None = (hop.when - before).total_seconds() if hop.when and before else None
        before = hop.when or before
        if delay is not None and delay > slowest[0]:
            slowest = (delay, hop.by)
        took = f", {delay:.0f} s after the hop before" if delay is not None else ""
        evidence.append(f"{hop.by}: {'TLS' if hop.tls else 'no TLS told'}{took}")
    if not hops:
        return Finding(CHECK, "way", Verdict.SKIP, "No Received field was pasted.")
    if slowest[0] > _SLOW:
        return Finding(
            CHECK, "way", Verdict.WARN, f"The mail waited {slowest[0]:.0f} s before {slowest[1]} took it.",
            tuple(evidence), "Greylisting, a queue, or a clock that is wrong: look at that server's log.",
        )  # fmt: skip
    noun = "hop" if len(hops) == 1 else "hops"
    summary = f"{len(hops)} {noun}, none slower than {_SLOW:.0f} s."
    return Finding(CHECK, "way", Verdict.PASS, summary, tuple(evidence))
