"""What Postal's own Setup page shows: its stored status where a page was pasted, else what its check would find now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import PRESS, decoded, is_postal_default
from wizard.checks.dns.near_miss import difference
from wizard.checks.dns.outcomes import lookup_failed, no_value, postal_defaults
from wizard.checks.dns.postal_rules import Item, Page, Status, dkim_box, mx_box, return_path_box, spf_box
from wizard.checks.dns.propagation import doubted
from wizard.model.codes import Code
from wizard.model.details import PageStatus
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Version, Versions
    from wizard.checks.dns.resolver import Answer, Ask
    from wizard.model.draft import Stored

_WHICH_COUNT: Final = (
    "SPF and DKIM should be OK there: Postal uses that status when it signs. The other rows say how receivers judge "
    "the records."
)
_STORED: Final[dict[Stored, Status]] = {"ok": "OK", "missing": "Missing", "invalid": "Invalid"}


@dataclass(frozen=True, slots=True)
class Predicted:
    """What Postal's check would store for one record, asked of the zone's own name servers as Postal does."""

    statuses: tuple[Status, ...]
    """One for each name server that answers; those of the resolver where none does."""
    own: Status | None = None
    """By the resolver's answer."""
    problem: str = ""
    """Why it is not known; empty where it is."""

    @property
    def ok(self) -> bool | None:
        """Whether Postal's status would be OK; where the servers disagree, by the resolver. None: not known."""
        if self.problem:
            return None
        return (self.own if self.split else self.statuses[0]) == "OK"

    @property
    def split(self) -> bool:
        """Whether the answer depends on which server Postal asks."""
        return len({status == "OK" for status in self.statuses}) > 1


async def predicted_dkim(zone: Zone, ask: Ask, versions: Versions) -> Predicted:
    """Predict Postal's status for the key."""
    own, rows = await _seen(ask, versions, (zone.domain, "TXT"), (zone.dkim_name, "TXT"))
    return _predicted(own[1], [row[1] for row in rows], lambda answer: _dkim(zone, answer).status)


async def predicted_return_path(zone: Zone, ask: Ask, versions: Versions) -> Predicted:
    """Predict Postal's status for the return path."""
    own, rows = await _seen(ask, versions, (zone.domain, "TXT"), (zone.psrp, "CNAME"))
    return _predicted(own[1], [row[1] for row in rows], lambda answer: _return_path(zone, answer).status)


def _predicted(own: Answer, seen: list[Answer], status: Callable[[Answer], Status]) -> Predicted:
    failed = next((answer for answer in seen if answer.failed), None)
    if failed is not None:
        return Predicted((), problem=f"{failed.name} {failed.type}: {failed.words}")
    return Predicted(tuple(map(status, seen)), None if own.failed else status(own))


async def _seen(ask: Ask, versions: Versions, *asked: tuple[str, str]) -> tuple[list[Answer], list[list[Answer]]]:
    """Return the resolver's answers, and those of each name server in rows; the resolver's where all are silent.

    The first question is for the zone's own name: a server that does not answer it with authority is lame. A key that
    only the resolver says is missing is not known to be (``doubted``).
    """
    own, direct = await asyncio.gather(
        asyncio.gather(*(ask(*one) for one in asked)), asyncio.gather(*(versions(*one) for one in asked))
    )
    answered = [
        doubted(mine, versions) if "._domainkey." in mine.name else mine
        for mine, versions in zip(own, direct, strict=True)
    ]
    rows = [_row(row, answered) for row in zip(*direct, strict=True) if row[0].counts]
    return list(own), rows or [answered]


def _row(row: Sequence[Version], own: Sequence[Answer]) -> list[Answer]:
    """Return what one server of the zone answers Postal; where it is silent, what the resolver answers.

    A referral shows Postal that there is nothing: it does not follow a delegated ``_domainkey`` (its issue 3581).
    """
    return [one.raw if one.counts or one.raw.outcome == "nodata" else mine for one, mine in zip(row, own, strict=True)]


def _dkim(zone: Zone, answer: Answer) -> Item:
    out_of_zone = bool(answer.chain) and not answer.canonical.endswith(f".{zone.domain}")
    return dkim_box(zone.dkim_name, [] if out_of_zone else _texts(answer), _final_semicolon(zone.dkim_value))


def _return_path(zone: Zone, answer: Answer) -> Item:
    return return_path_box(zone.psrp, answer.values, zone.rp)


