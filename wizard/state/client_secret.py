"""Infisical's client secret in the operator's keyring: kept where the operator asked for that, used by a later run.

A mark in the state directory records that choice. Without one the keyring is not asked: that may take seconds, or
open a window to unlock it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.state import keyring
from wizard.state.directory import StateError
from wizard.state.journal import Journal
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import InfisicalTarget
    from wizard.model.secret import Secret

_MARK: Final = "client-secret-is-in-keyring"
_ASKED: Final = "It is asked for each time."


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the keyring gave back, and a sentence about it."""

    secret: Secret | None
    message: str
    """Empty where nothing was ever kept."""


def is_kept(target: InfisicalTarget, journal: Journal) -> bool:
    """Whether it was kept for *target*; the keyring is not asked."""
    entry = Journal(journal.home, _name(target))
    return entry.is_ours() and _mark(target, journal).is_file()


async def possible() -> str:
    """Return a sentence on whether it could be kept; nothing is stored."""
    answer = await keyring.probe()
    if answer.works:
        return "Your keyring keeps it once Infisical has taken it."
    return f"It cannot be kept: {_sentence(answer)} {_ASKED}"


async def keep(target: InfisicalTarget, journal: Journal, secret: Secret) -> str:
    """Keep *secret* for the next run, only on the operator's word; return a sentence on what became of it."""
    answer = await keyring.put(_name(target), secret)
    if not answer.works:
        return f"Infisical's client secret is not kept: {_sentence(answer)} {_ASKED}"
    try:
        Journal(journal.home, _name(target)).ready()
        files.write_private(_mark(target, journal), b"")
    except (OSError, StateError):
        await keyring.forget(_name(target))
        return f"Infisical's client secret is not kept: the state directory cannot be written. {_ASKED}"
    return "Infisical's client secret is kept in your keyring for the next run."


async def recall(target: InfisicalTarget, journal: Journal, *, unmarked: bool = False) -> Recalled:
    """Return the client secret that was kept for *target*; the keyring is asked where it was, or if *unmarked*."""
    if not (unmarked or is_kept(target, journal)):
        return Recalled(None, "")
    answer = await keyring.get(_name(target))
    if answer.value is not None:
        return Recalled(answer.value, "Infisical's client secret comes from your keyring.")
    if answer.works:
        _mark(target, journal).unlink(missing_ok=True)
        return Recalled(None, "Your keyring no longer holds Infisical's client secret.")
    return Recalled(None, f"Your keyring does not give Infisical's client secret back: {_sentence(answer)}")


def _sentence(answer: keyring.Answer) -> str:
    """Return the reason with a small letter in front, as the end of a sentence."""
    reason = answer.reason or "The keyring gave no reason."
    return reason[:1].lower() + reason[1:]


def _name(target: InfisicalTarget) -> str:
    return keyring.client_secret_name(target.url, target.client_id)


def _mark(target: InfisicalTarget, journal: Journal) -> Path:
    return Journal(journal.home, _name(target)).directory / _MARK
