"""The questions of SPF evaluations asked at once, and the answers brought to the evaluator (RFC 7208)."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Final, Literal

from wizard.checks.dns.outcomes import no_value
from wizard.checks.spf.evaluate import evaluate
from wizard.checks.spf.survey import prefetch
from wizard.checks.spf.types import Reply

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Answer, Ask
    from wizard.model.codes import Code
    from wizard.model.finding import Finding
    from wizard.model.spf import Evaluation, Key

_STATUS: Final[dict[str, Literal["answer", "empty", "nxdomain", "error"]]] = {
    "answer": "answer",
    "nodata": "empty",
    "nxdomain": "nxdomain",
    "loop": "empty",  # like no record: every receiver fails on it
    "failed": "error",
}


async def evaluations(
    ask: Ask, domain: str, ips: tuple[str, ...], *, sender: str, helo: str, deep: bool = False
) -> tuple[tuple[Evaluation, ...], dict[Key, Reply], dict[Key, Answer]]:
    """Evaluate *domain* for each of *ips*, asking all that is needed at once; *deep* also walks behind the match."""
    asked: dict[Key, asyncio.Task[Answer]] = {}
    answers: dict[Key, Answer] = {}
    replies: dict[Key, Reply] = {}
    judged: tuple[Evaluation, ...] = ()
    try:
        while True:
            judged = tuple(evaluate(domain, ip, sender=sender, helo=helo, replies=replies) for ip in ips)
            could = prefetch(domain, ips, sender=sender, helo=helo, replies=replies)
            needed = frozenset(key for one in judged for key in one.needed)
            behind = frozenset(key for key in could if deep and key[1] == "TXT")
            # What could be needed is asked along with what is, but nobody waits for it alone.
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
    return judged, replies, answers


def reply(answer: Answer) -> Reply:
    """Return an answer as the evaluator takes it."""
    return Reply(_STATUS[answer.outcome], answer.values)


def unfit(code: Code, subject: str, zone: Zone) -> Finding | None:
    """Return the skip where the sending addresses are not known."""
    for ip in zone.ips:
        try:
            ipaddress.ip_address(ip)
        except ValueError:
            return no_value(code, subject, "domain.sending_ips", f"has {ip}, which is not an address")
    return None if zone.ips else no_value(code, subject, "domain.sending_ips")
