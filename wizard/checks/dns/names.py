"""The From domain and Postal's values for it, in the spelling that DNS questions need."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.finding import Record

if TYPE_CHECKING:
    from datetime import timedelta

    from wizard.model.details import Signature
    from wizard.model.draft import Draft, Stored

DEFAULT_PREFIX: Final = "psrp"
"""Postal's ``dns.custom_return_path_prefix`` (lib/postal/config_schema.rb)."""
FALLBACK_SELECTOR: Final = "postal"
"""Postal's ``dns.dkim_identifier``: the selector of the installation's own key."""
POSTAL_DEFAULTS: Final = "postal.example.com"
"""Postal's own sample names are this one and those below it (lib/postal/config_schema.rb)."""
PRESS: Final = 'press "Check my records are correct" on the domain\'s DNS Setup page in Postal'


@dataclass(frozen=True, slots=True)
class Zone:
    """What is judged. Names are ASCII, lower case, without a final dot; what is not known is empty."""

    domain: str
    shown: str
    """The From domain for people: both forms where it is internationalised."""
    psrp: str
    rp: str
    """The installation's return-path host."""
    selector: str
    """In the letter case that Postal shows; DNS ignores it."""
    dkim_value: str
    spf_include: str
    """In the letter case that Postal shows: Postal's own check compares it letter by letter."""
    ownership: str
    ips: tuple[str, ...]
    helo: str
    mx: tuple[str, ...]
    setup_path: str
    """Where Postal's web interface has *Check my records are correct*."""
    sender: str
    problem: str = ""
    """Why no such domain can exist; empty for one that can."""
    checked: bool | None = None
    """Whether somebody has pressed *Check my records are correct*; None: not known."""
    stored_spf: Stored = ""
    stored_dkim: Stored = ""
    stored_return_path: Stored = ""
    stored_mx: Stored = ""
    signature: Signature | None = None
    """From the headers of the received mail, where somebody pasted them."""
    status_age: timedelta | None = None
    """How long ago Postal's stored status was read from its page; None: not known."""

    @property
    def dkim_name(self) -> str:
        """The name of the key record, the selector in its own letter case; empty without one."""
        return f"{self.selector}._domainkey.{self.domain}" if self.selector else ""

    @property
    def has_stored(self) -> bool:
        """Whether a pasted page showed a status that Postal has stored."""
        return bool(self.stored_spf or self.stored_dkim or self.stored_return_path or self.stored_mx)

    def record(self, name: str, kind: str, value: str) -> Record:
        """Return a record to paste, in the two forms that DNS panels take."""
        return Record(f"{name}.", self.relative(name), kind, value)

    def relative(self, name: str) -> str:
        """Return *name* seen from the From domain; names outside keep their final dot."""
        if name == self.domain:
            return "@"
        inside = name.removesuffix(f".{self.domain}")
        return inside if inside != name else f"{name}."

    def doubled(self, name: str) -> str:
        """Return where *name* ends up when a DNS panel appends the domain once more."""
        return f"{name}.{self.domain}"


def zone_of(draft: Draft, signature: Signature | None = None, status_age: timedelta | None = None) -> Zone:
    """Derive the names of a run from the draft, and from the headers of the received mail where there are any."""
    given = draft.domain
    shown = draft.domain_name
    problem = ""
    domain = shown
    try:
        domain = ascii_name(shown)
    except ValueError as error:
        problem = str(error)
    psrp = _name(given.return_path) or DEFAULT_PREFIX
    # The fallback key's d= is the return-path host (app/lib/dkim_header.rb).
    fallback = _name(signature.domain) if signature is not None and signature.selector == FALLBACK_SELECTOR else ""
    owner, _, server = draft.credential.username.partition("/")
    domains = f"/org/{owner}/servers/{server}/domains" if owner and server else "your mail server, Domains"
    return Zone(
        domain=domain,
        shown=shown if shown == domain else f"{shown} ({domain})",
        psrp=psrp if "." in psrp else f"{psrp}.{domain}",
        rp=_name(given.return_path_target) or fallback,
        selector=_selector(given.dkim_selector),
        dkim_value=_record_text(given.dkim_value),
        spf_include=given.spf_include.strip().rstrip("."),
        ownership=given.ownership.strip(),
        ips=tuple(dict.fromkeys(map(_address, given.sending_ips))),
        helo=_name(given.helo),
        mx=tuple(filter(None, map(_name, given.mx))),
        setup_path=domains,
        sender=draft.app.from_address,
        problem=problem,
        checked=given.checked_in_postal,
        stored_spf=given.stored_spf,
        stored_dkim=given.stored_dkim,
        stored_return_path=given.stored_return_path,
        stored_mx=given.stored_mx,
        signature=signature,
        status_age=status_age,
    )


def is_postal_default(name: str) -> bool:
    """Whether *name* is one of the sample names that Postal ships, so that postal.yml was never completed."""
    name = name.lower()
    return name == POSTAL_DEFAULTS or name.endswith(f".{POSTAL_DEFAULTS}")


def ascii_name(name: str) -> str:
    """Return *name* as DNS has it: IDNA 2008 with UTS 46. Raises ValueError with a sentence."""
    name = name.strip().rstrip(".").lower()
    if not name.isascii():
        import idna  # late: most domains are ASCII, and its tables take time to load

        try:
            name = idna.uts46_remap(name, std3_rules=False, transitional=False)
            name = ".".join(
                label if label.isascii() else idna.encode(label).decode("ascii") for label in name.split(".")
            )
        except UnicodeError as error:
            raise ValueError(f"it is not a name that can be registered: {error}") from None
    labels = name.split(".")
    if not all(labels) or any(len(label) > 63 for label in labels) or len(name) > 253:
        raise ValueError("a label of it is empty or longer than 63 characters, or all of it longer than 253")
    if not re.fullmatch(r"[!-~]+", name) or "\\" in name or "@" in name:
        raise ValueError("it has characters that no domain name has")
    return name


def _name(name: str) -> str:
    """Return a given name for questions; one that cannot exist stays as it is, and its question says so."""
    try:
        return ascii_name(name)
    except ValueError:
        return name.strip().rstrip(".").lower()


def _selector(text: str) -> str:
    """Return the selector alone, where it was pasted with the name behind it as well."""
    text = text.strip().rstrip(".")
    at = text.lower().find("._domainkey")
    return text if at < 0 else text[:at]


def _record_text(text: str) -> str:
    """Return a pasted record without what a zone file or a browser put around it: quotes, unbreakable blanks."""
    return re.sub(r'"\s*"', "", " ".join(text.split())).strip('" ')


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip()


def quoted(value: bytes | str, most: int = 90) -> str:
    """Return a record's text for a sentence: cut, quotes around it."""
    text = decoded(value)
    return f"'{text if len(text) <= most else text[: most - 1] + '…'}'"


def decoded(value: bytes | str) -> str:
    """Return a TXT value as text; bytes that are not UTF-8 become surrogates."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
