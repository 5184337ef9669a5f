"""Lines of other logs -> signs: Postal's, an SMTP dialogue's, docker compose's, Infisical's, fail2ban's.

Sources: Postal 3.3.6 app/lib/smtp_server/{server,client}.rb and app/lib/message_dequeuer/*; compose-go's dotenv and
template packages; Infisical's error bodies (infisical.md 6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.causes_held import key_of
from wizard.diagnosis.model import Sign
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line
    from wizard.diagnosis.model import Weight


@dataclass(frozen=True, slots=True)
class Row:
    """A line with a meaning."""

    sign: str
    pattern: re.Pattern[str]
    weight: Weight = "failure"


def _row(sign: str, pattern: str, weight: Weight = "failure") -> Row:
    return Row(sign, re.compile(pattern), weight)


_VARIABLE: Final = r"[Tt]he \\?\"?(?P<variable>[^\"\\ ]{1,80})\\?\"? variable is not set"
_MINE: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")

ROWS: Final[tuple[Row, ...]] = (
    # --- docker compose: nothing starts, or starts with something else ------------------------------------------------
    _row(
        "env-syntax",
        r"(?:failed to read .{0,300}?|\.env.{0,20}?: ?)line (?P<line>\d{1,6}): (?:unexpected character|unterminated)"
        r"|(?:unexpected character .{1,12} in variable name|unterminated quoted value)"
        r"|docker: poorly formatted environment|python-dotenv could not parse statement",
        "root",
    ),
    _row("env-missing", r"env file .{1,300} not found|(?:Couldn't|couldn't) find env file", "root"),
    _row("compose-interpolation", r"[Ii]nvalid interpolation format for .{0,120}(?:EMAIL|environment|FROM)", "root"),
    _row("unset-url", r"required variable EMAIL_URL is missing", "root"),
    _row("unset-from", r"required variable DEFAULT_FROM_EMAIL is missing", "root"),
    # --- Postal's worker ----------------------------------------------------------------------------------------------
    *(_row(key_of(held), re.escape(held.text)) for held in postal.HELD if len(held.text) > 12),
    _row("held-suppressed", r"Recipient \([^)]{1,254}\) is on the suppression list"),
    _row("held-port-25", r"No hosts to try\."),
    _row("held-deferred", r"Temporary SMTP delivery error when sending"),
    _row("held-bounced", r"\"status\": ?\"Bounced\"|\"event\": ?\"MessageBounced\""),
    _row("held-limit", r"\"event\": ?\"SendLimitExceeded\""),
    # What it logs beside that, in its own words.
    _row("held-development", r"server is in development mode, holding"),
    _row("held-credential", r"credential wants us to hold messages"),
    _row("held-suppressed", r"recipient is on the suppression list, holding"),
    _row("held-limit", r"server send limit has been exceeded, holding"),
    _row("held-spam", r"message is spam \([\d.-]{1,12}\), hard failing"),
    _row("held-suspended", r"server is suspended, holding message"),
    _row("held-attempts", r"message has reached maximum number of attempts"),
    _row("held-raw", r"raw message has been removed, not sending"),
    _row("held-domain", r"message has no domain, hard failing"),
    _row(
        "held-port-25",
        r"Cannot connect to \S{1,80} .{0,260}"
        r"\((?:Net::OpenTimeout|Errno::E(?:TIMEDOUT|CONNREFUSED|HOSTUNREACH|NETUNREACH))",
    ),
    _row("spam-folder", r"\bdmarc ?= ?fail\b|\b550[- ]5\.7\.26\b"),
    _row("held-refused", r"Net::SMTPFatalError: 5\d\d"),
    # What the recipient's server says of Postal's own address, as a delivery or a bounce repeats it.
    _row(
        "held-refused", r"^(?!.*Error).*\b55\d[- ](?:5\.7\.25\b|5\.7\.\d{1,2} .{0,160}(?:blocked using|block list|PTR))"
    ),
    _row("held-deferred", r"Net::(?:SMTP(?:ServerBusy|AuthenticationError|SyntaxError|UnknownError)|ReadTimeout)\b"),
    # --- Postal's smtp process ----------------------------------------------------------------------------------------
    _row("cram-noise", r"Authentication failure for \S{1,60} \(no server found matching", "noise"),
    _row("cram-noise", r"Authentication failure for \S{1,60} \(no (?:matching )?credential", "noise"),
    _row("login-failed", r"(?:Authentication|AUTH) failure for (?P<ip>[0-9a-fA-F.:]{2,45})\b"),
    _row("postal-tls", r"SSL Negotiation Failed: .*(?:alert|unknown ca|bad certificate|certificate)"),
    _row(
        "postal-tls-files",
        r"(?:Errno::ENOENT|Errno::EACCES|OpenSSL::\S{1,30}Error).{0,200}(?:smtp\.(?:cert|key)|PEM|[Kk]ey)",
    ),
    _row("postal-crash", r"An error occurred while (?:processing data from|accepting) a (?:new )?client"),
    _row("metric-login", r"postal_smtp_server_client_errors\{[^}]*\"invalid-credentials\"[^}]*\} +[1-9]"),
    _row("data-from", r"postal_smtp_server_client_errors\{[^}]*\"from-name-invalid\"[^}]*\} +[1-9]"),
    _row("rcpt-530", r"postal_smtp_server_client_errors\{[^}]*\"authentication-required\"[^}]*\} +[1-9]"),
    _row("rcpt-suspended", r"postal_smtp_server_client_errors\{[^}]*\"server-suspended\"[^}]*\} +[1-9]"),
    _row("starttls-absent", r"postal_smtp_server_client_errors\{[^}]*\"tls-unavailable\"[^}]*\} +[1-9]"),
    _row("peer-proxy", r"postal_smtp_server_client_errors\{[^}]*\"proxy-error\"[^}]*\} +[1-9]"),
    _row("data-size", r"postal_smtp_server_client_errors\{[^}]*\"message-too-large\"[^}]*\} +[1-9]"),
    _row("banned", r"fail2ban.{0,80}\[[^\]]*(?:postal|smtp|mail)[^\]]*\].{0,20} Ban (?P<ip>[0-9a-fA-F.:]{2,45})"),
    # --- what is tried by hand ----------------------------------------------------------------------------------------
    _row("starttls-absent", r"\*\*\* (?:Host did not advertise STARTTLS|STARTTLS not supported)"),
    _row("starttls-absent", r"Didn.t find STARTTLS in server response"),
    _row("cert-self-signed", r"verify error:num=18:"),
    _row("cert-chain", r"verify error:num=19:"),
    _row("cert-issuer", r"verify error:num=2[01]?:"),
    _row("cert-expired", r"verify error:num=10:"),
    _row("cert-name", r"verify error:num=62:"),
    _row("cert-address", r"verify error:num=64:"),
    _row("refused", r"^\*{0,3}\s*(?:nc|ncat|telnet|IO::Socket::INET6?)\b.{0,200}[Cc]onnection refused"),
    _row("connect-timeout", r"^\*{0,3}\s*(?:nc|ncat|telnet|IO::Socket::INET6?)\b.{0,200}(?:timed out|[Tt]imeout)"),
    # --- Infisical ----------------------------------------------------------------------------------------------------
    _row("infisical-locked", r"identity auth method is temporarily locked", "root"),
    _row("infisical-login", r"universal-auth/login.{0,300}(?:401|404|Invalid credentials|No identity)", "root"),
    _row("infisical-login", r"CallUniversalAuthLogin|No identity with specified client ID was found", "root"),
    _row("infisical-token", r"Your token has expired. Please re-authenticate|No identity access token found", "root"),
    _row("infisical-member", r"Identity is not a member of the specified project|not a member of this project", "root"),
    _row(
        "infisical-place",
        r"Folder with path '[^']{0,200}' in environment|Environment with slug '[^']{0,80}' not found",
        "root",
    ),
    _row(
        "infisical-reach",
        r"(?:infisical|/api/v\d/).{0,300}dial tcp.{0,120}(?:refused|no such host|timeout|timed out)",
        "root",
    ),
    # --- Python's own warning lines -----------------------------------------------------------------------------------
    _row("no-nc", r"exec: \\?\"nc\\?\": executable file not found|\bnc: (?:command )?not found", "noise"),
    _row("worker-lost", r"WORKER TIMEOUT \(pid"),
)

_REPLY: Final = re.compile(
    r"(?:^\(?|[\s\[\]|])(?:=> |S: ?|<~?\*{0,2} ?|<-  ?|reply: b['\"]|retcode \()?"
    r"(?P<code>[2345]\d\d)(?:[- ]|, b['\"]|\); Msg: b['\"])(?P<text>[^'\"]{2,160})"
)
_DIALOGUE: Final = re.compile(r"(?:^|\s)(?:=> |S: ?|<-  |<~  |<\*\* |<~\* |reply: b['\"]|retcode \()[2345]\d\d")
_VERB: Final = re.compile(
    r"(?:<= |C: ?|-> |~> |send: b?['\"])\s*(?P<verb>EHLO|HELO|STARTTLS|AUTH|MAIL FROM|RCPT TO|DATA|QUIT|RSET)\b",
    re.IGNORECASE,
)
_POSTAL_ONLY: Final = (
    ("auth-535-postal", r"^(?:5\.7\.8 )?Invalid credential\b"),
    ("auth-535-cram", r"^Denied$"),
    ("auth-535-protocol", r"^Authenticated failed - protocol"),
    ("data-from", r"From/Sender name is not valid"),
    ("rcpt-suspended", r"Mail server has been suspended$"),
    ("starttls-absent", r"^TLS not available"),
    ("peer-proxy", r"^Proxy Error"),
    ("rcpt-530", r"^Authentication required"),
    ("data-size", r"^Message too large"),
    ("data-loop", r"^Loop detected"),
    ("rcpt-token", r"^Invalid (?:server|route) token"),
    ("rcpt-route", r"^Route does not accept"),
    ("rcpt-malformed", r"^RCPT TO should not be empty|^Invalid RCPT TO"),
    ("data-order", r"first please$|before sending data$"),
)
"""Replies that need no dialogue around them: the code and Postal's own words are enough."""
_OTHERS: Final = (
    (
        "auth-535-other",
        "535",
        r"^5\.7\.\d{1,3} |[Aa]uthentication (?:[Ff]ailed|[Cc]redentials [Ii]nvalid|unsuccessful)",
    ),
    ("auth-tls-first", "530", r"^5\.7\.0 Must issue a STARTTLS"),
    ("mail-530", "530", r"^5\.7\.0 Authentication [Rr]equired"),
    ("rcpt-relay", "55[04]", r"[Rr]elay(?:ing)? (?:access )?denied"),
    ("rcpt-unknown", "550", r"^5\.1\.1 "),
)
"""Replies of other servers whose words leave no doubt either."""
_UNSUPPORTED: Final = "Invalid/unsupported command"
"""Postal's answer to VRFY, HELP or an unknown AUTH: the client's own curiosity, no fault of the mail."""
_BY_STAGE: Final = {
    "AUTH": (("auth-tls-first", r"53[08]|523"), ("auth-later", r"4.."), ("auth-535-other", r"5..")),
    "MAIL FROM": (("mail-530", "530"), ("mail-malformed", "501"), ("mail-later", r"4.."), ("mail-refused", r"5..")),
    "RCPT TO": (("rcpt-530", "530"), ("rcpt-later", r"4.."), ("rcpt-unknown", r"5..")),
    "DATA": (("data-size", "552"), ("data-order", "503"), ("data-later", r"4.."), ("data-refused", r"5..")),
    "STARTTLS": (("starttls-refused", r"[45].."),),
    "EHLO": (("ehlo", r"5.."),),
}
_DELIVERED: Final = re.compile(r"\bAccepted by \S{1,80} .{0,260}\bfor \S{1,254}@")
"""What Postal's worker logs when the recipient's server has taken a mail (app/senders/smtp_sender.rb)."""
_TRACE: Final = re.compile(r"\btrace_id\"?[=:] ?\"?([A-Za-z0-9]{6,12})|^\[smtp\.\d.{0,80}DEBUG -- : \[([A-Z0-9]{6})\]")
"""Postal 3's and Postal 2's way to name a connection."""
_CONSOLE: Final = re.compile(r"^-{79}$")
_HEADER: Final = re.compile(r"^(?:MIME-Version: 1\.0|Message-ID: <|Subject: |From: |To: )")


