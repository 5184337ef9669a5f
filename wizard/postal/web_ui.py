"""Where to click in Postal's UI (config/routes.rb, app/views of 3.3.6), and where to read its log."""

from __future__ import annotations

from typing import Final

TABS: Final = {
    "overview": ("Overview", ""),
    "messages": ("Messages", "messages/outgoing"),
    "queue": ("Queue", "queue"),
    "held": ("Messages, Held", "messages/held"),
    "suppressions": ("Messages, Suppressions", "messages/suppressions"),
    "domains": ("Domains", "domains"),
    "credentials": ("Credentials", "credentials"),
    "new_credential": ("Credentials, Add your first (or another) credential", "credentials/new"),
    "settings": ("Settings", "edit"),
    "limits": ("Settings, Send Limit", "limits"),
    "advanced": ("Settings, Advanced (admins only)", "advanced"),
    "help": ("Help", "help/outgoing"),
}
"""Tabs of a mail server in Postal's UI: what the operator reads, and the path below ``/org/ORG/servers/SRV``."""


def place(tab: str, granted: str | None = None) -> str:
    """Return where to click, with the path; *granted* is ``org/server`` as Postal named it, None where not known."""
    label, path = TABS[tab]
    organisation, _, server = (granted or "").partition("/")
    tail = f"/{path}" if path else ""
    if not server:
        return f"Postal, {label} (/org/ORG/servers/SRV{tail})"
    return f"Postal, {label} (/org/{organisation}/servers/{server}{tail})"


def log_line(trace: str | None) -> str:
    """Return the command that shows this connection in Postal's log, run on Postal's host."""
    return f"postal logs smtp | grep trace_id={trace}" if trace else "postal logs smtp"
