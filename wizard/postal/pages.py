"""Postal's pages, selected whole and pasted as text, taken apart: by the shape of a value first, by its label second.

The pages are those of Postal 3.3.6: help/outgoing, domains/setup, domains/verify, credentials/index. What was taken is
said in sentences, to be shown before anything is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.draft import Draft

Values: TypeAlias = "dict[str, str | tuple[str, ...]]"

_LONGEST: Final = 200_000
"""Characters looked at: a page has some 3,000."""
_LONGEST_CELL: Final = 4_000
"""Characters of one line: the longest key record has some 800."""
_HOST: Final = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\.?", re.IGNORECASE)
_KEY: Final = re.compile(r"[A-Za-z0-9]{24}")
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*", re.IGNORECASE)
_TOKEN: Final = re.compile(r"([a-z0-9][\w-]*)[ ]+([A-Za-z0-9]{32})", re.IGNORECASE)
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\r"))
_BLANKS: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u202f\u3000\v\f"), " ")
_USE: Final = re.compile(r"Not been used yet|Used .{1,60} ago|Holding", re.IGNORECASE)
_KINDS: Final = frozenset({"SMTP", "API", "SMTP-IP", "IP"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pasted text gave."""

    values: Values
    """By the answers file's keys, such as ``domain.spf_include``."""
    said: list[str]
    """Sentences for the operator: what was taken, and what to beware of. Never a key."""
    key: Secret | None = None
    """The key of an SMTP credential, where exactly one can be meant."""


def take(text: str, draft: Draft) -> Taken:
    """Take the values out of *text*; *draft* tells which domain and application they are wanted for."""
    cells = _cells(text)
    whole = "\n".join(cells)
    values: Values = {}
    warnings: list[str] = []
    _records(whole, values)
    _return_path_and_mx(cells, draft, values, warnings)
    _help(cells, values, warnings)
    for cell in cells:
        if matched := _TOKEN.fullmatch(cell):
            values["domain.ownership"] = f"{matched[1]} {matched[2]}"
    key = _credential(cells, draft, values, warnings)
    if re.search(r"last checked the validity of your DNS records", whole, re.IGNORECASE):
        warnings.append("Somebody has pressed *Check my records are correct* in Postal before.")
    elif {"domain.spf_include", "domain.dkim_value"} <= values.keys():
        warnings.append("Nobody has pressed *Check my records are correct* yet: Postal signs with its fallback key.")
    said = [f"{name} = {_shown(value)}" for name, value in values.items()]
    if key is not None:
        said.append("the key of an SMTP credential (not shown)")
    if not said:
        warnings.append("Nothing was recognised: select the whole page in the browser, copy, and paste it here.")
    return Taken(values, [Untrusted(line) for line in (*said, *warnings)], key)


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _cells(text: str) -> list[str]:
    """Return what stands alone: lines and table cells, blanks of every kind made one."""
    plain = text[:_LONGEST].translate(_INVISIBLE).translate(_BLANKS)
    cells = (re.sub(r" +", " ", cell).strip(" \"'`") for cell in re.split(r"[\n\t\u2028\u2029]+", plain))
    return [cell[:_LONGEST_CELL] for cell in cells if cell]


def _records(whole: str, values: Values) -> None:
    """Take what has a shape of its own: the SPF include, the selector, the key record."""
    suggested = re.search(r"v=spf1 a mx include:\s*([^\s\"']+)", whole) or re.search(
        r"v=spf1\b[^\n]*?\binclude:\s*([^\s\"']+)", whole
    )
    if suggested:
        values["domain.spf_include"] = suggested[1].rstrip(".")
    if selector := re.search(r"\b([A-Za-z0-9][A-Za-z0-9-]{0,62})\._domainkey\b", whole):
        values["domain.dkim_selector"] = selector[1]
    if start := re.search(r"v=DKIM1;[^\n]*?\bp=", whole):
        values["domain.dkim_value"] = start.group() + _base64(whole[start.end() :]) + ";"


def _base64(rest: str) -> str:
    """Return the key that *rest* begins with, joined where the paste broke it into lines."""
    found = ""
    for piece in re.split(r"[\s\"]+", rest[:4000].lstrip()):
        matched = re.match(r"[A-Za-z0-9+/]*={0,2}", piece)
        body = matched.group() if matched else ""
        if found and len(body) < 20 and len(found) % 4 == 0 and not piece.endswith(";"):
            break  # a word of the page: the key was complete
        found += body
        if body != piece or body.endswith("="):
            break
    return found


