"""The ``.env`` target: all keys in one atomic change, nothing else touched, refused where that cannot be promised."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model.secret import Secret, plaintext
from wizard.system.threads import aside
from wizard.targets import Change, KeyState, Plan, Present, PreviousValues, Receipt, Refused, Values, held, private_part
from wizard.targets.env_file import location as env_location
from wizard.targets.env_file.backups import Backups
from wizard.targets.env_file.commit import KIND, commit, edited, fingerprint, hard_link, refuse_unwritable
from wizard.targets.env_file.location import ACL, owner
from wizard.targets.showing import difference, masked
from wizard.targets.stopping import Writing, finish

if TYPE_CHECKING:
    import pathlib

    from wizard.targets.env_file.backups import Backup
    from wizard.targets.env_file.commit import Fingerprint
    from wizard.targets.env_file.location import Source
    from wizard.targets.env_file.text import Edited


@dataclass(frozen=True, slots=True)
class EnvPlanned:
    """What ``apply`` needs: the values, the file they were planned on, and what to start from where there is none."""

    values: Values = field(repr=False)
    fingerprint: Fingerprint | None
    template: bytes | None = field(repr=False)


class EnvFile:
    """A ``.env`` file as a target, with backups in *state_dir*.

    *template*: what a new file starts from, comments included. *in_place*: the operator's explicit yes to overwriting
    a file that is a mount point and cannot be replaced in one step (``question_in_place`` asks for it).
    """

    def __init__(
        self,
        path: pathlib.Path,
        state_dir: pathlib.Path,
        *,
        template: pathlib.Path | None = None,
        in_place: bool = False,
    ) -> None:
        self.path = path
        self.state_dir = state_dir
        self.template = template
        self.in_place = in_place

    async def read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        """Return what the file has for each key. Raises Refused."""
        return await aside(lambda: self._read(keys))

    async def is_there(self) -> bool:
        """Whether there is such a file, behind any symbolic links. Raises Refused."""
        return await aside(lambda: env_location.look(self.path).raw is not None)

    async def plan(self, values: Values) -> Plan[EnvPlanned]:
        """Say what writing *values* would change. Raises Refused where it must not or cannot be done."""
        return await aside(lambda: self._plan(values))

    async def apply(self, plan: Plan[object]) -> Receipt[None]:
        """Keep a backup, write *plan* and read it back. Raises as the protocol says."""
        planned = private_part(plan, EnvPlanned)
        writing = Writing(dict.fromkeys(planned.values, KeyState.NOT_WRITTEN))
        return await finish(writing, aside(lambda: self._apply(plan, planned, writing)))

    async def previous(self) -> PreviousValues:
        """Return what the newest backup would put back. Raises Refused."""
        from wizard.targets.env_file import roll_back  # start-up: 6 ms

        return await aside(lambda: roll_back.previous(self.path, self._backups()))

    async def roll_back(self) -> Receipt[None]:
        """Put back what the newest backup holds, spelled as it was. Raises as the protocol says."""
        from wizard.targets.env_file import roll_back  # start-up: 6 ms

        writing = Writing()
        backups = self._backups()
        return await finish(
            writing, aside(lambda: roll_back.put_back(self.path, backups, writing, in_place=self.in_place))
        )

    async def close(self) -> None:
        """Nothing is held open between two changes."""

    def _backups(self) -> Backups:
        return Backups(self.state_dir, self.path)

    def _read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        from wizard.targets.env_file import python_dotenv  # start-up: 5 ms

        values = python_dotenv.last_values(env_location.look(self.path).raw or b"")
        return {key: Present(None if (value := values.get(key)) is None else held(key, value)) for key in keys}

    def _plan(self, values: Values) -> Plan[EnvPlanned]:
        from wizard.targets.env_file import python_dotenv  # start-up: 5 ms

        plain = {key: plaintext(value) for key, value in values.items()}
        source = env_location.look(self.path)
        template = env_location.look(self.template).raw if source.raw is None and self.template is not None else None
        if source.raw is not None and not self.in_place and env_location.mounted(self.path):
            raise Refused(f"{source.shown} cannot be written: {env_location.MOUNTED}.")
        changed = edited(source, plain, template if source.raw is None else source.raw)
        if changed.raw != source.raw:
            refuse_unwritable(self.path, in_place=self.in_place)
        states = changed.states if source.raw is not None else dict.fromkeys(plain, KeyState.CREATED)
        before = python_dotenv.last_values(source.raw or b"")
        changes = tuple(
            _change(key, before.get(key), value, states[key], secret=isinstance(values[key], Secret))
            for key, value in plain.items()
        )
        facts = _facts(source, changed, template_name=self.template.name if self.template else None)
        planned = EnvPlanned(dict(values), fingerprint(source), template)
        return Plan(KIND, source.shown, changes, facts, private=planned)

    def _apply(self, plan: Plan[object], planned: EnvPlanned, writing: Writing) -> Receipt[None]:
        plain = {key: plaintext(value) for key, value in planned.values.items()}
        backups = self._backups()
        kept: list[Backup] = []
        warnings: list[str] = []

        def change(source: Source) -> bytes | None:
            if fingerprint(source) != planned.fingerprint:
                raise Refused(f"{source.shown} was changed since the review: look at the change again.")
            raw = edited(source, plain, planned.template if source.raw is None else source.raw).raw
            if raw != source.raw:
                warnings.extend(filter(None, [hard_link(source)]))
                kept.append(backups.keep(source.raw, raw, plain))
                writing.refuse_if_stopped()
                writing.keys.update(dict.fromkeys(plain, KeyState.UNCERTAIN))
            return raw

        try:
            commit(self.path, change, dict(plain), in_place=self.in_place)
        except Refused:
            for unused in kept:
                backups.drop(unused)
            raise
        entry = backups.confirm(kept[0]) if kept else None
        facts = (f"Backup: {entry.copy}",) if entry is not None and entry.copy is not None else ()
        keys = {change.key: change.state for change in plan.changes}
        return Receipt(KIND, plan.location, keys, (*facts, *warnings), private=None)


def _change(key: str, before: str | None, after: str, state: KeyState, *, secret: bool) -> Change:
    note = difference(key, before, after)
    if before == after and state is not KeyState.UNCHANGED:
        note = "same value, written as every reader understands it"
    shown = None if before is None else masked(key, before, secret=secret)
    return Change(key, state, shown, masked(key, after, secret=secret), note)


def question_in_place(path: pathlib.Path) -> str | None:
    """Return what to ask before ``in_place``, None where the file at *path* can be replaced in one step.

    Raises Refused where the file cannot be looked at.
    """
    source = env_location.look(path)
    if source.raw is None or not env_location.mounted(path):
        return None
    return (
        f"{source.shown} is a mount point (a file mounted into a container, for example): it cannot be replaced in one "
        "step, only overwritten, and a power cut at that moment leaves half of it. A backup is kept. Overwrite it?"
    )


def _facts(source: Source, edited: Edited, *, template_name: str | None) -> tuple[str, ...]:
    """Return what the review says beside the diff: how much changes, and what is kept."""
    said = [f"{edited.touched} of {edited.lines} lines change"]
    if source.links:
        said.append(f"{source.shown} is where the symbolic link leads; the link stays")
    status = source.status
    if status is None:
        said.append(f"new file from {template_name} (its comments are kept)" if template_name else "new file")
        return (*said, "0600, yours")
    mode = stat.S_IMODE(status.st_mode)
    mine = status.st_uid == os.geteuid()
    kept = f"{mode:04o}, {'yours' if mine else f'owner {owner(status.st_uid)}, kept'}"
    if ACL in source.attributes:
        kept += ", with an ACL"
    said.append(kept)
    if mode & 0o077:
        said.append(f"other users of this machine can read it: chmod 600 {source.shown} would stop that")
    if status.st_nlink > 1:
        said.append("the file has another name (a hard link), which keeps the old text")
    return tuple(said)
