"""The symptoms to choose from where there is no text: the four families of the notes, put right, and their leads.

The notes took a refused connection for SMTPServerDisconnected, expected 5.7.8 from Postal, and an unverified domain
among the mails that were sent: none of that is so (postal.md 8).
"""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Lead

CHOICE: Final = "choice-"
"""How the sign of a symptom begins: it is a family of faults and says nothing for sure."""
CHOICES: Final = (
    ("paste", "Paste or type an error, or lines of a log"),
    ("undelivered", "Mail is accepted (no error), but does not arrive"),
    ("start", "GlitchTip does not start since the change"),
    ("connect", "Connection refused, timed out or closed"),
    ("login", "Authentication failed (530, 535)"),
)
"""Symptoms to choose from: key and title."""

_BY_ITS_SETTINGS: Final = (
    Lead("empty-url", 97, "the text shows that EMAIL_URL is empty", (("url_empty", "."),)),
    Lead("localhost", 96, "the settings in this text name localhost", (("url_host", "local"),)),
    Lead("tls-port", 95, "the text names port 465 or smtps://", (("url_tls", "."),)),
)
"""What settings beside an operator's words say more than the words."""

CHOSEN: Final[dict[str, tuple[Lead, ...]]] = {
    "choice-undelivered": (
        Lead("held-development", 80, "the most usual on a new mail server"),
        Lead("held-port-25", 75, "usual with providers that block port 25"),
        Lead("spam-folder", 72, "usual until Postal has checked the DNS records once"),
        Lead("held-no-worker", 65, "the mail then stays in the queue"),
        Lead("held-suppressed", 60, "after two hard fails"),
        Lead("held-credential", 55, "the credential's label says Holding"),
        Lead("held-limit", 45, "per 60 minutes"),
        Lead("held-refused", 42, "the recipient's server has the last word"),
        Lead("console", 40, "then Postal never saw the mail"),
        Lead("worker-environment", 35, "if alerts are missing and password resets arrive"),
        Lead("held-spam", 20, "Postal's outbound filter"),
        Lead("held-suspended", 15, "suspended after it was accepted"),
        Lead("from-unverified", 0, "that is refused at once, never accepted"),
    ),
    "choice-unsent": (
        *_BY_ITS_SETTINGS,
        Lead("where-it-stops", 80, "the report has neither an error nor lines of a log"),
        Lead("console", 55, "then Postal never saw the mail"),
        Lead("url-not-set", 50, "EMAIL_URL does not reach the container"),
        Lead("worker-environment", 45, "if alerts are missing and password resets arrive"),
        Lead("held-development", 42, "if Postal accepted it: the most usual on a new mail server"),
        Lead("container-down", 40, "then nothing is sent at all"),
    ),
    "choice-alerts": (
        *_BY_ITS_SETTINGS,
        Lead("where-it-stops", 80, "the report has neither an error nor lines of a log"),
        Lead("worker-environment", 70, "the worker sends alerts and invitations, web the password resets"),
        Lead("worker-down", 65, "the same; then they wait"),
        Lead("console", 50, "then Postal never saw the mail"),
        Lead("held-development", 42, "if Postal accepted it: the most usual on a new mail server"),
        Lead("held-suppressed", 35, "if some recipients get their mail and others do not"),
    ),
    "choice-queued": (
        Lead("held-no-worker", 70, "without a worker, mail stays in Postal's queue"),
        Lead("held-port-25", 55, "where port 25 is blocked, mail waits there for its next attempt"),
        Lead("held-deferred", 50, "so is what the recipient's server defers"),
        Lead("worker-database", 45, "without its database the worker sends nothing"),
        Lead("held-development", 40, "then the mail is held, which is another list"),
    ),
    "choice-hardfail": (
        Lead("held-refused", 70, "the usual reason of a HardFail"),
        Lead("held-attempts", 55, "after 18 attempts without success"),
        Lead("held-spam", 40, "Postal's outbound filter"),
        Lead("held-domain", 25, "the domain was deleted in Postal"),
    ),
    "choice-softfail": (
        Lead("held-deferred", 70, "the recipient's server asks to try again later"),
        Lead("held-port-25", 65, "or port 25 is blocked, so that no server answers"),
        Lead("delivery-no-hosts", 50, "or the recipient's domain has no mail server"),
        Lead("delivery-refused-there", 40, "or its server refuses connections"),
    ),
    "choice-held": (
        Lead("held-development", 75, "the most usual on a new mail server"),
        Lead("held-suppressed", 60, "after two hard fails"),
        Lead("held-credential", 55, "the credential's label says Holding"),
        Lead("held-limit", 45, "per 60 minutes"),
        Lead("held-suspended", 30, "suspended after it was accepted"),
    ),
    "choice-delayed": (
        Lead("delivery-greylisted", 60, "the second attempt comes after 5 minutes"),
        Lead("held-deferred", 55, "each attempt after that comes later"),
        Lead("held-no-worker", 45, "a busy worker has not tried yet"),
        Lead("worker-down", 30, "GlitchTip's own worker was not running"),
    ),
    "choice-links": (Lead("links", 70, "links are made from GLITCHTIP_DOMAIN"),),
    "choice-from": (
        Lead("from-default", 75, "without DEFAULT_FROM_EMAIL the From is webmaster@localhost"),
        Lead("from-not-set", 60, "DEFAULT_FROM_EMAIL does not reach the container"),
        Lead("worker-environment", 45, "if alerts alone have the wrong From"),
    ),
    "choice-unverified": (Lead("from-unverified", 75, "Postal accepts mail from verified domains alone"),),
    "choice-port-25": (
        Lead("held-port-25", 70, "Postal delivers on port 25"),
        Lead("firewall", 45, "if GlitchTip itself does not reach Postal on it"),
    ),
    "choice-tls": (
        Lead("cert-issuer", 65, "GlitchTip trusts public CAs alone"),
        Lead("cert-self-signed", 60, "Django always verifies the certificate"),
        Lead("cert-name", 55, "the certificate should name the host in EMAIL_URL"),
        Lead("starttls-off", 50, "or Postal does not offer STARTTLS at all"),
        Lead("cert-expired", 40, "or it has expired"),
    ),
    "choice-dkim": (
        Lead("delivery-dkim", 70, "the published key may be missing, or another one"),
        Lead("spam-folder", 55, "usual until Postal has checked the DNS records once"),
    ),
    "choice-spf": (
        Lead("delivery-spf", 70, "receivers check SPF at the return path"),
        Lead("spam-folder", 55, "usual until Postal has checked the DNS records once"),
    ),
    "choice-dmarc": (
        Lead("spam-folder", 70, "usual until Postal has checked the DNS records once"),
        Lead("delivery-unauthenticated", 60, "receivers may refuse such mail"),
        Lead("delivery-dkim", 55, "the published key may be missing, or another one"),
    ),
    "choice-old": (Lead("old-environment", 75, "a restart does not read the environment again"),),
    "choice-spam": (Lead("spam-folder", 75, "usual until Postal has checked the DNS records once"),),
    "choice-start": (
        Lead("unencoded-key", 70, "a special character in EMAIL_URL ends the start"),
        Lead("quoted-url", 60, "quotes became part of the value"),
        Lead("scheme", 55, "a scheme that GlitchTip does not know"),
        Lead("env-syntax", 50, "compose cannot parse .env"),
        Lead("dollar-reference", 40, "a value that begins with $"),
        Lead("timeout-word", 35, "EMAIL_TIMEOUT with a unit"),
        Lead("nothing-listens", 0, "a server that is down does not keep GlitchTip from starting"),
    ),
    "choice-connect": (
        Lead("nothing-listens", 70, "refused: wrong port, or Postal's smtp process is down"),
        Lead("firewall", 65, "timed out at connect"),
        Lead("tls-port", 55, "timed out after the connection was accepted"),
        Lead("empty-url", 50, "EMAIL_URL does not reach the container"),
        Lead("proxy-closes", 45, "closed before the greeting"),
        Lead("no-such-host", 40, "the name does not resolve"),
        Lead("no-route", 30, "no route to the address"),
    ),
    "choice-login": (
        Lead("wrong-key", 75, "535 Invalid credential"),
        Lead("api-key", 60, "the same answer for a key of type API"),
        Lead("dollar-cut", 45, "the same answer for a key cut at $"),
        Lead("suspended", 40, "535 at RCPT means a suspended server, not a wrong key"),
        Lead("no-login", 35, "530 at RCPT: nobody logged in"),
        Lead("not-postal", 30, "535 5.7.8 comes from another server than Postal"),
    ),
}
