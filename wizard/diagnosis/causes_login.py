"""Causes from AUTH to the final dot: the key, the server it belongs to, recipient and From."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import excluded, passes, proven, upheld_by, upholds
from wizard.model.codes import Check, Code

CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "wrong-key",
        "Postal knows no SMTP credential with this key: it is wrong, revoked, cut, or of type API.",
        "Make a new credential of type SMTP ({new_credential}), put its key into EMAIL_URL with postal-wizard "
        "url encode, then {restart} (restart keeps the old value). The user name does not matter.",
        (proven(Code.AUTH_INVALID_CREDENTIAL, Code.AUTH_DENIED), passes(Check.AUTH)),
    ),
    Cause(
        "api-key",
        "The key belongs to a credential of type API, which SMTP does not take.",
        "Look at the label beside the key: {credentials}. API and SMTP-IP keys never work in EMAIL_URL; copy one "
        "of type SMTP.",
        (passes(Check.AUTH),),
    ),
    Cause(
        "dollar-cut",
        "Docker compose read a $ in a value as a variable and cut off the rest.",
        "Write EMAIL_URL percent-encoded: $ becomes %24 (postal-wizard url encode does it). Directly in "
        "docker-compose.yml every $ must be $$. Then {restart}.",
        (upheld_by(Check.EMAIL_URL), passes(Check.AUTH)),
    ),
    Cause(
        "key-encoding",
        "The key was changed on its way: encoded twice, a blank before it, or + for a blank.",
        "Postal's keys are 24 letters and digits, so nothing in them needs encoding: postal-wizard url "
        "explain shows, masked, how GlitchTip reads yours. A %25 means that it was encoded twice.",
        (upheld_by(Check.EMAIL_URL), passes(Check.AUTH)),
    ),
    Cause(
        "not-postal",
        "The server behind EMAIL_URL is not Postal.",
        "Check host and port of EMAIL_URL: they lead to another mail server or a relay. Postal greets with ESMTP "
        "Postal/ and a trace id: postal-wizard check --only smtp shows who answers.",
        (proven(Code.AUTH_OTHER_SERVER, Code.GREETING_OTHER_SERVER), excluded(Code.GREETING_POSTAL)),
    ),
    Cause(
        "cram-only",
        "CRAM-MD5 found no mail server by this user name, or no credential of it with exactly this key.",
        "Use org/server as the user name, as {help} shows it, written org%2Fserver in EMAIL_URL. GlitchTip "
        "would continue with PLAIN; a client that stops here knows only CRAM-MD5.",
        (proven(Code.AUTH_DENIED), passes(Check.AUTH, Check.USERNAME)),
    ),
    Cause(
        "login-protocol",
        "Postal could not read the login: user name or key is empty or contains a NUL.",
        "Copy user name and key again from {help}; in EMAIL_URL neither may be empty.",
        (proven(Code.AUTH_UNREADABLE_LOGIN), passes(Check.AUTH)),
    ),
    Cause(
        "auth-later",
        "The server cannot check logins right now (a 4xx answer to AUTH).",
        "Try again in a minute; the key may be right. Postal never answers AUTH with 4xx: if it happens "
        "again, look at the log of the relay in front of it.",
        (proven(Code.AUTH_TEMPORARY), passes(Check.AUTH)),
    ),
    Cause(
        "auth-absent",
        "The server offers no login: it is not a submission port, or it offers AUTH only after STARTTLS.",
        "Postal always offers AUTH CRAM-MD5 PLAIN LOGIN, so this is another server: check host and port. If "
        'you want to use that server, try EMAIL_USE_TLS: "True".',
        (proven(Code.AUTH_NOT_OFFERED), passes(Check.AUTH)),
    ),
    Cause(
        "auth-mechanism",
        "The server offers no login that GlitchTip knows (only OAuth, for example).",
        "This is a mail provider such as Microsoft 365 or Gmail, not Postal: put Postal's host and port into "
        "EMAIL_URL.",
        (proven(Code.AUTH_NO_MECHANISM), passes(Check.AUTH)),
    ),
    Cause(
        "ascii",
        "User name or key contains a character that is not ASCII, which GlitchTip's mail client cannot send.",
        "Postal's keys are plain letters and digits: copy it again from {credentials} and look for typographic "
        "quotes, dashes or umlauts. postal-wizard url encode refuses such a key.",
        (proven(Code.AUTH_NOT_ASCII), upheld_by(Check.EMAIL_URL), passes(Check.AUTH)),
    ),
    Cause(
        "utf8-address",
        "An address of the mail is not plain ASCII, and the server has no SMTPUTF8; Postal never has.",
        "Write the address in DEFAULT_FROM_EMAIL and in the user's account in plain letters, an international domain "
        "as xn--... (postal-wizard shows that form). Then {restart}.",
    ),
    Cause(
        "suspended",
        "Postal has suspended this mail server or its organisation; the key is right.",
        "An admin opens {advanced} and presses Unsuspend (organisations have the same form one level higher). 535"
        " at RCPT does not mean a wrong password: another key changes nothing.",
        (proven(Code.RECIPIENT_SUSPENDED), passes(Check.RECIPIENT)),
    ),
    Cause(
        "no-login",
        "GlitchTip did not log in: user name or key is missing from EMAIL_URL, and then Django skips the login "
        "silently.",
        "Give both: smtp://org%2Fserver:KEY@HOST:PORT (an unencoded / or # loses them). GlitchTip ignores "
        "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD when EMAIL_URL is set. Then {restart}.",
        (proven(Code.RECIPIENT_NO_LOGIN), upheld_by(Check.EMAIL_URL), passes(Check.RECIPIENT)),
    ),
    Cause(
        "recipient-postal",
        "The recipient is one of Postal's own addresses: a return path or a route without a valid token.",
        "Send to an address that a person reads, outside rp.*, psrp.* and Postal's route domain.",
        (proven(Code.RECIPIENT_RETURN_PATH_ADDRESS, Code.RECIPIENT_ROUTE_UNKNOWN), passes(Check.RECIPIENT)),
    ),
    Cause(
        "recipient-route",
        "The recipient's route in Postal is set to Reject.",
        "Use another recipient, or give the route an endpoint in Postal under Routing (organisation, mail "
        "server, Routing).",
        (proven(Code.RECIPIENT_ROUTE_REJECTS), passes(Check.RECIPIENT)),
    ),
    Cause(
        "recipient-malformed",
        "The recipient's address is empty or malformed.",
        "Correct the address in the user's GlitchTip account (name@domain, nothing around it), then send again.",
        (proven(Code.RECIPIENT_MALFORMED, Code.RECIPIENT_INVALID_ADDRESS), passes(Check.RECIPIENT)),
    ),
    Cause(
        "recipient-later",
        "The server defers this recipient (a 4xx answer to RCPT).",
        "Postal never greylists a logged-in client: check the host. If you use a relay, try again in ten "
        "minutes: GlitchTip itself does not retry a password reset.",
        (proven(Code.RECIPIENT_TEMPORARY), passes(Check.RECIPIENT)),
    ),
    Cause(
        "sender-later",
        "The server defers the sender (a 4xx answer to MAIL).",
        "Try again in some minutes, then look at the log of the server that answers: Postal never says that at MAIL.",
        (proven(Code.RECIPIENT_SENDER_TEMPORARY), passes(Check.RECIPIENT)),
    ),
    Cause(
        "from-unverified",
        "The domain of DEFAULT_FROM_EMAIL is not verified on the mail server that this key belongs to.",
        'Add or verify exactly this domain (a verified parent does not count): {domains}, "Verify TXT '
        'record". Or set DEFAULT_FROM_EMAIL to a domain verified there; webmaster@localhost means that it is '
        "not set.",
        (proven(Code.SENDER_FROM_NOT_VALID), passes(Check.SENDER)),
    ),
    Cause(
        "from-default",
        "DEFAULT_FROM_EMAIL is not set, so mail goes out as webmaster@localhost, which Postal refuses.",
        "Put DEFAULT_FROM_EMAIL (an address in a domain verified at {domains}) into .env and pass it on under "
        "environment: for web and worker; then {restart}.",
        (
            proven(Code.FROM_ADDRESS_DJANGO_DEFAULT, Code.ENVIRONMENT_FROM_DJANGO_DEFAULT, Code.CONTAINER_NO_FROM),
            passes(Check.FROM_ADDRESS, Check.SENDER),
        ),
    ),
    Cause(
        "loop",
        "The message runs in a loop: it passed this Postal more than four times.",
        "Look for a relay that hands Postal's mail back to it: host and MX of the return path must lead to Postal"
        " itself, not to a smarthost that uses Postal.",
        (proven(Code.SENDER_LOOP), passes(Check.SENDER)),
    ),
    Cause(
        "message-refused",
        "The server refused the message after reading it, as spam or by a rule: these are not Postal's words.",
        "Postal refuses only From, size and loops here: check the host. If you use a relay, its log says "
        "which rule; SPF and DKIM: postal-wizard check --only dns.",
        (proven(Code.SENDER_REFUSED), passes(Check.SENDER)),
    ),
    Cause(
        "message-later",
        "The server defers the message (a 4xx answer to DATA).",
        "Postal never says that: a relay in front of it does. Its log names the reason; GlitchTip does not try again.",
        (proven(Code.SENDER_TEMPORARY), passes(Check.SENDER)),
    ),
    Cause(
        "out-of-order",
        "The server lost the state of the dialogue: it asks for MAIL and RCPT before DATA, though they were sent.",
        "A proxy that reconnects in the middle of the dialogue does that: connect to Postal's own port "
        "without it, and look at postal logs smtp.",
        (
            proven(Code.SENDER_OUT_OF_ORDER, Code.RECIPIENT_OUT_OF_ORDER),
            upholds(Code.SENDER_REFUSED),
            passes(Check.SENDER),
        ),
    ),
    Cause(
        "reused",
        "A second mail was sent on one connection without a new EHLO, which Postal answers with 503.",
        "Send the mail once more. A program or proxy that reuses connections causes this: let it open one "
        "connection for each mail. Key and From do not matter here; Django opens one connection for each send.",
        (passes(Check.SENDER),),
    ),
    Cause(
        "api-key-refused",
        "GlitchTip sends through Postal's HTTP API (anymail), and Postal does not know the API key.",
        "Make a credential of type API ({new_credential}) for POSTAL_API_KEY; a key of type SMTP never works "
        "there. Or remove EMAIL_BACKEND and set EMAIL_URL. Then {restart}.",
    ),
    Cause(
        "api-suspended",
        "Postal has suspended this mail server or its organisation, so its HTTP API refuses every call.",
        "An admin opens {advanced} and presses Unsuspend (organisations have the same form one level higher). The"
        " key is right; a new one changes nothing here.",
    ),
    Cause(
        "api-from",
        "Postal's HTTP API refuses the From: its domain is not verified on the mail server of this API key.",
        'Verify exactly this domain at {domains} ("Verify TXT record"), or set DEFAULT_FROM_EMAIL to a '
        "domain that is verified there. Then {restart}.",
    ),
    Cause(
        "cram-case",
        "Mail is sent anyway: letter case or a blank of the key differs, so CRAM-MD5 fails and PLAIN succeeds.",
        "Copy the key from {credentials} exactly as it is shown there: each mail then needs only one login, "
        "and fail2ban does not count a denied one. Then {restart}.",
        (proven(Code.USERNAME_KEY_BLANK), passes(Check.USERNAME)),
    ),
    Cause(
        "cram-noise",
        "The mail is fine: GlitchTip tries CRAM-MD5 first, and the user name is not org/server, so Postal "
        "logs one failure for each mail.",
        "Use org/server from {help} as the user name, written org%2Fserver in EMAIL_URL: each mail then needs "
        "only one login, and fail2ban cannot ban GlitchTip for these lines.",
        (proven(Code.USERNAME_DENIED_FIRST), passes(Check.USERNAME)),
    ),
)
