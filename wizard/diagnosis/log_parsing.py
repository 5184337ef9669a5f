"""Log text taken apart: lines without their prefixes, and what Python's tracebacks in them say.

Bounded work whatever is piped in: of a long text the beginning and, more of it, the end are read first, and what is
older only where they tell nothing; of a long line both ends.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.broken_lines import unbroken

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: Final = 128 * 1024
TAIL: Final = 512 * 1024
"""Characters read from the beginning and from the end: the newest failure counts first."""
_PIECE: Final = 192 * 1024
"""Characters of a piece from the middle: no more lines than are read of it."""
_OVERLAP: Final = 16 * 1024
"""Characters that two pieces share, so that no traceback is cut in both."""
_AROUND: Final = 6 * 1024
"""Characters read on either side of a word for which a piece is read."""
WIDTH: Final = 4_000
"""Characters kept of a line."""
_MOST_LINES: Final = 6_000
"""Lines read of a piece: a log with a word in each line has no more."""
_MOST_FRAMES: Final = 100
_ABOUT_MAIL: Final = (
    "smtp", "SMTP", "EMAIL", "mail", "Mail", "postal", "Postal", "Errno", "gaierror", "ertificate", "redential", "MAIL",
    "nfisical", "compose", "Delivery", "delivery", "variable is not set",
)  # fmt: skip
_ABOUT_FAILURES: Final = ("smtplib", "SMTP", "Errno", "gaierror", "ertificate", "redential", "variable is not set")
_SEARCHES: Final = (_ABOUT_FAILURES, _ABOUT_MAIL)
"""Parts of words near which the middle of a long text is read: first those of failures, for a log may name mail in each
of its lines."""
_BREAKS: Final = re.compile(r"(?:\r\n|[\n\r\x0b\x0c\u2028\u2029])(?:[ \t]{0,80}(?:\r\n|[\n\r])){0,1000}")
"""A line's end; blank lines behind it go with it."""

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[@-Z\\-_]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_SHOWN_ESCAPES: Final = re.compile(
    r"(?:\^\[|\\u001[bB]|\\x1[bB]|\\033|\\e|#033|\u241b|\ufffd|\.)?\[\d{1,2}(?:;\d{1,3}){0,4}m"
)
"""A colour as less, syslog, JSON and terminals show it: with another character for the escape, or with none."""
_RESET: Final = "[0m"
_SERVICE: Final = re.compile(r"^([A-Za-z0-9][\w.-]{0,60})\s{0,40}\| ?")
_SYSLOG: Final = re.compile(
    r"^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,80} (?!postfix|sendmail|exim)[\w./-]{1,80}(?:\[\d{1,9}\])?: "
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) \S{1,80} (?!postfix|sendmail|exim)"
    r"[\w./-]{1,80}\[\d{1,9}\]: )"
)
"""As syslog writes it, and ``journalctl -o short-iso``."""
_STAMP: Final = re.compile(
    r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]? ?"
    r"(?:std(?:err|out) [FP] )?|^\d{1,2}[./]\d{1,2}[./]\d{4} \d{1,2}:\d\d:\d\d(?: [AP]M)? ?"
)
"""A time stamp, and what containerd writes behind it; panels put one of the day's own form before the text."""
_IN_JSON: Final = '{"log":'
_DOCKER_JSON: Final = re.compile(r'^\{"log": ?("(?:[^"\\]|\\.){0,8000}"), ?"')
"""A line as docker's json-file driver keeps it."""
_QUOTED: Final = 3
"""Levels of an e-mail's or Markdown's quoting that are taken away."""
_JSON_LOG: Final = re.compile(r"\\n\s*(?:File |[A-Za-z_.]+(?:Error|Exception|Refused|Disconnected)\b)")

