"""How long the SMTP check waits, and what it asks about GlitchTip's containers: what callers and tests may change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; tests shorten them."""

    resolve: float = 5.0
    connect: float = 10.0
    silent: float = 5.0
    """What an address that does not answer is given when another one works."""
    wake: float = 7.0
    """Silence before the banner after which the server is spoken to: its answer shows what it is."""
    to_rcpt: float = 15.0
    """In all, up to the answer to RCPT."""
    data: float = 30.0
    """More, for the DATA of a test mail."""


LIMITS: Final = Limits()

Apart: TypeAlias = Callable[["Draft", "Session"], Awaitable[tuple[str, ...]]]
"""Finds GlitchTip's services that have a network of their own: ``networks.apart``, or a stand-in."""
