"""The test mail: built as Django builds GlitchTip's mail, with a code in it whose return proves arrival."""

from __future__ import annotations

import secrets
from email import generator
from email.charset import Charset
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.headerregistry import parser as registry  # type: ignore[attr-defined]  # not declared; Django's parser of addresses (django/core/mail/message.py)
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, make_msgid
from io import BytesIO
from typing import TYPE_CHECKING, Final

from wizard.model.details import Delivery
from wizard.model.international import idna_2003

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from wizard.model.draft import Draft
    from wizard.model.finding import Finding

ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No 0 and O, no 1, I and L: the code is read off one screen and typed on another."""
CODE_LENGTH: Final = 6


def accepted(findings: Iterable[Finding]) -> Delivery | None:
    """Return the test mail that the server accepted, whatever the other findings; None where there is none."""
    details = (finding.detail for finding in findings if finding.check == "sender")
    return next((detail for detail in details if isinstance(detail, Delivery)), None)


class BadAddressError(ValueError):
    """An address that Django would refuse to send from or to; the message is a sentence."""


def new_code() -> str:
    """Return six characters that nobody has seen before."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def envelope(address: str) -> str:
    """Return *address*, with a display name or without, as Django puts it into MAIL and RCPT: bare and ASCII.

    Raises BadAddressError where Django raises ValueError, and for what smtplib would cut silently (``a@b>, x``) or
    could not encode.
    """
    local, domain = _parts(address)[1:]
    if not local or not domain:
        raise BadAddressError("it lacks a name before the @, or a domain after it")
    if not local.isascii():
        raise BadAddressError("its name before the @ is not ASCII, which Postal does not accept (no SMTPUTF8)")
    if any(character in local for character in "<>,"):
        raise BadAddressError("it is not just one address")
    if " " in local and '"' not in address:
        raise BadAddressError("it contains a blank")
    return Address(username=local, domain=domain).addr_spec


def build_message(draft: Draft, code: str, host: str = "localhost") -> Message:
    """Return the test mail with the headers and encodings of Django 5.2's ``EmailMessage.message()``.

    *host* is the domain of the Message-ID; Django takes the name that it also says in EHLO. Raises BadAddressError.
    """
    charset = Charset("utf-8")
    charset.body_encoding = None  # type: ignore[assignment]  # typeshed forgets that None means 7bit or 8bit
    message = MIMEText(_body(draft, code), "plain")
    del message["Content-Type"], message["MIME-Version"], message["Content-Transfer-Encoding"]
    message["Content-Type"] = 'text/plain; charset="utf-8"'
    message["MIME-Version"] = "1.0"
    message.set_payload(_body(draft, code), charset)
    name = " ".join(draft.app.name.split())  # a line break would begin another header
    message["Subject"] = Header(f"Test mail {code} from {name}").encode()
    message["From"] = _header(draft.app.from_)
    message["To"] = _header(draft.test_mail.recipient if draft.test_mail else "")
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=host)
    return message


def as_bytes(message: Message) -> bytes:
    """Return *message* as Django hands it to smtplib: lines end with CR LF, ``From `` is not mangled."""
    file = BytesIO()
    generator.BytesGenerator(file, mangle_from_=False).flatten(message, linesep="\r\n")
    return file.getvalue()


def _body(draft: Draft, code: str) -> str:
    return (
        f"The code of this test mail is {code}\n\n"
        "Type it into postal-wizard, and arrival is proven.\n\n"
        f"It was sent the way {draft.app.name} sends: from {draft.app.from_address}, through {draft.server.host}.\n"
    )


def _header(address: str) -> str:
    """Return an address header as Django's ``forbid_multi_line_headers`` leaves it: touched only if not ASCII."""
    name, local, domain = _parts(address)
    if address.isascii():
        return address
    encoded = Header(name).encode() if name.isascii() else Header(name, "utf-8").encode()
    return formataddr((encoded, Address(username=local, domain=domain).addr_spec))


def _parts(address: str) -> tuple[str, str, str]:
    """Return display name, local part and ASCII domain by the parser that Django's ``sanitize_address`` uses."""
    if "\n" in address or "\r" in address:
        raise BadAddressError("it contains a line break")
    try:
        token, rest = registry.get_mailbox(address)
    except (HeaderParseError, ValueError, IndexError):
        raise BadAddressError("it cannot be read as an address") from None
    if rest:
        raise BadAddressError("it is not just one address; a display name with a comma needs quotes")
    domain = idna_2003(token.domain or "")
    if domain is None:
        raise BadAddressError("its domain is not a valid name")
    return token.display_name or "", token.local_part or "", domain
