"""What Postal's own Setup page will say, by Postal's own literal rules (app/models/concerns/has_dns_checks.rb)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wizard.checks.dns.names import lacks, unknown
from wizard.checks.dns.propagation import Detail
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Version, Versions
    from wizard.checks.dns.resolver import Answer, Ask

Status: TypeAlias = Literal["OK", "Missing", "Invalid"]
OK: Final[Status] = "OK"


@dataclass(frozen=True, slots=True)
class Item:
    """One box of the page."""

    status: Status
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The page as Postal renders it."""

    spf: Item
    dkim: Item
    mx: Item
    return_path: Item

    @property
    def ok(self) -> bool:
        """Postal's ``dns_ok?``."""
        mild = {"OK", "Missing"}
        return (
            self.spf.status == self.dkim.status == "OK" and self.mx.status in mild and self.return_path.status in mild
        )


def verified(texts: Iterable[str], wanted: str) -> bool:
    """Say whether the ownership record is there (app/models/domain.rb ``verify_with_dns``)."""
    return any(text.strip() == wanted for text in texts)


def spf_box(texts: Sequence[str], include: str) -> Item:
    """Return the SPF box: literal, case-sensitive, without recursion; the resolver strips (app/lib/dns_resolver.rb)."""
    records = [text for text in texts if re.match(r"v=spf1", text.strip())]
    if not records:
        return Item("Missing", "No SPF record exists for this domain")
    if any(re.search(rf"include:\s*{re.escape(include)}", text) for text in records):
        return Item("OK")
    return Item("Invalid", f"An SPF record exists but it doesn't include {include}")


def dkim_box(name: str, texts: Sequence[str], wanted: str) -> Item:
    """Return the DKIM box: exactly one record, equal but for a final semicolon."""
    if not texts:
        return Item("Missing", f"No TXT records were returned for {name}")
    first = texts[0].strip()
    if len(texts) > 1:
        return Item("Invalid", f"There are {len(texts)} records for at {name}. There should only be one.")
    if (first if first.endswith(";") else f"{first};") != wanted:
        return Item(
            "Invalid",
            f"The DKIM record at {name} does not match the record we have provided. "
            "Please check it has been copied correctly.",
        )
    return Item("OK")


def mx_box(domain: str, hosts: Sequence[str], wanted: Sequence[str]) -> Item:
    """Return the MX box: Postal's own hosts, all of them or none."""
    if not hosts:
        return Item("Missing", f"There are no MX records for {domain}")
    absent = [host for host in wanted if host not in {one.lower() for one in hosts}]
    if not absent:
        return Item("OK")
    if len(absent) == len(wanted):
        return Item("Missing", "You have MX records but none of them point to us.")
    return Item("Invalid", f"MX record for {', '.join(absent)} are missing and are required.")


