"""Text -> signs: every recogniser over every container's lines, and the little that an EMAIL_URL in the text tells."""

from __future__ import annotations

import re
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from wizard.diagnosis import delivery, dialogue, exceptions, log_lines, log_parsing, messages, processes, reports
from wizard.diagnosis.speakers import Speaker, speakers

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Chain, Line
    from wizard.diagnosis.model import Sign

_NEAR: Final = 8
"""Lines on either side of a bare last line that tell what it is about."""
_SECONDS: Final = 1.2
"""Of processor time, for the middle of a long text, of which nothing was recognised at its beginning and its end."""
_MOST: Final = 500
"""Signs kept of one container: the newest."""
_URL: Final = re.compile(r"\b(smtps?|smtp\+\w{3}|submission)://([^\s'\"<>]{0,400})")
_SETTING: Final = re.compile(r"\b(EMAIL_PORT|EMAIL_HOST)\b[\"']?\s{0,4}[=:]\s{0,4}[\"']?([\w.:-]{0,255})")
_LOCAL: Final = re.compile(r"(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[?::1\]?)(?::\d|/|$)")
_TO_ITSELF: Final = re.compile(
    r"\('(?:127\.0\.0\.1|::1|localhost)', \d|\bconnect(?:ing)? to (?:localhost|127\.0\.0\.1|::1)\b"
)
"""How asyncio and others name the address that was tried."""
_ON_465: Final = re.compile(r":465/?$")
_IMPLICIT_TLS: Final = "465"
_EMPTY: Final = re.compile(r"^\s{0,40}(?:-\s{0,8}|export )?EMAIL_URL\s{0,8}[=:]\s{0,8}(?:''|\"\")?\s{0,40}$")


def read(text: str | bytes | bytearray) -> tuple[list[Sign], dict[str, str]]:
    """Return the signs in *text* in its order, and facts of the whole. Bytes are UTF-8, or nearly so."""
    first = ""
    ends = time.thread_time() + _SECONDS
    for part in log_parsing.parts(text):
        signs, facts = _read(part)
        if signs:
            return signs, facts
        first = first or part
        if time.thread_time() > ends:
            break
    found = log_parsing.lines(first)
    loose: list[Line] = []
    for stream in log_parsing.streams(found):
        loose += [line for line, who in zip(stream, speakers(stream), strict=True) if who is Speaker.OTHER]
    return messages.signs(loose) or reports.sign(first), _of_url(found)


def _read(text: str) -> tuple[list[Sign], dict[str, str]]:
    found = log_parsing.lines(text)
    facts = _of_url(found)
    signs: list[Sign] = []
    for stream in log_parsing.streams(found):
        who = speakers(stream)
        signs += log_lines.signs(stream)[-_MOST:]
        signs += processes.signs(stream)[-_MOST:]
        signs += delivery.signs(stream, who)[-_MOST:]
        talked, aside = dialogue.signs(stream, who)
        signs += talked[-_MOST:]
        if aside.logins:
            facts.update(strangers=str(aside.logins), stranger_addresses=str(aside.addresses))
        own = [line for line, speaker in zip(stream, who, strict=True) if speaker is Speaker.OTHER]
        places = {line.place: number for number, line in enumerate(own)}
        raised: list[Sign] = []
        for chain in deque(log_parsing.chains(own), maxlen=_MOST):
            raised += exceptions.signs(chain, _near(chain, own, places))
        signs += raised[-_MOST:]
    signs.sort(key=lambda sign: sign.place)
    if any(sign.key == "dollar-cut" for sign in signs):
        facts["dollar"] = "y"
    if any(sign.facts.get("address") == "webmaster@localhost" for sign in signs) or any(
        "webmaster@localhost" in line.text for line in found
    ):
        facts["localhost_from"] = "y"
    return signs, facts


def _near(chain: Chain, stream: list[Line], places: dict[int, int]) -> str:
    """Return the lines round a chain's last line, those of other tracebacks left out as far as possible."""
    at = places[chain.links[-1].place]
    return "\n".join(line.text[:500] for line in stream[max(0, at - _NEAR) : at + _NEAR + 1])


def _of_url(found: list[Line]) -> dict[str, str]:
    """Return what kind of settings the text shows. Nothing of their values is kept."""
    facts: dict[str, str] = {}
    for line in found:
        if _TO_ITSELF.search(line.text):
            facts["to_itself"] = "y"
        if "EMAIL_" not in line.text and "://" not in line.text:
            continue
        if _EMPTY.match(line.text):
            facts["url_empty"] = "y"
        for name, value in _SETTING.findall(line.text):
            if name == "EMAIL_PORT" and value == _IMPLICIT_TLS:
                facts["url_tls"] = "y"
            elif name == "EMAIL_HOST" and value:
                facts["url_host"] = "local" if _LOCAL.match(value) else "other"
            elif name == "EMAIL_HOST":
                facts["url_empty"] = "y"
        if "://" not in line.text or (match := _URL.search(line.text)) is None:
            continue
        scheme, rest = match.groups()
        host = rest.rpartition("@")[2]
        if scheme == "smtps" or _ON_465.search(host):
            facts["url_tls"] = "y"
        if host:
            facts["url_host"] = "local" if _LOCAL.match(host) else "other"
        if "@" in rest and "/" in rest.rpartition("@")[0]:
            facts["url_slash"] = "y"
    return facts
