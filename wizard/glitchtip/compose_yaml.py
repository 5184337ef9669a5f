"""The YAML of compose files: loaded safely and within bounds, each value with its file and line.

Scalars are those of compose (go-yaml, YAML 1.2): ``yes`` and ``on`` are texts, ``25:25`` is not a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST: Final = 1_048_576
_MOST_MERGED: Final = 100_000
"""Pairs that all merge keys of a file may bring together: aliases of aliases multiply them."""


class ComposeError(Exception):
    """The compose file cannot be used; the message is one sentence."""


class Mapping(dict[Any, Any]):
    """A mapping of a file that knows the line of each of its keys, counted from 1."""

    __slots__ = ("file", "lines")

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.lines: dict[Any, int] = {}


class Sequence(list[Any]):
    """A sequence of a file that knows the line of each of its items."""

    __slots__ = ("file", "lines")

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.lines: list[int] = []


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under ``!reset`` or ``!override``: it takes the place of what it overrides, or removes it."""

    value: Any
    removed: bool


def load(path: Path) -> Mapping:
    """Return the document in *path*. Raises ComposeError."""
    import yaml

    shown = Untrusted(path.name)
    try:
        raw = files.read(path, LARGEST)
    except OSError as error:
        raise ComposeError(f"{shown} cannot be read: {error.strerror}.") from None
    try:
        loader = _loader()(raw)
        loader.file = path
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        # Only the place: the parser's own text quotes the file, which may hold a key.
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise ComposeError(f"{shown}{line}: not valid YAML.") from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError, KeyError, IndexError, OverflowError):
        raise ComposeError(f"{shown}: not valid YAML.") from None
    if not isinstance(document, Mapping):
        raise ComposeError(f"{shown} is not a compose file.")
    return document


_WORDS: Final = (
    ("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), "tTfF"),
    ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    (
        "tag:yaml.org,2002:int",
        re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z"),
        "-+0123456789",
    ),
    (
        "tag:yaml.org,2002:float",
        re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?\Z"),
        "-+.0123456789",
    ),
    ("tag:yaml.org,2002:merge", re.compile(r"<<\Z"), "<"),
)  # fmt: skip
_LONGEST_NUMBER: Final = 18
"""Digits; a longer one stays the text that it is."""


def _loader() -> Any:
    """Return a safe loader with compose's scalars and its two tags, which keeps lines and bounds merge keys."""
    import yaml

    # libyaml, from which compose's own parser was ported, is ten times as fast and bounds nesting itself.
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # whichever PyYAML was built with
        file: Path
        merged = 0

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            """Bring in what ``<<`` names, counted before it is kept."""
            own = [pair for pair in node.value if pair[0].tag != "tag:yaml.org,2002:merge"]
            sources = [value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge"]
            if not sources:
                return
            node.value = own
            brought: list[Any] = []
            for source in sources:
                listed = source.value if isinstance(source, yaml.SequenceNode) else [source]
                for mapping in reversed(listed):
                    if not isinstance(mapping, yaml.MappingNode):
                        raise yaml.constructor.ConstructorError(problem_mark=source.start_mark)
                    self.flatten_mapping(mapping)
                    self.merged += len(mapping.value)
                    if self.merged > _MOST_MERGED:
                        raise yaml.YAMLError
                    brought += mapping.value
            node.value = [*brought, *own]

        def located_mapping(self, node: yaml.MappingNode) -> Iterator[Mapping]:
            _refuse_duplicates(node)
            made = Mapping(self.file)
            yield made
            made.update(self.construct_mapping(node))
            for key, _value in node.value:
                made.lines[self.construct_object(key)] = key.start_mark.line + 1

        def located_sequence(self, node: yaml.SequenceNode) -> Iterator[Sequence]:
            made = Sequence(self.file)
            yield made
            made.extend(self.construct_sequence(node))
            made.lines = [item.start_mark.line + 1 for item in node.value]

        def tagged(self, node: yaml.Node) -> Tagged:
            value = _untagged(self, node)
            return Tagged(value, node.tag == "!reset")

        def number(self, node: yaml.ScalarNode) -> Any:
            return _number(self.construct_scalar(node))

    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, firsts in _WORDS:
        for first in firsts:
            resolvers.setdefault(first, []).append((tag, pattern))
    Loader.yaml_implicit_resolvers = resolvers
    for tag in ("!reset", "!override"):
        Loader.add_constructor(tag, Loader.tagged)
    Loader.add_constructor("tag:yaml.org,2002:map", Loader.located_mapping)
    Loader.add_constructor("tag:yaml.org,2002:seq", Loader.located_sequence)
    for kind in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", Loader.number)
    return Loader


def _untagged(loader: Any, node: Any) -> Any:
    """Return the value of *node* as if it had no tag."""
    import yaml

    if isinstance(node, yaml.CollectionNode):
        kind = "map" if isinstance(node, yaml.MappingNode) else "seq"
        plain_node = type(node)(f"tag:yaml.org,2002:{kind}", node.value, node.start_mark)
        return loader.construct_object(plain_node, deep=True)
    plain = loader.resolve(yaml.ScalarNode, node.value, (True, False)) if node.style is None else ""
    return None if plain == "tag:yaml.org,2002:null" else loader.construct_scalar(node)


def _refuse_duplicates(node: Any) -> None:
    """Raise where a mapping has one key twice, as compose does; what a merge key brings may be repeated."""
    import yaml

    seen: set[str] = set()
    for key, _value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                raise yaml.constructor.ConstructorError(problem_mark=key.start_mark)
            seen.add(key.value)


def _number(text: str) -> Any:
    """Return *text* as go-yaml takes it: octal with a leading 0 or 0o, underscores left out."""
    plain = text.replace("_", "")
    digits = plain.lstrip("+-")
    if len(digits) > _LONGEST_NUMBER:
        return text
    try:
        if re.fullmatch(r"0[0-7]+", digits):
            return int(digits, 8) * (-1 if plain.startswith("-") else 1)
        return int(plain, 0)
    except ValueError:
        try:
            return float(plain)
        except ValueError:
            return text
