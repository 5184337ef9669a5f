"""The ``.env`` target: all keys in one atomic change, nothing else touched, refused where that cannot be promised."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.model.secret import Secret, plaintext
from wizard.model.untrusted import Untrusted
from wizard.system.threads import aside
from wizard.targets import Change, KeyState, Plan, Receipt, Refused, UncertainError, Values, private_part
from wizard.targets.env_file import atomic
from wizard.targets.env_file import location as env_location
from wizard.targets.env_file import text as env_text

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping

    from wizard.targets.env_file.backups import Backups, Entry
    from wizard.targets.env_file.location import Source

KIND: Final = "env"
STARTING_POINTS: Final = (".env.template", ".env.example", ".env.sample")

_T = TypeVar("_T")


def write(path: pathlib.Path, values: Mapping[str, str]) -> None:
    """Write all *values* to the file at *path* in one atomic change.

    It judges spelling, not meaning: any keys and values; no git, no network, no backup. Raises Refused with the file
    untouched, and Uncertain where it was replaced but could not be made sure of. That a hard link keeps the old text
    is logged.
    """
    warnings: list[str] = []

    def change(source: Source) -> bytes | None:
        raw = _edited(source, values, source.raw).raw if values else source.raw
        if raw != source.raw and _hard_link(source):
            warnings.append(f"{source.shown}: {_hard_link(source)}")
        return raw

    _commit(path, change, dict(values))
    for warning in warnings:
        logging.getLogger(__name__).warning(warning)


def _edited(source: Source, values: Mapping[str, str], start: bytes | None) -> env_text.Edited:
    """Return *start* (the file, or a template) with *values*, approved by python-dotenv. Raises Refused."""
    from wizard.targets.env_file import python_dotenv

    before = start or b""
    try:
        edited = env_text.edit(before, values)
        python_dotenv.confirm(before, edited.raw, values)
    except Refused as refused:
        raise Refused(f"{source.shown}: {refused}") from None
    return edited


def _commit(
    path: pathlib.Path,
    change: Callable[[Source], bytes | None],
    wanted: Mapping[str, str | None],
    *,
    in_place: bool = False,
) -> None:
    """Make *change* and see that *wanted* is what stands there then. Raises Refused or Uncertain."""
    from wizard.targets.env_file import python_dotenv

    unsure = dict.fromkeys(wanted, KeyState.UNCERTAIN)
    try:
        raw = atomic.replace(path, change, in_place=in_place)
    except atomic.UnsettledError as error:
        raise UncertainError(str(error), unsure) from None
    read = python_dotenv.last_values(raw or b"")
    wrong = [key for key, value in wanted.items() if read.get(key) != value]
    if wrong:
        shown = Untrusted(path)
        raise UncertainError(f"{shown} holds another {wrong[0]} than was written: look at the file.", unsure)


@dataclass(frozen=True, slots=True)
class EnvPlanned:
    """What ``apply`` needs: the values, the file they were planned on, and what to start from where there is none."""

    values: Values = field(repr=False)
    fingerprint: tuple[int, int, int, str] | None
    template: bytes | None = field(repr=False)


def _fingerprint(source: Source) -> tuple[int, int, int, str] | None:
    if source.raw is None or source.status is None:
        return None
    status = source.status
    return (status.st_ino, status.st_mtime_ns, status.st_size, hashlib.sha256(source.raw).hexdigest())


class EnvFile:
    """A ``.env`` file as a target, with backups in *state_dir*.

    *template*: what a new file starts from, comments included. *in_place*: the operator's explicit yes to overwriting
    a file that is a mount point and cannot be replaced in one step.
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

    async def read(self, keys: tuple[str, ...]) -> dict[str, Secret | None]:
        """Return the present value of each key, None where it is not there. Raises Refused."""
        return await _aside(lambda: self._read(keys))

    async def plan(self, values: Values) -> Plan[EnvPlanned]:
        """Say what writing *values* would change. Raises Refused where it must not be done."""
        return await _aside(lambda: self._plan(values))

    async def apply(self, plan: Plan[object]) -> Receipt[Entry | None]:
        """Keep a backup, write *plan* and read it back. Raises Refused (nothing changed) or Uncertain."""
        return await _aside(lambda: self._apply(plan))

    async def undo(self, receipt: Receipt[object]) -> Receipt[Entry | None]:
        """Put the old values back, spelled as they were. Raises Refused when a value is no longer ours."""
        from wizard.targets.env_file.backups import Entry

        entry = receipt.private
        if not isinstance(entry, Entry):
            return Receipt(KIND, str(self.path), dict.fromkeys(receipt.keys, KeyState.UNCHANGED), private=None)
        return await _aside(lambda: _put_back(self.path, self._backups(), entry, in_place=self.in_place))

    async def forget(self, receipt: Receipt[object]) -> int:
        """Remove the file's backups, because the operator confirmed *receipt*; return how many there were."""
        return await _aside(self._backups().forget) if receipt.kind == KIND else 0

    async def close(self) -> None:
        """Nothing is held open between two changes."""

    def _backups(self) -> Backups:
        from wizard.targets.env_file.backups import Backups

        return Backups(self.state_dir, self.path)

    def _read(self, keys: tuple[str, ...]) -> dict[str, Secret | None]:
        from wizard.targets.env_file import python_dotenv

        values = python_dotenv.last_values(env_location.look(self.path).raw or b"")
        return {key: None if (value := values.get(key)) is None else Secret(value) for key in keys}

    def _plan(self, values: Values) -> Plan[EnvPlanned]:
        from wizard.targets.env_file import python_dotenv, wording

        plain = {key: plaintext(value) for key, value in values.items()}
        source = env_location.look(self.path)
        template = env_location.look(self.template).raw if source.raw is None and self.template is not None else None
        if source.raw is not None and not self.in_place and env_location.mounted(self.path):
            raise Refused(f"{source.shown} cannot be written: {env_location.MOUNTED}.")
        start = template if source.raw is None else source.raw
        edited = _edited(source, plain, start)
        states = edited.states if source.raw is not None else dict.fromkeys(plain, KeyState.CREATED)
        before = python_dotenv.last_values(source.raw or b"")
        secret = frozenset(key for key, value in values.items() if isinstance(value, Secret))
        changes = tuple(
            Change(
                key,
                states[key],
                None if (old := before.get(key)) is None else wording.masked(key, old, secret=key in secret),
                wording.masked(key, value, secret=key in secret),
                wording.difference(key, before.get(key), value, states[key]),
            )
            for key, value in plain.items()
        )
        facts = wording.facts(source, edited, template_name=self.template.name if self.template else None)
        planned = EnvPlanned(dict(values), _fingerprint(source), template)
        return Plan(KIND, source.shown, changes, facts, private=planned)

    def _apply(self, plan: Plan[object]) -> Receipt[Entry | None]:
        planned = private_part(plan, EnvPlanned)
        plain = {key: plaintext(value) for key, value in planned.values.items()}
        backups = self._backups()
        kept: list[Entry] = []
        warnings: list[str] = []

        def change(source: Source) -> bytes | None:
            if _fingerprint(source) != planned.fingerprint:
                raise Refused(f"{source.shown} was changed since the review: look at the change again.")
            raw = _edited(source, plain, planned.template if source.raw is None else source.raw).raw
            if raw != source.raw:
                warnings.extend(filter(None, [_hard_link(source)]))
                kept.append(backups.keep(source.raw, raw, plain))
            return raw

        try:
            _commit(self.path, change, dict(plain), in_place=self.in_place)
        except Refused:
            for unused in kept:
                backups.drop(unused)
            raise
        entry = backups.confirm(kept[0]) if kept else None
        facts = (f"Backup: {entry.copy}",) if entry is not None and entry.copy is not None else ()
        keys = {change.key: change.state for change in plan.changes}
        return Receipt(KIND, plan.place, keys, (*facts, *warnings), private=entry)


