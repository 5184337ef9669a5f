"""The Postal checklist: eight items, which findings prove each, and what only the operator can confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Check
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must be so in Postal, in DNS or in the network before GlitchTip's mail flows."""

    key: str
    title: str
    checks: tuple[Check, ...]
    """The item is as good as the worst of them."""
    where: str
    """Where to see to it in Postal's web interface, or what to do."""


ITEMS: Final[tuple[Item, ...]] = (
    Item("deployed", "Postal server deployed", (Check.GREETING,), "postal status, on Postal's host"),
    Item("mail_server", "Mail server created", (Check.AUTH,), "your organisation, Build your first mail server"),
    Item("credential", "SMTP credential created", (Check.AUTH,), "your mail server, Credentials, type SMTP"),
    Item("domain_verified", "Sending domain verified", (Check.SENDER,), "your mail server, Domains, Verify TXT record"),
    Item("spf", "SPF record", (Check.SPF_FROM, Check.SPF_MAILFROM), "your mail server, Domains, DNS Setup"),
    Item("dkim", "DKIM key", (Check.DKIM,), "your mail server, Domains, DNS Setup"),
    Item("return_path", "Return path", (Check.RETURN_PATH, Check.RP_MX), "your mail server, Domains, DNS Setup"),
    Item("port", "Port accessible", (Check.CONNECT,), "smtp_server.default_port, firewall, container port"),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """An item with its present verdict; ``None`` while nothing has been asked yet."""

    item: Item
    verdict: Verdict | None
    confirmed: bool = False
    """The operator said so; no check proved it."""

    @property
    def word(self) -> str:
        """The word in front of the item."""
        if self.verdict is None or self.verdict is Verdict.SKIP:
            return "yes" if self.confirmed else ".."
        return self.verdict.word


_ORDER: Final = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS, Verdict.SKIP)


def marks(findings: Iterable[Finding], confirmed: AbstractSet[str] = frozenset()) -> tuple[Mark, ...]:
    """Return every item as the findings so far prove it."""
    seen: dict[str, set[Verdict]] = {}
    for finding in findings:
        seen.setdefault(finding.check, set()).add(finding.verdict)
    return tuple(Mark(item, _verdict(item, seen), item.key in confirmed) for item in ITEMS)


def _verdict(item: Item, seen: dict[str, set[Verdict]]) -> Verdict | None:
    verdicts = set().union(*(seen.get(check, set()) for check in item.checks))
    return next((verdict for verdict in _ORDER if verdict in verdicts), None)
