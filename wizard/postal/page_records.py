"""The DNS Setup and Verify pages of a domain: its records, and the status that Postal has stored for each.

``app/views/domains/setup.html.haml`` of Postal 3.3.6: each record has a heading, once checked a label with a sentence,
a paragraph, and the value on a line of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.postal import page_text
from wizard.postal.page_text import HOST, HOST_INSIDE, TOKEN

if TYPE_CHECKING:
    from wizard.model.draft import Stored

_SPF: Final = re.compile(r"v=spf1 a mx include: ?(\S+?)\.? ~all")
_DKIM: Final = re.compile(r"v=DKIM1;[ -~]*?\bp=")
_SELECTOR: Final = re.compile(r"(?<![\w.-])([A-Za-z0-9][A-Za-z0-9-]{0,62})\._domainkey(?:\.([\w.-]*\w))?")
_CHECKED: Final = re.compile(r"last checked the validity of your DNS records(?: (.{1,60}?) ?ago)?", re.IGNORECASE)
_OWNER: Final = re.compile(r"verify your ownership of (\S+?)[,.]?(?:\s|$)", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"can.t set up DNS for this domain until it has been verified|couldn.t verify your domain", re.IGNORECASE
)
_NEAR: Final = 12
"""Lines between a record's value and the value of the next one, at most."""


@dataclass(slots=True)
class Records:
    """What a page says of one domain; empty where it does not say."""

    domain: str = ""
    spf_include: str = ""
    dkim_selector: str = ""
    dkim_value: str = ""
    return_path: str = ""
    return_path_target: str = ""
    mx: tuple[str, ...] = ()
    ownership: str = ""
    checked: bool | None = None
    """Whether Postal has checked the records; None where this is not a whole Setup page."""
    age: str = ""
    """How long ago, in Postal's words: ``about 2 hours``."""
    stored: dict[str, Stored] = field(default_factory=dict)
    """By ``spf``, ``dkim``, ``return_path`` and ``mx``."""
    complaints: dict[str, str] = field(default_factory=dict)
    """Postal's sentence beside a Warning, by the same names."""
    verified: bool = True
    """False where the page says that the domain is not."""


@dataclass(frozen=True, slots=True)
class _Value:
    """Where a value is: its first line and the one behind its last."""

    at: int
    end: int


def read(lines: list[str]) -> Records:
    """Return what the *lines* of one page say of a domain."""
    found = Records()
    spf = _spf(lines, found)
    dkim = _dkim(lines, found)
    target = _return_path(lines, dkim or spf, found)
    mx = _mx(lines, target, found)
    _statuses(lines, (spf, dkim, target, mx), found)
    _heading(lines, found)
    if found.domain and not found.return_path.endswith(f".{found.domain}"):
        found.return_path = ""
    return found


def _spf(lines: list[str], found: Records) -> _Value | None:
    for at, line in enumerate(lines):
        if matched := _SPF.fullmatch(line):
            found.spf_include = matched[1].lower()
            return _Value(at, at + 1)
    return None


def _dkim(lines: list[str], found: Records) -> _Value | None:
    selector = next((matched for line in lines if (matched := _SELECTOR.search(line))), None)
    if selector is not None:
        found.dkim_selector = selector[1]
    for at, line in enumerate(lines):
        if start := _DKIM.search(line):
            key, end = _base64([line[start.end() :], *lines[at + 1 : at + 40]])
            found.dkim_value = f"{start.group()}{key};"
            return _Value(at, at + end)
    return None


def _base64(pieces: list[str]) -> tuple[str, int]:
    """Return the key that *pieces* begin with, joined where the paste broke it, and how many pieces it took."""
    key = ""
    for number, piece in enumerate(pieces):
        compact = re.sub(r'[\s"]+', "", piece)
        matched = re.match(r"[A-Za-z0-9+/]*={0,2}", compact)
        body = matched.group() if matched else ""
        ended = compact != body
        if number and (not body or (ended and compact != f"{body};") or (len(body) < 20 and len(key) % 4 == 0)):
            return key, number  # a line of the page: the key was complete
        key += body
        if ended or body.endswith("="):
            return key, number + 1
    return key, len(pieces)


def _return_path(lines: list[str], before: _Value | None, found: Records) -> _Value | None:
    """Find the target, the first host alone on a line behind the paragraph that asks for a CNAME."""
    start = before.end if before is not None else 0
    name = ""
    for at in range(start, len(lines)):
        line = lines[at]
        if name and HOST.fullmatch(line):
            found.return_path_target = line.rstrip(".").lower()
            found.return_path = name
            return _Value(at, at + 1)
        # The last sentence that names it is the page's own; the one before it, beside a Warning, says what is there.
        if "CNAME" in line or (name and line.lower().startswith(f"{name} ")):
            hosts = HOST_INSIDE.findall(f"{line} {_next(lines, at)}")
            name = next((host.lower() for host in hosts if "_" not in host), name)
    return None


