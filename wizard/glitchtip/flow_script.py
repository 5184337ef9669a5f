"""Runs inside GlitchTip's web container, by its own Python, from standard input; never imported by the program.

It asks the running web service for a password reset by its own HTTP, or has the worker take a task that does nothing.
Standard library only (GlitchTip's own Celery for the task), Python 3.8 to 3.14; one line of JSON is the answer.

Sources: allauth's headless API (``/_allauth/browser/v1/``; the CSRF token comes as a cookie with ``config``), tried
against django-allauth under Django 5.2; GlitchTip's bin/ for the port; Celery's ``celery/app/builtins.py`` for
``celery.accumulate``, which returns what it is given, tried against Celery 5.7 with Redis 7: ``stats()`` counts a task
as soon as a worker takes it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import sys
import time
from typing import Any

ASKED = "{}"
_PORTS = ("GRANIAN_PORT", "PORT")
_USUAL_PORTS = (8000, 8080)
_BASE = "/_allauth/browser/v1"
_TASK = "celery.accumulate"
_PING_SECONDS = 3
_TASK_SECONDS = 10
_DOMAINS = ("GLITCHTIP_URL", "APP_URL", "GLITCHTIP_DOMAIN")
"""glitchtip/settings.py: the first of these that is set is where links in mails lead."""


def ports() -> list[int]:
    """Return where the web service may listen, the likeliest first."""
    given = [os.environ.get(name, "") for name in _PORTS]
    found = [int(text) for text in given if text.isdigit() and 0 < int(text) < 65536]
    return list(dict.fromkeys([*found, *_USUAL_PORTS]))


def reset(outcome: dict[str, Any], asked: dict[str, Any]) -> None:
    """Ask for a password reset, and note how far it came and the status of the answer."""
    outcome["stage"] = "connect"
    for port in ports():
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=asked["seconds"])
        try:
            link.connect()
            break
        except OSError as error:
            outcome["error"] = type(error).__name__
    else:
        return
    outcome["port"], outcome["stage"] = port, "config"
    # The link in the mail takes the request's host, and behind a proxy the request is https.
    common = {"Host": asked["host"], "X-Forwarded-Proto": asked["scheme"], "Accept": "application/json"}
    link.request("GET", _BASE + "/config", headers=common)
    answer = link.getresponse()
    cookies = answer.headers.get_all("Set-Cookie") or []
    answer.read(65536)
    outcome["status"] = answer.status
    if answer.status != 200:
        return
    token = next((found.group(1) for found in (re.match(r"csrftoken=([^;]+)", line) for line in cookies) if found), "")
    outcome["stage"] = "reset"
    headers = dict(common)
    headers["Content-Type"] = "application/json"
    headers["Referer"] = "{}://{}/".format(asked["scheme"], asked["host"])
    if token:
        headers.update({"X-CSRFToken": token, "Cookie": "csrftoken=" + token})
    body = json.dumps({"email": asked["recipient"]})
    link.close()
    link.request("POST", _BASE + "/auth/password/request", body=body, headers=headers)
    outcome["status"] = link.getresponse().status


def task(outcome: dict[str, Any], _asked: dict[str, Any]) -> None:
    """Have a worker take a task that does nothing, by GlitchTip's own queue."""
    outcome["stage"] = "import"
    from celery.app.utils import find_app

    outcome["stage"] = "app"
    app = find_app("glitchtip")
    outcome["stage"] = "queue"
    names = list(app.control.inspect(timeout=_PING_SECONDS).ping() or {})
    outcome["workers"] = len(names)
    outcome["stage"] = "worker"
    if not names:
        return
    outcome["stage"] = "send"
    workers = app.control.inspect(destination=names, timeout=_PING_SECONDS)
    before = _taken(workers)
    app.send_task(_TASK, args=(1,), ignore_result=True)
    outcome["stage"] = "task"
    until = time.monotonic() + _TASK_SECONDS
    while time.monotonic() < until:
        if _taken(workers) > before:
            outcome["stage"] = "done"
            return
        time.sleep(0.3)


def _taken(workers: Any) -> int:
    stats = workers.stats() or {}
    return sum(each.get("total", {}).get(_TASK, 0) for each in stats.values())


def main() -> None:
    """Do what ``ASKED`` names, and say what came of it."""
    asked = json.loads(ASKED)
    # Killing ``docker exec`` ends nothing in here.
    signal.alarm(asked["alarm"])
    outcome: dict[str, Any] = {
        "stage": "",
        "domain": next((os.environ[key] for key in _DOMAINS if os.environ.get(key)), ""),
    }
    try:
        {"reset": reset, "task": task, "domain": lambda *_: None}[asked["do"]](outcome, asked)
    except Exception as error:
        outcome["error"] = type(error).__name__
    sys.stdout.write("\n" + asked["mark"] + " " + json.dumps(outcome) + "\n")
    sys.stdout.flush()
    os._exit(0)  # a broker's connection may hold a thread


if __name__ == "__main__":
    main()
