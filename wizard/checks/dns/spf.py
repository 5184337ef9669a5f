"""SPF judged at the two names that matter: the From domain, and the envelope sender that Postal really uses."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import lacks, quoted, unknown
from wizard.checks.dns.propagation import Detail, settle
from wizard.checks.spf import evaluate as spf
from wizard.model.finding import Finding, Record, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

_STATUS: Final = {"answer": "answer", "nodata": "empty", "nxdomain": "nxdomain", "loop": "empty", "failed": "error"}
_MOST_LINES: Final = 30


async def evaluations(
    ask: Ask, domain: str, ips: tuple[str, ...], *, sender: str, helo: str, deep: bool = False
) -> tuple[tuple[spf.Evaluation, ...], spf.Whole, dict[spf.Key, Answer]]:
    """Evaluate *domain* for each of *ips*, asking all that is wanted at once; *deep* also walks behind the match."""
    asked: dict[spf.Key, asyncio.Task[Answer]] = {}
    answers: dict[spf.Key, Answer] = {}
    replies: dict[spf.Key, spf.Reply] = {}
    judged: tuple[spf.Evaluation, ...] = ()
    try:
        while True:
            judged = tuple(spf.evaluate(domain, ip, sender=sender, helo=helo, replies=replies) for ip in ips)
            could = spf.prefetch(domain, ips, sender=sender, helo=helo, replies=replies)
            needed = frozenset(key for one in judged for key in one.wanted)
            behind = frozenset(key for key in could if deep and key[1] == "TXT")
            # What could be wanted is asked along with what is, but nobody waits for it alone.
            for key in (needed | could if needed else behind) - asked.keys():
                asked[key] = asyncio.create_task(ask(*key))
            if not (needed or behind) - replies.keys():
                break
            pending = [asked[key] for key in asked.keys() - replies.keys()]
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for key, task in asked.items():
                if task.done() and key not in replies:
                    answers[key], replies[key] = task.result(), reply(task.result())
    finally:
        for task in asked.values():
            task.cancel()
        await asyncio.gather(*asked.values(), return_exceptions=True)
    return judged, spf.whole(domain, replies), answers


def reply(answer: Answer) -> spf.Reply:
    """Return an answer as the evaluator takes it. A CNAME loop is like no record: every receiver fails on it."""
    return spf.Reply(_STATUS[answer.outcome], answer.values)  # type: ignore[arg-type]  # the table's values are the words


def _unfit(check: str, subject: str, zone: Zone) -> Finding | None:
    """Return the skip where the sending addresses are not known."""
    for ip in zone.ips:
        try:
            ipaddress.ip_address(ip)
        except ValueError:
            return lacks(check, subject, "domain.sending_ips", f"an address ({ip} is none)")
    return None if zone.ips else lacks(check, subject, "domain.sending_ips", "from which addresses Postal sends")


async def spf_from(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the From domain's record. Receivers look at it rarely, so its faults are mild (facts, section 1)."""
    if skip := _unfit("spf_from", zone.domain, zone):
        return skip
    own = await ask(zone.domain, "TXT")

    async def one(answer: Answer) -> Finding:
        async def with_record(name: str, kind: str, /) -> Answer:
            return answer if (name, kind) == (zone.domain, "TXT") else await ask(name, kind)

        return await _judge_from(zone, answer, with_record)

    return await settle(own, versions(zone.domain, "TXT"), one)