def _hard_link(source: Source) -> str:
    if source.status is None or source.status.st_nlink < 2:
        return ""
    return "The file has another name (a hard link), which keeps the old text."


def _put_back(
    path: pathlib.Path, backups: Backups, entry: Entry | None, *, in_place: bool = False
) -> Receipt[Entry | None]:
    """Restore what *entry* (None: the newest that fits) kept, if nobody wrote the values since. Raises Refused."""
    from wizard.targets.env_file import python_dotenv

    found = [] if entry is None else [entry]
    wanted: dict[str, str | None] = {}
    present: dict[str, str | None] = {}

    def change(source: Source) -> bytes | None:
        raw = source.raw or b""
        present.update(python_dotenv.last_values(raw))
        if not found:
            found.append(backups.that_wrote(raw, present))
        kept = found[0]
        strangers = kept.strangers(present)
        if strangers:
            raise Refused(f"{strangers[0]} in {source.shown} is no longer what was written: it stays as it is.")
        old = kept.old()
        values = python_dotenv.last_values(old or b"")
        wanted.update({key: values.get(key) for key in kept.keys})
        if kept.wrote(raw):
            return old
        restored = env_text.put_back(raw, old or b"", tuple(kept.keys))
        python_dotenv.confirm(raw, restored, wanted, every=False)
        return restored

    _commit(path, change, wanted, in_place=in_place)
    backups.drop(found[0])
    keys = {key: KeyState.UNCHANGED if present[key] == value else KeyState.CHANGED for key, value in wanted.items()}
    return Receipt(KIND, str(path), keys, private=None)


def rollback_possible(path: pathlib.Path, state_dir: pathlib.Path) -> pathlib.Path | None:
    """Return the note of the newest backup of the file at *path*, None where there is none."""
    from wizard.targets.env_file.backups import Backups

    entries = Backups(state_dir, path).newest_first()
    return entries[0].note if entries else None


def restore(path: pathlib.Path, state_dir: pathlib.Path) -> Receipt[Entry | None]:
    """Put back what the newest backup holds, in a later process too, if the file still has the values we wrote.

    Raises Refused where a value was changed since, ``env_backups.NoBackup`` (a Refused) where there is none.
    """
    from wizard.targets.env_file.backups import Backups

    return _put_back(path, Backups(state_dir, path), None)


def starting_points(directory: pathlib.Path) -> tuple[pathlib.Path, ...]:
    """Return the templates in *directory* that a new ``.env`` can start from."""
    found = (directory / name for name in STARTING_POINTS)
    return tuple(path for path in found if path.is_file())


async def _aside(work: Callable[[], _T]) -> _T:
    """Run *work* in a thread: a slow disk must not freeze a screen."""
    return await aside(work)
