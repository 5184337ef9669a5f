"""From signs of the settings to causes: what GlitchTip, docker compose and Infisical say before any mail is tried."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Lead

SETTINGS: Final[dict[str, tuple[Lead, ...]]] = {
    "scheme-empty": (Lead("quoted-url", 90, "the value has no scheme where one is needed"),),
    "port-cast": (
        Lead("unencoded-key", 80, "what follows the host's colon is not a port"),
        Lead("text-after-port", 25, "a comment behind the port reads the same"),
    ),
    "port-tail": (
        Lead("text-after-port", 90, "the port is followed by a blank"),
        Lead("unencoded-key", 0, "the port itself was found"),
    ),
    "ipv6-url": (Lead("brackets", 90, "a bracket was read as an IPv6 address"),),
    "nfkc": (Lead("wide-character", 90, "a character changes under normalisation"),),
    "dollar": (Lead("dollar-reference", 85, "a value was read as the name of a variable"),),
    "unset-url": (Lead("url-not-set", 95, "compose says that EMAIL_URL is not set"),),
    "unset-from": (Lead("from-not-set", 90, "compose says that DEFAULT_FROM_EMAIL is not set"),),
    "unset-mail": (Lead("mail-variable-not-set", 80, "compose says that a mail setting is not set"),),
    "dollar-cut": (Lead("dollar-cut", 80, "compose read something as a variable that is not one of yours"),),
    "from-bad": (Lead("from-malformed", 85, "the address does not parse"),),
    "infisical-place": (Lead("infisical-place", 90, "Infisical knows no such folder or environment"),),
    "infisical-reach": (Lead("infisical-unreachable", 85, "the connection to Infisical failed"),),
}  # fmt: skip
