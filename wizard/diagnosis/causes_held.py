"""Causes after "250 OK": what Postal holds a mail for (``wizard.postal.held.HELD``), and what GlitchTip never sent."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import fails, passes, proven, upholds
from wizard.model.codes import Check, Code
from wizard.postal import server as postal

KEYS: Final = {
    "Server is in development mode.": "held-development",
    "No SMTP servers were available for": "held-port-25",
    "No delivery attempts yet.": "held-no-worker",
    "Permanent SMTP delivery error when sending to": "held-refused",
    "Recipient (": "held-suppressed",
    "Credential is configured to hold all messages authenticated by it.": "held-credential",
    "Message held because send limit (": "held-limit",
    "Message is likely spam. Threshold is": "held-spam",
    "Mail server has been suspended.": "held-suspended",
    "": "held-bounced",
    "Maximum number of delivery attempts (": "held-attempts",
    "Message's domain no longer exist": "held-domain",
    "Raw message has been removed.": "held-raw",
}
"""How the details of the last delivery begin -> the cause's key."""


def key_of(held: postal.Held) -> str:
    """Return the key of a row of ``postal.HELD``; a row that was added since has one all the same."""
    return KEYS.get(held.text, f"held-{held.status.lower()}-{len(held.text)}")


CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "where-it-stops",
        "The report shows no error, so it does not show where the mail stops: in GlitchTip, in Postal or behind it.",
        "docker compose exec web python manage.py sendtestemail ADDRESS, and the same in worker. If that fails, paste "
        "its last lines. If not, look at {messages}. The mail is not there: postal-wizard check --env-file .env. It is "
        "there: paste its deliveries.",
    ),
    *(
        Cause(key_of(held), f"{held.cause}.", f"Look: {held.where}. {held.release}", (proven(held.code),))
        for held in postal.HELD
    ),
    Cause(
        "held-deferred",
        "The recipient's server defers the mail; Postal tries again, up to 18 times.",
        "Open the message at {queue}: its last delivery has the words of that server. Greylisting ends after some"
        " minutes; a block list or a missing PTR does not.",
        (proven(Code.ARRIVAL_DEFERRED),),
    ),
    Cause(
        "console",
        "GlitchTip writes its mails to its own log: EMAIL_URL is still consolemail:// (the official compose "
        "sample has it inline).",
        "Replace that line of docker-compose.yml with EMAIL_URL: ${{EMAIL_URL}} (a value in the file "
        "overrides .env), then {restart}.",
        (proven(Code.COMPOSE_CONSOLE_INLINE, Code.CONTAINER_SENDS_NOTHING), passes(Check.CONTAINER)),
    ),
    Cause(
        "worker-environment",
        "The worker, which sends alerts and invitations, does not have the settings that web has.",
        "Give web and worker the same environment: block (EMAIL_URL, DEFAULT_FROM_EMAIL, GLITCHTIP_DOMAIN), "
        "{restart}, and read docker compose logs worker.",
        (
            upholds(
                Code.COMPOSE_NO_EMAIL_URL, Code.COMPOSE_NO_FROM, Code.CONTAINER_NO_EMAIL_URL, Code.CONTAINER_NO_FROM
            ),
            passes(Check.CONTAINER),
        ),
    ),
    Cause(
        "container-down",
        "A service of GlitchTip does not run: it restarts over and over, is paused, or has exited.",
        "Its log says why: docker compose logs --tail 50 SERVICE; paste the last error here. A value that keeps "
        "GlitchTip from starting is corrected in its step, then {restart}.",
        (proven(Code.CONTAINER_RESTARTING, Code.CONTAINER_EXITED, Code.CONTAINER_PAUSED), passes(Check.CONTAINER)),
    ),
    Cause(
        "worker-down",
        "The worker does not run while web does, so alerts and invitations wait.",
        "Read docker compose logs --tail 50 worker, and {restart}. Password resets are sent by web, so they arrive all "
        "the same.",
        (proven(Code.CONTAINER_WORKER_DOWN), passes(Check.CONTAINER)),
    ),
    Cause(
        "spam-folder",
        "It was delivered into spam: DKIM or SPF does not align with the From domain.",
        'Look in the spam folder, then run postal-wizard check --only dns. Press "Check my records are '
        'correct" once at {domains}: until then Postal signs with its fallback key, which does not align.',
        (fails(Check.DKIM, Check.SPF_MAILFROM, Check.ALIGNMENT, Check.RETURN_PATH), passes(Check.ALIGNMENT)),
    ),
)