def _next(lines: list[str], at: int) -> str:
    """Return the line behind *at* where it continues the sentence; empty where it is a value of its own."""
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return "" if HOST.fullmatch(following) else following


def _mx(lines: list[str], target: _Value | None, found: Records) -> _Value | None:
    """Find the MX hosts: those that follow each other behind the paragraph about MX."""
    if target is None:
        return None
    for at in range(target.end, min(target.end + _NEAR, len(lines))):
        if HOST.fullmatch(lines[at]):
            if not any("MX" in line for line in lines[target.end : at]):
                return None
            end = next((after for after in range(at, len(lines)) if not HOST.fullmatch(lines[after])), len(lines))
            found.mx = tuple(dict.fromkeys(line.rstrip(".").lower() for line in lines[at:end]))
            return _Value(at, end)
    return None


def _statuses(lines: list[str], values: tuple[_Value | None, ...], found: Records) -> None:
    """Take the label beside each record, and with it whether Postal has checked at all."""
    spf, dkim, target, mx = values
    whole = spf is not None and dkim is not None and target is not None
    sections: dict[str, list[str]] = {}
    if spf is not None:
        sections["spf"] = lines[_spf_start(lines, spf.at) : spf.at]
    for name, before, value in (("dkim", spf, dkim), ("return_path", dkim, target), ("mx", target, mx)):
        if before is not None and value is not None and before.end <= value.at:
            sections[name] = lines[before.end : value.at]
    for name, section in sections.items():
        label = page_text.status(section)
        if label is not None:
            found.stored[name] = _stored(name, label, found)
            if label[0] == "warning":
                found.complaints[name] = label[1]
    pressed = _CHECKED.search(" ".join(lines))
    if pressed is not None or found.stored:
        found.checked, found.age = True, pressed[1] or "" if pressed is not None else ""
    elif whole:
        found.checked = _is_checked_by_shape(lines, sections)


def _spf_start(lines: list[str], at: int) -> int:
    heading = next(
        (before for before in range(at - 1, max(-1, at - 9), -1) if lines[before].lower() == "spf record"), None
    )
    return max(0, at - 4) if heading is None else heading + 1


def _is_checked_by_shape(lines: list[str], sections: dict[str, list[str]]) -> bool:
    """Tell it where the labels are translated: a record that was checked has a line more than heading and paragraph."""
    if any(line.lower() == "dkim record" for line in lines):
        return False
    counted = [len(section) for name, section in sections.items() if name != "spf"]
    return bool(counted) and min(counted) > 2


def _stored(name: str, label: tuple[page_text.Status, str], found: Records) -> Stored:
    """Return Postal's stored status: a grey OK is Missing, a Warning is Missing or Invalid by its sentence."""
    word, sentence = label
    if word == "good":
        return "ok"
    if word == "ok":
        return "missing"
    if name == "spf":
        return "invalid" if (found.spf_include or "\n") in sentence.lower() else "missing"
    if name == "dkim":
        # "No TXT records were returned for N" beside "The DKIM record at N does not match ..." and "There are 2 ...".
        return "missing" if "TXT" in sentence and "DKIM" not in sentence else "invalid"
    # A missing MX or return path is shown as OK (domain.rb: dns_ok).
    return "invalid"


def _heading(lines: list[str], found: Records) -> None:
    """Take the domain from the page's heading, else from the names of its records; and what the page refuses."""
    whole = " ".join(lines)
    found.domain = next((name for line in lines if (name := page_text.setup_domain(line))), "")
    for line in lines:
        if matched := TOKEN.fullmatch(line):
            found.ownership = f"{matched[1]} {matched[2]}"
            break
    owner = _OWNER.search(whole)
    if owner is not None and HOST.fullmatch(owner[1]):
        found.domain = found.domain or owner[1].lower()
    elif found.ownership and not found.domain:
        found.domain = _domain_before(lines, found.ownership)
    is_verify_page = owner is not None or (not found.spf_include and any(map(page_text.RATE.fullmatch, lines)))
    if _REFUSED.search(whole) or (found.ownership and is_verify_page):
        found.verified = False
    if not found.domain and found.return_path:
        found.domain = found.return_path.partition(".")[2]


def _domain_before(lines: list[str], ownership: str) -> str:
    """Return the domain that the translated paragraph above the ownership text names, empty where it names none."""
    at = next((at for at, line in enumerate(lines) if line == ownership), 0)
    names = HOST_INSIDE.findall(lines[at - 1]) if at else []
    return str(names[0]).lower() if names else ""
