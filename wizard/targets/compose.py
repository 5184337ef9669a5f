"""docker-compose.yml, read and never written: which services are GlitchTip's and what environment each one gets.

The rules are those of the compose specification: file names in its order, an override file, anchors and merge keys,
``env_file``, interpolation from the ``.env`` beside the file. Variables of this process's own environment do not count,
for the operator's shell is not the one that will start GlitchTip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from wizard import glitchtip
from wizard.foreign import Foreign
from wizard.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.draft import Draft
    from wizard.session import Session

NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
LARGEST: Final = 1_048_576
_DEEPEST: Final = 40
_MOST_PAIRS: Final = 20_000
_LONGEST: Final = 65_536
"""Characters of one value: aliases could make an endless one."""
_KEPT: Final = re.compile(
    r"EMAIL_\w+|DEFAULT_FROM_EMAIL(_FILE)?|SERVER_EMAIL|GLITCHTIP_\w+|APP_URL|ACCOUNT_\w+|SSL_CERT_\w+|SERVER_ROLE"
)
"""Variables that matter to mail. No other is kept: a database's password is none of the wizard's business."""
_SECRET: Final = re.compile(r"EMAIL_URL|\w*(PASSWORD|SECRET|TOKEN|KEY)\w*")
_VARIABLE: Final = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<op>:?[-?+])(?P<word>[^}]*))?\})"
)
_DATE: Final = re.compile(r"v?(20\d\d)[.-](\d{1,2})[.-](\d{1,2})")


class ComposeError(Exception):
    """The compose file cannot be used; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of a service."""

    value: str | Secret | None
    """None where the file passes on a variable that is not set."""
    origin: str
    """``inline``, ``passed on`` (``${NAME}`` or a bare name), or ``env_file``."""
    raw: str = field(default="", repr=False)
    """As it is written, before interpolation; for secrets too, so never shown."""

    @property
    def text(self) -> str | None:
        """The value in clear, for judging and never for showing."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


@dataclass(frozen=True, slots=True)
class Service:
    """One service of GlitchTip."""

    name: str
    image: str
    tag: str
    image_date: date | None
    """From a tag that is a date; None where the tag does not tell."""
    environment: dict[str, Setting]


@dataclass(frozen=True, slots=True)
class ComposeReading:
    """GlitchTip in a compose file."""

    file: Path
    services: dict[str, Service]


def read(draft: Draft, session: Session) -> ComposeReading | None:
    """Return GlitchTip's services as the compose file tells them, None where there is no file. Raises ComposeError."""
    path = _path(draft, session)
    if path is None:
        return None
    document = _load(path)
    for stem in ("compose.override", "docker-compose.override"):
        for override in (path.with_name(f"{stem}.yaml"), path.with_name(f"{stem}.yml")):
            if draft.app.compose_file is None and override.is_file():
                document = _merged(document, _load(override))
    services = document.get("services")
    if not isinstance(services, dict):
        raise ComposeError(f"{Foreign(path.name)} holds no services.")
    known = _dotenv(path.parent / ".env")
    wanted = draft.app.services
    chosen = {
        str(name): body
        for name, body in services.items()
        if isinstance(body, dict) and (str(name) in wanted if wanted else _is_glitchtip(body))
    }
    return ComposeReading(path, {name: _service(name, body, known, path.parent) for name, body in chosen.items()})


def _path(draft: Draft, session: Session) -> Path | None:
    if draft.app.compose_file is not None:
        path = session.path(draft.app.compose_file)
        return path if path.exists() else None
    return next((path for name in NAMES if (path := session.directory / name).is_file()), None)


