"""GlitchTip as far as its mail goes: a Django project that reads its settings as glitchtip/settings.py does.

Behaviour of glitchtip/settings.py (c264800f, l. 27, 420-454, 690-716): FileAwareEnv and no .env file; EMAIL_URL, asked
for by os.getenv, replaces backend, host, port, user, password and file path, even by None; TLS, SSL and time-out stay
those of the environment.
"""

from __future__ import annotations

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


def write(directory: Path) -> None:
    """Lay the project down in *directory*, as GlitchTip's image has it in /code."""
    directory.mkdir()
    (directory / "manage.py").write_text(MANAGE)
    (directory / "settings.py").write_text(SETTINGS)
