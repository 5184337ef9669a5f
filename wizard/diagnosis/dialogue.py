"""SMTP dialogues -> signs: Postal's SMTP log, connection by connection, and what is tried by hand.

A Postal on port 25 logs failed logins of strangers all day (postal.md 10). Lines of one connection share a trace id and
"Client identified as" gives its address: what an address that cannot be GlitchTip's did is left aside and counted.
Source: Postal 3.3.6 app/lib/smtp_server/{server,client}.rb.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from wizard.diagnosis import delivery
from wizard.diagnosis.model import Sign
from wizard.diagnosis.speakers import Speaker
from wizard.postal.refusals import TEMPORARY, refusal

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line

_REPLY: Final = re.compile(
    r"(?:^\(?|[\s\[\]|])(?:=> |S: ?|<~?\*{0,2} ?|<-  ?|reply: b['\"]|retcode \(|Got: )?"
    r"(?P<code>[2345]\d\d)(?:[- ]|, b['\"]|\); Msg: b['\"])(?P<text>[^'\"]{2,160})"
)
_DIALOGUE: Final = re.compile(
    r"(?:^|\s)(?:=> |S: ?|<-  |<~  |<\*\* |<~\* |reply: b['\"]|retcode \(|Got: )[2345]\d\d|(?:^|: )< [2345]\d\d[ -]"
)
_VERB: Final = re.compile(
    r"(?:<= |C: ?|-> |~> |send: b?['\"]|Sent: |(?:^|: )> )\s{0,8}"
    r"(?P<verb>EHLO|HELO|STARTTLS|AUTH|MAIL FROM|RCPT TO|DATA|QUIT|RSET)\b",
    re.IGNORECASE,
)
_SPOKEN: Final = ("<= ", "C:", "> ", "send: ", "Sent: ")
"""How logs mark what the client says."""
_CODE: Final = re.compile(r"[2345]\d\d|rejected|[45]\.[1-7]\.\d")
_CODES: Final = r"4(?:21|5\d)|5(?:0[1-4]|2[136]|3\d|5\d)"
_BARE: Final = re.compile(
    rf"^\W{{0,4}}(?P<code>{_CODES})[- ](?P<text>(?P<enhanced>[45]\.\d{{1,3}}\.\d{{1,3}} )?.{{2,400}})"
)
"""A reply on a line of its own, as it is pasted into a question."""
_LABELLED: Final = re.compile(
    rf"[:>\"'] {{0,2}}(?P<code>{_CODES})[- ](?P<text>(?P<enhanced>[45]\.\d{{1,3}}\.\d{{1,3}} ).{{2,400}})"
    r"|: (?P<login>535) (?P<words>.{2,400})"
)
"""A reply behind what a program of any language says before it: its second code, or 535, makes it unmistakable."""
_STATUS: Final = re.compile(r"(?:^|[\"']|: )(?P<status>[45]\.[1-7]\.\d{1,3}) (?P<text>\S.{4,400})")
"""The second code alone, where a program has cut off the first one."""
_EXCEPTION: Final = re.compile(r"\w(?:Error|Refused|Exception)(?:: ?)?\(|\([45]\d\d, ")
"""What is read as an exception of Python."""
_REJECT: Final = re.compile(
    r"\bNOQUEUE: (?:milter-)?reject: (?P<verb>\w{4,10}) from \S{1,300}: (?P<code>[45]\d\d) (?P<text>.{2,400})"
    r"|\bF=<[^>]{0,254}> (?:temporarily )?rejected (?P<exim>RCPT|MAIL|DATA)\b(?P<words>.{2,400})"
)
"""A relay's own log about its client: Postfix's smtpd, Exim."""

_POSTAL_ONLY: Final = (
    ("auth-535-postal", r"^(?:5\.7\.8 )?Invalid credential\b"),
    ("auth-535-cram", r"^Denied$"),
    ("auth-535-protocol", r"^Authenticated failed - protocol"),
    ("data-from", r"From/Sender name is not valid"),
    ("rcpt-suspended", r"Mail server has been suspended$"),
    ("starttls-absent", r"^TLS not available"),
    ("peer-proxy", r"^Proxy Error"),
    ("rcpt-530", r"^Authentication required$"),
    ("data-size", r"^Message too large"),
    ("data-loop", r"^Loop detected"),
    ("rcpt-token", r"^Invalid (?:server|route) token"),
    ("rcpt-route", r"^Route does not accept"),
    ("rcpt-malformed", r"^RCPT TO should not be empty|^Invalid RCPT TO"),
    ("reused", r"^EHLO/HELO first please$"),
    ("data-order", r"first please$|before sending data$"),
)
"""Replies that need no dialogue around them: the code and Postal's own words are enough."""
_LOGIN: Final = r"\b(?:auth\w{0,14}|login|user ?name|password|credentials)\b"
_LOGIN_ELSEWHERE: Final = re.compile(
    rf"^5\.7\.\d{{1,3}} |{_LOGIN}.{{0,30}}\b(?:fail|invalid|incorrect|wrong|unsuccessful|reject|denied)"
    rf"|\b(?:invalid|incorrect|wrong|bad)\b.{{0,30}}{_LOGIN}",
    re.IGNORECASE,
)
_UNSUPPORTED: Final = "Invalid/unsupported command"
"""Postal's answer to VRFY, HELP or an unknown AUTH: the client's own curiosity, no fault of the mail."""
_BY_STAGE: Final = {
    "AUTH": (("auth-tls-first", r"53[08]|523"), ("auth-later", r"4.."), ("auth-535-other", r"5..")),
    "MAIL FROM": (("mail-530", "530"), ("mail-malformed", "501"), ("mail-later", r"4.."), ("mail-refused", r"5..")),
    "RCPT TO": (("rcpt-530", "530"), ("rcpt-later", r"4.."), ("rcpt-unknown", r"5..")),
    "DATA": (("data-order", "503"), ("data-later", r"4.."), ("data-refused", r"5..")),
    "STARTTLS": (("starttls-refused", r"[45].."),),
    "EHLO": (("ehlo", r"5.."),),
}
AT_AUTH: Final = frozenset(
    {"tls_wanted", "plain_login_off", "client_not_allowed", "account_suspended", "block_listed", "rate_limited"}
)
"""Families whose words count at the login; any other refusal there is about the login itself."""
_SURE: Final = frozenset(
    {
        "helo_refused", "ptr_missing", "block_listed", "client_not_allowed", "tls_wanted", "plain_login_off",
        "from_not_verified", "from_not_allowed", "login_wanted", "sender_domain", "sender_malformed", "sender_refused",
        "relay_denied", "recipient_unknown", "greylisted",
    }
)  # fmt: skip
"""Families whose words mean a refusal of mail even without an enhanced code beside them."""