def return_path_box(name: str, targets: Sequence[str], wanted: str) -> Item:
    """Return the return-path box: exactly one CNAME to the configured host."""
    if not targets:
        return Item("Missing", f"There is no return path record at {name}")
    if len(targets) == 1 and targets[0].lower() == wanted:
        return Item("OK")
    return Item(
        "Invalid",
        f"There is a CNAME record at {name} but it points to {targets[0]} which is incorrect. "
        f"It should point to {wanted}.",
    )


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Predict the page. Postal asks the domain's own name servers: what they say comes before the resolver's word."""
    subject = zone.domain
    for value, key, what in (
        (zone.spf_include, "domain.spf_include", "the host that Postal wants included"),
        (zone.dkim_name, "domain.dkim_selector", "the selector of Postal's key for this domain"),
        (zone.dkim_value, "domain.dkim_value", "the key record that Postal shows"),
        (zone.rp, "domain.return_path_target", "Postal's return-path host"),
    ):
        if not value:
            return lacks("postal_view", subject, key, what)

    asked = ((subject, "TXT"), (zone.dkim_name, "TXT"), (zone.psrp, "CNAME"))
    mx, own, direct = await asyncio.gather(
        ask(subject, "MX"),
        asyncio.gather(*(ask(*one) for one in asked)),
        asyncio.gather(*(versions(*one) for one in asked)),
    )
    rows = [_row(said, own) for said in zip(*direct, strict=True) if said[0].on_event] or [list(own)]
    for row in rows:
        for answer in (*row, mx):
            if answer.failed:
                return unknown("postal_view", subject, f"{answer.name} {answer.type}: {answer.words}")
    pages = [_page(zone, apex, key, cname, mx) for apex, key, cname in rows]
    page = min(pages, key=lambda page: page.ok)  # servers may disagree; Postal asks any of them
    return judge(zone, page, hidden=own[1].found and page.dkim.status == "Missing")


def _row(said: Sequence[Version], own: Sequence[Answer]) -> list[Answer]:
    """Return what one server of the zone tells Postal; where it is silent, what the resolver says.

    A referral tells it that there is nothing: Postal does not follow a delegated ``_domainkey`` (its issue 3581).
    """
    referral = [not one.on_event and one.raw.outcome == "nodata" for one in said]
    return [one.raw if one.on_event or refers else mine for one, refers, mine in zip(said, referral, own, strict=True)]


def _page(zone: Zone, apex: Answer, key: Answer, cname: Answer, mx: Answer) -> Page:
    out_of_zone = bool(key.chain) and not key.canonical.endswith(f".{zone.domain}")
    hosts = [host for _, host in mx.values]
    return Page(
        spf_box(_texts(apex), zone.spf_include),
        dkim_box(zone.dkim_name, [] if out_of_zone else _texts(key), _shown(zone.dkim_value)),
        mx_box(zone.domain, hosts, zone.mx) if zone.mx or not hosts else Item("Missing"),
        return_path_box(zone.psrp, cname.values, zone.rp),
    )


def _texts(answer: Answer) -> list[str]:
    return [value.decode("utf-8", "surrogateescape") for value in answer.values]


def _shown(value: str) -> str:
    """Return the record as Postal has it: with a final semicolon, which a selection by hand may miss."""
    return value if value.endswith(";") else f"{value};"


def judge(zone: Zone, page: Page, *, hidden: bool = False) -> Finding:
    """Judge the page against what receivers accept; *hidden*: they find a key that Postal does not."""
    boxes = (("SPF", page.spf), ("DKIM", page.dkim), ("MX", page.mx), ("Return Path", page.return_path))
    evidence = [f"{name}: {item.status}{(item.error and f', {item.error}') or ''}" for name, item in boxes]
    if not zone.mx:
        evidence.append("MX was not compared: domain.mx is not known")

    def found(verdict: Verdict, summary: str, remedy: str = "") -> Finding:
        return Finding("postal_view", zone.domain, verdict, summary, tuple(evidence), remedy, detail=Detail())

    if page.ok:
        evidence += [
            f"press *Check my records are correct* in Postal now ({zone.setup_path})",
            "Postal signs with this domain's key only from then on",
        ]
        return found(Verdict.PASS, f"Postal's own page will say that {zone.shown} is right.")
    red = [
        (name, item)
        for name, item in boxes
        if item.status == "Invalid" or (name in {"SPF", "DKIM"} and item.status != "OK")
    ]
    why = {
        "SPF": f"Postal wants 'include:{zone.spf_include}' literally in the record, whatever other terms authorise it",
        "DKIM": "Postal asks the zone's own name servers alone, and follows no CNAME or delegation out of the zone"
        if hidden
        else "Postal compares the record letter by letter, and signs with its fallback key until it is equal",
        "MX": "Postal wants all of its own hosts in the MX or none",
        "Return Path": "Postal wants one CNAME that leads to its host at once",
    }
    evidence += [f"{name}: {why[name]}" for name, _ in red]
    return found(
        Verdict.WARN,
        f"Postal's own page will not say that {zone.shown} is right: {', '.join(f'{n} {i.status}' for n, i in red)}; "
        "what receivers make of it stands in the other rows.",
        "Make the records exactly as Postal shows them: "
        + "; ".join(why[name] for name, _ in red)
        + f". Then press *Check my records are correct* ({zone.setup_path}).",
    )
