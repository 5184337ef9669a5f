"""The integration test at the end: what only a person can do, step by step, and what each step proves."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.glitchtip import settings as glitchtip
from wizard.glitchtip.roles import Role
from wizard.model.untrusted import Untrusted
from wizard.postal import web_ui
from wizard.rollout import restart

if TYPE_CHECKING:
    from wizard.glitchtip.compose import ComposeReading
    from wizard.model.draft import Draft
    from wizard.rollout.restart import Restart

Environments: TypeAlias = Mapping[str, Mapping[str, str | None]]
"""By service: the environment that compose gives it; None or missing where it is not set."""

_REGISTRATION: Final = "ENABLE_USER_REGISTRATION"
ACCEPTED: Final = "Added external address"
"""app/lib/smtp_server/client.rb, ``rcpt_to``: the line continues with the recipient in quotes."""
DONE_WITH: Final = "message processing complete"
"""app/lib/message_dequeuer/outgoing_message_processor.rb, ``finish_processing``: after a HardFail as well."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do and to look at."""

    title: str
    how: str
    confirms: str
    """What is proven once it went as described."""
    warning: str = ""
    """What is known beforehand to go wrong here; empty where nothing is."""


def environments(reading: ComposeReading | None) -> Environments:
    """Return what is needed here of the compose file, and no more: no secret is among it."""
    needed = (*glitchtip.LINK_VARIABLES, *glitchtip.LIFE_VARIABLES, _REGISTRATION)
    return {
        name: {key: service.environment[key].text for key in needed if key in service.environment}
        for name, service in (reading.services.items() if reading is not None else ())
    }


def domain(environment: Mapping[str, str | None]) -> str:
    """Return where links in mails lead, as GlitchTip reads it: without a final slash, inert."""
    link = _first(environment, glitchtip.LINK_VARIABLES) or glitchtip.DEFAULT_LINK
    return Untrusted(link.strip().rstrip("/"), 120)


def _first(environment: Mapping[str, str | None], names: Sequence[str]) -> str:
    """Return the first of *names* that is set to something; empty where none is."""
    return next((value for name in names if (value := environment.get(name))), "")


def domain_problems(services: Environments) -> list[str]:
    """Return a sentence for each service whose links would lead nowhere; the first service is the measure."""
    said: list[str] = []
    first = domain(next(iter(services.values()), {}))
    for name, environment in services.items():
        own, is_set = domain(environment), bool(_first(environment, glitchtip.LINK_VARIABLES))
        who = Untrusted(name, 60)
        if not is_set:
            said.append(f"{who} has no GLITCHTIP_DOMAIN: the links in its mails lead to {glitchtip.DEFAULT_LINK}.")
        elif not own.startswith(("http://", "https://")):
            said.append(f"GLITCHTIP_DOMAIN of {who} is {own}, without http:// or https://: it does not start.")
        elif own != first:
            said.append(f"GLITCHTIP_DOMAIN of {who} is {own}, that of the first service {first}: links differ.")
    return said


def _senders(names: Sequence[str], reading: ComposeReading | None) -> tuple[str, str]:
    """Return which service sends a reset and which one an invitation: by what they do, else by their names."""
    roles = {name: service.role for name, service in reading.services.items()} if reading is not None else {}
    by_role = next((name for name, role in roles.items() if role is Role.WORKER), None)
    worker = by_role or next((name for name in names if "worker" in name or "celery" in name), names[-1])
    return next((name for name in names if name != worker), worker), worker