async def _judge_from(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    name = zone.domain
    if answer.failed:
        return unknown("spf_from", name, answer.words)
    judged, whole, asked = await evaluations(ask, name, zone.ips, sender=zone.sender, helo=zone.helo, deep=True)
    evidence = _evidence(judged, asked)
    if whole.problem and all(one.problem != whole.problem for one in judged):
        evidence.append(f"behind the match: {whole.problem}")
    evidence.append("receivers judge SPF at the envelope sender, not here: see spf_mailfrom")

    def found(verdict: Verdict, is_now: str, so: str = "", remedy: str = "") -> Finding:
        return Finding(
            "spf_from",
            name,
            verdict,
            f"{name} {is_now}{so and f'; {so}'}.",
            tuple(evidence),
            remedy,
            record=_suggested(zone, judged),
            detail=Detail(spf=judged),
        )

    if broken := [one for one in judged if one.result == "permerror"]:
        return found(
            Verdict.FAIL,
            f"has an SPF record that is an error for {_and(broken)}: {broken[0].problem}",
            f"wanted is a pass for every sending address{_trap(judged)}",
            "Correct the record; what Postal needs in it is the include in the record below.",
        )
    if open_to_all := [text for text, qualifier in _alls(judged[0].tree) if qualifier == "+"]:
        return found(
            Verdict.FAIL,
            f"authorises the whole world by {open_to_all[0]}",
            "wanted is ~all or -all: anybody may send as you",
            "Replace it by ~all.",
        )
    if lost := [one for one in judged if one.result in {"temperror", None}]:
        return unknown("spf_from", name, lost[0].problem, evidence=tuple(evidence))
    if not judged[0].record:
        twice = await ask(zone.doubled(name), "TXT")
        ours = zone.spf_include.lower().encode() or b"v=spf1"
        at = f", it stands at {twice.name}" if any(ours in value.lower() for value in twice.values) else ""
        return found(
            Verdict.WARN, f"has no SPF record{at}", "wanted is one that includes Postal's", "Publish the record below."
        )
    if missed := [one for one in judged if one.result != "pass"]:
        return found(
            Verdict.WARN,
            f"gives {missed[0].result} for {_and(missed)}",
            "wanted is pass: the record does not authorise Postal",
            f"Put include:{zone.spf_include or 'the host that Postal shows'} into the record, before its all.",
        )
    counts = max(one.terms for one in judged), max(len(one.voids) for one in judged)
    if counts[0] >= spf.MOST_TERMS or whole.terms > spf.MOST_TERMS:
        return found(
            Verdict.WARN,
            f"passes with {counts[0]} of 10 terms evaluated, {whole.terms} in the whole tree",
            "wanted are 9 at most: the next one breaks it",
            "Take out includes that nobody needs any more.",
        )
    if counts[1] >= spf.MOST_VOIDS:
        voids = "; ".join(f"{void.term} ({void.name} {void.type})" for void in judged[-1].voids or judged[0].voids)
        return found(
            Verdict.WARN,
            f"passes with 2 of 2 look-ups that find nothing: {voids}",
            "wanted is 1 at most: the next one breaks it",
            "Take those terms out.",
        )
    if any(qualifier == "?" for _, qualifier in _alls(judged[0].tree)):
        return found(
            Verdict.WARN, "passes but ends in ?all", "wanted is ~all: it says nothing about others", "Write ~all."
        )
    return found(Verdict.PASS, f"authorises {_and(judged)}, {counts[0]} of 10 terms, {counts[1]} of 2 voids")


async def spf_mailfrom(zone: Zone, ask: Ask) -> Finding:
    """Judge the record that receivers look at: at the envelope sender's name."""
    if not zone.rp:
        return lacks("spf_mailfrom", zone.psrp, "domain.return_path_target", "Postal's return-path host")
    if skip := _unfit("spf_mailfrom", zone.psrp, zone):
        return skip
    cname = await ask(zone.psrp, "CNAME")
    if cname.failed:
        return unknown("spf_mailfrom", zone.psrp, f"the CNAME at {zone.psrp}: {cname.words}")
    name = envelope(zone, cname)

    async def at_host(asked: str, kind: str, /) -> Answer:
        if asked != name:
            return await ask(asked, kind)
        return replace(await ask(zone.rp, kind), name=name)

    judged, _, asked = await evaluations(at_host, name, zone.ips, sender=f"postal@{name}", helo=zone.helo)
    which = f"the envelope sender is at {name}" + (f", by its CNAME {zone.rp}" if name != zone.rp else "")
    why = "" if name != zone.rp else f", because {zone.psrp} is no CNAME to {zone.rp}"
    evidence = (f"{which}{why}", *_evidence(judged, asked))
    verdicts = {
        one.ip: Verdict.PASS
        if one.result == "pass"
        else Verdict.UNKNOWN
        if one.result in {"temperror", None}
        else Verdict.FAIL
        for one in judged
    }
    verdict = worst(Finding("", "", each, "") for each in verdicts.values())
    if verdict is Verdict.UNKNOWN:
        words = next(one.problem for one in judged if verdicts[one.ip] is verdict)
        return unknown("spf_mailfrom", name, words, evidence=evidence)
    if verdict is Verdict.PASS:
        terms, voids = max(one.terms for one in judged), max(len(one.voids) for one in judged)
        summary = f"{name} authorises {_and(judged)}, {terms} of 10 terms, {voids} of 2 voids."
        return Finding("spf_mailfrom", name, verdict, summary, evidence, detail=Detail(spf=judged))
    bad = [one for one in judged if verdicts[one.ip] is Verdict.FAIL]
    reason = f": {bad[0].problem}" if bad[0].problem else ""
    wanted = "v=spf1 " + " ".join(f"ip{ipaddress.ip_address(ip).version}:{ip}" for ip in zone.ips) + " ~all"
    return Finding(
        "spf_mailfrom",
        name,
        verdict,
        f"{name} gives {bad[0].result} for {_and(bad)}{reason}; wanted is pass{_trap(judged)}: receivers see mail that "
        "fails SPF.",
        evidence,
        f"Correct the TXT record at {zone.rp}: it belongs to the Postal installation, not to {zone.domain}.",
        record=zone.record(zone.rp, "TXT", wanted),
        detail=Detail(spf=judged),
    )


def envelope(zone: Zone, cname: Answer) -> str:
    """Return the name of Postal's envelope sender: its own under the domain where that leads to the host at once."""
    return zone.psrp if cname.values[:1] == (zone.rp,) else zone.rp


def _and(judged: tuple[spf.Evaluation, ...] | list[spf.Evaluation]) -> str:
    return ", ".join(one.ip for one in judged)


def _alls(node: spf.Node) -> Iterator[tuple[str, str]]:
    """Yield every ``all`` that decides: the record's own, and those of what it redirects to or plainly includes."""
    for term in node.terms:
        if term.mechanism == "all":
            yield f"{term.text} at {node.domain}", term.qualifier
        elif term.child is not None and term.mechanism == "redirect":
            yield from _alls(term.child)
        elif term.child is not None and term.qualifier == "+":
            yield from ((text, qualifier) for text, qualifier in _alls(term.child) if qualifier == "+")


def _trap(judged: tuple[spf.Evaluation, ...]) -> str:
    """Name the trap in Postal's own suggestion, ``a mx include:...``, where it strikes (facts, section 1)."""
    four = [one for one in judged if ":" not in one.ip and one.result == "pass"]
    six = [one for one in judged if ":" in one.ip and one.result == "permerror" and len(one.voids) > spf.MOST_VOIDS]
    if not four or not six:
        return ""
    return " (IPv4 passes, but over IPv6 'a' and 'mx' find no AAAA, and the third look-up to find nothing is an error)"


def _suggested(zone: Zone, judged: tuple[spf.Evaluation, ...]) -> Record | None:
    """Return the record to publish: the present one with Postal's include, without terms that find nothing."""
    record = judged[0].record
    if not zone.spf_include:
        return None
    include = f"include:{zone.spf_include}"
    useless = {void.term.lower() for one in judged for void in one.voids}
    terms = [term for term in record.split()[1:] if term.lower() not in useless]
    if include.lower() not in map(str.lower, terms):
        terms.insert(0, include)
    open_end = {"all", "+all", "?all"}
    terms = ["~all" if term.lower() in open_end else term for term in terms] if len(terms) > 1 else [*terms, "~all"]
    return zone.record(zone.domain, "TXT", " ".join(["v=spf1", *terms]))


def _evidence(judged: tuple[spf.Evaluation, ...], asked: dict[spf.Key, Answer]) -> list[str]:
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


def _drawn(node: spf.Node, indent: str) -> Iterator[str]:
    for term in node.terms:
        counts = " (counts)" if term.counts_lookup else ""
        yield f"{indent}- {term.text}{counts}: {term.state}"
        if term.child is not None:
            yield from _drawn(term.child, f"{indent}  ")