def _texts(answer: Answer) -> list[str]:
    return [decoded(value) for value in answer.values]


def _final_semicolon(value: str) -> str:
    """Return the record as Postal has it: with a final semicolon, which a selection by hand may miss."""
    return value if value.endswith(";") else f"{value};"


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge Postal's page. Postal asks the domain's own name servers: they go before the resolver."""
    subject = zone.domain
    for value, key in (
        (zone.spf_include, "domain.spf_include"),
        (zone.selector, "domain.dkim_selector"),
        (zone.dkim_value, "domain.dkim_value"),
        (zone.rp, "domain.return_path_target"),
    ):
        if not value:
            return no_value(Code.POSTAL_VIEW_NO_VALUE, subject, key)
    for name in (zone.spf_include, zone.rp, *zone.mx):
        if is_postal_default(name):
            return postal_defaults(Code.POSTAL_VIEW_POSTAL_DEFAULTS, subject, name, Verdict.WARN)
    mx, (own, rows) = await asyncio.gather(
        ask(subject, "MX"),
        _seen(ask, versions, (subject, "TXT"), (zone.dkim_name, "TXT"), (zone.psrp, "CNAME")),
    )
    for row in rows:
        for answer in (*row, mx):
            if answer.failed:
                words = f"{answer.name} {answer.type}: {answer.words}"
                return lookup_failed(Code.POSTAL_VIEW_LOOKUP_FAILED, subject, words)
    pages = [(_page(zone, apex, key, cname, mx), _texts(key)) for apex, key, cname in rows]
    page, keys = min(pages, key=lambda one: one[0].ok)  # servers may disagree; Postal asks any of them
    differs: tuple[str, ...] = ()
    if page.dkim.status == "Invalid" and len(keys) == 1:
        differs = difference(keys[0], _final_semicolon(zone.dkim_value))
    return judge(zone, page, hidden=own[1].found and page.dkim.status == "Missing", differs=differs)


def _page(zone: Zone, apex: Answer, key: Answer, cname: Answer, mx: Answer) -> Page:
    hosts = [host for _, host in mx.values]
    return Page(
        spf_box(_texts(apex), zone.spf_include),
        _dkim(zone, key),
        mx_box(zone.domain, hosts, zone.mx) if zone.mx or not hosts else Item("Missing"),
        _return_path(zone, cname),
    )


def judge(zone: Zone, page: Page, *, hidden: bool = False, differs: tuple[str, ...] = ()) -> Finding:
    """Judge the page as it is stored and as it would be now.

    *hidden*: receivers find a key that Postal does not. *differs*: the lines that show where the key record differs.
    """
    now, stored = _boxes(page), _stored(zone, page)
    evidence = [f"now, {name}: {item.status}{(item.error and f', {item.error}') or ''}" for name, item in now]
    if not zone.mx:
        evidence.append("MX was not compared: domain.mx is not known")
    why = _reasons(zone, hidden=hidden)
    evidence += [f"{name}: {why[name]}" for name in _red(now)]
    evidence += differs
    if stored is None:
        evidence.append(_assumption(zone))
    else:
        boxes = ", ".join(f"{name} {item.status}" for name, item in _boxes(stored))
        evidence.append(f"Postal's page, as pasted: {boxes}")
    follow = f"Make the records exactly as Postal shows them: {'; '.join(why[name] for name in _red(now))}."
    found = partial(_found, zone, evidence, "dns" if stored is None else "postal")
    if stored is None:
        return _expected(zone, _orange(now), follow, found)
    return _shown(zone, _orange(_boxes(stored)), _orange(now), follow, found)


def _found(
    zone: Zone, evidence: list[str], proven_from: str, verdict: Verdict, code: Code, said: str, remedy: str = "",
    orange: tuple[str, ...] = (),
) -> Finding:  # fmt: skip
    detail = PageStatus(orange)
    return Finding.of(
        verdict, code, zone.domain, said, evidence, remedy=remedy, detail=detail, proven_from=proven_from
    )  # fmt: skip


def _expected(zone: Zone, orange: tuple[str, ...], follow: str, found: Callable[..., Finding]) -> Finding:
    """Judge a page that was not pasted, by what Postal's next check will show."""
    will = f"Postal's page for {zone.shown} will"
    if orange:
        return found(
            Verdict.WARN,
            Code.POSTAL_VIEW_WILL_OBJECT,
            f"{will} not be all green: {', '.join(orange)}. {_WHICH_COUNT}",
            f"{follow} Then {PRESS} ({zone.setup_path}).",
            orange,
        )
    if zone.checked:
        return found(Verdict.PASS, Code.POSTAL_VIEW_ALL_OK, f"{will} show every record as right.")
    pressed = (
        "Nobody has pressed Check yet: until then Postal signs with its fallback key."
        if zone.checked is False
        else "Whether somebody has pressed Check is not known here."
    )
    return found(
        Verdict.PASS,
        Code.POSTAL_VIEW_PRESS_CHECK,
        f"{will} show every record as right once Postal has checked them. {pressed}",
        f"Now {PRESS} ({zone.setup_path}).",
    )


