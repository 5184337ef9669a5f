"""All is right: what a set-up or a rotation looks like where nothing fails."""

from __future__ import annotations

from typing import Final

from wizard.rehearsal.state import State

STATES: Final = (
    State(
        "good",
        "All is well: the mail is accepted and arrives.",
        "the whole set-up, five proofs; begin here",
    ),
    State(
        "starttls",
        "Postal offers STARTTLS with a certificate of the rehearsal's own CA, which the wizard trusts here.",
        "what a certificate has to be, and who trusts it",
        tls="good",
        starttls=True,
    ),
    State(
        "infisical",
        "GlitchTip takes its settings from a folder in Infisical; all is well there.",
        "how a change in Infisical is shown, written and read back",
        infisical=True,
    ),
    State(
        "rotation",
        "GlitchTip sends with an old key, and a new credential is made in Postal.",
        "when the old key may be revoked, and when not yet",
        rotates=True,
    ),
)
