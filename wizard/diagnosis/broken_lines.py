"""Lines that a terminal, a mail program or a bounce has broken, put together again.

A reply in two pieces loses its meaning, or gets another one: ``(535, b'Invalid cre`` is not what Postal says to a wrong
key. Only what has signs of a break is joined: lines as long as the widest, or too long for the next word, and behind
them one that begins like no line of a log; a reply that is still open; the indented rest of a bounce's line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_TERMINALS: Final = frozenset({80, 100, 120, 132, 160, 200})
"""Widths that terminals have: at these one full line is enough."""
_NARROWEST: Final = 60
_WIDEST: Final = 250
_MAIL_AT_LEAST: Final = 70
_MAIL: Final = 79
"""Mail programs break at blanks, and earlier than the narrowest terminal does in the middle of a word."""
_ENOUGH: Final = 2
"""Broken lines of different text that show another width."""
_SERVICE: Final = r"[A-Za-z0-9][\w.-]{0,60}\s{0,40}\| ?"
_STAMP: Final = r"\[?\d{4}-\d\d-\d\d[T ]\d\d:|\d{1,2}[./]\d{1,2}[./]\d{4} |[A-Z][a-z]{2} [ \d]\d \d\d:"
_PREFIX: Final = re.compile(rf"^(?:{_SERVICE}|{_STAMP})")
_ANYWAY: Final = (
    rf"{_STAMP}|Traceback|During handling|The above|raise\b|File \"|Time: |Support Ref|EMAIL_|DEFAULT_FROM"
    r"|Net::|Errno::"
    r"|(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{1,60}(?:Error|Exception|Refused|Disconnected|Configured|Timeout)\b"
)
_STARTS: Final = re.compile(rf"^(?:{_ANYWAY})")
"""How a line begins that is never the rest of another, not even of an open reply."""
_BEGINS: Final = re.compile(
    rf"^(?:{_ANYWAY}|\s{{2}}|\W{{3}}|[<>{{\[#*=\"]|[-+~]>|[A-Z][\w -]{{1,40}}: ?"
    r"|(?:[a-z_]\w{0,60}\.){1,6}[A-Za-z]\w{1,60}: "
    r"|[2345]\d\d[ -]|(?:Soft ?Fail|Hard ?Fail|Held|Bounced|Sent|Pending|Error|Output|Time)\b|Mysql2::"
    r"|(?:execution expired|[Cc]onnection (?:refused|timed out|reset))"
    r"|[0-9a-f]{12} {2,}|[\w.-]{2,80} {3,}"
    r"|\d{1,3}(?:\.\d{1,3}){3} - |\d{4}/\d\d/\d\d|\d\d:\d\d:\d\d|(?:DEBUG|INFO|WARN|ERROR|CRITICAL|FATAL|NOTICE)"
    r"|(?:level|time|ts)=|(?:Server is in|Recipient \(|Message |Credential is))"
)
"""How lines of logs, pages and bounces begin; what begins like that is not the rest of a broken line."""
_COMPLETE: Final = re.compile(r"[.!?;)}\]'\"|>]\s*$")
"""How a line ends after which a mail program broke nothing."""
_EXCEPTION: Final = re.compile(
    r"\bSMTP[A-Z]\w{3,30}(?:Refused|Error|Exception)\b.{0,400}|\{u?'[^']{1,254}': \([245]\d\d,.*"
)
_BRACKETS: Final = {"(": 1, "{": 1, ")": -1, "}": -1}
_GLUED: Final = re.compile(r"(?:[({, ](?:[bu]|[bu]?['\"])|\(\d{1,2}|\b\d\.)$")
"""The middle of a reply's code, or the beginning of its quote: there was no blank."""
_FOLDED: Final = re.compile(
    r"^(?:<[^<>\s]{3,254}>: |[^<>\s@]{1,64}@[^<>\s@]{1,190}: host |Diagnostic-Code: |Remote host said: )"
)
"""How a bounce begins what it says of a recipient; its further lines are indented (RFC 3464; Postfix, qmail)."""
_OF_POSTAL: Final = (
    "Invalid credential", "Mail server has been suspended", "From/Sender name is not valid", "Authentication required",
    "Authenticated failed - protocol error", "Connection unexpectedly closed",
)  # fmt: skip
"""Words that decide, where only they can tell whether a blank was at the break."""
_UNSAID: Final = re.compile(r"(?:\bconnect to|\[[0-9a-fA-F.:]{2,45}\]:\d{1,5}:)\s{0,8}$")
"""How a line of Postfix ends before it says which server, or what became of the connection."""
_MOST_FOLDED: Final = 12
_MOST_OPEN: Final = 5
_LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class _Breaks:
    """How the lines of a text were broken."""

    width: int
    """Characters of the widest line; 0 where it is not one of a broken text."""
    hard: bool
    """Whether lines were cut at exactly that width."""
    soft: bool
    """Whether lines were broken at a blank before it."""
    prefixed: bool
    """Whether each line of the log had a service or a time before it."""


