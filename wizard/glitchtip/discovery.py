"""Where GlitchTip's compose project is: its directory, files, name and `.env`, by compose's own rules.

The labels of its containers go first, where the daemon was asked: they hold for every way of starting it. Then what
the answers name, then COMPOSE_FILE of the environment or the `.env`, then the file names that compose looks for.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import compose_files, roles
from wizard.glitchtip.compose_yaml import ComposeError
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.glitchtip.interpolation import Known
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session

NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""In compose's own order (compose-go, cli/options.go)."""
OVERRIDES: Final = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""The same; the first that is there counts, and only beside a file that compose finds without ``-f``."""
_LIKE_ONE: Final = re.compile(r"(?:docker-)?(?:compose|stack)[.-][\w.-]+\.ya?ml")
"""``docker-compose.prod.yml`` and the like, which compose is given by ``-f``."""
_MOST_FILES: Final = 20
_MOST_ENTRIES: Final = 5_000
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9_-]")
_FIRST_OF_A_NAME: Final = re.compile(r"^[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Project:
    """One compose project, as ``docker compose`` has to be started for it."""

    directory: Path
    """What relative paths of the files are relative to; its name is the project's, where nothing else names it."""
    files: tuple[Path, ...]
    """The compose files in their order; at least one."""
    env_files: tuple[Path, ...]
    """Where ``${NAME}`` comes from, the last one first; usually the `.env` alone."""
    start: Path | None = None
    """The directory in which compose finds these files without ``-f``; None where it finds them in none."""
    env_files_given: bool = False
    """Whether the project was started with ``--env-file``."""
    name: str = ""
    """The project's name."""
    name_given: bool = False
    """Whether the name is not the one that compose would choose, so that ``-p`` is needed."""

    @property
    def dotenv(self) -> Path:
        """The file from which compose takes ``${NAME}``: the last one given, or the `.env`."""
        return self.env_files[-1] if self.env_files else self.directory / ".env"


def find(draft: Draft, session: Session, containers: Sequence[Container] = ()) -> Project | None:
    """Return the project that GlitchTip is in; None where no file of one is found. Raises ComposeError."""
    if draft.app.compose_file is None:
        labelled = _by_labels(session.directory, containers)
        if labelled is not None:
            return labelled
        return _in_directory(session.directory.absolute())
    path = session.path(draft.app.compose_file)
    if is_missing(path):
        return None
    path = path.absolute()
    found = _in_directory(path.parent)
    return found if found is not None and found.files[0] == path else _named((path,), path.parent)


def _by_labels(directory: Path, containers: Sequence[Container]) -> Project | None:
    """Return the project of GlitchTip's containers; one of this *directory* goes before any other."""
    here = resolved(directory)
    own = [each for each in containers if each.config_files and not each.one_off]
    of_glitchtip = [each for each in own if roles.is_glitchtip_image(each.image)]
    near = [each for each in of_glitchtip if each.belongs_to(here)]
    # Another project of GlitchTip on this host is not the one that is set up here, unless it is the only one.
    projects = {each.project for each in of_glitchtip}
    if not near and _in_directory(here) is None:
        # Started by -f, under whatever image: compose would find no file here.
        near = [each for each in own if each.belongs_to(here)] or (of_glitchtip if len(projects) == 1 else [])
    for each in near:
        files = tuple(Path(name) for name in each.config_files[:_MOST_FILES])
        if all(path.is_absolute() and os.path.isfile(path) for path in files):  # noqa: PTH113 - it raises nothing
            return _labelled(each, files)
    return None


def _labelled(container: Container, files: tuple[Path, ...]) -> Project:
    directory = Path(container.working_dir)
    given = tuple(Path(name) for name in container.environment_files if name)
    usual = _in_directory(directory)
    same = usual is not None and [resolved(path) for path in usual.files] == [resolved(path) for path in files]
    default = usual.env_files if usual is not None else (directory / ".env",)
    is_default = not given or [resolved(path) for path in given] == [resolved(path) for path in default]
    known = compose_files.env_values(default, {})
    chosen = project_name(Project(directory, files, default), _top_name(files, known), known)
    return Project(
        directory, files, default if is_default else given, directory if same else None, not is_default,
        container.project, bool(container.project) and container.project != chosen,
    )  # fmt: skip


def _top_name(files: Iterable[Path], known: Known) -> str:

    files = tuple(files)
    try:
        return compose_files.read(files, files[0].parent, known).name
    except ComposeError:
        return ""


def _in_directory(directory: Path) -> Project | None:
    """Return the project that compose finds when it is started in *directory*."""
    env_files = (directory / ".env",)
    known = compose_files.env_values(env_files, {})
    named = os.environ.get("COMPOSE_FILE") or known.get("COMPOSE_FILE") or ""
    if named:
        separator = os.environ.get("COMPOSE_PATH_SEPARATOR") or known.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        names = [name for name in named.split(separator) if name and "\0" not in name][:_MOST_FILES]
        files = tuple(directory / name for name in names)
        if files:
            # A variable of this shell is not there in the operator's next one.
            start = None if os.environ.get("COMPOSE_FILE") else directory
            return Project(files[0].parent, files, env_files, start)
    first = next((path for name in NAMES if _is_file(path := directory / name)), None)
    if first is None:
        return _only_one(directory)
    override = next((path for name in OVERRIDES if _is_file(path := directory / name)), None)
    return Project(directory, (first,) if override is None else (first, override), env_files, directory)


def _only_one(directory: Path) -> Project | None:
    """Return the project of the one file here that is called like a compose file; None where there are several."""
    try:
        names = [entry.name for entry in islice(os.scandir(directory), _MOST_ENTRIES)]
    except OSError:
        return None
    alike = [name for name in names if _LIKE_ONE.fullmatch(name) and name not in OVERRIDES]
    paths = [path for name in alike if _is_file(path := directory / name)]
    return _named((paths[0],), directory) if len(paths) == 1 else None


def is_missing(path: Path) -> bool:
    """Whether there is nothing at *path*. Where that is not known, reading it says why."""
    try:
        return not path.exists()
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        directory = Untrusted(path.parent, 200)
        raise ComposeError(f"{directory} cannot be searched for compose files: {error.strerror}.") from error


def _named(files: tuple[Path, ...], directory: Path) -> Project:
    return Project(directory, files, (directory / ".env",))


def project_name(project: Project, top_level: str, known: Known) -> str:
    """Return the name that compose chooses: COMPOSE_PROJECT_NAME, the files' ``name``, else the directory's."""
    named = os.environ.get("COMPOSE_PROJECT_NAME") or known.get("COMPOSE_PROJECT_NAME") or top_level
    return named or normalised(resolved(project.directory).name)


def normalised(name: str) -> str:
    """Return a directory's name as compose makes a project name of it (compose-go, loader.NormalizeProjectName)."""
    return _FIRST_OF_A_NAME.sub("", _NOT_IN_A_NAME.sub("", name.lower()))


def resolved(path: Path) -> Path:
    """Return *path* without its links, comparable with another one; as it is where they run in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path
