"""The login: one AUTH command, and what GlitchTip's own first attempt will come to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from wizard.model.details import Login
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.model.validation import problem_with_key
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.checks.smtp.dialogue import BrokenError, Reply
    from wizard.model.secret import Secret

_OWN_KEY: Final = re.compile(r"[A-Za-z0-9]{24}")
_POSTAL_OFFERS: Final = "Postal always offers AUTH CRAM-MD5 PLAIN LOGIN"


def missing(username: str, key: Secret | None) -> str:
    """Return why there is nothing to log in with; empty where there is."""
    if username and key is not None:
        return ""
    what = "user name and key" if not username and key is None else "user name" if key is not None else "key"
    return f"No {what} given: without both GlitchTip does not log in either."


def unusable(username: str, key: Secret) -> Finding | None:
    """Judge a user name or key that no client can send; no AUTH is tried then."""
    # The user name may be an odd one, but smtplib encodes both as ASCII and a line break would be a second command.
    bad = "user name" if not (username.isascii() and username.isprintable()) else ""
    if not bad and problem_with_key(key.reveal()):
        bad = "key"
    if not bad:
        return None
    return Finding(
        "auth",
        username,
        Verdict.FAIL,
        f"The {bad} contains a character that is not printable ASCII, which GlitchTip's mail client cannot send; "
        "AUTH was not tried.",
        ("GlitchTip: UnicodeEncodeError: 'ascii' codec can't encode character",),
        f"Copy the {bad} again from {postal.place('credentials' if bad == 'key' else 'help')}.",
    )


def not_offered(username: str, mechanisms: tuple[str, ...], *, starttls: bool) -> Finding:
    """Judge a server that offers no login, or none that smtplib has."""
    words = f"only {', '.join(mechanisms)}" if mechanisms else "no login at all"
    error = (
        "smtplib.SMTPException: No suitable authentication method found."
        if mechanisms
        else "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server."
    )
    return Finding(
        "auth",
        username,
        Verdict.FAIL,
        f"The server offers {Untrusted(words, 100)}, PLAIN, LOGIN or CRAM-MD5 is wanted, so GlitchTip cannot log in.",
        (f"GlitchTip: {error}",),
        "Choose STARTTLS: this server offers a login only after it, if at all."
        if starttls
        else f"Check host and port: {_POSTAL_OFFERS}, so this is not Postal's own smtp process.",
    )


def judged(username: str, key: Secret, mechanism: str, reply: Reply, peer: postal.Peer) -> Finding:
    """Judge the answer to AUTH."""
    evidence = (f"AUTH {mechanism}", *reply.shown[:3])
    if reply.code == 235:
        server = postal.granted(reply.text)
        words = f"Granted for {server}: the key belongs to this mail server" if server else f'Granted: "{reply.words}"'
        detail = Login(server, username, mechanism)
        return Finding("auth", username, Verdict.PASS, f"{words}.", evidence, "", reply.seconds, detail=detail)
    known = postal.meaning("AUTH", reply.code, reply.text)
    verdict = Verdict.UNKNOWN if 400 <= reply.code < 500 else Verdict.FAIL
    meaning = known.meaning if known else "235 is wanted"
    return Finding(
        "auth",
        username,
        verdict,
        f'The login was answered with "{reply.words}": {meaning}; GlitchTip cannot send.',
        (*evidence, *_odd(key), *peer.log),
        known.fix() if known else f"Check host and port: {_POSTAL_OFFERS}.",
        reply.seconds,
        detail=Login(None, username, mechanism),
    )


def _odd(key: Secret) -> tuple[str, ...]:
    """Say in what the key does not look like one of Postal's (app/models/credential.rb): a hint, never a verdict."""
    value = key.reveal()
    if value != value.strip():
        return ("the key begins or ends with a blank",)
    if _OWN_KEY.fullmatch(value):
        return ()
    return (f"the key has {len(value)} characters; Postal's own keys are 24 letters and digits",)


def dropped(username: str, error: BrokenError, peer: postal.Peer, verdict: Verdict) -> Finding:
    """Judge a login without an answer."""
    return Finding(
        "auth",
        username,
        verdict,
        f"The login got no proper answer, {error}, so it is not known whether the key is right.",
        (str(error),),
        f"Look at {peer.where}. Then check again; each check logs in once.",
    )


def predicted(login: Login, key: Secret, *, cram_md5: bool) -> Finding:
    """Predict GlitchTip's own first attempt, which is CRAM-MD5 wherever that is offered."""
    username, server = login.username, login.granted
    if not cram_md5:
        words = "CRAM-MD5 is not offered, so GlitchTip logs in by PLAIN or LOGIN at the first try."
        return Finding("username", username, Verdict.PASS, words)
    if login.mechanism == "CRAM-MD5" or server is None:
        return Finding("username", username, Verdict.PASS, "CRAM-MD5, which GlitchTip tries first, succeeded.")
    if not postal.cram_md5_succeeds(username, server):
        return Finding(
            "username",
            username,
            Verdict.WARN,
            f"The user name is {Untrusted(username, 80)}, {server} is wanted: GlitchTip tries CRAM-MD5 first and "
            "Postal denies it, one failed login in Postal's log for every mail, before PLAIN succeeds.",
            (f"Postal will log: {postal.cram_md5_log(username)}", "a fail2ban on that line bans GlitchTip"),
            f"Use {server} as the user name, written {quote(server, safe='')} in EMAIL_URL.",
            detail=login,
        )
    if key.reveal() != key.reveal().rstrip(" "):
        return Finding(
            "username",
            username,
            Verdict.WARN,
            "The key ends with a blank, which PLAIN forgives and CRAM-MD5 does not: one failed login in Postal's log "
            "for every mail.",
            (),
            "Enter the key again without the blank.",
            detail=login,
        )
    words = f"{Untrusted(username, 80)} names {server}, so GlitchTip's CRAM-MD5 succeeds at the first try."
    return Finding("username", username, Verdict.PASS, words, detail=login)
