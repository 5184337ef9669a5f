"""Scenarios of the target: where the settings are written, and who may write them."""

from __future__ import annotations

from typing import Final

from wizard.rehearsal.state import State, fix

_IN_INFISICAL: Final = "in Infisical"

STATES: Final = (
    State(
        "exported-copy",
        "The settings are in Infisical, and the .env is an exported copy that docker compose reads.",
        "a copy that would bring the old key back",
        infisical=True,
        exported=True,
    ),
    State(
        "infisical-read-only",
        "The machine identity is allowed to read in Infisical, but not to write.",
        "which rights the machine identity needs",
        (
            fix(
                _IN_INFISICAL,
                "The identity's role may create and edit secrets now.",
                "target",
                rights="all",
            ),
        ),
        infisical=True,
        rights="read-only",
    ),
    State(
        "infisical-address",
        "The machine identity may log in from here, and use its access token only from other addresses.",
        "an identity has two lists of trusted addresses",
        (
            fix(
                _IN_INFISICAL,
                "The access token may be used from this host now.",
                "target",
                rights="all",
            ),
        ),
        infisical=True,
        rights="other-address",
    ),
    State(
        "infisical-approval",
        "An approval policy protects the folder: what is written becomes a change request.",
        "written is not yet merged",
        (
            fix(
                _IN_INFISICAL,
                "The change request is approved and merged. Go back to Review: it compares again.",
                at="done",
                rights="all",
            ),
        ),
        infisical=True,
        rights="approval",
    ),
)
