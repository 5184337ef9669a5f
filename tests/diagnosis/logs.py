"""Makes logs as ``docker compose logs`` prints them: Django's tracebacks, prefixes, other people's lines between."""

from __future__ import annotations

SITE = "/usr/local/lib/python3.13/site-packages"
LIB = "/usr/local/lib/python3.13"
_SOURCES = {
    "connect": "(code, msg) = self.connect(host, port)",
    "_get_socket": "self.sock = self._get_socket(host, port, self.timeout)",
    "getreply": 'raise SMTPServerDisconnected("Connection unexpectedly closed: "',
    "starttls": '(resp, reply) = self.docmd("STARTTLS")',
    "login": "(code, resp) = self.auth(",
    "rcpt": "return self.getreply()",
    "data": "(code, repl) = self.getreply()",
    "data-after": "(code, msg) = self.getreply()",
}
_DJANGO = (
    (f"{SITE}/django/core/handlers/exception.py", 55, "inner", "response = get_response(request)"),
    (f"{SITE}/allauth/account/adapter.py", 213, "send_mail", "msg.send()"),
    (
        f"{SITE}/django/core/mail/message.py",
        301,
        "send",
        "return self.get_connection(fail_silently).send_messages([self])",
    ),
    (f"{SITE}/django/core/mail/backends/smtp.py", 128, "send_messages", "new_conn_created = self.open()"),
)


def frames(*rows: tuple[str, int, str, str]) -> str:
    return "".join(f'  File "{file}", line {line}, in {name}\n    {source}\n' for file, line, name, source in rows)


def mail(last: str, *functions: str, first: str = "") -> str:
    """A traceback through allauth, Django and these functions of smtplib; *first* is what was raised before it."""
    steps = [
        (f"{LIB}/smtplib.py", 300 + 17 * number, name.partition("-")[0], _SOURCES.get(name, f"self.{name}()"))
        for number, name in enumerate(functions)
    ]
    if functions and functions[-1] == "_get_socket":
        steps.append((f"{LIB}/socket.py", 849, "create_connection", "sock.connect(sa)"))
    head = "Internal Server Error: /_allauth/browser/v1/auth/password/request\n"
    if first:
        head += (
            "Traceback (most recent call last):\n"
            + frames((f"{LIB}/smtplib.py", 399, "getreply", "line = self.file.readline(_MAXLINE + 1)"))
            + f"{first}\n\nDuring handling of the above exception, another exception occurred:\n\n"
        )
    return head + "Traceback (most recent call last):\n" + frames(*_DJANGO, *steps) + last + "\n"


def task(last: str, *functions: str) -> str:
    """The same in the worker, as Celery logs it."""
    body = mail(last, *functions).split("\n", 1)[1]
    return (
        "[2026-11-23 10:00:02,113: ERROR/ForkPoolWorker-1] Task apps.alerts.tasks.send[0b1f] raised unexpected\n" + body
    )


def settings(last: str, source: str = 'vars().update(env.email_url("EMAIL_URL"))', name: str = "email_url") -> str:
    """A traceback of a container that does not start."""
    return (
        "Traceback (most recent call last):\n"
        + frames(
            ("/code/manage.py", 22, "<module>", "main()"),
            (f"{SITE}/django/conf/__init__.py", 190, "__init__", "mod = importlib.import_module(self.SETTINGS_MODULE)"),
            ("<frozen importlib._bootstrap>", 1387, "_gcd_import", ""),
            ("/code/glitchtip/settings.py", 452, "<module>", source),
            (f"{SITE}/environ/environ.py", 300, name, "return self.parse(...)"),
        )
        + f"{last}\n"
    )


def docker(text: str, service: str = "web-1", *, stamp: bool = False, colour: bool = False) -> str:
    """Prefix each line as ``docker compose logs`` does, with time stamps (-t) or colours if wanted."""
    prefix = f"\x1b[36m{service}  |\x1b[0m " if colour else f"{service}  | "
    when = "2026-11-23T10:00:00.123456789Z " if stamp else ""
    return "".join(f"{prefix}{when}{line}\n" for line in text.splitlines())


def postal(*said: str, level: str = "DEBUG") -> str:
    """Lines of Postal's smtp process, as ``postal logs smtp`` prints them."""
    return "".join(
        f"smtp-1    | 2026-11-23 10:00:00 +0000 {level}  {line} trace_id=ABCD1234 component=smtp-server\n"
        for line in said
    )


NOISE = """\
web-1     | [2026-11-23 10:00:00 +0000] [7] [INFO] Booting worker with pid: 7
web-1     | 10.0.0.9 - - [23/Nov/2026:10:00:01 +0000] "POST /api/1/envelope/ HTTP/1.1" 200 41 "-" "sentry.python/2.1"
worker-1  | [2026-11-23 10:00:02,100: INFO/MainProcess] Task apps.uptime.tasks.checks[4f] succeeded in 0.01s: None
postgres-1 | 2026-11-23 10:00:03.000 UTC [31] LOG:  checkpoint complete: wrote 42 buffers
"""
"""What stands between the lines that matter."""
