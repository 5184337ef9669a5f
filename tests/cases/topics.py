"""What an expected answer, written as a sentence by whoever collected the case, means in keys of causes.

The first topic whose words are in the sentence counts. A sentence that no topic fits is not judged, and said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NOTHING: Final = re.compile(
    r"cannot be told|could not (?:be )?tell|could not be told|no mail fault|no fault of|not SMTP\b"
    r"|SMTP is not the matter|not EMAIL_TIMEOUT|innocent|nothing recognised",
    re.IGNORECASE,
)
"""Where nothing is to be recognised."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Words of an expectation and the causes that answer it."""

    words: re.Pattern[str]
    keys: frozenset[str]


def _topic(words: str, *keys: str) -> Topic:
    return Topic(re.compile(words, re.IGNORECASE), frozenset(keys))


_CONTAINER: Final = ("container-itself", "localhost", "empty-url", "url-not-set")
_WEAK: Final = ("tls-weak", "tls-version", "tls-broken")
_STRICT: Final = ("cert-strict",)

TOPICS: Final[tuple[Topic, ...]] = (
    # --- who speaks: the recipient's server to Postal -----------------------------------------------------------------
    _topic(r"return[- ]path|psrp", "delivery-return-path", "recipient-postal", "delivery-spf"),
    _topic(r"sending address .*(?:reverse DNS|PTR)|no reverse DNS", "delivery-ptr", "ptr-missing"),
    _topic(r"client.*(?:reverse DNS|PTR)", "ptr-missing", "delivery-ptr"),
    _topic(
        r"recipient.s (?:server|MX).*(?:login|does not take mail|no MX|relay)|no MX for that domain", "delivery-relay"
    ),
    _topic(r"reputation|block ?list|blacklist", "delivery-listed", "reputation", "blocked-client"),
    _topic(r"recipient.s server was reached.*certificate", "delivery-certificate"),
    _topic(r"recipient.s server .*(?:wants|requires) TLS", "delivery-tls"),
    _topic(r"recipient.s (?:server|mailbox).*(?:unknown|no such|does not exist)", "delivery-recipient"),
    _topic(r"mailbox.*full", "delivery-mailbox-full", "mailbox-full"),
    _topic(
        r"no mail server for|domain.*(?:no MX|does not exist).*recipient|nothing was connected", "delivery-no-hosts"
    ),
    _topic(
        r"recipient.s server .*(?:refuses connections|refused the connection)|refused there", "delivery-refused-there"
    ),
    _topic(r"port 25.*blocked|outgoing port|blocked on the way", "held-port-25", "delivery-tried"),
    _topic(
        r"asks to try again|greylist|puts (?:the mail|it) off",
        "held-deferred",
        "delivery-greylisted",
        "greylisted",
        "recipient-later",
    ),
    _topic(r"worker.*database|database refuses", "database-column", "worker-database"),
    _topic(r"SPF of", "delivery-spf", "delivery-unauthenticated", "spam-folder"),
    _topic(
        r"DMARC|DKIM|unauthenticated", "delivery-unauthenticated", "spam-folder", "delivery-dkim", "unauthenticated"
    ),
    _topic(r"development mode", "held-development"),
    _topic(r"suppression", "held-suppressed", "recipient-suppressed"),
    _topic(r"send limit", "held-limit"),
    _topic(r"credential .*hold", "held-credential"),
    _topic(r"relay behind wants a login|smarthost credentials", "relay-login"),
    # --- the settings -------------------------------------------------------------------------------------------------
    _topic(r"Errno 9[79]|localhost inside|EMAIL_URL empty|names localhost|container itself", *_CONTAINER),
    _topic(r"EMAIL_HOST empty|has no host|no host", "no-host", *_CONTAINER),
    _topic(r"no login was sent because|user name or key.*missing", "no-login", "no-login-elsewhere"),
    _topic(r"DEFAULT_FROM_EMAIL (?:is )?not set|webmaster@localhost is refused", "from-default"),
    _topic(r"console", "console"),
    _topic(r"speaks TLS at once|465", "tls-port", "implicit-tls"),
    _topic(
        r"percent-encoded|unencoded|BWd3", "unencoded-key", "port-cast", "text-after-port", "user-slash", "brackets"
    ),
    _topic(r"quotes? (?:became|around|kept)", "quoted-url"),
    _topic(r"over-long label|empty .*label|two dots", "bad-host-name"),
    _topic(r"Django older|newer image", "old-django"),
    _topic(r"HTTP API|anymail", "api-key-refused", "api-suspended", "api-from"),
    _topic(r"no celery|celery", "no-celery"),
    _topic(r"e-?mail is (?:disabled|switched off)|enabledFeatures", "email-disabled"),
    _topic(r"listed twice|non-unique|duplicate", "compose-duplicate"),
    _topic(r"no such service|no service of (?:that|the) name", "compose-no-service"),
    _topic(r"YAML|compose file.*(?:parse|read)", "compose-yaml"),
    _topic(r"\.env.*(?:parse|character|quote)|unexpected character", "env-syntax"),
    # --- TLS ----------------------------------------------------------------------------------------------------------
    _topic(r"strict X\.509|basicConstraints|keyUsage|Key Identifier", *_STRICT),
    _topic(r"Diffie-Hellman|key too small|only TLS 1\.[01]|TLS version", *_WEAK),
    _topic(r"cut at STARTTLS", "cut-at-starttls", "starttls-refused"),
    _topic(r"self-signed \(|contains a self-signed|interception", "cert-chain", "cert-self-signed"),
    _topic(r"chain is not known|private CA|intermediate", "cert-issuer", "cert-chain", "cert-unknown-ca"),
    _topic(r"certificate.*expired", "cert-expired"),
    _topic(r"certificate.*(?:name|host)", "cert-name", "cert-address"),
    _topic(r"tls_enabled|TLS off", "starttls-off"),
    _topic(r"wants STARTTLS|STARTTLS before", "auth-needs-tls"),
    # --- the way there ------------------------------------------------------------------------------------------------
    _topic(r"no address record|only MX", "no-address"),
    _topic(r"timed out|firewall|port blocked", "firewall"),
    _topic(
        r"closed (?:before|the connection)|stage not told", "closed-somewhere", "proxy-closes", "banned", "tls-port"
    ),
    _topic(r"something on the way|antivirus", "intercepted"),
    # --- words --------------------------------------------------------------------------------------------------------
    _topic(r"second mail on one connection|reuses connections", "reused"),
    _topic(r"EHLO|HELO|host name in", "ehlo-name"),
    _topic(r"From domain does not exist", "sender-domain"),
    _topic(r"From.*(?:not verified|is not verified)", "from-not-verified-there"),
    _topic(r"allow-list|this client address", "relay-client"),
    _topic(r"From.*(?:login|may use|own address)", "from-not-owned", "from-default", "sender-refused"),
    _topic(r"From not valid|not verified on", "from-unverified", "from-default"),
    _topic(r"Postal reads the address as a bounce", "recipient-postal"),
    _topic(r"suspended", "suspended", "held-suspended", "account-suspended"),
    _topic(r"AUTH (?:only after|here)|offers no AUTH|offers AUTH", "auth-absent", "auth-needs-tls"),
    _topic(r"app password", "not-postal", "auth-plain-off"),
    _topic(r"did not log in|may not relay|wants a login", "no-login-elsewhere", "relay-denied", "no-login"),
    _topic(r"wrong key|key is (?:wrong|not valid)", "wrong-key", "api-key"),
    _topic(r"not Postal", "not-postal", "no-login-elsewhere", "relay-denied", "auth-plain-off"),
)
