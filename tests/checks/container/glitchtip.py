"""GlitchTip as far as its mail goes: a Django project that reads its settings as glitchtip/settings.py does.

Behaviour of glitchtip/settings.py (c264800f, l. 27, 420-454, 690-716): FileAwareEnv and no .env file; EMAIL_URL, asked
for by os.getenv, replaces backend, host, port, user, password and file path, even by None; TLS, SSL and time-out stay
those of the environment.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MANAGE: Final = """\
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""

SETTINGS: Final = """\
import os

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()
SECRET_KEY = env.str("SECRET_KEY", "not-secret")
INSTALLED_APPS = []
ROOT_URLCONF = "urls"
ALLOWED_HOSTS = ["errors.shop.example"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
DATABASES = {}
USE_TZ = True

GLITCHTIP_URL = env.str("GLITCHTIP_URL", env.str("APP_URL", env.str("GLITCHTIP_DOMAIN", "http://localhost:8000")))
if not GLITCHTIP_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("GLITCHTIP_DOMAIN must start with http or https")
GLITCHTIP_MAX_EVENT_LIFE_DAYS = env.int("GLITCHTIP_MAX_EVENT_LIFE_DAYS", 90)

EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "webmaster@localhost")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", None)
if os.getenv("EMAIL_HOST"):
    EMAIL_HOST = env.str("EMAIL_HOST")
if os.getenv("EMAIL_PORT"):
    EMAIL_PORT = env.str("EMAIL_PORT")
if os.getenv("EMAIL_HOST_USER"):
    EMAIL_HOST_USER = env.str("EMAIL_HOST_USER")
if os.getenv("EMAIL_HOST_PASSWORD"):
    EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD")
if os.getenv("EMAIL_URL"):
    vars().update(env.email_url("EMAIL_URL"))
"""


URLS: Final = """\
import json

from django.core.mail import send_mail
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import ensure_csrf_cookie


@ensure_csrf_cookie
def config(request):
    return JsonResponse({"status": 200})


def reset(request):
    recipient = json.loads(request.body)["email"]
    if recipient == "you@example.net":
        link = f"{request.scheme}://{request.get_host()}/reset-password/set-new-password/1-abc"
        send_mail("Password Reset Email", link, None, [recipient])
    return JsonResponse({"status": 200})


urlpatterns = [
    path("_allauth/browser/v1/config", config),
    path("_allauth/browser/v1/auth/password/request", reset),
]
"""
"""allauth's headless API as far as a password reset goes: behind CSRF, synchronous, 200 for any address."""

CELERY: Final = """\
import json
import pathlib

STATE = pathlib.Path(__file__).parents[2] / "queue.json"


class Inspect:
    def ping(self):
        return {name: {"ok": "pong"} for name in json.loads(STATE.read_text())["workers"]} or None

    def stats(self):
        state = json.loads(STATE.read_text())
        return {name: {"total": {"celery.accumulate": state["taken"]}} for name in state["workers"]}


class Control:
    def inspect(self, destination=None, timeout=1):
        return Inspect()


class App:
    control = Control()

    def send_task(self, name, args, ignore_result):
        state = json.loads(STATE.read_text())
        if state["broker"] is not True:
            raise OSError("no broker")
        state["taken"] += state["takes"]
        STATE.write_text(json.dumps(state))


def find_app(name):
    assert name == "glitchtip"
    return App()
"""
"""Celery as far as the flow asks it. The same script was run against Celery 5.7 with Redis 7."""


def write(directory: Path) -> None:
    """Lay the project down in *directory*, as GlitchTip's image has it in /code."""
    directory.mkdir()
    (directory / "manage.py").write_text(MANAGE)
    (directory / "settings.py").write_text(SETTINGS)
    (directory / "urls.py").write_text(URLS)


def with_celery(directory: Path, *, workers: list[str], takes: bool = True, broker: bool = True) -> None:
    """Give the project in *directory* a queue with these *workers*."""
    app = directory / "celery" / "app"
    app.mkdir(parents=True, exist_ok=True)
    (app / "utils.py").write_text(CELERY)
    state = {"workers": workers, "takes": int(takes), "broker": broker, "taken": 3}
    (directory / "queue.json").write_text(json.dumps(state))
