"""What a writing replaced: by it a container that was not recreated yet is probed from one with other settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.glitchtip import digests
from wizard.model.secret import plaintext

if TYPE_CHECKING:
    from wizard.glitchtip.probe import Probed
    from wizard.model.containers import Container
    from wizard.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Replaced:
    """The values that the target held before the writing; None where it had none."""

    email_url: Secret | str | None
    from_: Secret | str | None
    at: datetime | None = None
    """When the new ones were written, with its time zone; None: not known."""

    def is_in(self, probed: Probed, once: bytes) -> bool:
        """Whether a container has exactly these settings."""
        return self._same_url(probed, once) and self._same_from(probed, once)

    def is_older(self, container: Container) -> bool:
        """Whether *container* was created before the writing, so that it cannot have the new settings."""
        if self.at is None or not container.created:
            return False
        try:
            return datetime.fromisoformat(container.created) < self.at
        except (ValueError, TypeError):
            return False

    def _same_url(self, probed: Probed, once: bytes) -> bool:
        url = None if self.email_url is None else plaintext(self.email_url)
        if not url or not probed.is_set:
            return not url and not probed.is_set
        found = digests.probed_url(probed)
        try:
            return found is not None and digests.same(found, digests.of_url(once, url))
        except ValueError:
            return False

    def _same_from(self, probed: Probed, once: bytes) -> bool:
        found = digests.probed_from(probed)
        if self.from_ is None or found is None:
            return self.from_ is None and found is None
        return digests.equal(found, digests.of_text(once, plaintext(self.from_)))
