"""The variables that a compose project names, and which of them nothing gives: compose puts a blank in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import interpolation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from wizard.glitchtip.interpolation import Known

_MOST: Final = 2_000
_MOST_NODES: Final = 200_000
_INTERPOLATED: Final = ("services", "networks", "volumes", "secrets", "configs", "name")
"""The parts of a file in which compose replaces variables."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable that the files of a project name, as ``${NAME}`` or as a bare name under ``environment``."""

    name: str
    required: bool = False
    """Compose refuses to start without it (``:?``)."""
    given: bool = False
    """The `.env` has it, or the file names something in its place (``:-``)."""


def missing(variables: Mapping[str, Variable], given: Collection[str] = ()) -> tuple[Variable, ...]:
    """Return those that neither the `.env` nor *given* (names, such as those of a folder in Infisical) gives.

    Compose starts with a blank in place of such a one, or not at all where it is required.
    """
    return tuple(each for each in variables.values() if not each.given and each.name not in given)


def note(found: dict[str, Variable], document: dict[Any, Any], bare: Iterable[str], known: Known) -> None:
    """Add to *found* what *document* names; *bare*: the names that its services only pass on."""
    for text in _texts({key: document[key] for key in _INTERPOLATED if key in document}):
        for part in interpolation.variables(text):
            replaced = part.operator.endswith(("-", "+")) or known.get(part.text) is not None
            _add(found, Variable(part.text, part.operator.endswith("?"), replaced))
    for name in bare:
        _add(found, Variable(name, given=known.get(name) is not None))


def _add(found: dict[str, Variable], variable: Variable) -> None:
    before = found.get(variable.name)
    if before is not None:
        variable = Variable(variable.name, before.required or variable.required, before.given and variable.given)
    elif len(found) >= _MOST:
        return
    found[variable.name] = variable


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in *value* once: what an alias repeats is the same object."""
    pending, seen = [value], set[int]()
    while pending and len(seen) < _MOST_NODES:
        each = pending.pop()
        if isinstance(each, str):
            if "$" in each:
                yield each
            continue
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, dict):
            pending += each.values()
        elif isinstance(each, list):
            pending += each
