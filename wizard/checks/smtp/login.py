"""The login: one AUTH command, and what GlitchTip's own first attempt will come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from wizard.checks.smtp.client import FloodedError, SilentError
from wizard.checks.smtp.refused import judged as judge
from wizard.model.codes import Check, Code
from wizard.model.details import Login
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.model.validation import problem_with_key, unlike_postals_key
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.checks.smtp.dialogue import BrokenError, Reply
    from wizard.model.secret import Secret

_POSTAL_OFFERS: Final = "Postal always offers AUTH CRAM-MD5 PLAIN LOGIN"


def missing(check: Check, username: str, key: Secret | None) -> Finding:
    """Return the skip of *check* where user name or key are not given."""
    what = "user name and key" if not username and key is None else "user name" if key is not None else "key"
    where = {
        "user name": f"credential.username: the Username on {postal.place('help')}",
        "key": f"the key: {postal.place('credentials')} (--password-fd)",
    }
    return Finding.skip(
        Code(f"{check}.no_value"),
        username,
        f"There is no {what}: without both, GlitchTip does not log in.",
        remedy="; ".join(f"Give {words}" for name, words in where.items() if name in what) + ".",
    )


def unusable(username: str, key: Secret) -> Finding | None:
    """Judge a user name or key that no client can send; no AUTH is tried then."""
    # The user name may be an odd one, but smtplib encodes both as ASCII and a line break would be a second command.
    bad = "user name" if not (username.isascii() and username.isprintable()) else ""
    if not bad and problem_with_key(key.reveal()):
        bad = "key"
    if not bad:
        return None
    return Finding.fail(
        Code.AUTH_NOT_ASCII,
        username,
        f"The {bad} contains a character that is not printable ASCII, which GlitchTip's mail client cannot send; "
        "AUTH was not tried.",
        ("GlitchTip: UnicodeEncodeError: 'ascii' codec can't encode character",),
        remedy=f"Copy the {bad} again from {postal.place('credentials' if bad == 'key' else 'help')}.",
    )


def not_offered(username: str, mechanisms: tuple[str, ...], *, starttls: bool) -> Finding:
    """Judge a server that offers no login, or none that smtplib has."""
    words = f"only {', '.join(mechanisms)}" if mechanisms else "no login at all"
    error = (
        "smtplib.SMTPException: No suitable authentication method found."
        if mechanisms
        else "smtplib.SMTPNotSupportedError: SMTP AUTH extension not supported by server."
    )
    return Finding.fail(
        Code.AUTH_NO_MECHANISM if mechanisms else Code.AUTH_NOT_OFFERED,
        username,
        f"The server offers {Untrusted(words, 100)}. It should offer PLAIN, LOGIN or CRAM-MD5: GlitchTip "
        "cannot log in.",
        (f"GlitchTip: {error}",),
        remedy="Choose STARTTLS: this server offers a login only after it, if at all."
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
        return Finding.ok(Code.AUTH_GRANTED, username, f"{words}.", evidence, seconds=reply.seconds, detail=detail)
    judgement = judge(Check.AUTH, "AUTH", reply)
    return Finding.of(
        judgement.verdict,
        judgement.code,
        username,
        f'The answer to the login is "{reply.words}": {judgement.meaning}; GlitchTip cannot send with this key.',
        (*evidence, *_odd(key), *peer.log),
        remedy=judgement.remedy,
        seconds=reply.seconds,
        detail=Login(None, username, mechanism),
    )


def _odd(key: Secret) -> tuple[str, ...]:
    """Say in what the key does not look like one of Postal's (app/models/credential.rb): a hint, never a verdict."""
    value = key.reveal()
    if value != value.strip():
        return ("the key begins or ends with a blank",)
    odd = unlike_postals_key(value)
    return (odd,) if odd else ()


def dropped(username: str, error: BrokenError, peer: postal.Peer) -> Finding:
    """Judge a login without an answer."""
    flooded = isinstance(error, FloodedError)
    return Finding.of(
        Verdict.FAIL if flooded else Verdict.UNKNOWN,
        Code.AUTH_FLOODED if flooded else Code.AUTH_SILENT if isinstance(error, SilentError) else Code.AUTH_DROPPED,
        username,
        f"The login got no proper answer, {error}, so it is not known whether the key is right.",
        (str(error),),
        remedy=f"Look at {peer.where}. Then check again; each check logs in once.",
    )


def predicted(login: Login, key: Secret, *, cram_md5: bool) -> Finding:
    """Predict GlitchTip's own first attempt, which is CRAM-MD5 wherever that is offered."""
    username, server = login.username, login.granted or ""
    if not cram_md5:
        words = "CRAM-MD5 is not offered, so GlitchTip logs in with PLAIN or LOGIN at the first try."
        return Finding.ok(Code.USERNAME_CRAM_NOT_OFFERED, username, words)
    if login.mechanism == "CRAM-MD5":
        words = "CRAM-MD5, which GlitchTip tries first, succeeded."
        return Finding.ok(Code.USERNAME_CRAM_SUCCEEDED, username, words)
    if not postal.cram_md5_succeeds(username, server):
        return Finding.warn(
            Code.USERNAME_DENIED_FIRST,
            username,
            f"The user name is {Untrusted(username, 80)}. It should be {server}: GlitchTip tries CRAM-MD5 "
            "first, and Postal denies it. PLAIN then succeeds, but each mail leaves a failed login in "
            "Postal's log.",
            (f"Postal will log: {postal.cram_md5_log(username)}", "fail2ban may ban GlitchTip for that line"),
            remedy=f"Use {server} as the user name, written {quote(server, safe='')} in EMAIL_URL.",
            detail=login,
        )
    if key.reveal() != key.reveal().rstrip(" "):
        return Finding.warn(
            Code.USERNAME_KEY_BLANK,
            username,
            "The key ends with a blank. PLAIN ignores it, CRAM-MD5 does not: each mail leaves a failed login "
            "in Postal's log.",
            remedy="Enter the key again without the blank.",
            detail=login,
        )
    words = f"{Untrusted(username, 80)} names {server}, so GlitchTip's CRAM-MD5 succeeds at the first try."
    return Finding.ok(Code.USERNAME_FIRST_TRY, username, words, detail=login)