@dataclass(slots=True)
class _Talk:
    """How far one dialogue has come."""

    verb: str = ""
    denied: Sign | None = None


def signs(found: list[Line]) -> list[Sign]:
    """Return the signs of the lines of one container, in their order."""
    seen: list[Sign] = []
    talks: dict[str, _Talk] = {}
    headers = 0
    for line in found:
        text = line.text
        if not text:
            continue
        match = None
        for row in ROWS:
            if (match := row.pattern.search(text)) is not None:
                facts = {name: value for name, value in match.groupdict().items() if value}
                seen.append(Sign(row.sign, row.weight, line.place, line.service, facts))
                break
        else:
            if (unset := _unset(line)) is not None:
                seen.append(unset)
            elif _DELIVERED.search(text):
                # One address of several was not to be had, and another was.
                seen = [sign for sign in seen if sign.key != "held-port-25"]
        headers = headers + 1 if _HEADER.match(text) else headers
        if _CONSOLE.match(text):
            if headers >= 4:
                seen.append(Sign("console", "failure", line.place, line.service))
            headers = 0
        if match is not None:
            continue
        talk = talks.setdefault(_trace(text), _Talk())
        if (command := _VERB.search(text)) is not None:
            talk.verb = command["verb"].upper()
            continue
        sign = _reply(line, talk.verb)
        if sign is None:
            continue
        if sign.key == "granted":
            if talk.denied in seen:  # CRAM-MD5 was denied, and another mechanism then succeeded
                seen.remove(talk.denied)
                seen.append(Sign("cram-noise", "noise", line.place, line.service, {"granted": "y"}))
            talk.denied = None
            continue
        seen.append(sign)
        talk.denied = sign if sign.key.startswith("auth-535") else talk.denied
    return seen