_TRACEBACK: Final = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):")
_FRAME: Final = re.compile(r'^\s*(?:\| )?File "([^"]{0,400})", line \d+(?:, in (.{1,200}))?')
_CHAIN: Final = ("During handling of the above exception", "The above exception was the direct cause")
_ERROR: Final = re.compile(
    r"(?:^|[\s:'\"(])((?:[A-Za-z_]\w*\.){0,6}[A-Z]\w*(?:Error|Exception|Refused|Disconnected|Configured|Timeout|Mailer)"
    r"|socket\.timeout|(?:socket\.)?gaierror|smtplib\.SMTP\w+|(?:socket\.)?error(?=: \[Errno \d|\(\d{1,3}, ))"
    r"(?:: |:?$|(?=\())(.*)$"
)
_LOOSE: Final = (
    ("SMTPRecipientsRefused", re.compile(r"\{u?['\"][^'\"{}\s]{1,254}['\"]: \([2345]\d\d, .{1,2000}$")),
    ("SMTPSenderRefused", re.compile(r"\([45]\d\d, [bu]?(['\"]).{1,400}?\1, u?(['\"])[^'\"\s]{0,254}\2\)")),
    ("SMTPReply", re.compile(r"\([45]\d\d, b?['\"].{1,2000}$")),
)
"""What a logger shows of an exception without its class: the reply for each recipient, reply and sender, or a reply."""
_LOOSE_WIDTH: Final = 2_000
_ONE_TEXT: Final = re.compile(r"""\((['"])((?:(?!\1).)*)\1,?\)""")
"""The arguments of an exception's ``repr`` where they are one text."""
_TITLE: Final = re.compile(
    r"^\s{0,8}(?:<title>|<h1>)?((?:[a-z_]\w{0,40}\.){0,4}[A-Z]\w{2,60})\s{1,4}at /\S{0,300}\s{0,8}$"
)
"""The head line of Django's debug page and of its mail to the admins; the value is the next line."""
_TAGS: Final = re.compile(
    r"</?(?:a|b|body|br|code|div|em|h[1-4]|head|html|i|li|p|pre|span|strong|summary|table|tbody|td|th|thead|title|tr|ul)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
"""HTML as it is copied from a debug page or an HTML mail; an address in angle brackets is none of these."""
_ENTITIES: Final = (
    ("&#x27;", "'"), ("&#39;", "'"), ("&#34;", '"'), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "),
    ("&amp;", "&"),
)  # fmt: skip
_PAIR: Final = re.compile(
    r'"(?:type|exc_type|exception_type|exception\.type|error\.type|class|exc_class)" ?: ?'
    r'"((?:[\w.]{1,80}\.)?[A-Z]\w{2,60})"'
    r'.{0,300}?"(?:value|message|exc_message|exception\.message|error\.message|exc_value)" ?: ?'
    r'"((?:[^"\\]|\\.){0,1000})"'
)
"""An exception as JSON: Sentry's events, ECS, structlog, Celery's result backend."""
_BARELY_INDENTED: Final = re.compile(r"^\s{1,3}(?:[A-Za-z_]\w{0,60}\.){1,5}[A-Z]\w{2,60}(?:: |$)")
"""A last line that a careless paste has indented, as no source line is."""
_DJANGO_TYPE: Final = re.compile(r"^\s*Exception Type:\s*([A-Za-z_.]{1,80})(?: at /.*)?$")
_HINTS: Final = ("Error", "error", "Exception", "Refused", "Disconnected", "Configured", "imeout", "gaierror", "Mailer")


@dataclass(frozen=True, slots=True)
class Line:
    """One line without escapes and prefixes."""

    place: int
    service: str
    text: str


@dataclass(slots=True)
class Raised:
    """One exception as a log shows it."""

    kind: str
    """The class without its module."""
    message: str
    frames: list[tuple[str, str]] = field(default_factory=list)
    """File and function of each frame, outermost first."""
    sources: str = ""
    """The source lines between the frames."""
    place: int = 0
    service: str = ""


@dataclass(slots=True)
class Chain:
    """Exceptions of which each was raised while the one before was handled; the last one reached the log."""

    links: list[Raised]


def parts(text: str | bytes | bytearray) -> Iterator[str]:
    """Yield *text* in pieces that ``lines`` reads whole: its beginning with its end, then the middle from the back.

    Of the middle only what is near a word about failures, then about mail. Bytes are decoded piece by piece: of 16 MB
    with one wide character in them, Python would make a text of 64 MB.
    """
    if len(text) <= HEAD + TAIL:
        yield _cut(text, 0, len(text))
        return
    yield f"{_cut(text, 0, HEAD)}\n{_cut(text, len(text) - TAIL, len(text))}"
    for words in _SEARCHES:
        end = len(text) - TAIL + _OVERLAP
        while end > HEAD:
            near = _near(_cut(text, max(0, end - _PIECE), end), words)
            if near:
                yield near
            end -= _PIECE - _OVERLAP


def _near(piece: str, words: tuple[str, ...]) -> str:
    """Return the lines of *piece* that are near one of *words*; empty where there is none."""
    found = set()
    for word in words:
        at = piece.find(word)
        while at >= 0:
            found.add(at)
            at = piece.find(word, at + _AROUND // 2)
    kept: list[tuple[int, int]] = []
    for at in sorted(found):
        start = piece.rfind("\n", 0, max(0, at - _AROUND)) + 1
        end = piece.find("\n", at + _AROUND)
        end = len(piece) if end < 0 else end
        if kept and start <= kept[-1][1] + 1:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return "\n".join(piece[start:end] for start, end in kept)


def _cut(text: str | bytes | bytearray, start: int, end: int) -> str:
    piece = text[start:end]
    return piece if isinstance(piece, str) else piece.decode("utf-8", "replace")


def lines(text: str) -> list[Line]:
    """Return the lines of *text* without escapes, docker compose's prefixes and time stamps."""
    if len(text) > HEAD + TAIL + 1:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    if _RESET in text:
        text = _SHOWN_ESCAPES.sub("", text)
    if "</" in text:
        text = _TAGS.sub(" ", text)
    if "&#" in text or "&quot;" in text or "&lt;" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
    found: list[Line] = []
    for raw in unbroken(_plain(_newest(_BREAKS.split(text)))):
        line = raw if len(raw) <= WIDTH else raw[: WIDTH // 2] + raw[-WIDTH // 2 :]
        service = ""
        line = _unwrapped(line) if line.startswith(_IN_JSON) else line
        line = _SYSLOG.sub("", line, count=1)
        if (prefix := _SERVICE.match(line)) is not None:
            service, line = prefix[1], line[prefix.end() :]
        parts = [line]
        if "\\n" in line and _JSON_LOG.search(line):
            parts = line.replace("\\n", "\n").replace('\\"', '"').replace("\\u0027", "'").split("\n")
        elif '":' in line and (pair := _PAIR.search(line)) is not None:
            parts = [line, f"{pair[1]}: {pair[2].replace(chr(92) + chr(34), chr(34))}"]
        for part in parts:
            found.append(Line(len(found), service, _STAMP.sub("", part, count=1)))
    return found


def _newest(raw: list[str]) -> list[str]:
    """Return what is read of so many lines: the first ones and, more of them, the last ones."""
    return raw if len(raw) <= _MOST_LINES else [*raw[: _MOST_LINES // 8], *raw[-(_MOST_LINES - _MOST_LINES // 8) :]]


def _plain(raw: list[str]) -> list[str]:
    """Return *raw* without what a paste has put before every line: marks of a quotation, and a common indent."""
    for _ in range(_QUOTED):
        filled = [line for line in raw if line.strip()]
        if not filled or not all(line.startswith(">") for line in filled):
            break
        raw = [line[1:].removeprefix(" ") for line in raw]
    indent = min((len(line) - len(line.lstrip(" \t")) for line in raw if line.strip()), default=0)
    return [line[indent:] for line in raw] if indent else raw


def _unwrapped(line: str) -> str:
    """Return the text of a line of docker's json-file log; *line* itself where it is none."""
    match = _DOCKER_JSON.match(line)
    if match is not None:
        with suppress(ValueError):
            return str(json.loads(match[1])).rstrip("\n")
    return line


def streams(found: list[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each container apart: docker compose interleaves them."""
    by_service: dict[str, list[Line]] = {}
    for line in found:
        by_service.setdefault(line.service, []).append(line)
    yield from by_service.values()


def chains(stream: list[Line]) -> Iterator[Chain]:
    """Yield every exception of one container's lines, with those it was raised from; bare last lines count as well."""
    links: list[Raised] = []
    frames: list[tuple[str, str]] = []
    sources: list[str] = []
    whole = chained = False
    indent = ""
    bare: Raised | None = None
    """An exception without frames so far: they may follow it, as Sentry prints them."""
    for line in _joined(stream):
        text = line.text.removeprefix(indent)
        if (frame := _FRAME.match(text)) is not None:
            if bare is not None and len(bare.frames) < _MOST_FRAMES:
                bare.frames.append((frame[1], (frame[2] or "").strip()))
                continue
            frames = [*frames[-_MOST_FRAMES:], (frame[1], (frame[2] or "").strip())]
            continue
        if (begins := _TRACEBACK.search(text)) is not None:
            named = _error(text[: begins.start()])
            if links and (named is not None or not chained):
                yield Chain(links)
                links = []
            if named is not None:  # one line names the exception before its own traceback, as Celery's does
                links, chained = [Raised(*named, place=line.place, service=line.service)], False
            frames, sources, whole = [], [], True
            indent = line.text[: len(line.text) - len(line.text.lstrip(" \t"))]
            continue
        if text.startswith(_CHAIN):
            chained = True
            continue
        if bare is not None and bare.frames and text[:1] in {" ", "\t"}:
            bare.sources = f"{bare.sources}\n{text.strip()[:200]}"[:12_000]
            continue
        bare = None
        if frames and text[:1] in {" ", "\t"} and _BARELY_INDENTED.match(text) is None:
            sources.append(text.strip()[:200])
            continue
        if not text.strip():
            continue
        error = _error(text)
        if error is None:
            if frames or whole:  # an exception of a kind that no rule knows ends its traceback too
                frames, sources, whole = [], [], False
            continue
        if links and not chained:
            yield Chain(links)
            links = []
        chained = False
        links.append(Raised(*error, frames, "\n".join(sources[-60:]), line.place, line.service))
        bare = None if frames or whole else links[-1]
        frames, sources, whole = [], [], False
    if links:
        yield Chain(links)


def _error(text: str) -> tuple[str, str] | None:
    """Return class and message of the exception that *text* names, as a last line or as a ``repr``."""
    if text.lstrip().startswith("raise "):
        return None
    found = _ERROR.search(text) if any(hint in text for hint in _HINTS) else None
    if found is None:
        return _loose(text)
    kind = found[1].rsplit(".", 1)[-1] if found[1] != "socket.timeout" else "TimeoutError"
    message = found[2].strip()
    quoted = _ONE_TEXT.match(message)
    return kind, quoted[2] if quoted is not None else message


def _loose(text: str) -> tuple[str, str] | None:
    if "(4" not in text and "(5" not in text:
        return None
    for kind, pattern in _LOOSE:
        if (found := pattern.search(text[:_LOOSE_WIDTH])) is not None:
            return kind, found[0]
    return None


def _joined(stream: list[Line]) -> Iterator[Line]:
    """Yield *stream* with type and value of Django's error page on one line, as elsewhere."""
    kind = ""
    for line in stream:
        named = _DJANGO_TYPE.match(line.text) or _TITLE.match(line.text)
        if named is not None:
            kind = named[1]
            continue
        if kind and line.text.strip() not in {"", "Exception Value:"}:
            value = line.text.strip().removeprefix("Exception Value:").strip()
            yield replace(line, text=f"{kind}: {value}")
            kind = ""
            continue
        yield line
