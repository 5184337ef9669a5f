"""The end of the dialogue before its last stage: why, and what that makes of the checks behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.codes import Code


class StopError(Exception):
    """The dialogue is over; the message says why what follows was not judged."""

    def __init__(self, why: str, *codes: Code, remedy: str = "") -> None:
        super().__init__(why)
        self.codes = {code.check: code for code in codes}
        """Skips that are another than ``not_reached``."""
        self.remedy = remedy