def _trace(text: str) -> str:
    """Return what tells one of Postal's connections from another in its log; empty where nothing does."""
    found = _TRACE.search(text)
    return "" if found is None else found[1] or found[2]


def _unset(line: Line) -> Sign | None:
    """Judge compose's warning about a variable; its name may be a part of a key, after a ``$``, so it is not kept."""
    match = re.search(_VARIABLE, line.text)
    if match is None:
        return None
    name = match["variable"]
    if name in _MINE:
        key = "unset-url" if name == "EMAIL_URL" else "unset-from"
        return Sign(key, "root", line.place, line.service, {"variable": name})
    if re.fullmatch(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", name):
        return Sign("unset-mail", "root", line.place, line.service) if name.startswith(("EMAIL_", "SMTP_")) else None
    return Sign("dollar-cut", "failure", line.place, line.service)


def _reply(line: Line, verb: str) -> Sign | None:
    match = _REPLY.search(line.text)
    if match is None:
        return None
    code, text = match["code"], re.sub(r"\s+trace_id=.*|\\r.*|\s+$", "", match["text"])
    if code == "235":
        return Sign("granted", "noise", line.place, line.service)
    if text == _UNSUPPORTED:
        return None
    facts = {"code": code}
    if code[0] == "5":
        for sign, words in _POSTAL_ONLY:
            if re.search(words, text):
                return Sign(sign, "failure", line.place, line.service, facts)
        for sign, codes, words in _OTHERS:
            if re.fullmatch(codes, code) and re.search(words, text) and "Error" not in line.text:
                return Sign(sign, "failure", line.place, line.service, facts)
    if code[0] in "45" and verb in _BY_STAGE and _DIALOGUE.search(line.text):
        for sign, codes in _BY_STAGE[verb]:
            if re.fullmatch(codes, code):
                return Sign(sign, "failure", line.place, line.service, facts)
    return None
