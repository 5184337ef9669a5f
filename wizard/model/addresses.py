"""Addresses as they are typed: what Django accepts as From and recipient, what Postal accepts, and what neither says.

Django 5.2 parses with ``email.headerregistry.parser.get_mailbox`` (django/core/mail/message.py, ``sanitize_address``)
and raises at send time; smtplib cuts ``a@b>, x`` to ``a@b`` silently. Here it is said while it is typed.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.model import validation
from wizard.model.international import idna_2003, idna_2008
from wizard.model.untrusted import Untrusted

DJANGO_DEFAULT: Final = "webmaster@localhost"
"""Django's DEFAULT_FROM_EMAIL: GlitchTip uses it when the variable is not set, and Postal refuses it with 530."""
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_SPECIALS: Final = frozenset('()<>[]:;@\\,."')
"""RFC 5322 3.2.3: what a display name may have only inside quotes."""


def parse_from(text: str) -> tuple[str, str]:
    """Return display name and bare address of a From that ``problem_with_from`` has found right."""
    name, _, rest = text.strip().rpartition("<")
    if not rest.endswith(">"):
        return "", text.strip()
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, rest[:-1].strip()


def problem_with_from(text: str, what: str = "The From") -> str | None:
    """Judge DEFAULT_FROM_EMAIL: a bare address, or a display name and the address in angle brackets."""
    typed = text.strip()
    if not typed:
        return f"{what} is missing: such as GlitchTip <glitchtip@example.com>."
    if "\n" in text or "\r" in text:
        return f"{what} contains a line break: it must be one line."
    if not typed.isprintable():
        return f"{what} contains an invisible character: type it again."
    if typed[0] == "'" and typed[-1] == "'":
        return f"{what} has quotes around it, which would be sent too: remove them."
    head, bracket, rest = typed.rpartition("<")
    if not bracket:
        if typed.count("@") > 1 and "," in typed:
            return f"{what} must be one address and nothing else."
        return problem_with_address(typed, what)
    if not rest.endswith(">"):
        return f"{what} must end with > after the address."
    return _problem_with_name(head.strip(), what) or problem_with_address(rest[:-1], what)


def _problem_with_name(name: str, what: str) -> str | None:
    if len(name) > 1 and name[0] == name[-1] == '"':
        inside = re.sub(r"\\.", "", name[1:-1])
        return f"{what}: a quote inside the display name needs a backslash." if '"' in inside else None
    special = next((character for character in name if character in _SPECIALS - {"."}), None)
    if special == ",":
        return f"{what}: a display name with a comma needs quotes around it, or Django reads two addresses."
    if special == "@":
        return f"{what} must be one address; a display name with an @ needs quotes around it."
    if special is not None:
        return f"{what}: a display name with {special} needs quotes around it."
    return None


def problem_with_address(text: str, what: str = "The address") -> str | None:
    """Judge one bare address. Postal offers no SMTPUTF8, so the part before the @ must be ASCII."""
    if "\n" in text or "\r" in text:
        return f"{what} contains a line break: it must be one line."
    address = text.strip()
    if not address:
        return f"{what} is missing: such as you@example.net."
    if any(character.isspace() or not character.isprintable() for character in address):
        return f"{what} contains a blank or an invisible character: type it again."
    if "," in address or ";" in address:
        return f"{what} must be one address and nothing else."
    if "<" in address or ">" in address:
        return f"{what} must be the bare address, without angle brackets."
    local, at, domain = address.rpartition("@")
    if not at or not local:
        return f"{what} needs a name, an @ and a domain: such as you@example.net."
    if not local.isascii():
        return f"{what}: the part before the @ must be ASCII: Postal offers no SMTPUTF8."
    if not _ATOM.fullmatch(local):
        return f"{what}: {Untrusted(local, 40)} is not a valid name before the @."
    if len(local) > 64:
        return f"{what}: the part before the @ may have at most 64 characters."
    return validation.problem_with_host(domain, f"{what}'s domain")


def problem_with_sender(text: str) -> str | None:
    """Judge DEFAULT_FROM_EMAIL as GlitchTip's From through Postal: its domain must be one that Postal can verify."""
    problem = problem_with_from(text)
    if problem is not None:
        return problem
    domain = parse_from(text)[1].rpartition("@")[2]
    return validation.problem_with_domain(domain, "The From's domain")


def needs_quotes(text: str) -> bool:
    """Whether the From has a display name that is in quotes, or should be: `.env` readers treat them apart.

    A full stop outside quotes is old syntax (RFC 5322 4.1), which Django refuses from 6.1 on.
    """
    name = text.strip().rpartition("<")[0].strip()
    return name.startswith('"') or "." in name


def ascii_domain(domain: str) -> str:
    """Return *domain* in lower case as DNS has it (IDNA 2008, ``xn--``); as it is where there is no such form."""
    domain = domain.lower().rstrip(".")
    return idna_2008(domain) or domain


def django_domain(domain: str) -> str:
    """Return *domain* as Django sends it (IDNA 2003: ``punycode`` of django/utils/encoding.py)."""
    encoded = idna_2003(domain)
    return domain if encoded is None else encoded.lower().rstrip(".")
