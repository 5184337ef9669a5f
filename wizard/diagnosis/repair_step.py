"""Which step of the wizard mends a cause: where troubleshooting jumps to."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis import causes_held, causes_login, causes_reach, causes_settings, causes_tls

_STEPS: Final = {
    **{cause.key: "server" for part in (causes_reach, causes_tls) for cause in part.CAUSES},
    **{cause.key: "credential" for part in (causes_login, causes_settings) for cause in part.CAUSES},
    **{cause.key: "test_mail" for cause in causes_held.CAUSES},
    **dict.fromkeys(("user-slash", "no-host", "empty-url"), "credential"),
    **dict.fromkeys(("slow-reverse-dns", "lost-after-dot", "recipient-postal", "recipient-route"), "test_mail"),
    **dict.fromkeys(
        ("recipient-malformed", "recipient-unknown", "recipient-later", "relay-denied", "suspended", "loop"),
        "test_mail",
    ),
    **dict.fromkeys(("from-unverified", "from-default", "from-malformed", "from-not-set", "spam-folder"), "sender"),
    **dict.fromkeys(("from-newline", "from-empty", "from-comma", "sender-refused"), "sender"),
    **dict.fromkeys(("both-tls", "starttls-off", "implicit-tls", "tls-port"), "server"),
    **{cause.key: "target" for cause in causes_settings.CAUSES if cause.key.startswith("infisical-")},
    **dict.fromkeys(("env-syntax", "env-missing", "url-not-set", "old-environment"), "target"),
}
_BY_CHECK: Final = {
    **dict.fromkeys(("resolve", "connect", "greeting", "tls"), "server"),
    **dict.fromkeys(("auth", "username", "email_url", "environment", "compose"), "credential"),
    **dict.fromkeys(("recipient", "sender"), "test_mail"),
    **dict.fromkeys(("git", "container"), "target"),
}


def step_of(key: str) -> str:
    """Return the key of the step that mends the cause *key*; DNS findings are mended at ``sender``."""
    if key.startswith("finding-"):
        return _BY_CHECK.get(key.removeprefix("finding-"), "sender")
    return _STEPS.get(key, "start")
