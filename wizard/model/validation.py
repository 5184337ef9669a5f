"""Judging single values as they are typed: each function gives one sentence that says what to do, or None."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from wizard.model.international import idna_2008

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
POSTAL_KEY: Final = re.compile(r"[A-Za-z0-9]{24}")
"""A key as Postal generates it."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def bare_host(text: str) -> str:
    """Return a host as it is kept: without blanks around it, a final dot, or the brackets of an IPv6 address."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return text.rstrip(".") if not text.endswith("..") else text


def is_address(host: str) -> bool:
    """Whether *host* is an IPv4 or IPv6 address and no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether *host*, as it is written, is the machine that asks: inside a container, the container itself.

    RFC 6761 6.3 and RFC 1122 3.2.1.3; connecting to the unspecified address reaches the same.
    """
    name = bare_host(host).lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified


def problem_with_host(text: str, what: str = "The host") -> str | None:
    """Judge a host name or address."""
    host = text.strip()
    if not host:
        return f"{what} is missing: type only the name, such as smtp.postal.example.com."
    if len(host.splitlines()) > 1:
        return f"{what} has more than one line: paste only the name."
    if _SCHEME.match(host):
        return f"{what} is only the name: leave out the scheme, everything up to and including ://."
    if "@" in host:
        return f"{what} is only the name: leave out everything up to and including @."
    if is_address(bare_host(host)):
        return None
    if any(character in host for character in "/?#"):
        return f"{what} is only the name: leave out the path, everything from / on."
    if re.search(r":\d*$", host):
        return f"{what} is only the name: the port has its own field."
    if any(character.isspace() or not character.isprintable() for character in host):
        return f"{what} contains a blank or an invisible character: type it again."
    return _problem_with_name(bare_host(host), what)


def _problem_with_name(name: str, what: str) -> str | None:
    encoded = idna_2008(name)
    if encoded is None:
        return f"{what} is not a valid international name: check its spelling."
    name = encoded
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return f"{what} is not a valid name: letters, digits and hyphens between single dots, at most 63 a part."
    if all(label.isdigit() for label in labels):
        return f"{what} looks like an address with a part missing or too large: check its numbers."
    return None


def problem_with_domain(text: str, what: str = "The From domain") -> str | None:
    """Judge a domain name: as a host, but never an address and never a single label."""
    problem = problem_with_host(text, what)
    if problem is not None:
        return problem
    if is_address(bare_host(text)) or "." not in bare_host(text):
        return f"{what} must be a domain name such as example.com."
    return None


def problem_with_port(text: str | int | None) -> str | None:
    """Judge a port as typed."""
    typed = "" if text is None else str(text).strip()
    if not typed:
        return "The port is missing: 25 unless Postal's deployment says otherwise."
    if not (typed.isascii() and typed.isdigit()) or not 1 <= int(typed[:9]) <= 65535:
        return "The port must be a number from 1 to 65535; Postal's default is 25."
    return None


def problem_with_ips(ips: tuple[str, ...]) -> str | None:
    """Judge the sending addresses."""
    for ip in ips:
        try:
            ipaddress.ip_address(ip)
        except ValueError:
            return "Each sending IP must be one IPv4 or IPv6 address, such as 192.0.2.25."
    return None


def problem_with_username(text: str) -> str | None:
    """Judge the credential's user name."""
    if not text:
        return "The user name is missing: org/server as Postal's Help page shows it."
    return _problem_with_credential(text, "user name")


def problem_with_key(text: str) -> str | None:
    """Judge the credential's key. The sentence never quotes it."""
    if not text:
        return "The key is missing: copy it from Postal, Credentials."
    return _problem_with_credential(text, "key")


def problem_with_client_secret(text: str) -> str | None:
    """Judge Infisical's client secret. The sentence never quotes it."""
    if not text:
        return "The client secret is missing: Infisical, the identity, Universal Auth, Client Secrets."
    if not text.isascii() or not text.strip().isprintable():
        return (
            "The client secret contains a line break or a character that no client secret has: copy it again from "
            "Infisical."
        )
    return None


def _problem_with_credential(text: str, what: str) -> str | None:
    if "\n" in text or "\r" in text:
        return f"The {what} contains a line break: paste it again as one line."
    if not text.isascii():
        return f"The {what} contains a character that is not ASCII, which no mail client can send: copy it again."
    if not text.isprintable():
        return f"The {what} contains an invisible control character: copy it again."
    return None


def unlike_postals_key(key: str) -> str:
    """Return in what *key* differs from those that Postal makes, as a clause; empty where it does not.

    app/models/credential.rb: 24 letters and digits, generated. A hint, never a verdict: other servers have others.
    """
    if POSTAL_KEY.fullmatch(key):
        return ""
    if len(key) == 24:
        return "the key has other characters than letters and digits; Postal's own keys have 24 letters and digits"
    return f"the key has {len(key)} characters; Postal's own keys have 24 letters and digits"


def warning_about_key(text: str) -> str | None:
    """Return what is odd, though allowed, about a key; None where nothing is."""
    if text != text.strip():
        return "The key begins or ends with a blank: Postal ignores one at the end, but not one at the beginning."
    if any(character.isspace() for character in text):
        return "The key contains a blank inside: Postal's own keys never do. Did you paste something else too?"
    return None


def is_digest(value: object) -> bool:
    """Whether *value* is what ``hex`` makes of 32 bytes, as the salts and hashes in notes of ours are; it is ASCII."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
