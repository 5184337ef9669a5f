"""What Postal makes of each record: its own literal rules (app/models/concerns/has_dns_checks.rb, domain.rb)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Status: TypeAlias = Literal["OK", "Missing", "Invalid"]
_RUBY_BLANKS: Final = " \t\n\v\f\r\0"
"""What Ruby's ``strip`` takes off; no other blank, such as the one that browsers do not break at."""


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


def spf_box(texts: Sequence[str], include: str) -> Item:
    """Return the SPF box: literal, case-sensitive, without recursion; the resolver strips (app/lib/dns_resolver.rb)."""
    records = [text for text in texts if re.match(r"v=spf1", text.strip(_RUBY_BLANKS))]
    if not records:
        return Item("Missing", "No SPF record exists for this domain")
    if any(re.search(rf"include:\s*{re.escape(include)}", text) for text in records):
        return Item("OK")
    return Item("Invalid", f"An SPF record exists but it doesn't include {include}")


def dkim_box(name: str, texts: Sequence[str], expected: str) -> Item:
    """Return the DKIM box: exactly one record, equal but for a final semicolon."""
    if not texts:
        return Item("Missing", f"No TXT records were returned for {name}")
    first = texts[0].strip(_RUBY_BLANKS)
    if len(texts) > 1:
        return Item("Invalid", f"There are {len(texts)} records for at {name}. There should only be one.")
    if (first if first.endswith(";") else f"{first};") != expected:
        return Item(
            "Invalid",
            f"The DKIM record at {name} does not match the record we have provided. "
            "Please check it has been copied correctly.",
        )
    return Item("OK")


def mx_box(domain: str, hosts: Sequence[str], expected: Sequence[str]) -> Item:
    """Return the MX box: Postal's own hosts, all of them or none."""
    if not hosts:
        return Item("Missing", f"There are no MX records for {domain}")
    absent = [host for host in expected if host not in {one.lower() for one in hosts}]
    if not absent:
        return Item("OK")
    if len(absent) == len(expected):
        return Item("Missing", "You have MX records but none of them point to us.")
    return Item("Invalid", f"MX record for {', '.join(absent)} are missing and are required.")


def return_path_box(name: str, targets: Sequence[str], expected: str) -> Item:
    """Return the return-path box: exactly one CNAME to the configured host."""
    if not targets:
        return Item("Missing", f"There is no return path record at {name}")
    if len(targets) == 1 and targets[0].lower() == expected:
        return Item("OK")
    return Item(
        "Invalid",
        f"There is a CNAME record at {name} but it points to {targets[0]} which is incorrect. "
        f"It should point to {expected}.",
    )
