"""The rehearsal as steps see it: which scenario runs, what can be fixed in it, and which others there are.

Another scenario is another process with servers, keys and a directory of its own; the earlier one ends. So nothing of
one is left in the next.
"""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.model.secret import Secret
from wizard.model.world import WorldError
from wizard.rehearsal import lifetime, scenarios
from wizard.system import files
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.world import Fix, Group, Scenario
    from wizard.rehearsal.state import Change

_LARGEST: Final = 1 << 20
"""Octets of one mail that are read."""


class PretendWorld:
    """The running rehearsal of one run of the program."""

    def __init__(self, running: lifetime.Rehearsal, directory: Path | None = None) -> None:
        """*directory*: the one that the operator has named; None: temporary ones."""
        self._running = running
        self._directory = directory
        self._done: list[Change] = []

    @property
    def scenario(self) -> Scenario:
        """What is rehearsed now."""
        return scenarios.state(self.info["scenario"]).scenario

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every scenario, grouped, in the order of the menu."""
        return scenarios.GROUPS

    @property
    def keeps(self) -> bool:
        """Whether its files are still there after its end."""
        return self._directory is not None

    @property
    def info(self) -> Mapping[str, Any]:
        """Where the servers are, and the keys of this run."""
        return self._running.info

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What can still be fixed in the present scenario."""
        return tuple(change.fix for change in self._changes() if change not in self._done)

    async def fix(self, fix: Fix) -> Secret | None:
        """Let *fix* be done; return the key of the credential that was made for it, if any. Raises WorldError."""
        changes = self._changes()
        number = next(number for number, change in enumerate(changes) if change.fix == fix)
        try:
            news = await aside(self._running.change, number)
        except lifetime.RehearsalError as error:
            raise WorldError(str(error)) from None
        self._done.append(changes[number])
        return Secret(news["smtp_key"]) if "smtp_key" in news else None

    async def rehearse(self, name: str) -> None:
        """End the present servers and start those of the scenario *name*. Raises WorldError: nothing changed then."""
        try:
            started = await aside(lifetime.start, name, self._free_directory(name))
        except lifetime.RehearsalError as error:
            raise WorldError(str(error)) from None
        before, self._running, self._done = self._running, started, []
        await aside(before.stop)

    async def mails(self) -> list[bytes]:
        """Return what is in the recipient's mailbox, the newest first."""
        return await aside(self._mails)

    def close(self) -> None:
        """End the servers. May be called again."""
        self._running.stop()

    def _changes(self) -> tuple[Change, ...]:
        return scenarios.state(self.info["scenario"]).changes

    def _free_directory(self, name: str) -> Path | None:
        """Return a directory for a further scenario, inside the one that the operator has named."""
        if self._directory is None:
            return None
        further = (
            self._directory / "".join((name, f"-{number}" if number > 1 else "")) for number in itertools.count(1)
        )
        return next(path for path in further if not path.exists())

    def _mails(self) -> list[bytes]:
        found = sorted(Path(self.info["sink"]).glob("[0-9]*.eml"), reverse=True)
        mails = []
        for path in found:
            with contextlib.suppress(OSError):
                mails.append(files.read(path, _LARGEST))
        return mails
