"""The From domain and everything told about it, in the spelling that DNS questions want."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.model.finding import Finding, Record, Verdict

if TYPE_CHECKING:
    from wizard.model.draft import Draft

DEFAULT_PREFIX: Final = "psrp"
"""Postal's ``dns.custom_return_path_prefix`` (lib/postal/config_schema.rb)."""


@dataclass(frozen=True, slots=True)
class Zone:
    """What is judged. Names are ASCII, lower case, without a final dot; what was not told is empty."""

    domain: str
    shown: str
    """The From domain for people: both forms where it is internationalised."""
    psrp: str
    rp: str
    """The installation's return-path host."""
    dkim_name: str
    dkim_value: str
    spf_include: str
    ownership: str
    ips: tuple[str, ...]
    helo: str
    mx: tuple[str, ...]
    setup_path: str
    """Where Postal's web interface has *Check my records are correct*."""
    sender: str
    problem: str = ""
    """Why no such domain can exist; empty for one that can."""

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


def zone_of(draft: Draft) -> Zone:
    """Derive the names of a run from what was told."""
    told = draft.domain
    shown = draft.domain_name
    problem = ""
    domain = shown
    try:
        domain = ascii_name(shown)
    except ValueError as error:
        problem = str(error)
    selector = _name(told.dkim_selector).split("._domainkey")[0].removesuffix(".")
    psrp = _name(told.return_path) or DEFAULT_PREFIX
    owner, _, server = draft.credential.username.partition("/")
    organisation = f"/org/{owner}/servers/{server}" if owner and server else "/org/ORG/servers/SRV"
    return Zone(
        domain=domain,
        shown=shown if shown == domain else f"{shown} ({domain})",
        psrp=psrp if "." in psrp else f"{psrp}.{domain}",
        rp=_name(told.return_path_target),
        dkim_name=f"{selector}._domainkey.{domain}" if selector else "",
        dkim_value=_record_text(told.dkim_value),
        spf_include=told.spf_include.strip().rstrip("."),
        ownership=told.ownership.strip(),
        ips=tuple(dict.fromkeys(map(_address, told.sending_ips))),
        helo=_name(told.helo),
        mx=tuple(filter(None, map(_name, told.mx))),
        setup_path=f"{organisation}/domains/UUID/setup",
        sender=draft.app.from_address,
        problem=problem,
    )


def ascii_name(name: str) -> str:
    """Return *name* as DNS has it: IDNA 2008 with UTS 46. Raises ValueError with a sentence."""
    name = name.strip().rstrip(".").lower()
    if not name.isascii():
        import idna

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
    """Return a told name for questions; one that cannot exist stays as it is, and its question says so."""
    try:
        return ascii_name(name)
    except ValueError:
        return name.strip().rstrip(".").lower()


def _record_text(text: str) -> str:
    """Return a told record without what a zone file or a browser put around it: quotes, blanks that do not break."""
    return re.sub(r'"\s*"', "", " ".join(text.split())).strip('" ')


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text.strip()


def lacks(check: str, subject: str, key: str, what: str) -> Finding:
    """Return the ``skip`` of a check whose answer was not told, naming the key."""
    return Finding(
        check,
        subject,
        Verdict.SKIP,
        f"Not judged: {what} is not known ({key}).",
        remedy=f"Give {key}: paste Postal's DNS Setup page, or write it into the answers file.",
    )


def unknown(check: str, subject: str, words: str, **more: Any) -> Finding:
    """Return the ``unknown`` of a check whose look-up failed; *words* say how."""
    return Finding(
        check,
        subject,
        Verdict.UNKNOWN,
        f"Not known either way: {words}.",
        remedy="Try again; if it stays, ask another resolver with --resolver IP, or see to the servers named here.",
        **more,
    )


def quoted(value: bytes | str, most: int = 90) -> str:
    """Return a record's text for a sentence: cut, quotes around it."""
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    return f"'{text if len(text) <= most else text[: most - 1] + '…'}'"
