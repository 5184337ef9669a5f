"""DEFAULT_FROM_EMAIL: whether Django takes it, Postal can verify its domain, and `.env` readers agree on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import settings as glitchtip
from wizard.model import addresses
from wizard.model.codes import Code
from wizard.model.draft import EnvTarget
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.draft import Draft

_SET: Final = "Set it to an address of the From domain, such as GlitchTip <glitchtip@example.com>."
_BARE: Final = re.compile(r"[A-Za-z0-9._%@:/+=,-]*")
"""What every reader of `.env` files takes as it is, without quotes."""


def judge(draft: Draft) -> Finding:
    """Judge the From of the draft."""
    text = draft.app.from_
    subject = str(Untrusted(text, 120)) or "DEFAULT_FROM_EMAIL"
    problem = addresses.problem_with_from(text)
    if problem is not None:
        code = Code.FROM_ADDRESS_INVALID if text.strip() else Code.FROM_ADDRESS_MISSING
        return Finding.fail(code, subject, problem, remedy=_SET)
    address = addresses.parse_from(text)[1]
    if address.lower() == glitchtip.DEFAULT_FROM:
        return Finding.fail(
            Code.FROM_ADDRESS_DJANGO_DEFAULT, subject,
            f"{glitchtip.DEFAULT_FROM} is Django's default: Postal refuses every mail from it with 530.", remedy=_SET,
        )  # fmt: skip
    problem = addresses.problem_with_sender(text)
    if problem is not None:
        return Finding.fail(Code.FROM_ADDRESS_UNVERIFIABLE_DOMAIN, subject, problem, remedy=_SET)
    typed = address.rpartition("@")[2]
    domain = addresses.ascii_domain(typed)
    if domain != addresses.django_domain(typed):
        return Finding.fail(
            Code.FROM_ADDRESS_OLD_IDNA, subject,
            f"GlitchTip would send from {addresses.django_domain(typed)}. It should be {domain}: Python writes "
            "names that are not ASCII by an older rule than DNS.",
            remedy=f"Write the address with {domain}.",
        )  # fmt: skip
    if domain != addresses.ascii_domain(draft.domain_name):
        return Finding.fail(
            Code.FROM_ADDRESS_OTHER_DOMAIN, subject,
            f"The From is at {domain}; it should be at {draft.domain_name}: Postal accepts only exactly that domain.",
            remedy=f"Use an address @{draft.domain_name}, or verify {domain} in Postal and name it as the From domain.",
        )  # fmt: skip
    kept = quotes_kept(draft)
    if addresses.needs_quotes(text):
        return Finding.warn(
            Code.FROM_ADDRESS_NEEDS_QUOTES, subject,
            "The display name needs quotes around it, which some readers of .env files read as part of the "
            "value.",
            (kept,) if kept else (), remedy="Choose a display name with only letters, digits and blanks.",
        )  # fmt: skip
    return Finding.ok(Code.FROM_ADDRESS_VALID, subject, f"The From is an address of {domain}.", (kept,) if kept else ())


def quotes_kept(draft: Draft) -> str:
    """Say which readers would keep the quotes that the From gets in a `.env`; empty where it needs none."""
    if not isinstance(draft.target, EnvTarget) or _BARE.fullmatch(draft.app.from_):
        return ""
    return (
        "In the file it has quotes around it. docker compose removes them; docker run --env-file and an "
        f"env_file with format: raw keep them. Without a display name, {draft.app.from_address} needs none."
    )
