"""The containers of GlitchTip on this host, through ``docker compose``: whether they are there, and what they say."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.glitchtip.probe import PYTHONS
from wizard.model.untrusted import Untrusted
from wizard.system.command import DOCKER, Ran, program, run

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Draft
    from wizard.model.session import Session

DEADLINE: Final = 20.0
"""Seconds for one command in a container: the probe ends by itself after 18."""
SENDING: Final = 45.0
"""Seconds for GlitchTip to send a mail: 15 to the answer to RCPT and 30 for DATA (security.md section 5)."""
_PRELUDE: Final = 5.0
"""Seconds for docker to say whether it is there."""
_NOT_THERE: Final = frozenset({126, 127})
"""What ``exec`` ends with where there is no such program in the container."""

_UNABLE: Final = (
    (r"cannot connect to the docker daemon|daemon is not running|error during connect", "the docker daemon is down"),
    (r"permission denied", "this user may not talk to the docker daemon"),
    (r"required variable", "docker compose wants variables that are not set here"),
    (r"\.env: |unexpected character|unterminated quoted", "docker compose cannot read the .env file"),
    (r"yaml: |invalid compose|validating |unmarshal", "docker compose cannot read the compose file"),
)  # fmt: skip
"""What docker says where it cannot tell what runs. Its own words stay here: those about `.env` quote part of it."""
_REQUIRED: Final = re.compile(rb"required variable (\w{1,100}) is missing")
_MOST_REQUIRED: Final = 20


@dataclass(frozen=True, slots=True)
class Compose:
    """A compose project that answers."""

    command: tuple[str, ...]
    services: tuple[str, ...]
    """GlitchTip's services that run."""
    stopped: tuple[str, ...] = ()
    """GlitchTip's services that do not."""
    directory: Path | None = None
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    """What docker gets beside the variables that ``system.command`` passes on to it."""

    @classmethod
    async def here(cls, draft: Draft, session: Session) -> Compose | str:
        """Return the project that GlitchTip runs in, or why there is none to ask."""
        if program("docker") is None:
            return "docker is not installed here"
        from wizard.glitchtip import compose

        try:
            reading = compose.read(draft, session)
        except compose.ComposeError as error:
            return str(error).rstrip(".")
        if reading is None:
            return "there is no compose file"
        names = tuple(reading.services)
        if not names:
            return f"{Untrusted(reading.file.name)} names no service of GlitchTip"
        file = reading.file.absolute()
        # Told a file, compose looks for no override beside it: then that has to be told as well.
        told = (file, *(override.absolute() for override in reading.overrides))
        command = ("docker", "compose", *(word for each in told for word in ("-f", str(each))))
        here = cls(command, names, (), file.parent)
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(here._run(("docker", "compose", "version"), deadline=_PRELUDE))
            listed = await here._listed()
        plugin = asked.result()
        if plugin.code is None or (listed.code is None and plugin.code == 0):
            return f"docker did not answer within {_PRELUDE:.0f} s"
        if plugin.code != 0:
            return "docker has no compose plugin"
        if listed.code != 0:
            # An old compose knows no --status: then each service tells by itself whether it runs.
            return _unable(listed) or here
        running = {line.strip() for line in listed.stdout.decode("utf-8", "replace").splitlines()}
        up = tuple(name for name in names if name in running)
        if not up:
            return f"no service of GlitchTip is running ({', '.join(names)})"
        return cls(command, up, tuple(name for name in names if name not in running), file.parent, here.environment)

    async def _listed(self) -> Ran:
        """Return what ``ps`` says. A variable that the file insists on (``${NAME:?}``) gets a word in its place.

        To list, exec or log its value makes no difference; the real one may lie in Infisical alone.
        """
        words = (*self.command, "ps", "--services", "--status", "running")
        for _ in range(_MOST_REQUIRED):
            ran = await self._run(words, deadline=_PRELUDE)
            missing = _REQUIRED.search(ran.stderr)
            if ran.code in {0, None} or missing is None:
                break
            self.environment[missing[1].decode()] = "not-needed-here"
        return ran

    async def execute(
        self, service: str, words: tuple[str, ...], given: bytes = b"", *, deadline: float = DEADLINE
    ) -> Ran:
        """Run *words* in *service*, with *given* on standard input."""
        return await self._run((*self.command, "exec", "-T", service, *words), given, deadline=deadline)

    async def python(self, service: str, words: tuple[str, ...], given: bytes = b"", *, deadline: float) -> Ran:
        """Run the Python of *service*, under either of its names."""
        ran = Ran(None, b"", b"")
        for name in PYTHONS:
            ran = await self.execute(service, (name, *words), given, deadline=deadline)
            if ran.code not in _NOT_THERE:
                break
        return ran

    async def logs(self, lines: int = 400) -> str:
        """Return the last *lines* of each service's log, as they are: for ``mail_log.email_lines`` and diagnosis."""
        said = (*self.command, "logs", "--no-color", "--tail", str(lines), *self.services)
        return (await self._run(said, deadline=DEADLINE)).stdout.decode("utf-8", "replace")

    async def send_test_mail(self, service: str, recipient: str) -> Ran:
        """Let GlitchTip itself send a mail to *recipient*: proves the container that it runs in, and no other.

        Django's command is silent and ends with 0 where it worked, with a traceback where not.
        """
        guard = ("--",) if recipient.startswith("-") else ()
        return await self.python(service, ("manage.py", "sendtestemail", *guard, recipient), deadline=SENDING)

    async def _run(self, words: tuple[str, ...], given: bytes = b"", *, deadline: float) -> Ran:
        return await run(
            words, given, deadline=deadline, directory=self.directory, passed=DOCKER, more=self.environment
        )


def _unable(ran: Ran) -> str | None:
    said = ran.stderr.decode("utf-8", "replace")
    return next((reason for pattern, reason in _UNABLE if re.search(pattern, said, re.IGNORECASE)), None)