_TRACE: Final = re.compile(
    r"\btrace_id\"?[=:] ?\"?([A-Za-z0-9]{6,12})|(?:DEBUG|WARN|INFO|ERROR) -- : \[([A-Z0-9]{6,12})\]"
)
"""Postal 3's and Postal 2's way to name a connection."""
_CLIENT: Final = re.compile(
    r"(?:Client identified as|Connection opened from|(?:Authentication|AUTH) failure for) "
    r"(?:::ffff:)?([0-9a-fA-F.:]{2,45})\b"
)
_SMTPLIB: Final = re.compile(r"<= ehlo ")
"""smtplib writes its verbs in lower case; a scanner does not."""
_LOG: Final = (
    ("cram-noise", re.compile(r"Authentication failure for \S{1,60} \(no server found matching")),
    ("cram-noise", re.compile(r"Authentication failure for \S{1,60} \(no (?:matching )?credential")),
    ("login-failed", re.compile(r"(?:Authentication|AUTH) failure for (?P<ip>[0-9a-fA-F.:]{2,45})\b")),
    ("postal-tls-expired", re.compile(r"SSL Negotiation Failed: .{0,300}certificate (?:has )?expired")),
    ("postal-tls-name", re.compile(r"SSL Negotiation Failed: .{0,300}bad certificate")),
    ("postal-tls-issuer", re.compile(r"SSL Negotiation Failed: .{0,300}unknown ca")),
    (
        "postal-tls-version",
        re.compile(r"SSL Negotiation Failed: .{0,300}(?:no shared cipher|unsupported protocol|version too low)"),
    ),
    ("postal-tls", re.compile(r"SSL Negotiation Failed: .{0,300}(?:alert|certificate)")),
)
_TLS: Final = ("postal-tls-expired", "postal-tls-name", "postal-tls-issuer", "postal-tls-version", "postal-tls")
"""What clients say to Postal of its certificate, the most telling first: who knows its issuer differs by client."""
_LOGINS: Final = frozenset({"login-failed", "auth-535-postal", "auth-535-cram", "cram-noise", "auth-535-protocol"})
_STRANGERS_TOO: Final = _LOGINS | {"rcpt-530", "data-order", "reused", "rcpt-malformed", "rcpt-token", *_TLS}
"""What scanners meet all day."""


