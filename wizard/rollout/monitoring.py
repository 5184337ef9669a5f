"""Monitoring afterwards: the check as a cron line and as a systemd timer, quiet while all is well.

What is made here names a program and a file, and never holds a secret: the key is read from `.env` at each run.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

from wizard.system.command import program as installed

UNIT: Final = "postal-wizard-check"
EVERY: Final = 15
"""Minutes between two checks. Each is one connection with one AUTH, and sends no mail."""


class UnwritableError(ValueError):
    """A path that neither cron nor systemd can take; the message is a sentence."""


def program() -> tuple[str, ...]:
    """Return the words that start this very program from anywhere: an absolute path, with nothing looked up."""
    started = Path(sys.argv[0])
    if started.name == "postal-wizard" and started.is_file():
        return (str(started.absolute()),)
    beside = Path(sys.executable).with_name("postal-wizard")
    if beside.is_file():
        return (str(beside),)
    found = installed("postal-wizard")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "wizard")


def command(env_file: Path, starts: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Return the words of the check of *env_file*. Raises Unwritable."""
    words = (*(starts or program()), "check", "--env-file", str(env_file.absolute()), "--quiet")
    if any(not word.isprintable() for word in words):
        raise UnwritableError(
            "The path holds a line break or an invisible character, which cron and systemd cannot take."
        )
    return words


def cron_line(env_file: Path, starts: tuple[str, ...] | None = None) -> str:
    r"""Return a line for ``crontab -e`` of a user who may read *env_file*. Raises Unwritable.

    Cron mails what the check says, and it only says what is not right. To cron a ``%`` ends the command, in quotes too:
    it is written ``\%`` (crontab(5)).
    """
    line = shlex.join(command(env_file, starts)).replace("%", r"\%")
    return f"*/{EVERY} * * * * {line}"


def service_unit(env_file: Path, starts: tuple[str, ...] | None = None) -> str:
    """Return the text of ``postal-wizard-check.service``. Raises Unwritable.

    The unit fails when the check does: see ``systemctl --failed``, or hang ``OnFailure=`` on it.
    """
    # The colon keeps systemd from putting variables in place of $ (systemd.service(5)).
    words = command(env_file, starts)
    if any(character in words[0] for character in "\"'\\"):
        # systemd takes no such character in the program's own path (path-util: string_is_safe).
        words = ("/bin/sh", "-c", 'exec "$@"', "sh", *words)
    line = " ".join(map(_systemd, words))
    rows = [
        "[Unit]",
        "Description=Does mail still get out through Postal?",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart=:{line}",
        "TimeoutStartSec=120",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "ProtectSystem=strict",
        "ProtectHome=read-only",
    ]
    return "\n".join(rows) + "\n"


def timer_unit() -> str:
    """Return the text of ``postal-wizard-check.timer``."""
    return f"""\
[Unit]
Description=Checks every {EVERY} minutes whether mail still gets out through Postal

[Timer]
OnCalendar=*:0/{EVERY}
RandomizedDelaySec=60
Persistent=true

[Install]
WantedBy=timers.target
"""


def units(env_file: Path, starts: tuple[str, ...] | None = None) -> dict[str, str]:
    """Return both units' texts by file name. Raises Unwritable."""
    return {f"{UNIT}.service": service_unit(env_file, starts), f"{UNIT}.timer": timer_unit()}


INSTALLING: Final = (
    f"sudo install -m 0644 {UNIT}.service {UNIT}.timer /etc/systemd/system/",
    "sudo systemctl daemon-reload",
    f"sudo systemctl enable --now {UNIT}.timer",
    f"systemctl list-timers {UNIT}.timer; journalctl -u {UNIT}.service",
)
"""What makes the units work, from the directory they were written to."""


def _systemd(word: str) -> str:
    """Return *word* as one argument in a unit file: quoted, and no specifier in it (systemd.syntax(7))."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
