"""A pasted page as lines, one value a line, and the shapes and words by which its values are recognised.

Pages of Postal 3.3.6, selected whole in a browser: lines, tabs and blanks of every kind are between the values, and
the browser may have translated the labels. So shapes decide first, words second, and letter case never.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

_LONGEST_CELL: Final = 4_000
"""Characters kept of one line: the longest key record has some 800."""

HOST: Final = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}\.?", re.IGNORECASE
)
HOST_INSIDE: Final = re.compile(
    r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,20}[a-z][a-z0-9-]{0,61}[a-z0-9]\b", re.IGNORECASE
)
USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*", re.IGNORECASE | re.ASCII)
"""``org/server``, two permalinks."""
RATE: Final = re.compile(r"\d+[.,]\d+ [^\d%]{3,40}")
"""``0.00 messages/minute`` of the side bar, in any language."""
TOKEN: Final = re.compile(r"([a-z][\w-]*) ([A-Za-z0-9]{32})", re.IGNORECASE | re.ASCII)
"""The ownership text: ``dns.domain_verify_prefix`` and 32 letters and digits."""
SHIPPED: Final = re.compile(r"(?:(?:spf|rp|mx\d?|routes|track)\.)?postal\.example\.com", re.IGNORECASE | re.ASCII)
"""The names of ``dns:`` and ``postal:`` that Postal ships (lib/postal/config_schema.rb)."""

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_BLANKS: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000\v\f"), " ")
_PLATFORM: Final = "the open source e-mail platform"
_SETUP_HEADING: Final = re.compile(r"DNS setup for (\S+)", re.IGNORECASE | re.ASCII)
_FOOTER: Final = re.compile(r"(?:.{0,40}\s)?Postal v?\d+\.\d+(?:\.\d+)?(?:-\w+)?")

Status: TypeAlias = Literal["good", "warning", "ok"]
OtherPage: TypeAlias = Literal["domains", "message"]
Mode: TypeAlias = Literal["live", "development", "suspended"]

_STATUS_WORDS: Final[dict[str, Status]] = {
    "ok": "ok",
    **dict.fromkeys(("good", "gut", "bon", "bien", "bueno", "buena", "buono", "bom", "goed", "dobry", "bra"), "good"),
    **dict.fromkeys(
        ("warning", "warnung", "achtung", "avertissement", "attention", "advertencia", "aviso", "avviso",
         "avvertimento", "atenção", "waarschuwing", "ostrzeżenie", "varning", "advarsel"),
        "warning",
    ),
}  # fmt: skip
"""The label beside a record, as Postal writes it and as browsers translate it."""
_MODES: Final[dict[str, Mode]] = {
    "live": "live",
    **dict.fromkeys(
        ("dev", "development", "entwicklung", "développement", "desarrollo", "sviluppo", "desenvolvimento",
         "ontwikkeling"),
        "development",
    ),
    **dict.fromkeys(
        ("suspended", "ausgesetzt", "gesperrt", "suspendiert", "suspendu", "suspendido", "sospeso", "suspenso",
         "opgeschort", "geschorst"),
        "suspended",
    ),
}  # fmt: skip


def cells(text: str) -> list[str]:
    """Return the lines and table cells of *text* that are not empty, every run of blanks made one."""
    plain = text.translate(_INVISIBLE).translate(_BLANKS)
    parts = (re.sub(r" +", " ", part[: _LONGEST_CELL * 2]) for part in re.split(r"[\r\n\t\u0085\u2028\u2029]+", plain))
    stripped = (part.strip(" \"'`")[:_LONGEST_CELL] for part in parts)
    return [part for part in stripped if part]


def pages(lines: list[str]) -> list[list[str]]:
    """Return *lines* page by page: a page ends behind its footer, and begins again at its head or Setup heading."""
    found: list[list[str]] = [[]]
    for line in lines:
        page = found[-1]
        again = _is_head(line) and any(map(_is_head, page))
        if again or (_SETUP_HEADING.fullmatch(line) and any(map(_SETUP_HEADING.fullmatch, page))):
            page = []
            found.append(page)
        page.append(line)
        if _FOOTER.fullmatch(line):
            found.append([])
    return [page for page in found if page]


def other_page(lines: list[str]) -> OtherPage | None:
    """Tell which page without values *lines* are, as far as it helps to say which page is the right one."""
    words = {line.casefold() for line in lines}
    if "add new domain" in words:
        return "domains"
    if {"message id", "raw message"} <= words:
        return "message"
    return None


def setup_domain(line: str) -> str:
    """Return the domain of a Setup page's heading, empty where *line* is another line."""
    matched = _SETUP_HEADING.fullmatch(line)
    return matched[1].rstrip(".").lower() if matched and HOST.fullmatch(matched[1]) else ""


def status(section: list[str]) -> tuple[Status, str] | None:
    """Return the label beside a record and Postal's sentence behind it; None where *section* has none."""
    for at, line in enumerate(section):
        first, _, rest = line.partition(" ")
        word = _STATUS_WORDS.get(first.strip(":.!").casefold())
        if word is not None:
            following = section[at + 1] if at + 1 < len(section) else ""
            return word, rest or following
    return None


def mode(lines: list[str]) -> tuple[Mode, str] | None:
    """Return this server's own mode and name, directly behind the side bar; None where it is cut off."""
    for at in range(len(lines) - 2):
        if lines[at].casefold() == "build a new mail server":
            return _mode_at(lines, at + 1)
    # Translated: the side bar repeats mode, name, rate; behind its last rate come one line, then mode and name.
    last = next((at for at, line in enumerate(lines) if RATE.fullmatch(line) and not _rate_at(lines, at + 3)), None)
    return None if last is None else _mode_at(lines, last + 2)


def _mode_at(lines: list[str], at: int) -> tuple[Mode, str] | None:
    found = _MODES.get(lines[at].casefold()) if at + 1 < len(lines) else None
    return None if found is None else (found, lines[at + 1])


def _rate_at(lines: list[str], at: int) -> bool:
    return at < len(lines) and RATE.fullmatch(lines[at]) is not None


def _is_head(line: str) -> bool:
    return line.casefold() == _PLATFORM
