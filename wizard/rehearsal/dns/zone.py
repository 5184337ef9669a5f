"""What the rehearsal's DNS holds, as data, and what each scenario changes in it.

All names are reserved ones (RFC 2606, RFC 5737, RFC 3849), so that none of it can be mistaken for somebody's zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wizard.model.draft import Domain

if TYPE_CHECKING:
    from wizard.rehearsal.state import State

DOMAIN: Final = "shop.example"
POSTAL: Final = f"postal.{DOMAIN}"
"""Where Postal lives, and the HELO name of its sending address."""
SENDING_IP: Final = "192.0.2.25"
NEGATIVE_TTL: Final = 30
"""Seconds: short enough to watch the countdown to its end."""
_PTR_ZONE: Final = "2.0.192.in-addr.arpa"
_STRICT: Final = f"v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@{DOMAIN}"
_SPF: Final = f"v=spf1 a mx include:spf.{POSTAL} ~all"
"""As Postal suggests it."""


class Row(NamedTuple):
    """One record; names in its value end with a dot, its TTL is ``NEGATIVE_TTL``."""

    name: str
    """Lower case, without a final dot."""
    type: str
    value: str


def told(dkim_value: str, selector: str, token: str, *, checked: bool = True) -> Domain:
    """Return what Postal's pages say about the From domain: the part of the answers file that the zone fulfils.

    *checked*: whether somebody has pressed "Check my records are correct".
    """
    return Domain(
        name=DOMAIN,
        spf_include=f"spf.{POSTAL}",
        return_path=f"psrp.{DOMAIN}",
        return_path_target=f"rp.{POSTAL}",
        dkim_selector=selector,
        dkim_value=dkim_value,
        ownership=f"postal-verification {token}",
        sending_ips=(SENDING_IP,),
        helo=POSTAL,
        mx=(f"mx.{POSTAL}",),
        checked_in_postal=checked,
    )


def rows(state: State, domain: Domain, *, installation_dkim: str, other_dkim: str) -> list[Row]:
    """Return every record of *state*; *other_dkim* is the value used where a wrong one is needed."""
    dkim = Row(_dkim_name(domain), "TXT", domain.dkim_value)
    kept = _good(domain, dkim, installation_dkim)
    if state.strict:
        kept = [row._replace(value=_STRICT) if row.name == f"_dmarc.{DOMAIN}" else row for row in kept]
    for name in state.verified:
        if name != DOMAIN:
            kept += _further(domain, name)
    spf_names = {DOMAIN, f"rp.{POSTAL}"}
    match state.zone:
        case "unverified":
            return [row for row in kept if row.value != domain.ownership]
        case "dkim-missing":
            return [row for row in kept if row != dkim]
        case "dkim-wrong":
            return [row._replace(value=other_dkim) if row == dkim else row for row in kept]
        case "dkim-doubled":
            return [row._replace(name=f"{row.name}.{DOMAIN}") if row == dkim else row for row in kept]
        case "no-spf":
            return [row for row in kept if not (row.name in spf_names and row.value.startswith("v=spf1"))]
        case "two-spf":
            return [*kept, *(Row(name, "TXT", "v=spf1 ip4:198.51.100.7 ~all") for name in sorted(spf_names))]
        case "no-return-path":
            return [row for row in kept if row.name != domain.return_path]
        case _:
            return kept


def _further(domain: Domain, name: str) -> list[Row]:
    """Return the records of *name*, a further domain of the same mail server, as Postal's Setup page asks for them."""
    return [
        *_start_of_zone(name),
        Row(name, "MX", f"10 {domain.mx[0]}."),
        Row(name, "TXT", _SPF),
        Row(name, "TXT", domain.ownership),
        Row(f"{domain.dkim_selector}._domainkey.{name}".lower(), "TXT", domain.dkim_value),
        Row(f"psrp.{name}", "CNAME", f"{domain.return_path_target}."),
    ]


def hidden(state: State, domain: Domain) -> frozenset[str]:
    """Return the names that the resolver has remembered as absent, for ``NEGATIVE_TTL`` seconds from the start."""
    return frozenset({_dkim_name(domain)} if state.zone == "spreading" else ())


def _dkim_name(domain: Domain) -> str:
    return f"{domain.dkim_selector}._domainkey.{DOMAIN}".lower()


def _good(domain: Domain, dkim: Row, installation_dkim: str) -> list[Row]:
    return_path = domain.return_path_target
    return [
        *_start_of_zone(DOMAIN),
        Row(f"ns1.{DOMAIN}", "A", "127.0.0.1"),
        Row(f"ns2.{DOMAIN}", "A", "127.0.0.1"),
        Row(DOMAIN, "A", "192.0.2.80"),
        Row(DOMAIN, "AAAA", "2001:db8::80"),
        Row(DOMAIN, "MX", f"10 {domain.mx[0]}."),
        Row(DOMAIN, "TXT", _SPF),
        Row(DOMAIN, "TXT", domain.ownership),
        Row(f"_dmarc.{DOMAIN}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{DOMAIN}"),
        dkim,
        Row(domain.return_path, "CNAME", f"{return_path}."),
        # The installation's own names, as docs/4.dns-configuration.md describes them.
        Row(POSTAL, "A", SENDING_IP),
        Row(f"smtp.{POSTAL}", "A", "127.0.0.1"),
        Row(domain.mx[0], "A", "192.0.2.26"),
        Row(domain.mx[0], "AAAA", "2001:db8::26"),
        Row(domain.spf_include, "TXT", f"v=spf1 ip4:{SENDING_IP} ~all"),
        Row(return_path, "A", "192.0.2.26"),
        Row(return_path, "AAAA", "2001:db8::26"),
        Row(return_path, "MX", f"10 {domain.mx[0]}."),
        Row(return_path, "TXT", _SPF),
        Row(f"postal._domainkey.{return_path}", "TXT", installation_dkim),
        Row("localhost", "A", "127.0.0.1"),
        *_start_of_zone(_PTR_ZONE),
        Row(f"25.{_PTR_ZONE}", "PTR", f"{POSTAL}."),
    ]


def _start_of_zone(name: str) -> list[Row]:
    return [
        Row(name, "SOA", f"ns1.{DOMAIN}. hostmaster.{DOMAIN}. 1 3600 600 86400 {NEGATIVE_TTL}"),
        Row(name, "NS", f"ns1.{DOMAIN}."),
        Row(name, "NS", f"ns2.{DOMAIN}."),
    ]
