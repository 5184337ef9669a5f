"""The resolver to ask, as ``--resolver`` names it."""

from __future__ import annotations

from wizard.model import validation
from wizard.model.errors import UsageError


def parse_resolver(text: str) -> tuple[str, int]:
    """Return address and port of ``IP[:PORT]`` or ``[IP6]:PORT``. Raises UsageError."""
    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        address, port = text.split(":")
    if not validation.is_address(address):
        raise UsageError("--resolver takes an IP address, with or without :PORT after it.")
    if validation.problem_with_port(port) is not None:
        raise UsageError("--resolver: the port must be a number from 1 to 65535.")
    return address, int(port)