def _shown(
    zone: Zone, before: tuple[str, ...], now: tuple[str, ...], follow: str, found: Callable[..., Finding]
) -> Finding:
    """Judge a pasted page with the orange boxes *before*, beside those that its next check will show."""
    shows = f"Postal's page for {zone.shown} shows"
    if not before and not now:
        return found(Verdict.PASS, Code.POSTAL_VIEW_ALL_OK, f"{shows} every record as right.")
    if not now:
        return found(
            Verdict.WARN,
            Code.POSTAL_VIEW_PRESS_AGAIN,
            f"{shows} {', '.join(before)}, but the records are right now. Postal uses the old status until it checks "
            "again, once an hour.",
            f"{PRESS[0].upper()}{PRESS[1:]} again ({zone.setup_path}).",
            before,
        )
    if not before:
        return found(
            Verdict.WARN,
            Code.POSTAL_VIEW_WILL_CHANGE,
            f"{shows} every record as right, but its next check, within the hour, will show {', '.join(now)}: the "
            "records have changed since.",
            follow,
            now,
        )
    return found(
        Verdict.WARN,
        Code.POSTAL_VIEW_OBJECTS,
        f"{shows} {', '.join(before)}. {_WHICH_COUNT}",
        f"{follow} Then {PRESS} again ({zone.setup_path}).",
        before,
    )


def _boxes(page: Page) -> tuple[tuple[str, Item], ...]:
    return (("SPF", page.spf), ("DKIM", page.dkim), ("MX", page.mx), ("Return Path", page.return_path))


def _red(boxes: Sequence[tuple[str, Item]]) -> list[str]:
    """Return the boxes that Postal shows in orange: MX and return path may be missing."""
    return [
        name for name, item in boxes if item.status == "Invalid" or (name in {"SPF", "DKIM"} and item.status != "OK")
    ]


def _orange(boxes: Sequence[tuple[str, Item]]) -> tuple[str, ...]:
    """Return them with their status, as the page has them side by side."""
    red = _red(boxes)
    return tuple(f"{name} {item.status}" for name, item in boxes if name in red)


def _stored(zone: Zone, now: Page) -> Page | None:
    """Return the page as Postal has stored it, a box that was not pasted as it is now; None where none was pasted."""
    if not zone.has_stored:
        return None

    def item(stored: Stored, box: Item) -> Item:
        return Item(_STORED[stored]) if stored else box

    return replace(
        now,
        spf=item(zone.stored_spf, now.spf),
        dkim=item(zone.stored_dkim, now.dkim),
        mx=item(zone.stored_mx, now.mx),
        return_path=item(zone.stored_return_path, now.return_path),
    )


def _assumption(zone: Zone) -> str:
    if zone.checked:
        return "assumed: Postal has checked the records as they are now (domain.checked_in_postal)"
    if zone.checked is False:
        return "assumed: nobody has pressed Check in Postal yet (domain.checked_in_postal)"
    return "assumed: Postal checks the records as they are now; whether it ever did is not known"


def _reasons(zone: Zone, *, hidden: bool) -> dict[str, str]:
    return {
        "SPF": f"Postal looks for 'include:{zone.spf_include}' literally in the record, whatever else authorises it",
        "DKIM": "Postal asks only the zone's own name servers, and follows no CNAME or delegation out of the zone"
        if hidden
        else "Postal compares the record letter by letter, and signs with its fallback key until it is equal",
        "MX": "Postal looks for all of its own hosts in the MX, or none",
        "Return Path": "Postal accepts only one CNAME, straight to its host",
    }
