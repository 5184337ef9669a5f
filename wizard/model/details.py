"""What a finding may carry beside its sentences, for a front end to draw or another check to use: one type a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.codes import Code
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
    seconds: float
    """From the first connect to the 250."""
    seconds_to_354: float
    """From DATA to 354: Postal looks up the client's name in between (received_header.rb)."""


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
stored, what its check makes of the records now, that nobody ever pressed Check; ``unknown``: nobody knows which."""


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


@dataclass(frozen=True, slots=True)
class PageStatus:
    """What Postal's DNS Setup page shows, or will show."""

    orange: tuple[str, ...]
    """The boxes that it objects to, such as ``DKIM Missing``."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the headers of a received mail say of its sender."""

    domain: str
    """The ``d=`` of Postal's DKIM signature; empty without one."""
    selector: str
    """Its ``s=``."""
    envelope: str
    """The domain of the envelope sender that Postal used; empty where no header tells it."""


@dataclass(frozen=True, slots=True)
class ConfigRow:
    """One row of a compose or `.env` file that is not right, or that is missing."""

    code: Code
    name: str
    """The variable."""
    file: str
    """As it is shown: relative to the project's directory."""
    line: int
    """Counted from 1: of the row, or of the service where the row is missing; 0 where there is no line to name."""
    sentence: str

    def __post_init__(self) -> None:
        for field_name in ("name", "file"):
            object.__setattr__(self, field_name, Untrusted(getattr(self, field_name), 120))
        object.__setattr__(self, "sentence", Untrusted(self.sentence, 500))

    @property
    def location(self) -> str:
        """``docker-compose.yml:12``."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class ServiceRows:
    """What is not right with the rows of one service of docker-compose.yml."""

    rows: tuple[ConfigRow, ...]
    """The worst first."""
    paste: tuple[str, ...] = ()
    """Lines to paste into the compose file, with their indentation; empty where nothing is missing."""
    paste_into: str = ""
    """``docker-compose.yml:12``: where the service begins."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "paste", tuple(Untrusted(line) for line in self.paste))
        object.__setattr__(self, "paste_into", Untrusted(self.paste_into, 120))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as Postal's API shows it."""

    number: int
    """Postal's own number of it: its page is ``.../messages/<number>``."""
    status: str
    """Pending, Sent, SoftFail, HardFail, Held, HoldCancelled, Bounced, Error or Processed."""


Detail: TypeAlias = Arrival | ServiceRows | Login | Delivery | Published | Triangle | Signature | PageStatus
