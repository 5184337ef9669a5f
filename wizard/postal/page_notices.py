"""What is worth noticing on a pasted page: codes for programs (contract.md, ``answers``), sentences for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.postal.page_text import OtherPage


class PageCode(StrEnum):
    """Every notice that a pasted page can give."""

    NEVER_CHECKED = "postal.never_checked"
    CHECKED = "postal.checked"
    RECORD_BAD = "postal.record_bad"
    UNVERIFIED = "postal.unverified"
    DEVELOPMENT = "postal.mode_development"
    SUSPENDED = "postal.suspended"
    DNS_DEFAULTS = "postal.dns_defaults"
    HOLDING = "credential.holding"
    TYPE_API = "credential.type_api"
    TYPE_IP = "credential.type_ip"
    SEVERAL = "credential.several"
    DIFFERS = "page.differs"
    NOTHING = "page.nothing"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that was noticed; its sentence is inert and never has a key."""

    code: PageCode
    sentence: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", Untrusted(self.sentence, 500))

    def as_json(self) -> dict[str, str]:
        """Return the contract's object."""
        return {"code": self.code.value, "sentence": self.sentence}


_RECORDS: Final = {"spf": "SPF Record", "dkim": "DKIM Record", "return_path": "Return Path", "mx": "MX Records"}


def never_checked(domain: str) -> Notice:
    """Say that nobody has pressed the check: Postal signs with its own key (app/lib/dkim_header.rb)."""
    return Notice(
        PageCode.NEVER_CHECKED,
        f'Nobody has pressed "Check my records are correct" for {domain} yet: until then Postal signs with '
        f"its fallback key and not with that of {domain}. Publish the records, then press it on this page.",
    )


def checked(domain: str, age: str) -> Notice:
    """Say that somebody has pressed the check; *age* is how long ago in Postal's words, empty where it is not known."""
    when = f", {age} ago when the page was copied" if age else ""
    return Notice(PageCode.CHECKED, f"Postal has checked the records of {domain}{when}.")


def record_bad(record: str, sentence: str) -> Notice:
    """Repeat what Postal shows beside a record with a Warning: ``spf``, ``dkim``, ``return_path`` or ``mx``."""
    said = sentence.rstrip(".")
    return Notice(
        PageCode.RECORD_BAD,
        f"Postal shows a Warning beside {_RECORDS[record]}: {Untrusted(said, 240)}. Correct the record, then "
        'press "Check my records are correct" again.',
    )


def unverified(domain: str) -> Notice:
    """Say that Postal has not verified the domain: it refuses its mail with 530 after DATA."""
    return Notice(
        PageCode.UNVERIFIED,
        f"Postal has not verified {domain or 'this domain'}: it refuses every mail from it with 530. Publish "
        'the ownership record, then press "Verify TXT record" on the domain\'s page.',
    )


def mode_development(server: str) -> Notice:
    """Say that the server is in Development mode: every message of it is held."""
    return Notice(
        PageCode.DEVELOPMENT,
        f"The mail server {Untrusted(server, 60)} is in Development mode: Postal accepts its mail and holds all of it. "
        "Set the mode to Live under Settings.",
    )


def suspended(server: str) -> Notice:
    """Say that the server is suspended: it refuses every recipient with 535."""
    return Notice(
        PageCode.SUSPENDED,
        f"The mail server {Untrusted(server, 60)} is suspended: Postal refuses all mail through it. An admin of Postal "
        "can end that under Settings, Advanced Settings.",
    )


def dns_defaults(names: tuple[str, ...]) -> Notice:
    """Say that the page has names that Postal ships: its own ``dns:`` settings were never set."""
    return Notice(
        PageCode.DNS_DEFAULTS,
        f"The page shows {', '.join(names)}, which Postal ships as an example: its own settings under dns: (and "
        "postal:) in postal.yml were never set. No record is made from these names. Set them in postal.yml, restart "
        "Postal, and copy the page again.",
    )


def holding(names: tuple[str, ...]) -> Notice:
    """Name the SMTP credentials that hold all mail."""
    one = len(names) == 1
    return Notice(
        PageCode.HOLDING,
        f"The credential{'' if one else 's'} {_listed(names)} hold{'s' if one else ''} all mail: Postal accepts it and "
        "does not deliver it. Edit the credential and switch Hold off.",
    )


def type_api(names: tuple[str, ...]) -> Notice:
    """Name the credentials of type API, whose keys SMTP refuses."""
    return Notice(
        PageCode.TYPE_API,
        f"{_listed(names)}: type API, SMTP refuses its key with 535. Mail needs a credential of type SMTP.",
    )


def type_ip(names: tuple[str, ...]) -> Notice:
    """Name the credentials of type SMTP-IP, which have an address in place of a key."""
    return Notice(
        PageCode.TYPE_IP,
        f"{_listed(names)}: type SMTP-IP, which has an address instead of a key. GlitchTip logs in and needs "
        "one of type SMTP.",
    )


def several(names: tuple[str, ...], taken: str | None) -> Notice:
    """Say that there is more than one SMTP credential; *taken* names the one whose key was taken, None for none."""
    end = (
        "No key was taken: paste only the right one."
        if taken is None
        else f"The key of {Untrusted(taken, 60)} was taken, by its name."
    )
    return Notice(PageCode.SEVERAL, f"The page shows {len(names)} SMTP credentials ({_listed(names)}). {end}")


def differs(key: str, kept: str, other: str, why: str) -> Notice:
    """Say that the page has another value than the kept one; *why* says where the kept one comes from."""
    return Notice(
        PageCode.DIFFERS, f"{key}: {Untrusted(kept, 120)} is kept ({why}); the page shows {Untrusted(other, 120)}."
    )


_OTHER_PAGES: Final[dict[OtherPage | None, str]] = {
    None: "Nothing was recognised. Select the whole page in the browser (Ctrl+A), copy it, and paste it: the pages are "
    "Help, Credentials, and DNS Setup of the domain.",
    "domains": (
        'This is Postal\'s list of domains, and its text does not show their status. Press "DNS setup" next to '
        "the domain, and copy that page."
    ),
    "message": (
        "This is the page of one message, which has nothing for the answers. Paste it into postal-wizard "
        "troubleshoot, which names the cause."
    ),
}


def nothing(other: OtherPage | None = None) -> Notice:
    """Say that there was no value and nothing to notice; *other* is the page that it is, where that helps."""
    return Notice(PageCode.NOTHING, _OTHER_PAGES[other])


def _listed(names: tuple[str, ...]) -> str:
    shown = [str(Untrusted(name, 60)) for name in names[:6]]
    return ", ".join(shown) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
