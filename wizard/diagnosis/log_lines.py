"""Lines of other logs -> signs: docker compose's, Infisical's, fail2ban's, what is tried by hand, mails in the log.

Sources: compose-go's dotenv, template and validation packages; docker compose v1's config/validation.py; Infisical's
error bodies (infisical.md 6); Postal 3.3.6 app/lib/smtp_server/server.rb; gunicorn's arbiter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.model import Row, Sign, first, row

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line


_VARIABLE: Final = re.compile(r"[Tt]he \\?\"?(?P<variable>[^\"\\ ]{1,80})\\?\"? variable is not set")
_MINE: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")

_PROGRAMS: Final = r"uwsgi|granian|uvicorn|gunicorn|run-[a-z-]{1,40}\.sh"
"""What GlitchTip's services are started with (its compose samples of several years)."""


def _missing(programs: str) -> str:
    """Return what is said of *programs* that are not there; a quote is escaped as often as the message was wrapped."""
    return (
        rf"(?:^|[\s/\"'`])(?:{programs})\\{{0,8}}[\"'`]?: (?:stat [\w./-]{{1,120}}: )?"
        r"(?:executable file not found|(?:command )?not found|[Nn]o such file or directory)"
        rf"|(?:executable file|Failed to spawn:) [\"'`](?:[\w./-]{{0,60}}/)?(?:{programs})[\"'`](?: not found)?"
    )


def _verified(number: str) -> str:
    """Return how openssl s_client says what it found of a certificate: when it was found, and at the end."""
    return rf"verify error:num={number}:|^\s{{0,8}}Verify return code: {number} \("


