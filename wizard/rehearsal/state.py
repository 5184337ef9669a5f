"""What a scenario of the rehearsal is: what Postal, DNS, Infisical and the project hold, and what fixes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from wizard.model.world import Fix, Scenario

Known: TypeAlias = Literal["SMTP", "API", "nobody"]
Greeting: TypeAlias = Literal["postal", "proxy", "busy", "other"]
Tls: TypeAlias = Literal["off", "good", "self-signed", "expired", "wrong-name"]
Zone: TypeAlias = Literal[
    "good", "unverified", "dkim-missing", "dkim-wrong", "dkim-doubled", "no-spf", "two-spf", "no-return-path",
    "spreading", "resolver-silent", "silent",
]  # fmt: skip
Project: TypeAlias = Literal["sample", "bare-worker", "whole-worker", "inline-mail", "no-tls-setting"]
Rights: TypeAlias = Literal["all", "read-only", "approval", "other-address"]

ALNUM_KEY: Final = "Rehearsal0Key0000000Test"
"""The key where a test gives none; ``serve`` puts a random one in its place at each run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Postal's worker makes of an accepted message: the texts are those of app/lib/message_dequeuer/*."""

    status: str = "Sent"
    """Pending, Sent, SoftFail, HardFail or Held."""
    details: str = "Message for {rcpt_to} accepted by 127.0.0.1:25 (127.0.0.1)"
    """``{rcpt_to}`` and ``{domain}`` are replaced by the recipient and its domain."""
    output: str | None = "250 2.0.0 queued"
    attempted: bool = True
    """Whether there is a delivery to show: a message that only waits has none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a fix changes in the world."""

    fix: Fix
    state: tuple[tuple[str, object], ...] = ()
    """Fields of ``State`` with their new values."""
    new_key: bool = False
    """Whether a credential of type SMTP is made for it."""
    releases: bool = False
    """Whether Postal delivers now what it has kept until then."""


def fix(
    place: str,
    done: str,
    *turns: str,
    name: str = "",
    at: str = "",
    domain: tuple[tuple[str, object], ...] = (),
    new_key: bool = False,
    releases: bool = False,
    restarts: bool = False,
    **state: object,
) -> Change:
    """Return a change of the world that makes *turns* right, and can be done at the step *at* in any case."""
    restarts = restarts or bool({"project", "own_network"} & set(state))
    known = Fix(name or f"pretend I did this {place}", done, frozenset(turns), frozenset(at.split()), domain, restarts)
    return Change(known, tuple(state.items()), new_key, releases)


@dataclass(frozen=True, slots=True)
class State:
    """One scenario. The defaults are a Postal with which all is well."""

    name: str
    sentence: str
    """For the operator: what is wrong here and what shows it."""
    lesson: str = ""
    """What one learns here, in a few words, for the menu."""
    changes: tuple[Change, ...] = ()
    """What can be done about it."""

    hostname: str = "smtp.postal.shop.example"
    """``postal.smtp_hostname``: banner, CRAM-MD5 challenge, loop check."""
    organisation: str = "shop"
    server: str = "apps"
    """With the organisation, the permalinks of ``235 Granted for org/server``."""
    key: str = ALNUM_KEY
    """The key the operator was given."""
    key_is: Known = "SMTP"
    """As what Postal knows that key."""
    old_key: str = ""
    """The key of an older credential of the same server, which a rotation replaces; empty: there is none."""
    api_key: str = "Rehearsal0Api0000000Test"
    smtp_ips: tuple[str, ...] = ()
    """Networks with an SMTP-IP credential."""
    suspended: bool = False
    verified: tuple[str, ...] = ("shop.example",)
    """Verified domains: exact names, letter case aside."""
    allow_sender: bool = False
    return_path_domain: str = "rp.postal.shop.example"
    route_domain: str = "routes.postal.shop.example"
    max_message_size: int = 14
    """Megabytes."""
    data_delay: float = 0.0
    """Seconds between DATA and 354, during which Postal's single loop serves nobody else."""
    greeting: Greeting = "postal"
    tls: Tls = "off"
    outcome: Outcome = Outcome()

    from_: str = "GlitchTip <glitchtip@shop.example>"
    """DEFAULT_FROM_EMAIL of the answers file."""
    starttls: bool = False
    """Whether the answers file asks for STARTTLS."""
    zone: Zone = "good"
    strict: bool = False
    """Whether DMARC asks for the From domain itself: a signature of another name under it does not count."""
    dns_delay: float = 0.0
    """Seconds before each DNS answer."""
    never_checked: bool = False
    """Whether nobody has pressed "Check my records are correct" in Postal, so that it signs with its spare key."""
    project: Project = "sample"
    """Which docker-compose.yml the project has."""
    own_network: bool = False
    """Whether the answers name localhost, and the compose file gives GlitchTip's services a network of their own."""
    rotates: bool = False
    """Whether GlitchTip sends already, with the old key."""
    old_containers: bool = False
    """Whether the `.env` has the new key, and the containers run with the old one still."""
    no_new_key: bool = False
    """Whether the operator has the old key alone."""
    infisical: bool = False
    """Whether the settings are in Infisical."""
    exported: bool = False
    """Whether the `.env` is an exported copy of Infisical."""
    rights: Rights = "all"
    """What the machine identity may do in Infisical."""

    @property
    def scenario(self) -> Scenario:
        """What front ends show of it."""
        first = "Set up from the beginning"
        if self.rotates:
            first = "Rotate the credential"
        elif self.old_containers:
            first = "Check everything"
        return Scenario(self.name, self.lesson, first)
