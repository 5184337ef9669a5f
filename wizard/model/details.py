"""What a finding may carry beside its sentences, for a front end to draw or another check to use: one type a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from wizard.model.spf import Evaluation


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


@dataclass(frozen=True, slots=True)
class Published:
    """What resolver and name servers have of one DNS record."""

    stale: float | None = None
    """Seconds for which the resolver keeps its old answer: check again after them. None: nothing to wait for."""
    spf: tuple[Evaluation, ...] = ()
    """One for each sending address; empty for a record other than SPF."""


LegState: TypeAlias = Literal["aligned", "not aligned", "unknown", "not given"]

World: TypeAlias = Literal["received", "stored", "checked", "never", "unknown"]
"""What Postal's signer and envelope are derived from: the headers of the received mail, the status that Postal has
stored, what its check makes of the records now, that nobody ever pressed Check; ``unknown``: nobody said which."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One of the two identifiers that DMARC compares with the From domain."""

    name: str
    """The domain that it vouches for; empty where that is not known."""
    state: LegState
    words: str
    selector: str = ""
    """For DKIM: the ``s=`` that Postal signs with."""
    key: str = ""
    """For ``not given``: the answers key that is missing."""


@dataclass(frozen=True, slots=True)
class Triangle:
    """From domain, DKIM ``d=`` and envelope sender: what aligns in the mail that Postal sends."""

    from_domain: str
    dkim: Leg
    spf: Leg
    world: World = "checked"
    """For ``unknown`` the legs are those of ``checked``."""
    policy: str = "none"
    """What the DMARC record that applies asks for: none, quarantine or reject."""
    press_check: bool = False
    """Whether *Check my records are correct* has to be pressed before Postal signs by the records that are there."""

    @property
    def dmarc(self) -> Literal["pass", "fail", "unknown"]:
        """What a receiver makes of this mail."""
        states = {self.dkim.state, self.spf.state}
        return "pass" if "aligned" in states else "fail" if states == {"not aligned"} else "unknown"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the headers of a received mail say of its sender."""

    domain: str
    """The ``d=`` of Postal's DKIM signature; empty without one."""
    selector: str
    """Its ``s=``."""
    envelope: str
    """The domain of the envelope sender (Return-Path); empty where it was not given."""


Detail: TypeAlias = Login | Delivery | Published | Triangle | Signature
