"""What a finding may carry beside its sentences, for a front end to draw or another check to use: one type a kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """What came of AUTH."""

    granted: str | None
    """``org/server`` that the key belongs to; None where the server is not Postal or refused."""
    username: str
    """The user name that was given."""
    mechanism: str
    """The mechanism that was used."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A test mail that the server took with 250."""

    message_id: str
    """With its angle brackets; Postal's ``message_id`` is without."""
    code: str
    seconds: float
    """From the first connect to the 250."""
    seconds_to_354: float
    """From DATA to 354: Postal looks up the client's name in between (received_header.rb)."""
    trace: str | None = None
    """Postal's trace id of the connection."""
