"""What the operator has answered so far: frozen parts, and never a secret in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Final, Literal, TypeAlias

Tls: TypeAlias = Literal["none", "starttls"]

Stored: TypeAlias = Literal["", "ok", "missing", "invalid"]

DEFAULT_APP: Final = "glitchtip"
POSTAL_PORT: Final = 25
"""Postal's ``smtp_server.default_port`` (lib/postal/config_schema.rb); 2525 is a choice of the deployment."""


@dataclass(frozen=True, slots=True)
class App:
    """The application that sends: its From, and where docker compose describes it."""

    name: str = DEFAULT_APP
    from_: str = ""
    """DEFAULT_FROM_EMAIL: an address, with a display name or without."""
    compose_file: str | None = None
    """None: the one found beside the answers file."""
    services: tuple[str, ...] = ()
    """Empty: those found by image or command."""

    @property
    def from_address(self) -> str:
        """The bare address of the From, empty where there is none."""
        return parseaddr(self.from_)[1]

    @property
    def from_domain(self) -> str:
        """The From domain in lower case without a final dot, empty where there is none."""
        return self.from_address.rpartition("@")[2].lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class Server:
    """Where Postal's SMTP server listens."""

    host: str = ""
    """A host name or a bare address: no scheme, no port, no brackets."""
    port: int | None = None
    tls: Tls = "none"
    web_url: str = ""
    """Postal's web interface, ``https://postal.example.com``: only for asking its API. Empty: not known."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Postal's SMTP credential, without its key."""

    username: str = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """The From domain and what Postal's Setup page says about it. Empty values are not known yet."""

    name: str = ""
    spf_include: str = ""
    return_path: str = ""
    return_path_target: str = ""
    dkim_selector: str = ""
    dkim_value: str = ""
    ownership: str = ""
    sending_ips: tuple[str, ...] = ()
    helo: str = ""
    mx: tuple[str, ...] = ()
    checked_in_postal: bool | None = None
    """Whether somebody has pressed *Check my records are correct*; None: not known."""
    stored_spf: Stored = ""
    """What Postal's page shows for SPF: the status that Postal has stored and signs by. Empty: not known."""
    stored_dkim: Stored = ""
    stored_return_path: Stored = ""
    stored_mx: Stored = ""


@dataclass(frozen=True, slots=True)
class TestMail:
    """To whom the test mail goes."""

    __test__ = False  # not a test class, whatever pytest thinks

    recipient: str = ""


@dataclass(frozen=True, slots=True)
class EnvTarget:
    """A ``.env`` file beside docker-compose.yml."""

    path: str = ".env"
    kind: Literal["env"] = "env"


@dataclass(frozen=True, slots=True)
class InfisicalTarget:
    """A folder of a project's environment in Infisical."""

    url: str = ""
    project: str = ""
    """Slug or id."""
    environment: str = ""
    """The slug, as in the project's list."""
    secret_path: str = "/"  # noqa: S105  # a folder
    client_id: str = ""
    """Empty only where a token is given."""
    ca_file: str | None = None
    allow_http: bool = False
    env_copy: str = ""
    """An exported copy of these secrets, a ``.env`` that is written after Infisical; empty: there is none."""
    kind: Literal["infisical"] = "infisical"


Target: TypeAlias = EnvTarget | InfisicalTarget


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything answered so far."""

    app: App = field(default_factory=App)
    server: Server = field(default_factory=Server)
    credential: Credential = field(default_factory=Credential)
    domain: Domain = field(default_factory=Domain)
    test_mail: TestMail | None = None
    target: Target | None = None

    @property
    def domain_name(self) -> str:
        """The domain whose DNS is judged: as given, else the From domain."""
        return (self.domain.name or self.app.from_domain).lower().rstrip(".")
