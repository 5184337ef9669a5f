"""The SPF record that should be there: what the present ones allow, with Postal first and without what is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.checks.spf.record import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wizard.checks.spf.record import Term


@dataclass(frozen=True, slots=True)
class Repaired:
    """A record to publish."""

    text: str
    left_out: tuple[str, ...]
    """The terms, as written, that receivers take as an error, or that allow everybody."""


def repaired(texts: Sequence[bytes], first: Sequence[str], without: Collection[str] = ()) -> Repaired:
    """Return one record that allows *first* and whatever *texts*, the present SPF records, allow.

    *first* comes first, so that the evaluation ends there before it counts what follows (RFC 7208 4.6.4). Every
    other term is kept: others send by it. *without*: terms, as written, that are left out. A text that cannot be read
    to its end is read as far as that; ``all`` goes to the end, where it has no effect on the terms.
    """
    terms: dict[str, str] = {term.lower(): term for term in first}
    modifiers: dict[str, str] = {}
    left_out: dict[str, None] = {}
    redirects: list[Term] = []
    alls: list[str] = []
    for term in [term for text in texts for term in parse(text).terms]:
        if term.problem or (term.text in without and term.name != "all"):
            left_out[term.shown] = None
        elif term.name == "all":
            alls.append(term.qualifier)
        elif term.name == "redirect":
            redirects.append(term)
        elif term.qualifier:
            terms.setdefault(term.text.lower(), term.text)
        else:
            modifiers.setdefault(term.name, term.text)
    end = []
    if alls:
        end = ["-all" if set(alls) == {"-"} else "~all"]
    elif redirects and len(texts) == 1:
        end = [redirects[0].text]
    elif redirects or left_out or len(terms) == len(first):
        end = ["~all"]
    for term in redirects if len(texts) > 1 else ():
        include = f"include:{term.text.partition('=')[2]}"  # what it redirects to is part of what it allows
        terms.setdefault(include.lower(), include)
    return Repaired(" ".join(["v=spf1", *terms.values(), *end, *modifiers.values()]), tuple(left_out))
