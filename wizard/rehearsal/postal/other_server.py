"""A mail server that is not Postal: what a wizard meets behind a wrong port or host name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.rehearsal.postal.dialogue import Dialogue

if TYPE_CHECKING:
    from wizard.rehearsal.postal.dialogue import Replies


class OtherDialogue(Dialogue):
    """Enhanced status codes (RFC 2034), SIZE and a queue id: nothing of it is Postal's. ``busy`` is turned away."""

    def greeting(self) -> Replies:
        """Return the banner; 421 where the server has no room."""
        if self._state.greeting == "busy":
            self.finished = True
            return ["421 4.3.2 Service not available, try again later"]
        return ["220 mail.shop.example ESMTP ready"]

    def line(self, line: bytes) -> Replies:
        """Answer as Postal would, in other words."""
        return [_other(reply) for reply in super().line(line)]

    def _ehlo(self, line: str) -> Replies:
        super()._ehlo(line)
        return ["250-mail.shop.example", "250-SIZE 10240000", "250-AUTH PLAIN LOGIN", "250 ENHANCEDSTATUSCODES"]


def _other(reply: str) -> str:
    words = {
        "221": "221 2.0.0 Bye",
        "235": "235 2.7.0 Authentication successful",
        "354": "354 End data with <CR><LF>.<CR><LF>",
        "530": "530 5.7.0 Authentication required",
        "535": "535 5.7.8 Error: authentication failed",
        "502": "502 5.5.2 Error: command not recognized",
    }
    return "250 2.0.0 Ok" if reply == "250 OK" else words.get(reply[:3], reply)