ROWS: Final[tuple[Row, ...]] = (
    # --- docker compose: nothing starts, or starts with something else ------------------------------------------------
    row(
        "env-syntax",
        r"(?:failed to read .{0,300}?|\.env.{0,20}?: ?)line (?P<line>\d{1,6}): (?:unexpected character|unterminated)"
        r"|(?:unexpected character .{1,12} in variable name|unterminated quoted value)"
        r"|docker: poorly formatted environment|python-dotenv could not parse statement",
        "root",
    ),
    row("env-missing", r"env file .{1,300} not found|(?:Couldn't|couldn't) find env file", "root"),
    row("compose-interpolation", r"[Ii]nvalid interpolation format for .{0,120}(?:EMAIL|environment|FROM)", "root"),
    row("unset-url", r"required variable EMAIL_URL is missing", "root"),
    row("unset-from", r"required variable DEFAULT_FROM_EMAIL is missing", "root"),
    row(
        "compose-duplicate",
        r"services\.[\w.-]{1,60}\.environment.{0,40}(?:non-unique|must be unique|items.{0,20}unique)"
        r"|contains non-unique items",
        "root",
    ),
    row("compose-no-service", r"[Nn]o such service: ", "root"),
    row(
        "compose-yaml",
        r"^(?:parsing \S{1,200}: )?yaml: (?:line \d{1,6}|unmarshal|mapping|did not|found)"
        r"|docker-compose\S{0,40}: yaml: |(?:ScannerError|ParserError|ComposerError): (?:while|mapping|expected|found)"
        r"|\bservices(?:\.[\w.-]{1,80})? must be a (?:mapping|list|string)"
        r"|[Aa]dditional propert(?:y|ies) .{1,80} (?:is|are) not allowed|[Uu]nsupported config option for services",
        "root",
    ),
    row(
        "compose-no-file", r"no configuration file provided: not found|Can't find a suitable configuration file", "root"
    ),
    row(
        "docker-permission",
        r"permission denied while trying to connect to the [Dd]ocker (?:daemon socket|API)",
        "root",
    ),
    # --- a command that the image does not have: docker, crun, uv, Python and shells each in their own words ---------
    row("no-celery", rf"{_missing('celery')}|\bpython[\d.]{{0,5}}: No module named '?celery'?\s*$", "root"),
    row(
        "command-gone",
        rf"{_missing(_PROGRAMS)}|Unknown command: '(?:runworker|maintain_partitions|createcachetable)'",
        "root",
    ),
    row("console", r"^\s{0,40}(?:-\s{0,8}|export )?EMAIL_URL\s{0,8}[=:]\s{0,8}[\"']?consolemail://", "noise"),
    # --- Postal's smtp process ----------------------------------------------------------------------------------------
    row(
        "postal-tls-files",
        r"(?:Errno::ENOENT|Errno::EACCES|OpenSSL::\S{1,30}Error).{0,200}(?:smtp\.(?:cert|key)\b|tls\.(?:crt|key)\b|fullchain|privkey|PEM|PKey)",
    ),
    row("postal-disk-full", r"\bErrno::ENOSPC\b|Mysql2::Error: .{0,20}[Tt]he table '[^']{1,80}' is full"),
    row("postal-crash", r"An error occurred while (?:processing data from|accepting) a (?:new )?client"),
    row(
        "postal-smtp-down",
        r"\b(?:Permission denied|Address already in use) - bind\(2\) for \S{1,50} port (?:25|465|587|2525)\b",
    ),
    row(
        "mail-port-taken",
        r"\bBind for [\d.:\[\]]{2,45}:(?:25|465|587|2525) failed: port is already allocated"
        r"|listen tcp\d? [\d.:\[\]]{0,45}:(?:25|465|587|2525): bind: ",
    ),
    row("words-server_full", r"not enough free space in mail queue"),
    row("metric-login", r"postal_smtp_server_client_errors\{[^}]{0,300}\"invalid-credentials\"[^}]{0,300}\} +[1-9]"),
    row("data-from", r"postal_smtp_server_client_errors\{[^}]{0,300}\"from-name-invalid\"[^}]{0,300}\} +[1-9]"),
    row("rcpt-530", r"postal_smtp_server_client_errors\{[^}]{0,300}\"authentication-required\"[^}]{0,300}\} +[1-9]"),
    row("rcpt-suspended", r"postal_smtp_server_client_errors\{[^}]{0,300}\"server-suspended\"[^}]{0,300}\} +[1-9]"),
    row("starttls-absent", r"postal_smtp_server_client_errors\{[^}]{0,300}\"tls-unavailable\"[^}]{0,300}\} +[1-9]"),
    row("peer-proxy", r"postal_smtp_server_client_errors\{[^}]{0,300}\"proxy-error\"[^}]{0,300}\} +[1-9]"),
    row("data-size", r"postal_smtp_server_client_errors\{[^}]{0,300}\"message-too-large\"[^}]{0,300}\} +[1-9]"),
    row(
        "banned",
        r"fail2ban.{0,80}\[[^\]]{0,60}(?:postal|smtp|mail)[^\]]{0,60}\].{0,20} Ban (?P<ip>[0-9a-fA-F.:]{2,45})",
    ),
    # --- what is tried by hand ----------------------------------------------------------------------------------------
    row("starttls-absent", r"\*\*\* (?:Host did not advertise STARTTLS|STARTTLS not supported)"),
    row("starttls-absent", r"Didn.t find STARTTLS in server response"),
    row("cert-self-signed", _verified("18")),
    row("cert-chain", _verified("19")),
    row("cert-issuer", _verified("2[01]?")),
    row("cert-expired", _verified("10")),
    row("cert-name", _verified("62")),
    row("cert-address", _verified("64")),
    row("tls-by-hand", r"^[0-9A-F]{8,20}:error:.{0,80}:wrong version number:"),
    row("refused", r"^\*{0,3}\s*(?:nc|ncat|telnet|IO::Socket::INET6?)\b.{0,200}[Cc]onnection refused"),
    row("connect-timeout", r"^\*{0,3}\s*(?:nc|ncat|telnet|IO::Socket::INET6?)\b.{0,200}(?:timed out|[Tt]imeout)"),
    # --- Infisical ----------------------------------------------------------------------------------------------------
    row("infisical-locked", r"identity auth method is temporarily locked", "root"),
    row("infisical-login", r"universal-auth/login.{0,300}(?:401|404|Invalid credentials|No identity)", "root"),
    row("infisical-login", r"CallUniversalAuthLogin|No identity with specified client ID was found", "root"),
    row("infisical-token", r"Your token has expired. Please re-authenticate|No identity access token found", "root"),
    row("infisical-member", r"Identity is not a member of the specified project|not a member of this project", "root"),
    row("infisical-role", r"You are not allowed to read on secrets", "root"),
    row(
        "infisical-no-login",
        r"You must be logged in to run this command\. To login, run \[infisical login\]"
        r"|automatically trigger login flow\. Please run \[infisical login\]",
        "root",
    ),
    row(
        "infisical-place",
        r"Folder with path '[^']{0,200}' in environment|Environment with slug '[^']{0,80}' not found",
        "root",
    ),
    row(
        "infisical-reach",
        r"(?:infisical|/api/v\d/).{0,300}dial tcp.{0,120}(?:refused|no such host|timeout|timed out)",
        "root",
    ),
    # --- Python's own warning lines -----------------------------------------------------------------------------------
    row("no-nc", r"exec: \\?\"nc\\?\": executable file not found|\bnc: (?:command )?not found", "noise"),
    row("worker-lost", r"WORKER TIMEOUT \(pid"),
    # --- Postal's HTTP API, which anymail uses ------------------------------------------------------------------------
    row("api-suspended", r"\bServerSuspended\b"),
    row("api-from", r"\bUnauthenticatedFromAddress\b"),
    row(
        "api-key-refused", r"\bValidServerAPIKeyNotFound\b|\bInvalidServerAPIKey\b|Must be authenticated as a server\."
    ),
)