def steps(
    draft: Draft,
    services: Environments,
    *,
    reading: ComposeReading | None = None,
    recreate: Restart | None = None,
) -> tuple[Step, ...]:
    """Return the list to go through; *recreate*: the command of this project."""
    names = list(services) or list(draft.app.services) or ["web", "worker"]
    web, worker = _senders(names, reading)
    compose, then = _commands(recreate)
    base = domain(services.get(web, {}))
    sender = Untrusted(draft.app.from_ or "DEFAULT_FROM_EMAIL", 120)
    return (
        Step(
            "Create a test user", _user(base, f"{compose} exec {web}", services.get(web, {})),
            "GlitchTip runs, and there is a mailbox that you can look into.",
        ),
        Step(
            "Send a password reset",
            f"Log out, open {base}/reset-password, type the test user's address. This mail is sent by {web}, while "
            "the page waits.",
            f"{web} has the settings: the page comes back within seconds and without an error.",
        ),
        Step(
            "See it arrive",
            f"Look into the test user's mailbox, and into its spam folder, for a mail from {sender}. Then paste the "
            "received headers at the step Test mail: the wizard judges them.",
            "The mail left Postal and the receiver took it; SPF, DKIM and DMARC as the receiver saw them.",
        ),
        Step(
            "Look at formatting and links",
            f"The link begins with {base}/reset-password/set-new-password/ and opens the form. If it has another "
            "host: newer images take it from the request, so the reverse proxy must pass on Host and "
            "X-Forwarded-Proto. No raw HTML, no odd characters.",
            f"The mail of {web} is readable, its link works. The invitation shows whether GLITCHTIP_DOMAIN is right.",
            " ".join(f"{each} {then}" for each in domain_problems({web: services.get(web, {})})) if services else "",
        ),
        Step(
            "Send an invitation",
            f"In {base}: organization, Settings, Members, invite a second address. This mail is sent by {worker}; its "
            f"link begins with {base}/ too. If nothing arrives: {compose} logs --tail 50 {worker}",
            f"{worker} has the settings and GLITCHTIP_DOMAIN: invitations and alerts go the same way.",
            " ".join(f"{each} {then}" for each in domain_problems(services) if len(names) > 1 and worker in each),
        ),
        Step(
            "See both in Postal",
            f"{web_ui.place('messages')}: both mails with status Sent. On Postal's host: "
            f'{web_ui.log_line(None)} | grep "{ACCEPTED}" names each recipient, and postal logs worker | grep '
            f'"{DONE_WITH}" shows each mail that the worker has finished.',
            "Postal handed the mails to the receiver's server, and keeps none.",
        ),
    )  # fmt: skip


def _commands(recreate: Restart | None) -> tuple[str, str]:
    """Return how compose is called for this project, and what to do about a row of its file."""
    words = recreate.words if recreate is not None else ()
    compose = shlex.join(words[: words.index("up")]) if "up" in words else "docker compose"
    phrase = recreate.phrase if recreate is not None else restart.GENERAL
    return compose, f"Set it in docker-compose.yml, then {phrase}."


def _user(base: str, execute: str, environment: Mapping[str, str | None]) -> str:
    open_ = environment.get(_REGISTRATION)
    if open_ is None or open_.lower() in glitchtip.TRUE:
        return f"Open {base}/register and register with an address whose mailbox you can read."
    return (
        f"Registration is closed ({_REGISTRATION}): {execute} ./manage.py createsuperuser, with an address whose "
        "mailbox you can read."
    )


def life_days(services: Environments) -> int:
    """Return for how many days events are kept: the longest of the services', as each is given."""
    texts = [_first(environment, glitchtip.LIFE_VARIABLES) for environment in services.values()]
    days = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 6]
    return max(days) if days and len(days) == len(texts) else max([*days, glitchtip.DEFAULT_EVENT_LIFE_DAYS])


def content_note(services: Environments) -> str:
    """Return what the operator should know about what alerts carry out of the house."""
    days = life_days(services)
    named = next((name for name in glitchtip.LIFE_VARIABLES if any(each.get(name) for each in services.values())), "")
    how = named or f"{glitchtip.LIFE_VARIABLES[-1]}, GlitchTip's default"
    return (
        "Alerts carry error details into mailboxes: the exception's message, and with it whatever the application put "
        f"there. Keep secrets out of error messages. GlitchTip itself keeps events for {days} days ({how}); "
        "mails that were sent stay where they are, and Postal keeps its copies as long as its own settings say."
    )
