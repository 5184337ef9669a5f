"""How answers get into the draft: makers of fields, and whole sets of values by the answers file's keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeAlias

from wizard.model import validation
from wizard.model.draft import Draft, TestMail
from wizard.setup.step import Field, Problem

IMPOSSIBLE_PORT: Final = -1
"""In the draft where what was typed is not a number; nobody typed this one, so it is never shown."""
Value: TypeAlias = "str | int | bool | tuple[str, ...]"


def found(**judged: str | None) -> list[Problem]:
    """Turn ``server__host=sentence or None`` into problems."""
    return [Problem(key.replace("__", "."), sentence) for key, sentence in judged.items() if sentence]


def text(part: str, name: str, label: str, hint: str = "", *, from_page: bool = False) -> Field:
    """Return the field for a text in a part of the draft."""
    return Field(
        f"{part}.{name.rstrip('_')}",
        label,
        lambda draft: str(getattr(getattr(draft, part), name)),
        lambda draft, typed: put(draft, part, name, typed.strip()),
        hint,
        from_page=from_page,
    )


def several(name: str, label: str, hint: str) -> Field:
    """Return the field for a list in the domain part, typed with blanks or commas between."""
    return Field(
        f"domain.{name}",
        label,
        lambda draft: " ".join(getattr(draft.domain, name)),
        lambda draft, typed: put(draft, "domain", name, tuple(typed.replace(",", " ").split())),
        hint,
        from_page=True,
    )


def put(draft: Draft, part: str, name: str, value: Any) -> Draft:
    """Return *draft* with one value of one part changed."""
    return replace(draft, **{part: replace(getattr(draft, part), **{name: value})})


def set_host(draft: Draft, typed: str) -> Draft:
    """Take a host; ``host:port`` and URLs are split into both."""
    host = validation.bare_host(typed)
    rest = typed.strip().partition("://")[2] or typed.strip()
    rest = rest.partition("/")[0].rpartition("@")[2]
    name, colon, port = rest.rpartition(":")
    if (
        colon
        and port.isascii()
        and port.isdigit()
        and ":" not in name.strip("[]").partition("]")[2]
        and ("[" in name or ":" not in name)
    ):
        return replace(draft, server=replace(draft.server, host=validation.bare_host(name), port=int(port[:9])))
    return replace(draft, server=replace(draft.server, host=host))


def set_port(draft: Draft, typed: str) -> Draft:
    """Take a port. What is not a number is kept as an impossible one, so that the step's own sentence is said."""
    typed = typed.strip()
    port = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else IMPOSSIBLE_PORT if typed else None
    return replace(draft, server=replace(draft.server, port=port))


def set_recipient(draft: Draft, typed: str) -> Draft:
    """Take the recipient of the test mail; a blank one means that none is sent."""
    return replace(draft, test_mail=TestMail(typed.strip()) if typed.strip() else None)
