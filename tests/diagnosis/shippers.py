"""Who else gets hold of a log before it is pasted: each writes the same lines in another way."""

# Lines of logs stand as they are:
# ruff: noqa: E501

from __future__ import annotations

import json
from typing import Final

_CELERY: Final = (
    "[2026-11-23 10:00:02,113: ERROR/ForkPoolWorker-1] Task apps.alerts.tasks.send_alerts[0b1f-22] raised unexpected: "
)


def celery(said: str) -> str:
    """One line as Celery logs a failed task."""
    return f"{_CELERY}{said}\n"


def json_lines(text: str, **more: str) -> str:
    """Each line as docker's json-file driver keeps it."""
    return "".join(
        json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "2026-11-23T10:00:00.1Z", **more}) + "\n"
        for line in text.splitlines()
    )


def one_json(text: str, name: str = "exc_info") -> str:
    """A whole traceback in one object, as python-json-logger and structlog do."""
    return (
        json.dumps(
            {"asctime": "2026-11-23 10:00:00,123", "levelname": "ERROR", "message": "Internal Server Error", name: text}
        )
        + "\n"
    )


def cri(text: str) -> str:
    """Lines as containerd keeps them for Kubernetes."""
    return "".join(f"2026-11-23T10:00:00.123456789Z stderr F {line}\n" for line in text.splitlines())


def before(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def klogger(*said: str, component: str = "smtp-server", level: str = "debug") -> str:
    """Lines of Postal's logger in its JSON form."""
    return "".join(
        json.dumps(
            {
                "time": "2026-11-23T10:00:00Z",
                "severity": level,
                "logger": None,
                "message": line,
                "trace_id": "ABCD1234",
                "component": component,
            }
        )
        + "\n"
        for line in said
    )


def version_2(*said: str) -> str:
    """Lines of Postal 2's smtp process."""
    return "".join(f"[smtp.1:23321] [2026-11-23T10:00:36.032] DEBUG -- : [BOKFFT] {line}\n" for line in said)


def worker(*said: str) -> str:
    """Lines of Postal's worker."""
    return "".join(
        f"worker-1  | 2026-11-23 10:00:00 +0000 INFO   {line} component=worker thread=3 job=process_queued_messages log_id=AB12 message_id=7 server_id=1\n"
        for line in said
    )


def boxed(text: str) -> str:
    """A traceback in rich's box."""
    return (
        "╭──────────────── Traceback (most recent call last) ────────────────╮\n"
        + "".join(f"│ {line:<100} │\n" for line in text.splitlines()[1:-1])
        + "╰────────────╯\n"
        + text.splitlines()[-1]
        + "\n"
    )


def coloured(text: str) -> str:
    """As Python 3.13 colours it where it takes the log for a terminal."""
    *body, last = text.splitlines()
    kind, _, message = last.partition(": ")
    return (
        "\n".join(body).replace('File "', 'File \x1b[35m"').replace('", line', '"\x1b[0m, line')
        + f"\n\x1b[1;35m{kind}\x1b[0m: \x1b[35m{message}\x1b[0m\n"
    )


def marked(text: str) -> str:
    """With the carets of Python 3.11 and later under each source line."""
    return "".join(
        f"{line}\n{'    ~~~~~~~~~^^^^^' + chr(10) if line.startswith('    ') else ''}" for line in text.splitlines()
    )


def debug_page(kind: str, value: str) -> str:
    """Django's technical error page as text."""
    return f"{kind} at /_allauth/browser/v1/auth/password/request\n{value}\n\nRequest Method: POST\nRequest URL: https://errors.example.com/_allauth/browser/v1/auth/password/request\nDjango Version: 5.2.8\nException Type: {kind}\nException Value: {value}\nException Location: /usr/local/lib/python3.13/smtplib.py, line 662, in auth\n"
