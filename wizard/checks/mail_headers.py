"""The headers of a received mail, however a mail program shows and copies them: raw source, or a page with it below.

Line ends of every kind, folded lines with their indentation or without, blank lines between all fields, and what a
web page shows above the source (RFC 5322 2.2; RFC 8601 for Authentication-Results).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr, parsedate_to_datetime
from itertools import takewhile
from typing import Final

MAX_CHARACTERS: Final = 262_144
"""Read of what is pasted."""
FALLBACK_SELECTOR: Final = "postal"
"""Postal's ``dns.dkim_identifier`` alone: the installation's key (app/lib/dkim_header.rb)."""

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,75}) ?:(?:[ \t]+(.*)|)")
_ON_THE_WAY: Final = re.compile(
    r"(delivered-to|return-path|received|x-received|arc-[a-z-]+|authentication-results|dkim-signature|resent-sender|"
    r"x-postal-msgid|x-original-to|envelope-to|received-spf) ?:(.*)",
    re.IGNORECASE,
)
"""Fields that servers add on the way: a source begins with them, the table above it has none."""
_RESULT: Final = re.compile(r"\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"\b(header\.(?:d|s|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_TLS: Final = re.compile(r"\bwith\s+E?SMTPS|using\s+TLS|TLS ?v?1|version=TLS", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result in Authentication-Results."""

    word: str
    """``pass``, ``fail``, ``none`` and the like, in lower case."""
    properties: dict[str, str]
    """Such as ``header.d``; names in lower case."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field."""

    by: str
    tls: bool
    when: datetime | None


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one mail, the topmost first: names in lower case, values in one line."""

    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Return the values of every field called *name*."""
        return [value for known, value in self.fields if known == name]

    def first(self, name: str) -> str:
        """Return the topmost value of *name*, empty where there is none."""
        return next(iter(self.all(name)), "")

    @property
    def message_id(self) -> str:
        """Message-ID without its brackets, empty where there is none."""
        return self.first("message-id").strip().strip("<>").strip()

    @property
    def judged(self) -> bool:
        """Whether a receiving server's judgement is among them."""
        return bool(self._judgement())

    def results(self) -> dict[str, list[Result]]:
        """Return what the receiving server says of ``spf``, ``dkim`` and ``dmarc``.

        Only the topmost Authentication-Results counts, and only above the first hop: what is below it came with the
        mail, and anybody may have written it.
        """
        found: dict[str, list[Result]] = {}
        for part in _COMMENT.sub(" ", self._judgement()).split(";"):
            match = _RESULT.match(part)
            if match:
                properties = {name.lower(): value for name, value in _PROPERTY.findall(part)}
                found.setdefault(match[1].lower(), []).append(Result(match[2].lower(), properties))
        return found

    def _judgement(self) -> str:
        hops = [at for at, (name, _) in enumerate(self.fields) if name in {"received", "x-postal-msgid"}]
        end = hops[-1] if hops else len(self.fields)
        return next((value for name, value in self.fields[:end] if name == "authentication-results"), "")

    def signatures(self) -> list[dict[str, str]]:
        """Return the tags of every DKIM-Signature, the topmost first; without any, those that the receiver names."""
        signed = [_tags(value) for value in self.all("dkim-signature")]
        named = [result.properties for result in self.results().get("dkim", [])]
        return signed or [{"d": one["header.d"], "s": one.get("header.s", "")} for one in named if "header.d" in one]

    @property
    def is_whole(self) -> bool:
        """Whether the sender's own fields are here too, and not only some of those added on the way."""
        return any(self.first(name) for name in ("from", "subject", "message-id"))

    @property
    def envelope(self) -> str:
        """The domain of the envelope sender that Postal used, empty where no field tells it.

        Postal writes it into Resent-Sender; a forwarder changes only Return-Path.
        """
        smtp = (self.results().get("spf") or [Result("", {})])[0].properties.get("smtp.mailfrom", "")
        for value in (self.first("resent-sender"), self.first("return-path"), smtp):
            name = (parseaddr(value)[1] or value).rpartition("@")[2].strip("<> ").lower()
            if "." in name:
                return name
        return ""

    def hops(self) -> list[Hop]:
        """Return the hops in the order in which they were made: the undermost field is the first."""
        return [_hop(value) for value in reversed(self.all("received"))][:50]


def read(text: str) -> Headers:
    """Return the headers in *text*; none where it has none that servers add on the way."""
    lines = re.split(r"\r\n|\n|\r", text[:MAX_CHARACTERS])
    start = next((at for at, line in enumerate(lines) if _ON_THE_WAY.match(line.lstrip())), None)
    if start is None:
        return Headers(())
    while start and _FIELD.fullmatch(lines[start - 1].strip()):
        start -= 1
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    return Headers(tuple(_fields([line.removeprefix(indent) for line in lines[start:]])))


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    """Return the fields up to the blank line that ends the headers."""
    spaced = _is_spaced(lines)
    found: list[list[str]] = []
    for line in lines:
        if not line.strip():
            if spaced:
                continue
            break
        # Without its indentation a folded line is one that has no name and colon in front.
        field = (_FIELD.fullmatch(line) or _ON_THE_WAY.fullmatch(line)) if line[0] not in " \t" else None
        if field is not None:
            found.append([field[1].lower(), field[2] or ""])
        elif found:
            found[-1].append(line)
    return [(name, " ".join(" ".join(parts).split())) for name, *parts in found]


def _is_spaced(lines: list[str]) -> bool:
    """Whether a blank line was put behind every line, as some pages do when they are copied."""
    pairs = list(takewhile(lambda pair: pair[0].strip(), zip(lines[0:12:2], lines[1:12:2], strict=False)))
    return len(pairs) > 2 and not any(blank.strip() for _line, blank in pairs)


def _tags(field: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in field.split(";"))
    return {name.strip(): value.replace(" ", "") for name, _, value in pairs if name.strip()}


def _hop(field: str) -> Hop:
    head, _, date = field.rpartition(";")
    try:
        when: datetime | None = parsedate_to_datetime(date.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        when = None
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    by = re.search(r"\bby\s+(\S+)", head)
    return Hop(by[1] if by else "?", _TLS.search(head) is not None, when)