_OPENED: Final = re.compile(r"^(?:Escape character is|=== Connected to )")
_ENDED: Final = re.compile(r"^(?:Connection closed by foreign host|\*\*\* Remote host closed connection)")
"""How telnet and swaks show that a connection was accepted, and that the other side closed it."""


@dataclass(slots=True)
class _Talk:
    """One connection."""

    verb: str = ""
    waits: bool = False
    """Whether it was accepted, and nothing was said so far."""
    address: str = ""
    smtplib: bool = False
    granted: bool = False
    signs: list[Sign] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Aside:
    """What was left aside: failed logins, and from how many addresses."""

    logins: int = 0
    addresses: int = 0


def signs(stream: list[Line], who: list[Speaker]) -> tuple[list[Sign], Aside]:
    """Return the signs of the dialogues in one container's lines, and what strangers did to Postal's SMTP server."""
    talks: dict[str, _Talk] = {}
    for line, speaker in zip(stream, who, strict=True):
        if not line.text or speaker in {Speaker.DELIVERY, Speaker.RELAY}:
            continue
        trace = _trace(line.text)
        talk = talks.setdefault(trace, _Talk())
        if trace and talk.address == "" and (client := _CLIENT.search(line.text)) is not None:
            talk.address = client[1].lower()
        talk.smtplib = talk.smtplib or (bool(trace) and _SMTPLIB.search(line.text) is not None)
        _hear(line, talk, speaker)
    return _without_strangers(talks)


def _hear(line: Line, talk: _Talk, speaker: Speaker) -> None:
    for key, pattern in _LOG if "ailure for" in line.text or "SSL Neg" in line.text else ():
        if (match := pattern.search(line.text)) is not None:
            weight = "noise" if key == "cram-noise" else "failure"
            facts = {name: value for name, value in match.groupdict().items() if value}
            talk.signs.append(Sign(key, weight, line.place, line.service, facts))  # type: ignore[arg-type]  # both are Weights
            return
    if (command := _VERB.search(line.text) if any(mark in line.text for mark in _SPOKEN) else None) is not None:
        talk.verb = command["verb"].upper()
        return
    if _OPENED.match(line.text) is not None:
        talk.waits = True
    elif talk.waits and _ENDED.match(line.text) is not None:
        talk.signs.append(Sign("closed", "failure", line.place, line.service, {"stage": "banner"}))
    elif line.text[:1].isdigit() or line.text[:1] == "<":
        talk.waits = False
    sign = _reply(line, talk.verb, speaker)
    if sign is None:
        return
    if sign.key == "granted":
        talk.granted = True
        failed = [each for each in talk.signs if each.key in _LOGINS]
        if failed:  # CRAM-MD5 was denied, and another mechanism then succeeded
            named = any(each.key == "cram-noise" for each in failed) or all(
                each.key != "login-failed" for each in failed
            )
            talk.signs = [each for each in talk.signs if each.key not in _LOGINS]
            key = "cram-noise" if named else "cram-case"
            talk.signs.append(Sign(key, "noise", line.place, line.service, {"granted": "y"}))
        return
    talk.signs.append(sign)


def _without_strangers(talks: dict[str, _Talk]) -> tuple[list[Sign], Aside]:
    """Leave aside what addresses that cannot be GlitchTip's met, where the log knows several addresses."""
    ours = {talk.address for talk in talks.values() if talk.address and (talk.granted or talk.smtplib)}
    known = {talk.address for talk in talks.values() if talk.address}
    ours |= {address for address in known if _is_near(address)}
    kept: list[Sign] = []
    logins = 0
    strangers: set[str] = set()
    for talk in talks.values():
        if not talk.address or talk.address in ours or len(known) == 1:
            kept += talk.signs
            continue
        kept += [sign for sign in talk.signs if sign.key not in _STRANGERS_TOO]
        failed = [sign for sign in talk.signs if sign.key in _LOGINS]
        if failed:
            logins += 1
            strangers.add(talk.address)
    alerts = Counter(sign.key for sign in kept)
    alert = max(_TLS, key=lambda key: (alerts[key], -_TLS.index(key)))
    kept = [sign for sign in kept if sign.key not in _TLS or sign.key == alert]
    kept.sort(key=lambda sign: sign.place)
    return kept, Aside(logins, len(strangers))


