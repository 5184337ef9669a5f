"""How a value of a setting is shown: of an EMAIL_URL all but the key, of any other secret nothing."""

from __future__ import annotations

from wizard.email_url import url as email_url
from wizard.model.secret import MASK


def masked(key: str, value: str, *, secret: bool) -> str:
    """Return *value* as it may be shown."""
    if key == "EMAIL_URL":
        return str(email_url.masked(value)) if value else ""
    return MASK if secret else value


def difference(key: str, before: str | None, after: str) -> str:
    """Return in a word or two what differs between two values of *key*; empty where that is plain to see."""
    if before is None or before == after or key != "EMAIL_URL":
        return ""
    try:
        old, new = email_url.parse(before), email_url.parse(after)
    except email_url.CredentialError:
        return ""
    differs = {
        "new key": old.key != new.key,
        "other user name": old.username != new.username,
        "other host": old.host != new.host,
        "other port": old.port != new.port,
    }
    return ", ".join(word for word, true in differs.items() if true)