def _load(path: Path) -> dict[str, Any]:
    import yaml

    shown = Foreign(path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ComposeError(f"{shown} cannot be read: {error.strerror}.") from None
    if len(raw) > LARGEST:
        raise ComposeError(f"{shown} is larger than 1 MiB.")
    try:
        document = yaml.load(raw, Loader=_loader())  # noqa: S506  # it is a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError, KeyError, IndexError, OverflowError):
        # The parser's own text quotes the file, which may hold a key.
        raise ComposeError(f"{shown} is no YAML that can be read: docker compose config says where.") from None
    if not isinstance(document, dict):
        raise ComposeError(f"{shown} is no compose file.")
    return document


def _loader() -> Any:
    """Return a safe loader that leaves dates as texts, and does not let merge keys multiply without end."""
    import yaml

    class Loader(yaml.SafeLoader):
        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            super().flatten_mapping(node)
            if len(node.value) > _MOST_PAIRS:
                raise yaml.YAMLError

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _merged(base: Any, override: Any, depth: int = 0) -> Any:
    """Merge an override file as compose does for what is read here: mappings key by key, the rest replaced."""
    if not (isinstance(base, dict) and isinstance(override, dict)) or depth > _DEEPEST:
        return override
    merged = dict(base)
    for key, value in override.items():
        if key == "environment":
            merged[key] = {**_pairs(base.get(key)), **_pairs(value)}
        else:
            merged[key] = _merged(base[key], value, depth + 1) if key in base else value
    return merged


def _pairs(environment: Any) -> dict[str, str | None]:
    """Return an ``environment`` in either form as a mapping; None where a bare name is passed on."""
    if isinstance(environment, dict):
        return {str(key)[:200]: _scalar(value) for key, value in environment.items()}
    pairs: dict[str, str | None] = {}
    for item in environment if isinstance(environment, list) else []:
        if isinstance(item, str):
            name, found, value = item.partition("=")
            pairs[name.strip()[:200]] = value[:_LONGEST] if found else None
    return pairs


def _scalar(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:_LONGEST] if isinstance(value, str | int | float) else ""


def _is_glitchtip(body: dict[str, Any]) -> bool:
    command = body.get("command")
    words = " ".join(map(_word, command[:20])) if isinstance(command, list) else _word(command)
    if glitchtip.MIGRATION in words:
        return False
    image = _word(body.get("image"))
    return glitchtip.IMAGE in image or any(part in words for part in glitchtip.COMMANDS)


def _word(value: Any) -> str:
    """Return a text of the file, cut; anything else counts as none: its ``str()`` could be without end."""
    return value[:2000] if isinstance(value, str) else ""


def _service(name: str, body: dict[str, Any], known: dict[str, str | None], directory: Path) -> Service:
    image = _interpolated(_word(body.get("image")), known)[0] or ""
    tag = image.rpartition("/")[2].partition(":")[2].partition("@")[0]
    environment: dict[str, Setting] = {}
    for file in _env_files(body.get("env_file"), directory):
        for key, value in _dotenv(file).items():
            if _KEPT.fullmatch(key):
                environment[key] = _setting(key, value, "env_file", value or "")
    for key, raw in _pairs(body.get("environment")).items():
        if not _KEPT.fullmatch(key):
            continue
        if raw is None:
            environment[key] = _setting(key, known.get(key), "passed on", f"${{{key}}}")
            continue
        value, passed_on = _interpolated(raw, known)
        environment[key] = _setting(key, value, "passed on" if passed_on else "inline", raw)
    return Service(name, image, tag, _date(tag), environment)


def _setting(key: str, value: str | None, origin: str, raw: str) -> Setting:
    # An EMAIL_URL without an @ holds no key; as a secret it would black out the word consolemail everywhere.
    secret = value and _SECRET.fullmatch(key) and (key != "EMAIL_URL" or "@" in value)
    return Setting(Secret(value) if value and secret else value, origin, raw)


def _env_files(told: Any, directory: Path) -> list[Path]:
    items = told if isinstance(told, list) else [told]
    names = [item.get("path") if isinstance(item, dict) else item for item in items[:50]]
    return [directory / name for name in names if isinstance(name, str) and "\0" not in name]


def _dotenv(path: Path) -> dict[str, str | None]:
    """Return what *path* sets; a file that is not there or cannot be read sets nothing."""
    from wizard import inputs

    try:
        return inputs.env_values(path)
    except inputs.UsageError:
        return {}


def _interpolated(text: str, known: dict[str, str | None]) -> tuple[str | None, bool]:
    """Return *text* with compose's interpolation, and whether it is one variable passed on and nothing else."""
    whole = _VARIABLE.fullmatch(text)
    passed_on = whole is not None and not whole["escaped"]

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name, operator, word = match["plain"] or match["name"], match["op"] or "", match["word"] or ""
        found = known.get(name)
        given = found is not None and (found != "" or not operator.startswith(":"))
        if operator.endswith("+"):
            return word if given else ""
        if operator.endswith("-"):
            return str(found) if given else word
        return found or ""

    return _VARIABLE.sub(value, text)[:_LONGEST], passed_on


def _date(tag: str) -> date | None:
    match = _DATE.search(tag)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