def _is_near(address: str) -> bool:
    """Whether *address* is of a private network, where no stranger comes from."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _NEAR if network.version == parsed.version)


_PRIVATE: Final = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7"
_LOCAL: Final = "127.0.0.0/8 169.254.0.0/16 ::1/128 fe80::/10"
_NEAR: Final = tuple(map(ip_network, f"{_PRIVATE} {_LOCAL}".split()))
"""Private and local networks. Python's ``is_private`` also counts those of examples and tests."""


def _trace(text: str) -> str:
    """Return what tells one of Postal's connections from another in its log; empty where nothing does."""
    found = _TRACE.search(text)
    return "" if found is None else found[1] or found[2]


def _reply(line: Line, verb: str, speaker: Speaker) -> Sign | None:
    if _CODE.search(line.text) is None:
        return None
    rejected = _rejected(line)
    if rejected is not None:
        return rejected
    match = _REPLY.search(line.text)
    if match is None:
        return _alone(line)
    code, text = match["code"], _plain(match["text"])
    if code == "235":
        return Sign("granted", "noise", line.place, line.service)
    if text == _UNSUPPORTED or code[0] not in "45":
        return None
    facts = {"code": code}
    if code[0] == "5":
        for sign, words in _POSTAL_ONLY:
            if re.search(words, text):
                return Sign(sign, "failure", line.place, line.service, facts)
    if speaker is Speaker.SMTP_SERVER:
        return None  # Postal has no other words
    if _DIALOGUE.search(line.text):
        return _in_dialogue(line, verb, int(code), text)
    return _alone(line)


def _in_dialogue(line: Line, verb: str, code: int, text: str) -> Sign | None:
    """Judge a reply by its words, and by the command before it where they do not say."""
    facts = {"code": str(code), "stage": verb.partition(" ")[0]}
    found = refusal(code, text)
    if found is not None and found.suffix != TEMPORARY and (verb != "AUTH" or found.suffix in AT_AUTH):
        return Sign(f"words-{found.suffix}", "failure", line.place, line.service, facts)
    for sign, codes in _BY_STAGE.get(verb, ()):
        if re.fullmatch(codes, str(code)):
            return Sign(sign, "failure", line.place, line.service, facts)
    return None


def _alone(line: Line) -> Sign | None:
    """Judge a reply on a line of its own: who says it is not known, so its words alone count."""
    if _EXCEPTION.search(line.text) is not None:
        return None
    if (match := _BARE.search(line.text)) is not None:
        return _by_words(line, match["code"], match["text"], enhanced=bool(match["enhanced"]))
    if (match := _LABELLED.search(line.text)) is not None:
        if match["login"] and _LOGIN_ELSEWHERE.search(match["words"]) is None:
            return None
        code, text = match["code"] or match["login"], match["text"] or match["words"]
        return _by_words(line, code, text, enhanced=bool(match["enhanced"]))
    if (match := _STATUS.search(line.text)) is not None and delivery.REFUSES.search(match["text"]) is not None:
        return _by_words(line, f"{match['status'][0]}50", match["text"], enhanced=True)
    return None


def _by_words(line: Line, code: str, text: str, *, enhanced: bool) -> Sign | None:
    text = _plain(text)
    found = refusal(int(code), text)
    if code == "535" and (found is None or found.suffix not in AT_AUTH) and _LOGIN_ELSEWHERE.search(text):
        return Sign("auth-535-other", "failure", line.place, line.service, {"code": code})
    if (sign := delivery.bare(line, int(code), text, enhanced=enhanced)) is not None:
        return sign
    sure = found is not None and (found.suffix in _SURE or (found.suffix, code) == ("server_full", "452"))
    if found is not None and (enhanced or sure):
        return Sign(f"words-{found.suffix}", "failure", line.place, line.service, {"code": code})
    return None


def _rejected(line: Line) -> Sign | None:
    match = _REJECT.search(line.text) if "reject" in line.text else None
    if match is None:
        return None
    code, text = (int(match["code"]), match["text"]) if match["code"] else (550, match["words"])
    found = refusal(code, text)
    if found is None:
        return None
    facts = {"code": str(code), "stage": match["verb"] or match["exim"]}
    return Sign(f"words-{found.suffix}", "failure", line.place, line.service, facts)


def _plain(text: str) -> str:
    """Return the words of a reply without what its logger put behind them."""
    at = min((where for where in (text.find(" trace_id="), text.find("\\r")) if where >= 0), default=len(text))
    return text[:at].rstrip()
