"""Which step of the wizard repairs a cause: where troubleshooting jumps to.

A step is named by its key (design.md 6). ``start``: no step of the wizard repairs it, the remedy says what does.
"""

from __future__ import annotations

from typing import Final

from wizard.diagnosis import (
    causes_delivery,
    causes_held,
    causes_login,
    causes_reach,
    causes_refused,
    causes_settings,
    causes_tls,
)
from wizard.model.codes import DNS, Check

_USUAL: Final = {
    **{cause.key: "server" for part in (causes_reach, causes_tls) for cause in part.CAUSES},
    **{cause.key: "credential" for part in (causes_login, causes_refused) for cause in part.CAUSES},
    **{cause.key: "target" for cause in causes_settings.CAUSES},
    **{cause.key: "test_mail" for part in (causes_held, causes_delivery) for cause in part.CAUSES},
}
"""By where on the way of a mail the cause is."""
_ELSEWHERE: Final = {
    "server": (
        "auth-needs-tls", "blocked-client", "both-tls", "implicit-tls", "list-unreadable", "policy-refused",
        "not-postal", "ptr-missing", "relay-client",
        "spam-refused",
    ),
    "credential": (
        "brackets", "dollar-reference", "key-encoding", "no-host", "port-range", "quoted-url", "scheme",
        "text-after-port", "unencoded-key", "user-slash", "wide-character",
    ),
    "sender": (
        "delivery-dkim", "delivery-domain-listed", "delivery-helo", "delivery-listed", "delivery-policy",
        "delivery-ptr", "delivery-return-path", "delivery-spf",
        "delivery-unauthenticated", "from-comma", "from-default", "from-empty", "from-malformed", "from-newline",
        "from-not-owned", "from-not-set", "from-not-verified-there", "from-unverified", "reputation", "sender-domain",
        "sender-later", "sender-refused", "spam-folder", "unauthenticated", "utf8-address", "api-from",
        "domain-listed",
    ),
    "target": (
        "console", "container-down", "container-itself", "empty-url", "localhost", "worker-down", "worker-environment",
    ),
    "test_mail": (
        "greylisted", "loop", "lost-after-dot", "mail-loop", "mailbox-full", "message-later", "message-refused",
        "out-of-order", "recipient-later", "recipient-malformed", "recipient-postal", "recipient-route",
        "recipient-suppressed", "recipient-unknown", "relay-denied", "reused", "slow-reverse-dns", "suspended",
        "too-large",
    ),
    "start": (
        "account-suspended", "command-gone", "compose-no-file", "compose-no-service", "compose-yaml",
        "database-column", "docker-permission", "ehlo-name", "mailers", "no-celery", "no-nc", "old-django",
        "delivery-list-unreadable", "delivery-loop", "delivery-malformed", "delivery-server-full", "malformed",
        "postal-disk-full", "rate-limited", "relay-login", "server-full", "server-later", "worker-database",
    ),
}  # fmt: skip
"""Causes that another step repairs than their neighbours."""
_STEPS: Final = {**_USUAL, **{key: step for step, keys in _ELSEWHERE.items() for key in keys}}
_BY_CHECK: Final = {
    **dict.fromkeys((Check.RESOLVE, Check.CONNECT, Check.GREETING, Check.TLS), "server"),
    **dict.fromkeys((Check.AUTH, Check.USERNAME, Check.EMAIL_URL), "credential"),
    **dict.fromkeys(DNS, "sender"),
    Check.FROM_ADDRESS: "sender",
    **dict.fromkeys((Check.RECIPIENT, Check.SENDER, Check.ARRIVAL, Check.RECEIVED), "test_mail"),
    **dict.fromkeys((Check.GIT, Check.CONTAINER, Check.INSIDE, Check.FLOW, Check.ENVIRONMENT, Check.COMPOSE), "target"),
}
FINDING: Final = "finding-"
"""How the key of a cause begins that is a finding itself; its check's id follows."""


def step_of(key: str) -> str:
    """Return the key of the step that repairs the cause *key*."""
    if key.startswith(FINDING):
        return _BY_CHECK[Check(key.removeprefix(FINDING))]
    return _STEPS[key]
