"""What was written is read alike by python-dotenv, django-environ, bash and dash."""

from __future__ import annotations

import random
import shutil
import string
import subprocess
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

import environ
import pytest
from dotenv import dotenv_values

from wizard.targets import Refused
from wizard.targets.env_file import spelling, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHANCE = random.Random(42)
PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "


def password_url() -> str:
    password = "".join(CHANCE.choices(PRINTABLE, k=CHANCE.randint(1, 40)))
    encoded = quote(password, safe="").replace("~", "%7E")
    return f"smtp://org%2Fserver:{encoded}@smtp.postal.example.com:2525"


def sender() -> str:
    name = "".join(CHANCE.choices(PRINTABLE + "äéßŁ漢🔑", k=CHANCE.randint(1, 12)))
    return f"{name} <glitchtip@example.com>"


def values() -> tuple[dict[str, str], int]:
    """Return 2,000 URLs and those of 600 senders that have a spelling, and how many have none."""
    found = {f"URL_{number}": password_url() for number in range(2000)}
    refused = 0
    for number in range(600):
        value = sender()
        try:
            spelling.spell("FROM", value)
        except Refused:
            refused += 1
        else:
            found[f"FROM_{number}"] = value
    return found, refused


def by_shell(shell: str, path: Path) -> dict[str, str]:
    done = subprocess.run(
        [shell, "-c", 'set -eu; set -a; . "$1"; exec env -0', shell, path],
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
    )
    assert not done.stderr
    return dict(line.decode().split("=", 1) for line in done.stdout.split(b"\0") if line)


def by_environ(path: Path, *, comments: bool) -> dict[str, str]:
    class Env(environ.Env):  # type: ignore[misc]  # django-environ publishes no types
        ENVIRON: ClassVar[dict[str, str]] = {}

    with path.open(encoding="utf-8") as file:
        Env.read_env(file, parse_comments=comments)
    return dict(Env.ENVIRON)


@pytest.mark.skipif(shutil.which("dash") is None, reason="apt-get install -y dash")
@pytest.mark.slow
@pytest.mark.parametrize(
    "before",
    [b"", b"export URL_1=old # c\nFROM_1 =x\nFROM_2=a$b`\nURL_3=\n".replace(b" =", b"=")],
    ids=["new", "edited"],
)
def test_2000_passwords_and_600_senders_are_read_alike_or_refused(
    tmp_path: Path, before: bytes, reached: Callable[..., None]
) -> None:
    path = tmp_path / ".env"
    path.write_bytes(before)
    wanted, refused = values()
    assert len(wanted) > 2400
    assert 0 < refused < 200
    reached(values=len(wanted), refused=refused)
    write(path, wanted)
    assert {**dotenv_values(path, interpolate=False)} == wanted
    assert {**dotenv_values(path)} == wanted
    for shell in ("bash", "dash"):
        read = by_shell(shell, path)
        assert {key: read.get(key) for key in wanted} == wanted
    if not before:  # an inline comment is part of the value to django-environ, and stays
        assert by_environ(path, comments=False) == wanted
        assert by_environ(path, comments=True) == wanted
