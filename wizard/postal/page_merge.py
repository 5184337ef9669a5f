"""What a pasted page gives, put into a draft: never over an answer that an earlier step has proven."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.model.draft import Domain
from wizard.model.finding import Verdict
from wizard.postal import page_notices
from wizard.postal.key import same_key
from wizard.postal.pages import CHECKED, KEY, STORED, Notice, Pasted, Value, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.secret import Secret

PARTS: Final = ("server", "credential", "domain")
"""The parts of a draft that a page can fill."""
NAMES: Final = {
    "server.host": "Host", "server.port": "Port", "credential.username": "User name", "domain.name": "From domain",
    "domain.spf_include": "SPF include", "domain.dkim_selector": "DKIM selector", "domain.dkim_value": "DKIM value",
    "domain.return_path": "Return path", "domain.return_path_target": "Return path's target",
    "domain.mx": "Postal's MX hosts", "domain.ownership": "Ownership record",
}  # fmt: skip
"""What the fields of a page's values are called."""
_SHORT: Final = frozenset({"server.host", "server.port", "credential.username", "domain.name"})
"""Values that are named with what they are: the records of a page are long, and their fields show them."""
_EXACT: Final = frozenset({"domain.dkim_value", "domain.ownership"})
"""Values in which letter case counts."""
_PROVEN_BY: Final = {"connect": ("server.host", "server.port"), "auth": ("credential.username", KEY)}


@dataclass(frozen=True, slots=True)
class Merged:
    """A draft with what a page added."""

    draft: Draft
    key: Secret | None
    """The page's key where it is to be used; None where there is none or the proven one stays."""
    notices: tuple[Notice, ...]
    """Those of the page, and one for each answer that stays although the page shows another."""
    taken: dict[str, Value]
    """What was put into the draft, by the answers file's keys."""
    hints: tuple[str, ...] = ()
    """What to beware of with the values that were taken."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to tell the operator: first the values that were taken, then what was noticed. Never a key."""
        names = [
            f"{NAMES[key]} {shown(value)}" if key in _SHORT else NAMES[key]
            for key, value in self.taken.items()
            if key in NAMES
        ]
        values = (f"Taken from the page: {', '.join(names)}.",) if names else ()
        key = ("The key of an SMTP credential was taken; it is not shown.",) if self.key is not None else ()
        return (*values, *key, *self.hints, *(notice.sentence for notice in self.notices))


def proven_keys(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the answers that *findings* have proven: host and port by a connection, user name and key by AUTH."""
    passed = {str(finding.check) for finding in findings if finding.verdict is Verdict.PASS}
    return frozenset(key for check, keys in _PROVEN_BY.items() if check in passed for key in keys)


def told_keys(draft: Draft) -> frozenset[str]:
    """Return the answers that *draft* has, of those that a page can give."""
    return frozenset(
        f"{part}.{field.name}"
        for part in PARTS
        for field in fields(getattr(draft, part))
        if getattr(getattr(draft, part), field.name) != field.default
    )


def merge(
    pasted: Pasted,
    draft: Draft,
    proven: Collection[str] = (),
    *,
    key: Secret | None = None,
    why: str = "an earlier step has proven it",
) -> Merged:
    """Put *pasted* into *draft*; the answers named in *proven* stay, and so does *key* where it is one of them.

    *why* says in the notice where the kept answer comes from. Postal's stored status is a state and no answer: the
    page's replaces the draft's as a whole. A page about another domain than the draft's replaces all its records, or
    gives none where ``domain.name`` stays.
    """
    notices: list[Notice] = []
    taken: dict[str, Value] = {}
    named = str(pasted.values.get("domain.name", ""))
    another = bool(named and draft.domain.name) and named != draft.domain_name
    other = another and "domain.name" in proven
    if other:
        kept_because = f"{why}, and none of that domain's records are taken"
        notices.append(page_notices.differs("domain.name", draft.domain_name, named, kept_because))
    elif another:
        draft = replace(draft, domain=_of_no_page(draft.domain))
    if named and not other and draft.app.from_domain not in {"", named}:
        notices.append(page_notices.differs("app.from", draft.app.from_, named, "Postal accepts only the exact domain"))
    if CHECKED in pasted.values and not other:
        draft = _with(draft, dict.fromkeys(STORED, ""))
    for name, value in pasted.values.items():
        if name == KEY or (other and name.startswith("domain.")):
            continue
        present = _get(draft, name)
        if name in proven and name not in {CHECKED, *STORED} and present not in {None, "", ()}:
            if not _same(name, present, value):
                notices.append(page_notices.differs(name, shown(present), shown(value), why))
            continue
        taken[name] = value
    new_key = pasted.key
    if KEY in proven and key is not None and new_key is not None:
        if not same_key(new_key, key):
            notices.append(page_notices.differs(KEY, "the present key", "another key", why))
        new_key = None
    if new_key is not None:
        taken[KEY] = pasted.values[KEY]
    hints = tuple(hint for name, hint in pasted.hints.items() if name in taken)
    return Merged(_with(draft, taken), new_key, (*pasted.notices, *notices), taken, hints)


def _of_no_page(domain: Domain) -> Domain:
    """Return what no Setup page shows and belongs to the mail server: the sending addresses and the HELO name."""
    return Domain(sending_ips=domain.sending_ips, helo=domain.helo)


def _get(draft: Draft, name: str) -> Any:
    part, _, field = name.partition(".")
    return getattr(getattr(draft, part), field)


def _with(draft: Draft, values: dict[str, Any]) -> Draft:
    for part in PARTS:
        own = {name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{part}.")}
        own.pop("key", None)
        draft = replace(draft, **{part: replace(getattr(draft, part), **own)}) if own else draft
    return draft


def _same(name: str, present: Value, value: Value) -> bool:
    if name in _EXACT:
        return present == value
    return shown(present).casefold().rstrip(".") == shown(value).casefold().rstrip(".")
