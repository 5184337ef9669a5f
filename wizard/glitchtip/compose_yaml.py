"""The YAML of compose files: loaded safely and within bounds, an override merged over it, ``extends`` followed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip.interpolation import LONGEST
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 1_048_576
_MOST_PAIRS: Final = 20_000
_MOST_SERVICES: Final = 500
_MOST_VARIABLES: Final = 2_000
_READ: Final = ("image", "command", "entrypoint", "environment", "env_file", "extends")
"""All that is looked at of a service: nothing else is merged, so that aliases cannot multiply."""
_LONGEST_CHAIN: Final = 10
"""Services that extend one another."""


class ComposeError(Exception):
    """The compose file cannot be used; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A value under ``!reset`` or ``!override``: it takes the place of what it overrides, or removes it."""

    value: Any
    removed: bool


def load(path: Path) -> dict[str, Any]:
    """Return the document in *path*. Raises ComposeError."""
    import yaml

    shown = Untrusted(path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is no path"
        raise ComposeError(f"{shown} cannot be read: {reason}.") from None
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
    """Return a safe loader that knows compose's two tags, leaves dates as texts, and bounds merge keys."""
    import yaml

    class Loader(yaml.SafeLoader):
        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            super().flatten_mapping(node)
            if len(node.value) > _MOST_PAIRS:
                raise yaml.YAMLError

        def tagged(self, node: yaml.Node) -> _Tagged:
            if isinstance(node, yaml.MappingNode):
                return _Tagged(self.construct_mapping(node, deep=True), node.tag == "!reset")
            if isinstance(node, yaml.SequenceNode):
                return _Tagged(self.construct_sequence(node, deep=True), node.tag == "!reset")
            assert isinstance(node, yaml.ScalarNode)
            return _Tagged(self.construct_scalar(node), node.tag == "!reset")

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for tag in ("!reset", "!override"):
        Loader.add_constructor(tag, Loader.tagged)
    return Loader


def merged(base: dict[str, Any], override: dict[str, Any]) -> dict[str, Any]:
    """Merge one service over another as compose does, for what is read here and nothing else.

    ``environment`` goes by name, ``env_file`` one behind the other, the rest is replaced.
    """
    result: dict[str, Any] = {key: base[key] for key in _READ if key in base}
    for key in _READ:
        if key not in override:
            continue
        value = override[key]
        if isinstance(value, _Tagged):
            if value.removed:
                result.pop(key, None)
            else:
                result[key] = value.value
        elif key == "environment":
            result[key] = _named(base.get(key), value)
        elif key == "env_file":
            result[key] = [*_listed(base.get(key)), *_listed(value)]
        else:
            result[key] = value
    return result


def _named(base: Any, override: Any) -> dict[str, Any]:
    result: dict[str, Any] = {**pairs(base)}
    removed = [key for key, value in override.items() if _is_removed(value)] if isinstance(override, dict) else []
    result.update(pairs(override))
    return {key: value for key, value in result.items() if key not in removed}


def _is_removed(value: Any) -> bool:
    return isinstance(value, _Tagged) and value.removed


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def pairs(environment: Any) -> dict[str, str | None]:
    """Return an ``environment`` in either form as a mapping; None where a bare name is passed on."""
    environment = environment.value if isinstance(environment, _Tagged) else environment
    if isinstance(environment, dict):
        return {str(key)[:200]: _scalar(value) for key, value in islice(environment.items(), _MOST_VARIABLES)}
    found: dict[str, str | None] = {}
    for item in environment[:_MOST_VARIABLES] if isinstance(environment, list) else []:
        if isinstance(item, str):
            name, equals, value = item.partition("=")
            found[name.strip()[:200]] = value[:LONGEST] if equals else None
    return found


def _scalar(value: Any) -> str | None:
    value = value.value if isinstance(value, _Tagged) else value
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:LONGEST] if isinstance(value, str | int | float) else ""


def services(path: Path, overrides: list[Path]) -> dict[str, dict[str, Any]]:
    """Return the services in *path*, with *overrides* merged over them and what they extend below. Raises ComposeError.

    A service that only an override has counts as well.
    """
    found = _bodies(path)
    if found is None:
        raise ComposeError(f"{Untrusted(path.name)} holds no services.")
    found = {name: _extended(body, found, path, 0) for name, body in found.items()}
    for override in overrides:
        for name, body in (_bodies(override) or {}).items():
            found[name] = merged(found.get(name, {}), body)
    return found


def _bodies(path: Path) -> dict[str, dict[str, Any]] | None:
    told = load(path).get("services")
    if not isinstance(told, dict):
        return None
    if len(told) > _MOST_SERVICES:
        raise ComposeError(f"{Untrusted(path.name)} holds more than {_MOST_SERVICES} services.")
    return {str(name)[:200]: body for name, body in told.items() if isinstance(body, dict)}


def _extended(body: dict[str, Any], beside: dict[str, dict[str, Any]], path: Path, depth: int) -> dict[str, Any]:
    told = body.get("extends")
    name, file = (told.get("service"), told.get("file")) if isinstance(told, dict) else (told, None)
    if not isinstance(name, str) or depth > _LONGEST_CHAIN:
        return body
    if isinstance(file, str):
        path = path.parent / file
        beside = _bodies(path) or {}
    base = beside.get(name)
    return body if base is None else merged(_extended(base, beside, path, depth + 1), body)
