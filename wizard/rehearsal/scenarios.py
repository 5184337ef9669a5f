"""The scenarios of the rehearsal, as data: what Postal holds, how it answers, and what DNS holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Known: TypeAlias = Literal["SMTP", "API", "nobody"]
Greeting: TypeAlias = Literal["postal", "proxy", "busy", "other"]
Tls: TypeAlias = Literal["off", "good", "self-signed", "expired", "wrong-name"]
Zone: TypeAlias = Literal[
    "good", "unverified", "dkim-missing", "dkim-wrong", "dkim-doubled", "no-spf", "two-spf", "no-return-path",
    "spreading", "resolver-silent", "silent",
]  # fmt: skip

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
class State:
    """One scenario. The defaults are a Postal with which all is well."""

    name: str
    sentence: str
    """For the operator: what is wrong here and what shows it."""

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
    use_for_any: bool = False
    """A verified domain may serve for every From (``use_for_any``)."""
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
    dns_delay: float = 0.0
    """Seconds before each DNS answer."""
    bare_worker: bool = False
    """Whether the compose file gives the mail settings to web alone, as a common deployment does."""
    own_network: bool = False
    """Whether the answers name localhost, and the compose file gives GlitchTip's services a network of their own."""


_HELD: Final = Outcome("Held", output=None)

STATES: Final[tuple[State, ...]] = (
    State("good", "All is well: the mail is accepted and arrives."),
    State("wrong-key", "No credential has this key: AUTH is refused with 535 Invalid credential.", key_is="nobody"),
    State(
        "api-key",
        "The key is of type API, which SMTP does not know: AUTH is refused with 535 Invalid credential.",
        key_is="API",
    ),
    State(
        "suspended",
        "The mail server is suspended: AUTH is granted, and every recipient is refused with 535.",
        suspended=True,
    ),
    State(
        "development",
        "The mail server is in Development mode: the mail is accepted with 250 and then Held.",
        outcome=replace(_HELD, details="Server is in development mode."),
    ),
    State(
        "held-credential",
        "The credential is set to hold: the mail is accepted with 250 and then Held.",
        outcome=replace(_HELD, details="Credential is configured to hold all messages authenticated by it."),
    ),
    State(
        "suppressed",
        "The recipient is on the suppression list: the mail is accepted with 250 and then Held.",
        outcome=replace(
            _HELD, details="Recipient ({rcpt_to}) is on the suppression list (reason: too many hard fails)"
        ),
    ),
    State(
        "send-limit",
        "The send limit of the hour is reached: the mail is accepted with 250 and then Held.",
        outcome=replace(_HELD, details="Message held because send limit (50) has been reached."),
    ),
    State(
        "no-worker",
        "Postal's worker is not running: the mail is accepted with 250 and stays Pending.",
        outcome=Outcome("Pending", "", None, attempted=False),
    ),
    State(
        "port-25-blocked",
        "Outbound port 25 is blocked: the mail is accepted with 250 and then SoftFail, again and again.",
        outcome=Outcome(
            "SoftFail", "No SMTP servers were available for {domain}. Tried mx.{domain}.", "execution expired"
        ),
    ),
    State(
        "hard-fail",
        "The recipient's server refuses for good: the mail is accepted with 250 and then HardFail.",
        outcome=Outcome(
            "HardFail",
            "Permanent SMTP delivery error when sending to 127.0.0.1:25 (127.0.0.1)",
            "550 5.1.1 no such user",
        ),
    ),
    State(
        "unverified",
        "The From domain is not verified in Postal: 530 From/Sender name is not valid, after the mail was sent.",
        verified=(),
        zone="unverified",
    ),
    State(
        "subdomain",
        "Only the parent of the From domain is verified: 530 From/Sender name is not valid, after the mail was sent.",
        from_="GlitchTip <glitchtip@errors.shop.example>",
    ),
    State("no-tls", "STARTTLS is asked for and Postal has it switched off: it is not offered.", starttls=True),
    State(
        "starttls",
        "Postal offers STARTTLS with a certificate of the rehearsal's own CA, which the wizard trusts here.",
        tls="good",
        starttls=True,
    ),
    State(
        "self-signed", "STARTTLS with a self-signed certificate: nobody trusts it.", tls="self-signed", starttls=True
    ),
    State("expired", "STARTTLS with a certificate that has expired.", tls="expired", starttls=True),
    State("wrong-name", "STARTTLS with a certificate for another name.", tls="wrong-name", starttls=True),
    State(
        "proxy-protocol",
        "Postal waits for a PROXY line (proxy_protocol): no greeting comes, and 502 Proxy Error to whoever speaks.",
        greeting="proxy",
    ),
    State(
        "slow-reverse-dns",
        "Postal's own resolver is dead: 354 comes 9 seconds after DATA.",
        data_delay=9.0,
    ),
    State(
        "too-large",
        "Postal's max_message_size is 0: every mail is refused with 552 after it was sent.",
        max_message_size=0,
    ),
    State("busy", "The greeting is 421, as a proxy before an overloaded Postal gives it.", greeting="busy"),
    State("not-postal", "Another mail server answers on this port.", greeting="other"),
    State(
        "smtp-ip",
        "An SMTP-IP credential admits this machine without AUTH, and no credential has the key: AUTH is refused.",
        key_is="nobody",
        smtp_ips=("127.0.0.0/8", "::1/128"),
    ),
    State(
        "localhost",
        "The host is localhost, and GlitchTip's containers have a network of their own: there it is the container.",
        own_network=True,
    ),
    State(
        "bare-worker",
        "All mail settings are on web alone: worker has none of them, so that no alert can leave; beat needs none.",
        bare_worker=True,
    ),
    State("dkim-missing", "The DKIM record is not published.", zone="dkim-missing"),
    State("dkim-wrong", "The DKIM record holds another key than Postal's.", zone="dkim-wrong"),
    State(
        "dkim-doubled",
        "The DKIM record is published under the domain written twice, as DNS panels do with a full name.",
        zone="dkim-doubled",
    ),
    State("no-spf", "Neither the From domain nor the return path has an SPF record.", zone="no-spf"),
    State(
        "two-spf", "The From domain and the return path have two SPF records each: a permanent error.", zone="two-spf"
    ),
    State("no-return-path", "The return path's CNAME is missing: Postal falls back to its own.", zone="no-return-path"),
    State(
        "spreading",
        "The DKIM record was published a moment ago: for 30 seconds the resolver still says that it is not there.",
        zone="spreading",
    ),
    State("dns-slow", "Every DNS answer takes a second.", dns_delay=1.0),
    State("dns-silent", "No DNS server answers.", zone="silent"),
    State(
        "resolver-silent",
        "The resolver does not answer; the authoritative servers would.",
        zone="resolver-silent",
    ),
)
"""In the order in which ``demo --list`` shows them."""

_BY_NAME: Final = {state.name: state for state in STATES}


def state(name: str) -> State:
    """Return the scenario called *name*. Raises KeyError."""
    return _BY_NAME[name]
