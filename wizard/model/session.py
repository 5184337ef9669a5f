"""What one run of the program has at hand beside the draft: secrets, paths and network settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from wizard.model.finding import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from wizard.model.containers import Containers
    from wizard.model.details import Signature
    from wizard.model.secret import Secret
    from wizard.model.world import World


@dataclass(slots=True)
class MessageIds:
    """What Postal's API has shown of the numbers of a mail server's messages: it has no search of its own."""

    newest: int = 0
    """The greatest number that is known to exist; 0: none is."""
    by_message_id: dict[str, int] = field(default_factory=dict)
    """Message-ID without its brackets -> number."""


@dataclass(frozen=True, slots=True)
class Session:
    """Secrets live here for the run and nowhere else."""

    directory: Path = field(default_factory=Path.cwd)
    """What relative paths of the draft are relative to."""
    key: Secret | None = None
    """The key of Postal's SMTP credential."""
    client_secret: Secret | None = None
    """Infisical's Universal Auth client secret."""
    token: Secret | None = None
    """An Infisical access token that replaces a login."""
    resolver: tuple[str, int] | None = None
    """Address and port of the resolver to ask; None: the system's."""
    authoritative_port: int = 53
    rehearsal: bool = False
    api_key: Secret | None = None
    """A key of type API of Postal's, to ask what became of a mail."""
    web_address: str = ""
    """Where Postal's web interface is, ``https://postal.example.com``; empty where it is not known."""
    containers: Containers | None = None
    """Whoever runs GlitchTip's containers; None: the docker of this host (``wizard.glitchtip.docker.of``)."""
    signature: Signature | None = None
    """What the headers of this run's test mail said of its signer; None: nobody has pasted them."""
    status_when: datetime | None = None
    """When the stored status in the draft was read from Postal's page; None: not known."""
    message_ids: MessageIds = field(default_factory=MessageIds, compare=False)
    mailbox: str = ""
    """In a rehearsal: the directory in which the test mail arrives, with its code."""
    world: World | None = field(default=None, compare=False)
    """The pretend world of a rehearsal, which can be changed; None: the real one."""

    def path(self, relative: str) -> Path:
        """Return *relative* seen from the draft's directory."""
        return self.directory / Path(relative).expanduser()


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of so many questions have been answered."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One step of an observed SMTP dialogue; AUTH is masked and the reply inert before it gets here."""

    verb: str
    """connect, banner, EHLO, STARTTLS, tls, AUTH, MAIL, RCPT, DATA, message, RSET or QUIT."""
    sent: str
    reply: tuple[str, ...]
    seconds: float
    address: str


Event: TypeAlias = Finding | Progress | Exchange
Listener: TypeAlias = Callable[[Event], None]


def nobody(_event: Event) -> None:
    """Listen to nothing."""