_CONSOLE: Final = re.compile(r"^-{79}$")
_HEADER: Final = re.compile(
    r"^(?P<name>Content-Type|MIME-Version|Content-Transfer-Encoding|Subject|From|To|Date|Message-I[Dd]|Reply-To): ?\S"
)
_DJANGO_ID: Final = re.compile(r"^Message-I[Dd]: ?<\d{12,24}\.\d{1,9}\.\d{1,30}@[\w.-]{1,255}>\s{0,9}$")
"""Django's own (django/core/mail/utils and Python's make_msgid): time, process and a random number."""
_TRAVELLED: Final = re.compile(
    r"^(?:Received|Return-Path|Delivered-To|DKIM-Signature|Received-SPF|(?:ARC-)?Authentication-Results): ?\S"
)
"""Headers that only a mail which was sent has."""
_BEFORE_THE_RULE: Final = 4
_IN_A_FRAGMENT: Final = 3
_MAIL_PATH: Final = re.compile(r"password|e-?mail|smtp|invit|signup|register|login", re.IGNORECASE)
_NEAR: Final = 8
_POSTAL: Final = re.compile(r"\bcomponent\"?[=:]|[Pp]ostal|Mysql2|\bsmtp\b")
_ITS_SERVICES: Final = re.compile(r"(?:postal[\w-]{0,30}|smtp|worker)\b")
_FEATURES: Final = re.compile(r"\"enabledFeatures\" ?: ?\[([^\]]{0,400})\]")


def signs(stream: list[Line]) -> list[Sign]:
    """Return the signs of the lines of one container, in their order."""
    seen: list[Sign] = []
    for number, line in enumerate(stream):
        sign = _by_row(line) or _unset(line) or _features(line)
        if sign is None or (sign.key == "worker-lost" and not _about_mail(stream, number)):
            continue
        if sign.key == "postal-disk-full" and not _of_postal(line):
            continue
        seen.append(sign)
    return seen + _console(stream)


_HINTS: Final = (
    "free space in mail queue", "bind", "Bind for", "consolemail:", "' is full",
    "nexpected character", "nterminated", "poorly formatted", "could not parse", "env file", "nterpolation", "unique",
    "required variable", "uch service", "yaml", "ropert", "nsupported config", "configuration file", "nnerError",
    "ParserError", "ComposerError", "executable file", "not found", "Errno::", "OpenSSL::", "An error occurred",
    "postal_smtp", "fail2ban", "STARTTLS", "verify error", "erify return code", "wrong version",
    "onnection refused", "imed out", "imeout", "TIMEOUT",
    "niversal-auth", "UniversalAuth", "No identity", "token has expired", "not a member", "Folder with", "dial tcp",
    "must be a ", "permission denied", "not allowed to read", "infisical login",
    "o such file", "spawn", "No module", "Unknown command",
    "ServerSuspended", "UnauthenticatedFrom", "APIKey", "as a server", "temporarily locked",
)  # fmt: skip
"""Parts of words of which every line that a row fits has one: most lines of a log have none, and cost little."""


def _by_row(line: Line) -> Sign | None:
    return first(ROWS, line) if any(hint in line.text for hint in _HINTS) else None


def _about_mail(stream: list[Line], number: int) -> bool:
    """Whether the lines before a killed web process are about something that sends mail."""
    return any(_MAIL_PATH.search(line.text) for line in stream[max(0, number - _NEAR) : number])


def _of_postal(line: Line) -> bool:
    """Whether a Ruby program's line is Postal's: by what it says, or by the service of its compose file."""
    return _POSTAL.search(line.text) is not None or _ITS_SERVICES.match(line.service) is not None


def _features(line: Line) -> Sign | None:
    """Judge the answer of GlitchTip 6 and newer to ``GET /api/settings/``: without ``email`` it sends no mail."""
    match = _FEATURES.search(line.text) if "enabledFeatures" in line.text else None
    if match is None or '"email"' in match[1]:
        return None
    return Sign("email-disabled", "failure", line.place, line.service)


def _console(stream: list[Line]) -> list[Sign]:
    """Find mails that were printed instead of sent: whole ones with their rule, and fragments as they are pasted."""
    seen: list[Sign] = []
    names: set[str] = set()
    last = start = -1
    django = travelled = False
    for number, line in enumerate(stream):
        if _TRAVELLED.match(line.text):
            travelled = True
        if (header := _HEADER.match(line.text)) is not None:
            if number - last > 2:  # a folded header has a second line
                names, django, start = set(), False, line.place
            names.add(header["name"].lower())
            django = django or _DJANGO_ID.match(line.text) is not None
            last = number
            if django and not travelled and len(names) > _IN_A_FRAGMENT and not (seen and seen[-1].place >= start):
                seen.append(Sign("console", "failure", line.place, line.service))
        elif _CONSOLE.match(line.text):
            if len(names) >= _BEFORE_THE_RULE and not travelled and not (seen and seen[-1].place >= start):
                seen.append(Sign("console", "failure", line.place, line.service))
            names, last = set(), -1
    return seen


def _unset(line: Line) -> Sign | None:
    """Judge compose's warning about a variable; its name may be a part of a key, after a ``$``, so it is not kept."""
    match = _VARIABLE.search(line.text) if "variable" in line.text else None
    if match is None:
        return None
    name = match["variable"]
    if name in _MINE:
        key = "unset-url" if name == "EMAIL_URL" else "unset-from"
        return Sign(key, "root", line.place, line.service, {"variable": name})
    if re.fullmatch(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", name):
        return Sign("unset-mail", "root", line.place, line.service) if name.startswith(("EMAIL_", "SMTP_")) else None
    return Sign("dollar-cut", "failure", line.place, line.service)