def unbroken(raw: list[str]) -> list[str]:
    """Return *raw* with the pieces of broken lines joined."""
    breaks = _breaks(raw)
    found: list[str] = []
    begun, pieces = "", 0
    for number, line in enumerate(raw):
        joined = None
        if found and pieces < _MOST_FOLDED and len(found[-1]) <= _LONGEST and line.strip():
            joined = _joined(found[-1], begun, line, raw[number + 1 : number + _MOST_OPEN], breaks)
        if joined is None:
            found.append(line)
            pieces = 0
        else:
            found[-1] = joined
            pieces += 1
        begun = line
    return found


def _joined(whole: str, begun: str, line: str, behind: list[str], breaks: _Breaks) -> str | None:
    """Return *whole* with its rest *line*; None where that is a line of its own. *begun*: the last piece of *whole*."""
    if line[:1] in {" ", "\t"} and _FOLDED.match(whole) is not None:
        return f"{whole} {line.strip()}"
    if breaks.prefixed and _PREFIX.match(line) is not None:
        return None
    if _UNSAID.search(begun) is not None:
        return f"{whole.rstrip()} {line.lstrip()}"
    if _is_open(whole):
        if _STARTS.match(line) is not None or not _closes(whole, [line, *behind]):
            return None
    elif _BEGINS.match(line) is not None or not _was_broken(begun, line, breaks):
        return None
    apart, together = f"{whole.rstrip()} {line.lstrip()}", whole + line
    if _GLUED.search(whole) is not None or line[:1] == ".":
        return together
    for words in _OF_POSTAL:
        if (words in apart) != (words in together) and words not in whole and words not in line:
            return apart if words in apart else together
    cut = len(begun) == breaks.width and (breaks.hard or (breaks.width > _MAIL and not breaks.soft))
    return together if cut else apart


def _was_broken(begun: str, line: str, breaks: _Breaks) -> bool:
    if breaks.width == 0:
        return False
    if breaks.hard and len(begun) == breaks.width:
        return True
    if breaks.hard and breaks.prefixed and len(begun) == breaks.width - 1:
        return True  # a blank at the line's end is not copied
    return breaks.soft and _is_soft(begun, line, breaks.width)


def _is_soft(begun: str, line: str, width: int) -> bool:
    """Whether a mail program would have broken here: the first word of *line* had no room behind *begun*."""
    word = line.split(maxsplit=1)[0] if line.strip() else ""
    return width // 2 < len(begun) <= width < len(begun) + 1 + len(word) and _COMPLETE.search(begun) is None


def _breaks(raw: list[str]) -> _Breaks:
    filled = [line for line in raw if line.strip()]
    prefixed = len(filled) > 1 and _PREFIX.match(filled[0]) is not None
    widest = max(map(len, raw), default=0)
    if not _NARROWEST <= widest <= _WIDEST:
        return _Breaks(0, hard=False, soft=False, prefixed=prefixed)
    full, soft = set(), set()
    for line, behind in pairwise(filled):
        if _BEGINS.match(behind) is not None or (prefixed and _PREFIX.match(behind) is not None):
            continue
        if len(line) == widest:
            full.add(line)
        if _is_soft(line, behind, widest):
            soft.add(line)
    hard = widest > _MAIL and len(full) >= (1 if prefixed or widest in _TERMINALS else _ENOUGH)
    few = 1 if prefixed or _MAIL_AT_LEAST <= widest <= _MAIL else _ENOUGH
    return _Breaks(widest, hard=hard, soft=not hard and len(full | soft) >= few and bool(soft), prefixed=prefixed)


def _is_open(text: str) -> bool:
    """Whether *text* ends in an exception of smtplib whose brackets are open."""
    found = _EXCEPTION.search(text)
    return found is not None and _depth(found[0]) > 0


def _depth(text: str) -> int:
    return sum(_BRACKETS.get(character, 0) for character in text[:_LONGEST])


def _closes(text: str, behind: list[str]) -> bool:
    """Whether the next lines close what *text* left open."""
    found = _EXCEPTION.search(text)
    depth = 0 if found is None else _depth(found[0])
    for line in behind:
        if _STARTS.match(line) is not None:
            return False
        depth += _depth(line)
        if depth <= 0:
            return True
    return False
