"""Container logs -> the lines about e-mail, and nothing else: the rest of a log is nobody's business here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.model.secret import MASK
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST: Final = 120
"""Lines kept, the newest."""
WIDTH: Final = 400
"""Characters kept of a line."""
_READ: Final = 262_144
"""Characters looked at, the newest."""
_BLOCK: Final = 80
"""Lines of one traceback: its end says what happened."""

_MAIL: Final = re.compile(
    r"\be-?mails?\b|EMAIL_|DEFAULT_FROM|smtp|sendtestemail|core[./]mail|allauth|anymail|BadHeaderError"
    r"|(?:^|[\s|\"'(])(?:Subject|From|To|Message-ID): ",
    re.IGNORECASE,
)
_SERVICE: Final = re.compile(r"^([A-Za-z0-9][\w.-]{0,60}) {0,40}\| ?")
_TRACEBACK: Final = "Traceback (most recent call last):"
_CHAINED: Final = ("During handling of the above exception", "The above exception was the direct cause")
_USERINFO: Final = re.compile(r"(\b[a-z][a-z+.-]{0,19}://)[^\s'\"]*@", re.IGNORECASE)
_QUOTED: Final = re.compile(r"(integer value as (?!['\"]\d{1,5}\s)|netloc ).*?(?= contains invalid characters|$)")
"""urllib's errors about an EMAIL_URL that is not encoded hold the beginning of the key, or all of it."""


def email_lines(text: str) -> list[Untrusted]:
    """Return the lines of docker compose's log *text* that speak of e-mail, whole tracebacks with them, made inert.

    Credentials of URLs are masked, the wizard's own or not.
    """
    found = text[-_READ:].splitlines()
    kept = sorted(number for block in _blocks(found) if _speaks(block, found) for number in block)
    return [Untrusted(_masked(found[number]), WIDTH) for number in kept[-MOST:]]


def last_line(text: str) -> list[Untrusted]:
    """Return the last line of a log that says something, in a list, made inert and masked like the others."""
    said = [line for line in text[-_READ:].splitlines() if line.strip()]
    return [Untrusted(_masked(line), WIDTH) for line in said[-1:]]


def _speaks(block: list[int], found: list[str]) -> bool:
    return any(_MAIL.search(found[number][: WIDTH * 4]) for number in block)


def _blocks(found: list[str]) -> Iterator[list[int]]:
    """Yield single lines and whole tracebacks, by number; compose interleaves the services."""
    open_: dict[str, list[int]] = {}
    ended: dict[str, bool] = {}
    for number, line in enumerate(found):
        prefix = _SERVICE.match(line)
        service = prefix[1] if prefix else ""
        said = line[prefix.end() :] if prefix else line
        block = open_.get(service)
        if block is not None and (not ended[service] or not said.strip() or said.startswith((*_CHAINED, _TRACEBACK))):
            block.append(number)
            if said.startswith((*_CHAINED, _TRACEBACK)):
                ended[service] = False
            elif said[:1] not in {" ", "\t", ""}:
                ended[service] = True
            del block[:-_BLOCK]
            continue
        if block is not None:
            yield open_.pop(service)
        if _TRACEBACK in said:
            open_[service], ended[service] = [number], False
        else:
            yield [number]
    yield from open_.values()


def _masked(line: str) -> str:
    # Cut first: a line of megabytes is not worth a regular expression.
    cut = line[: WIDTH * 4]
    return _QUOTED.sub(rf"\1'{MASK}'", _USERINFO.sub(rf"\1{MASK}@", cut))
