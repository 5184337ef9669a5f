"""SPF evaluations as lines of evidence, and the record that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import is_postal_default, quoted
from wizard.checks.spf.evaluate import MOST_TERMS, MOST_VOIDS
from wizard.checks.spf.record import parse, select
from wizard.checks.spf.repair import repaired
from wizard.checks.spf.survey import whole
from wizard.checks.spf.types import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Answer
    from wizard.checks.spf.repair import Repaired
    from wizard.model.finding import Record
    from wizard.model.spf import Evaluation, Key, Node

_MOST_LINES: Final = 30


def addresses(judged: Sequence[Evaluation]) -> str:
    """Return the sending addresses for a sentence."""
    return ", ".join(one.ip for one in judged)


def ipv6_trap(judged: tuple[Evaluation, ...]) -> str:
    """Name the trap in Postal's own suggestion, ``a mx include:...``, where it strikes (facts, section 1)."""
    four = [one for one in judged if ":" not in one.ip and one.result == "pass"]
    six = [one for one in judged if ":" in one.ip and one.result == "permerror" and len(one.voids) > MOST_VOIDS]
    if not four or not six:
        return ""
    return " (IPv4 passes, but over IPv6 'a' and 'mx' find no AAAA, and the third look-up to find nothing is an error)"


def suggested(
    zone: Zone, judged: tuple[Evaluation, ...], texts: Sequence[bytes], replies: Mapping[Key, Reply]
) -> tuple[Record | None, str]:
    """Return the record to publish, and what has to be said of it; *texts* are the present SPF records.

    None where Postal's include is not known.
    """
    if not zone.spf_include or is_postal_default(zone.spf_include):
        return None, ""
    without = {*_leading_nowhere(judged, replies), *_open_to_all(texts)}
    one = repaired(texts, [f"include:{zone.spf_include}"], without)
    published = {**replies, (zone.domain, "TXT"): Reply("answer", (one.text.encode(),))}
    return zone.record(zone.domain, "TXT", one.text), left_out(one) + _too_many(whole(zone.domain, published).terms)


def left_out(one: Repaired) -> str:
    """Return the sentence about the terms that a record to publish leaves out, with a blank before it."""
    return f" The record below leaves out {', '.join(one.left_out)}." if one.left_out else ""


def _too_many(terms: int) -> str:
    """Return the sentence about a record to publish that is over the limit of RFC 7208 4.6.4, behind its first term."""
    if terms <= MOST_TERMS:
        return ""
    return (
        f" With the record below {terms} terms query DNS, and {MOST_TERMS} are allowed: first remove includes that "
        "nobody needs, or those who send by its last terms fail."
    )


def _leading_nowhere(judged: tuple[Evaluation, ...], replies: Mapping[Key, Reply]) -> Iterator[str]:
    """Yield the includes and redirects that are an error because there is no record behind them, or a loop.

    Where the limit of terms is the error, the last one is not to blame.
    """
    broken = (one for one in judged if one.result == "permerror" and one.terms <= MOST_TERMS)
    for term in (term for one in broken for term in one.tree.terms):
        if term.state == "error" and term.mechanism in {"include", "redirect"}:
            reply = replies.get((term.child.domain, "TXT")) if term.child is not None else None
            if reply is None or not select(reply.values):
                yield term.text


def _open_to_all(texts: Sequence[bytes]) -> Iterator[str]:
    """Yield the terms that cover every address."""
    return (term.text for text in texts for term in parse(text).terms if term.qualifier == "+" and 0 in term.prefix)


def failure(judged: Evaluation, asked: dict[Key, Answer]) -> str:
    """Return why an evaluation came to no verdict, with what happened to the look-up."""
    lost = (answer.words for (name, _), answer in asked.items() if answer.failed and name in judged.problem)
    return ": ".join(filter(None, (judged.problem, next(lost, ""))))


def evidence_of(judged: tuple[Evaluation, ...], asked: dict[Key, Answer]) -> list[str]:
    """Return the result for each address with its counts, the record, its tree, and the look-ups that failed."""
    lines = []
    for one in judged:
        by = f" by {' → '.join(one.path)}" if one.path else ""
        lines.append(
            f"{one.ip}: {one.result or 'undecided'}{by}, {one.terms}/10 terms, {len(one.voids)}/2 voids"
            f"{one.problem and f': {one.problem}'}"
        )
        lines += [f"  void: {void.term}, {void.name} has no {void.type}" for void in one.voids]
    shown = min(judged, key=lambda one: one.result == "pass")
    lines.append(f"is {shown.domain} {quoted(shown.record, 150)}" if shown.record else f"{shown.domain}: no SPF record")
    lines += list(_drawn(shown.tree, ""))[:_MOST_LINES]
    lines += [f"{name} {kind}: {answer.words}" for (name, kind), answer in asked.items() if answer.failed][:5]
    return lines


def _drawn(node: Node, indent: str) -> Iterator[str]:
    for term in node.terms:
        counts = " (counts)" if term.counts_lookup else ""
        yield f"{indent}- {term.text}{counts}: {term.state}"
        if term.child is not None:
            yield from _drawn(term.child, f"{indent}  ")