def _return_path_and_mx(cells: list[str], draft: Draft, values: Values, warnings: list[str]) -> None:
    """Take the return path from running text, its target from the next lone host, the MX hosts from those after."""
    domain = draft.domain_name
    names = r"psrp\.[a-z0-9.-]+[a-z0-9]" + (rf"|[a-z0-9-]+\.{re.escape(domain)}(?![\w.-]*\w)" if domain else "")
    for at, cell in enumerate(cells):
        matched = re.search(rf"\b(?:{names})", cell, re.IGNORECASE)
        if matched is None or "._domainkey" in cell or _HOST.fullmatch(cell) or "CNAME" not in cell:
            continue
        hosts = [host.rstrip(".").lower() for host in cells[at + 1 :] if _HOST.fullmatch(host)]
        if not hosts:
            continue
        values["domain.return_path"] = matched.group().lower()
        values["domain.return_path_target"] = hosts[0]
        later = [host for host in hosts[1:] if host != hosts[0]]
        if later:
            values["domain.mx"] = tuple(dict.fromkeys(later))
        if domain and not values["domain.return_path"].endswith(f".{domain}"):  # type: ignore[union-attr]  # it is a str
            warnings.append(f"This page is about another domain than {domain}: {matched.group().lower()}.")
        return


def _help(cells: list[str], values: Values, warnings: list[str]) -> None:
    """Take host, port and user name from the Help page: they stand in this order."""
    at = next((at for at, cell in enumerate(cells) if _USERNAME.fullmatch(_after_label(cell))), None)
    if at is None:
        return
    values["credential.username"] = _after_label(cells[at])
    before = [_after_label(cell) for cell in cells[:at]]
    ports = [one for one in before if re.fullmatch(r"\d{2,5}", one) and int(one) < 65536]
    hosts = [one for one in before if _HOST.fullmatch(one)]
    if ports and hosts:
        values["server.host"], values["server.port"] = hosts[-1].rstrip(".").lower(), ports[-1]
        warnings.append("Postal shows the port it is set to; outside its container another one may be right.")


def _after_label(cell: str) -> str:
    """Return the value of ``Label: value`` or ``Label value``; a cell that is no such pair comes back whole."""
    return cell.rpartition(" ")[2] if len(cell) < 300 else cell


@dataclass(frozen=True, slots=True)
class _Credential:
    kind: str
    name: str
    key: str
    holding: bool


def _credential(cells: list[str], draft: Draft, values: Values, warnings: list[str]) -> Secret | None:
    """Take the one key that can be meant; of several, the one whose name has the application's in it."""
    signing = str(values.get("domain.dkim_value", ""))  # a piece of it may have a key's shape
    found = [one for one in _credentials(cells) if one.kind in {"SMTP", ""} and one.key not in signing]
    named = [one for one in found if draft.app.name.lower() in one.name.lower()]
    chosen = named if len(named) == 1 else found
    if len({one.key for one in chosen}) > 1:
        names = ", ".join(one.name or "without a name" for one in chosen[:10])
        warnings.append(f"Several SMTP keys were in the text ({names}): paste the right one alone.")
        return None
    if not chosen:
        return None
    if chosen[0].holding:
        warnings.append("The credential is marked Holding: Postal will hold every message sent with it.")
    if "credential.username" in values:
        warnings.append("The Help page shows the key of the first SMTP credential, perhaps not this application's.")
    return Secret(chosen[0].key)


def _credentials(cells: list[str]) -> list[_Credential]:
    found = []
    for at, cell in enumerate(cells):
        words = cell.split(" ")
        key = next((word for word in words if _KEY.fullmatch(word)), None)
        if key is None or (len(words) > 1 and not _is_row(words, key)):
            continue
        label = next((one for one in reversed(cells[max(0, at - 3) : at]) if one in _KINDS), "")
        kind = words[0] if words[0] in _KINDS else label
        name = " ".join(words[1 : words.index(key)]) if words[0] in _KINDS else cells[at - 1] if at and label else ""
        tail = cells[at : at + 4]
        end = next((place for place, one in enumerate(tail[1:], 1) if one.split(" ")[0] in _KINDS), len(tail))
        found.append(_Credential(kind, name, key, any("holding" in one.lower() for one in tail[:end])))
    return found


def _is_row(words: list[str], key: str) -> bool:
    """Whether a line of several words is a credential's row or a labelled key, not a sentence."""
    return words[0] in _KINDS or words[-1] == key or bool(_USE.search(" ".join(words)))
