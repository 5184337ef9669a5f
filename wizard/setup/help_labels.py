"""The labels of all fields and offers that the help pages explain, by the answer's key that heads their section."""

from __future__ import annotations

from typing import Final

from wizard.model.draft import Draft, InfisicalTarget
from wizard.setup.steps import credential, sender, server, target, test_mail

LABELS: Final = {
    "target.kind": "Where GlitchTip reads its settings",
    "target.keep_secret": "Keep the client secret",
    "test_mail.code": "Its code",
} | {
    field.key.rstrip("_"): field.label
    for field in (
        *server.FIELDS,
        *credential.FIELDS,
        *sender.FIELDS,
        *test_mail.FIELDS,
        *target.fields_of(target.ENV, Draft()),
        *target.fields_of(target.INFISICAL, Draft(target=InfisicalTarget(url="http://"))),
    )
}
