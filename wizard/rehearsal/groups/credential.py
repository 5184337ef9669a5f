"""Scenarios of the credential: keys that Postal does not know, and servers that may not send."""

from __future__ import annotations

from typing import Final

from wizard.rehearsal.state import State, fix

_IN_POSTAL: Final = "in Postal"
_NEW: Final = fix(
    _IN_POSTAL,
    "A credential of type SMTP is made, and its key is filled in here.",
    "auth",
    new_key=True,
    key_is="SMTP",
)

STATES: Final = (
    State(
        "wrong-key",
        "No credential has this key: AUTH is refused with 535 Invalid credential.",
        "the key alone decides, not the user name",
        (_NEW,),
        key_is="nobody",
    ),
    State(
        "api-key",
        "The key is of type API, which SMTP does not know: AUTH is refused with 535 Invalid credential.",
        "keys of type API cannot send",
        (_NEW,),
        key_is="API",
    ),
    State(
        "smtp-ip",
        "An SMTP-IP credential admits this machine without AUTH, and no credential has the key: AUTH is refused.",
        "mail without a login, and why GlitchTip still needs a key",
        (_NEW,),
        key_is="nobody",
        smtp_ips=("127.0.0.0/8", "::1/128"),
    ),
    State(
        "suspended",
        "The mail server is suspended: AUTH is granted, and every recipient is refused with 535.",
        "a right key, and still no mail",
        (fix(_IN_POSTAL, "An admin has lifted the suspension.", "recipient", "sender", "arrival", suspended=False),),
        suspended=True,
    ),
    State(
        "no-new-key",
        "GlitchTip sends with an old key, and nobody has made a new one in Postal yet.",
        "a rotation begins in Postal",
        (
            fix(
                _IN_POSTAL,
                "A second credential of type SMTP is made, and its key is filled in here.",
                "credential.key",
                at="start",
                new_key=True,
                key_is="SMTP",
                no_new_key=False,
            ),
        ),
        rotates=True,
        no_new_key=True,
    ),
)
