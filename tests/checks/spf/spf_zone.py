"""A zone in a dict, and the loop that asks it until a verdict stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wizard.checks.spf.evaluate import evaluate
from wizard.checks.spf.survey import prefetch
from wizard.checks.spf.types import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.model.spf import Evaluation, Key

SENDER = "alice@example.com"
HELO = "mail.example.com"


def zone(entries: Mapping[str, Any]) -> dict[Key, Reply]:
    """Make replies of ``{"example.com TXT": "v=spf1 -all", "example.com A": ["192.0.2.1"]}``; None is an error."""
    replies: dict[Key, Reply] = {}
    for question, data in entries.items():
        name, _, kind = question.rpartition(" ")
        if data is None:
            replies[name, kind] = Reply("error")
            continue
        values = data if isinstance(data, list) else [data]
        made = tuple(value.encode() if kind == "TXT" and isinstance(value, str) else value for value in values)
        replies[name, kind] = Reply("answer" if made else "empty", made)
    return replies


def record(text: str | list[str], **more: Any) -> dict[str, Any]:
    """Make entries: the record of example.com, and more as ``m_example__A="192.0.2.1"``."""
    return {"example.com TXT": text} | {key.replace("__", " ").replace("_", "."): value for key, value in more.items()}


def answer(replies: Mapping[Key, Reply], key: Key) -> Reply:
    """Answer as the zone would: what it lacks does not exist."""
    return replies.get(key, Reply("nxdomain"))


def settle(
    look_up: Callable[[Key], Reply],
    ip: str,
    *,
    domain: str = "example.com",
    sender: str = SENDER,
    helo: str = HELO,
    ahead: bool = True,
) -> tuple[Evaluation, int]:
    """Return the verdict and how many rounds of questions it took; with *ahead* the survey asks first."""
    replies: dict[Key, Reply] = {}
    rounds = 0
    while ahead and (wanted := prefetch(domain, [ip], sender=sender, helo=helo, replies=replies)):
        replies |= {key: look_up(key) for key in wanted}
        rounds += 1
        assert rounds < 60
    while True:
        evaluation = evaluate(domain, ip, sender=sender, helo=helo, replies=replies)
        if not evaluation.needed:
            return evaluation, rounds
        assert not evaluation.needed & replies.keys()
        replies |= {key: look_up(key) for key in evaluation.needed}
        rounds += 1
        assert rounds < 120


def judged(entries: Mapping[str, Any], ip: str, **given: Any) -> Evaluation:
    """Return the verdict for *ip* in the zone of *entries*."""
    replies = zone(entries)
    return settle(lambda key: answer(replies, key), ip, **given)[0]
