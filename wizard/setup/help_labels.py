"""The labels of all fields, for help pages whose sections are headed by the answers' keys."""

from __future__ import annotations

from typing import Final

from wizard.model.draft import Draft, InfisicalTarget
from wizard.setup.steps import credential, sender, server, target, test_mail

LABELS: Final = {
    field.key: field.label
    for field in (
        *server.FIELDS,
        *credential.FIELDS,
        *sender.FIELDS,
        *test_mail.FIELDS,
        *target.fields_of(target.ENV, Draft()),
        *target.fields_of(target.INFISICAL, Draft(target=InfisicalTarget(url="http://"))),
    )
}
