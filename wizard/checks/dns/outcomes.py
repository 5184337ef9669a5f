"""The two outcomes that every DNS check shares: a value is missing, and a look-up failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.checks.dns.names import POSTAL_DEFAULTS
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.model.codes import Code

_SETUP: Final = "Postal shows it under Domains, the domain, DNS Setup: paste that page."
_NO_PAGE: Final = "No page of a mail server shows it:"
_VALUES: Final = {
    "app.from": ("the From address", "It is the sender of GlitchTip's mail, DEFAULT_FROM_EMAIL."),
    "domain.spf_include": ("the host that Postal includes in SPF", _SETUP),
    "domain.return_path_target": ("Postal's return-path host", _SETUP),
    "domain.dkim_selector": ("the selector of Postal's key for this domain", _SETUP),
    "domain.dkim_value": ("the key record of this domain", _SETUP),
    "domain.ownership": ("the ownership text", "Postal shows it under Domains, the domain, Verify: paste that page."),
    "domain.sending_ips": (
        "the addresses that Postal sends from",
        f"{_NO_PAGE} take the public address of Postal's host, or ask its administrator (page IP Pools).",
    ),
    "domain.helo": (
        "the name that Postal gives in HELO",
        f"{_NO_PAGE} it is postal.smtp_hostname in postal.yml, or the host name of the address under IP Pools.",
    ),
}
"""What each answers key holds, and where the operator finds it (facts: Postal's pages)."""


def no_value(code: Code, subject: str, key: str, why: str = "is missing") -> Finding:
    """Return the skip of a check that lacks an answer: it names the key and where its value is found."""
    what, where = _VALUES[key]
    return Finding.skip(
        code,
        subject,
        f"Not checked: {key} {why} ({what}).",
        remedy=f"Give {key} here, or write it into the answers file. {where}",
    )


def lookup_failed(code: Code, subject: str, words: str, **more: Any) -> Finding:
    """Return the unknown of a check whose look-up failed; *words* say how."""
    return Finding.unknown(
        code,
        subject,
        f"Not known: {words}.",
        remedy="Try again. If it fails again, ask another resolver with --resolver IP, or check the servers that are "
        "named here.",
        **more,
    )


def postal_defaults(code: Code, subject: str, name: str, verdict: Verdict = Verdict.FAIL) -> Finding:
    """Return the finding for a sample name that Postal ships: it leads nowhere, and no record is made from it."""
    return Finding.of(
        verdict,
        code,
        subject,
        f"Postal shows {name}, a sample name that it ships, because the dns: settings of postal.yml are still at "
        f"{POSTAL_DEFAULTS}. They should be the names of this installation; until then no record of the domain helps.",
        (f"value from Postal: {name}",),
        remedy="Ask Postal's administrator to set dns: (spf_include, return_path_domain, mx_records) and "
        "postal.smtp_hostname in postal.yml and to restart Postal. Then paste the DNS Setup page again. Change no "
        "record of the domain for this.",
    )
