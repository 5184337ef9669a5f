"""Where to click in Postal's web interface (config/routes.rb, app/views of 3.3.6), and where to read its log."""

from __future__ import annotations

from typing import Final

TABS: Final = {
    "overview": ("Overview", ""),
    "messages": ("Messages", "messages/outgoing"),
    "queue": ("Messages, Queue", "queue"),
    "held": ("Messages, Held", "messages/held"),
    "suppressions": ("Messages, Suppressions", "messages/suppressions"),
    "domains": ("Domains", "domains"),
    "credentials": ("Credentials", "credentials"),
    "new_credential": ("Credentials, Add another credential", "credentials/new"),
    "settings": ("Settings", "edit"),
    "limits": ("Settings, Send Limit", "limits"),
    "advanced": ("Settings, Advanced Settings (admins only)", "advanced"),
    "help": ("Help", "help/outgoing"),
}
"""Pages of a mail server: what the operator clicks on, and the path below ``/org/<organisation>/servers/<server>``."""


def place(tab: str, granted: str | None = None) -> str:
    """Return where to click, with the path where *granted* names the mail server.

    *granted* is ``org/server`` as Postal named it, None where that is not known: placeholders in a path lead nowhere.
    """
    label, path = TABS[tab]
    base = _base(granted)
    return f"Postal, {label} ({base}{f'/{path}' if path else ''})" if base else f"Postal, your mail server, {label}"


def message(number: int, granted: str | None = None) -> str:
    """Return where message *number* is shown with its deliveries."""
    base = _base(granted)
    if base:
        return f"Postal, Messages ({base}/messages/{number})"
    return f"Postal, your mail server, Messages, number {number}"


def _base(granted: str | None) -> str:
    organisation, _, server = (granted or "").partition("/")
    return f"/org/{organisation}/servers/{server}" if organisation and server else ""


def log_line(trace: str | None) -> str:
    """Return the command that shows this connection in Postal's log, run on Postal's host."""
    return f"postal logs smtp | grep trace_id={trace}" if trace else "postal logs smtp"
