"""Text -> signs: every recogniser over every container's lines, and the little that an EMAIL_URL in the text tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.diagnosis import exceptions, log_lines, log_parsing, messages
from wizard.diagnosis.model import Sign

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Chain, Line

_NEAR: Final = 8
"""Lines on either side of a bare last line that tell what it is about."""
_MOST: Final = 500
"""Signs kept of one container: the newest."""
_URL: Final = re.compile(r"\b(smtps?|smtp\+\w{3}|submission)://([^\s'\"<>]{0,400})")
_EMPTY: Final = re.compile(r"^\s*-?\s*EMAIL_URL\s*[=:]\s*(?:''|\"\")?\s*$")

_PHRASES: Final = (
    ("refused", r"(?:smtp |e?mail )?(?:connection|connect) (?:was )?refused"),
    (
        "choice-connect",
        r"(?:smtp |e?mail )?(?:connection |connect )?(?:timed? ?-?out|timeouts?|timeout errors?|closed)",
    ),
    ("choice-login", r"(?:smtp |e?mail )?(?:auth|authentication|login) (?:failed|failure|fails|error)"),
    (
        "choice-undelivered",
        r"(?:e?mails? )?(?:is |was )?(?:sent |accepted )?(?:successfully )?(?:but )?not (?:received|delivered)",
    ),
    ("choice-start", r"(?:glitchtip|container|web|worker) (?:does not|doesn't|won't|will not) start"),
)
"""What an operator types: a few words, and nothing else."""
_LONGEST_PHRASE: Final = 80


def read(text: str) -> tuple[list[Sign], dict[str, str]]:
    """Return the signs in *text* in its order, and facts of the whole."""
    for part in log_parsing.parts(text):
        signs, facts = _read(part)
        if signs:
            return signs, facts
    found = log_parsing.lines(text)
    return messages.signs(found) or _phrase(text), _of_url(found)


def _read(text: str) -> tuple[list[Sign], dict[str, str]]:
    found = log_parsing.lines(text)
    signs: list[Sign] = []
    for stream in log_parsing.streams(found):
        signs += log_lines.signs(stream)[-_MOST:]
        places = {line.place: number for number, line in enumerate(stream)}
        raised: list[Sign] = []
        for chain in log_parsing.chains(stream):
            raised += exceptions.signs(chain, _near(chain, stream, places))
        signs += raised[-_MOST:]
    signs.sort(key=lambda sign: sign.place)
    facts = _of_url(found)
    if any(sign.key == "dollar-cut" for sign in signs):
        facts["dollar"] = "y"
    if any(sign.facts.get("address") == "webmaster@localhost" for sign in signs) or any(
        "webmaster@localhost" in line.text for line in found
    ):
        facts["localhost_from"] = "y"
    return signs, facts


def _phrase(text: str) -> list[Sign]:
    """Return the sign of what reads like an operator's own few words; more of them must name mail."""
    words = " ".join(text[: 2 * _LONGEST_PHRASE].lower().split()).rstrip(".!?")
    if len(words) > _LONGEST_PHRASE or exceptions.OTHERS_NEAR.search(words):
        return []
    about_mail = re.search(r"\b(?:smtp|e?mails?|postal)\b", words) is not None
    look = re.search if about_mail else re.fullmatch
    return [Sign(sign) for sign, phrase in _PHRASES if look(phrase, words)][:1]


def _near(chain: Chain, stream: list[Line], places: dict[int, int]) -> str:
    """Return the lines round a chain's last line, those of other tracebacks left out as far as can be told."""
    at = places[chain.links[-1].place]
    return "\n".join(line.text[:500] for line in stream[max(0, at - _NEAR) : at + _NEAR + 1])


def _of_url(found: list[Line]) -> dict[str, str]:
    """Return what kind of EMAIL_URL stands in the text. Nothing of the URL itself is kept."""
    facts: dict[str, str] = {}
    for line in found:
        if _EMPTY.match(line.text):
            facts["url_empty"] = "y"
        if "://" not in line.text or (match := _URL.search(line.text)) is None:
            continue
        scheme, rest = match.groups()
        host = rest.rpartition("@")[2]
        if scheme == "smtps" or re.search(r":465/?$", host):
            facts["url_tls"] = "y"
        if re.match(r"(?:localhost|127\.0\.0\.1|\[?::1\]?)(?::|/|$)", host):
            facts["url_host"] = "local"
        if "@" in rest and "/" in rest.rpartition("@")[0]:
            facts["url_slash"] = "y"
    return facts
