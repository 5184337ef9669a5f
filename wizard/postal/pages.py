"""Postal's pages, selected whole and pasted as text: what they hold, by the keys of the answers file.

The pages are those of Postal 3.3.6: Help, Credentials, a domain's DNS Setup and Verify page; every other page gives at
most the mode of its mail server. Several pages in one text give their union.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from wizard.model.draft import DEFAULT_APP
from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted
from wizard.postal import page_credentials, page_notices, page_records, page_text
from wizard.postal.page_notices import Notice, PageCode
from wizard.postal.page_text import SHIPPED

__all__ = ["CHECKED", "KEY", "STORED", "Notice", "PageCode", "Pasted", "Value", "read"]

Value: TypeAlias = "str | int | bool | tuple[str, ...]"

KEY: Final = "credential.key"
"""The name of the SMTP key among the values."""
_MASKED: Final = "***"
"""Its value there, in place of the key (contract.md, ``answers``)."""
CHECKED: Final = "domain.checked_in_postal"
STORED: Final = tuple(f"domain.stored_{name}" for name in ("spf", "dkim", "return_path", "mx"))
"""Postal's stored status of the four records."""
_MOST_NOTICES: Final = 100
_WIDTH: Final = 1_200
"""Characters of a value that are shown: the record of a key of 4096 bits has some 800."""
_HINT_PORT: Final = (
    "Postal shows the port that it is set to; where its container maps another one outside, that one is right."
)
_HINT_KEY: Final = (
    "The Help page shows the key of the server's first SMTP credential, which is perhaps not GlitchTip's."
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What pasted pages hold."""

    values: dict[str, Value]
    """By the answers file's keys, such as ``domain.spf_include``; ``credential.key`` is ``***``."""
    notices: tuple[Notice, ...] = ()
    key: Secret | None = None
    """The key of an SMTP credential, where exactly one can be meant."""
    hints: dict[str, str] = field(default_factory=dict)
    """A sentence for each value that is right on the page and may be wrong elsewhere, by the value's key."""


@dataclass(slots=True)
class _Gathering:
    """Values of page after page: the first of each key stays."""

    values: dict[str, Value] = field(default_factory=dict)
    notices: dict[Notice, None] = field(default_factory=dict)
    shipped: list[str] = field(default_factory=list)
    help_keys: list[str] = field(default_factory=list)
    rows: list[page_credentials.Row] = field(default_factory=list)
    loose: list[page_credentials.Row] = field(default_factory=list)

    def add(self, key: str, value: Value | None) -> None:
        """Keep *value*, unless it is empty or there is one already."""
        if value is None or value in {"", ()}:
            return
        known = self.values.setdefault(key, value)
        if known != value:
            self.notice(page_notices.differs(key, shown(known), shown(value), "it came first"))

    def notice(self, notice: Notice) -> None:
        """Keep *notice* once, and of a hundred differences the first."""
        if len(self.notices) < _MOST_NOTICES:
            self.notices[notice] = None

    def host(self, key: str, names: tuple[str, ...], *, as_list: bool = False) -> None:
        """Keep host names, but none that Postal ships as an example."""
        own = tuple(name for name in names if not SHIPPED.fullmatch(name))
        self.shipped += [name for name in names if SHIPPED.fullmatch(name) and name not in self.shipped]
        self.add(key, own if as_list else next(iter(own), ""))


def read(text: str, app_name: str = DEFAULT_APP) -> Pasted:
    """Return what the pages in *text* hold; *app_name* tells which of several credentials is meant. Never raises."""
    found = _Gathering()
    other: page_text.OtherPage | None = None
    for lines in page_text.pages(page_text.cells(text)):
        other = other or page_text.other_page(lines)
        _frame(lines, found)
        _records(page_records.read(lines), found)
        _help(page_credentials.read_help(lines), found)
        found.rows += page_credentials.read_list(lines)
        found.loose += page_credentials.loose_keys(lines)
    if found.shipped:
        found.notice(page_notices.dns_defaults(tuple(found.shipped)))
    key = _credentials(found, app_name)
    if key is not None:
        found.values[KEY] = _MASKED
    if not found.values and not found.notices:
        found.notice(page_notices.nothing(other))
    hints = {"server.port": _HINT_PORT} if "server.port" in found.values else {}
    if key is not None and not found.rows and key.reveal() in found.help_keys:
        hints[KEY] = _HINT_KEY
    return Pasted(found.values, tuple(found.notices), key, hints)


def shown(value: Value) -> str:
    """Return *value* as a sentence shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return Untrusted(", ".join(value) if isinstance(value, tuple) else value, _WIDTH)


def _frame(lines: list[str], found: _Gathering) -> None:
    mode = page_text.mode(lines)
    if mode is not None and mode[0] == "development":
        found.notice(page_notices.mode_development(mode[1]))
    if mode is not None and mode[0] == "suspended":
        found.notice(page_notices.suspended(mode[1]))


def _help(page: page_credentials.Help, found: _Gathering) -> None:
    found.host("server.host", (page.host,) if page.host else ())
    found.add("server.port", page.port)
    found.add("credential.username", page.username)
    if page.key:
        found.help_keys.append(page.key)


def _records(page: page_records.Records, found: _Gathering) -> None:
    name = page.domain
    if not page.verified:
        found.notice(page_notices.unverified(name))
    known = found.values.get("domain.name")
    found.add("domain.name", name)
    if name and known not in {None, name}:
        return  # the records of another domain never complete those of the first
    found.host("domain.spf_include", (page.spf_include,) if page.spf_include else ())
    found.add("domain.dkim_selector", page.dkim_selector)
    found.add("domain.dkim_value", page.dkim_value)
    found.add("domain.return_path", page.return_path)
    found.host("domain.return_path_target", (page.return_path_target,) if page.return_path_target else ())
    found.host("domain.mx", page.mx, as_list=True)
    found.add("domain.ownership", page.ownership)
    if page.checked is not None:
        _status(page, name or "the domain", found)


def _status(page: page_records.Records, name: str, found: _Gathering) -> None:
    """Keep what Postal has stored: all of one page, for the status of two moments is none."""
    first = CHECKED not in found.values
    found.add(CHECKED, page.checked)
    if not first and found.values[CHECKED] != page.checked:
        return
    for record, status in page.stored.items():
        found.add(f"domain.stored_{record}", status)
    found.notice(page_notices.checked(name, page.age) if page.checked else page_notices.never_checked(name))
    for record, sentence in page.complaints.items():
        found.notice(page_notices.record_bad(record, sentence))


def _credentials(found: _Gathering, app_name: str) -> Secret | None:
    """Notice what the credentials are, and return the one key that can be meant."""
    rows = list(dict.fromkeys(found.rows))
    smtp = [row for row in rows if row.kind == "SMTP"]
    for kind, notice in (("API", page_notices.type_api), ("IP", page_notices.type_ip)):
        names = tuple(row.name for row in rows if row.kind == kind)
        if names:
            found.notice(notice(names))
    held = tuple(row.name for row in smtp if row.holding)
    if held:
        found.notice(page_notices.holding(held))
    if smtp:
        return _smtp_key(smtp, app_name, found)
    if rows:
        return None
    others = dict.fromkeys([*found.help_keys, *(row.key for row in found.loose)])
    signing = str(found.values.get("domain.dkim_value", ""))  # a piece of it may have a key's shape
    keys = [key for key in others if key not in signing]
    if len(keys) > 1 and found.help_keys:
        found.notice(page_notices.differs(KEY, "the first key", "another key", "it came first"))
    elif len(keys) > 1:
        found.notice(page_notices.several(("without a name",) * len(keys), None))
        return None
    return Secret(keys[0]) if keys else None


def _smtp_key(smtp: list[page_credentials.Row], app_name: str, found: _Gathering) -> Secret | None:
    """Return the key of the one SMTP credential, or of the one that is named like the application."""
    taken: page_credentials.Row | None = smtp[0]
    if len(smtp) > 1:
        named = [row for row in smtp if app_name and app_name.casefold() in row.name.casefold()]
        taken = named[0] if len(named) == 1 else None
        found.notice(page_notices.several(tuple(row.name for row in smtp), taken.name if taken else None))
    if taken is None:
        return None
    if any(key != taken.key for key in found.help_keys):
        why = "by its name" if len(smtp) > 1 else "from the list of credentials"
        other = "on Help the key of the server's first SMTP credential"
        found.notice(page_notices.differs(KEY, f"the key of {taken.name}", other, why))
    return Secret(taken.key)
