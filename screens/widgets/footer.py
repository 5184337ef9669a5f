"""The last line: Textual's footer over the bindings that act now, in fixed places.

At the left is what acts here, the most useful first; at the right the way between the fields, the page of keys and
the way out, always in words. What does not fit is on the page of ``?``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, zip_longest
from typing import TYPE_CHECKING, Any, Final

from textual import actions
from textual.containers import Horizontal
from textual.widgets import Footer
from textual.widgets._footer import FooterKey  # Textual exports the footer alone

from screens.shell.textual_private import bindings_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.screen import Screen

ALWAYS: Final = ("tab", "question_mark", "f1", "ctrl+p", "ctrl+q")
"""Keys at the right end."""
_PALETTE: Final = "ctrl+p"
_ORDER: Final = (
    "enter", "space", "y", "m", "u", "n", "c", "r", "s", "down", "f5", "f4", "f6", "x", "f", "a", "j", "w", "o", "k",
    "h", "t", "d", "e", "i", "z", "v", "b", "g", "l", "p", "escape", *ALWAYS,
)  # fmt: skip
"""From left to right; of those that do not fit the later ones go."""
_NEEDED: Final = frozenset({"u", "n", "c", "r", "s", "down"})
"""Keys for which others are named by fewer words, or left to ``?``, where that makes room."""
_CURT: Final = {"m": 1, "n": 1, "r": 1, "s": 1, "u": 2, "c": 1}
"""How many words still name a key where more of what is needed fits then."""
_LEFT_OUT: Final[tuple[frozenset[str], ...]] = tuple(map(frozenset, ((), ("enter",), ("tab",), ("enter", "tab"))))
"""Keys that are left to ``?`` where fewer words are not enough: Enter where it only opens the row that is selected."""
_OPENS: Final = frozenset({"more", "list them"})
_NAMES: Final = {
    "question_mark": "?", "escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "ctrl+q": "^Q",
    "ctrl+p": "^P", "ctrl+l": "^L", "ctrl+z": "^Z", "ctrl+c": "^C",
    "backspace": "Backspace", "up": "Up", "down": "Down",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A key that acts now."""

    key: str
    """Textual's name of it."""
    words: str
    """What it does."""
    action: str = ""
    """Textual's action."""
    node: DOMNode | None = None
    """Whose action it is."""

    @property
    def name(self) -> str:
        """How the key is shown."""
        return _NAMES.get(self.key, self.key.upper() if self.key.startswith("f") and len(self.key) > 1 else self.key)

    @property
    def cells(self) -> int:
        """Columns in the footer: a blank on each side of the key, and of the words."""
        return len(self.name) + len(self.words) + 4

    def curt(self) -> Key | None:
        """Return it named by fewer words; None where it is left out."""
        if self.key in _CURT:
            return replace(self, words=" ".join(self.words.split()[: _CURT[self.key]]).rstrip(","))
        return self if self.key == "enter" and self.words not in _OPENS else None


def acting(screen: Screen[Any]) -> list[Key]:
    """Return every key that acts on *screen* now and has words, in the footer's order."""
    found: dict[str, Key] = {}
    describes = hasattr(screen, "describe")
    bindings = screen.active_bindings
    for key, active in bindings.items():
        # A field binds Enter and does not show it: what it leads to is the screen's to say.
        if not active.enabled or not (active.binding.show or (key == "enter" and describes)):
            continue
        words = _words(screen, active.binding)
        if words:
            found[key] = Key(key, words, active.binding.action, active.node)
    if "enter" in found and "n" in found and found["enter"].words == found["n"].words:
        del found["n"]
    if _PALETTE in bindings and "f1" in found and "question_mark" not in found:
        found[_PALETTE] = Key(_PALETTE, "more")  # a text field takes the letters: the palette has what they do
    place = {key: number for number, key in enumerate(_ORDER)}
    return sorted(found.values(), key=lambda one: place.get(one.key, len(_ORDER)))


def everything(screen: Screen[Any]) -> list[Key]:
    """Return what acts on *screen* wherever the focus is: also the letters that a text field takes."""
    keys = [one for one in acting(screen) if one.action]
    known = {one.words for one in keys}
    for binding in bindings_of(screen):
        words = _words(screen, binding)
        if binding.show and words and words not in known and screen.check_action(*_parsed(binding.action)):
            keys.append(Key(binding.key, words, binding.action, screen))
            known.add(words)
    return keys


def _words(screen: Screen[Any], binding: Binding) -> str:
    describe = getattr(screen, "describe", None)
    return binding.description if describe is None else describe(binding)


def _parsed(action: str) -> tuple[str, tuple[object, ...]]:
    _, name, parameters = actions.parse(action)
    return name, parameters


def fitting(keys: Sequence[Key], columns: int) -> tuple[list[Key], list[Key]]:
    """Return what is left and right in so many *columns*."""
    if any(one.key == "question_mark" for one in keys):
        keys = [one for one in keys if one.key not in {"f1", _PALETTE}]
        left_out = _LEFT_OUT
    else:
        left_out = _LEFT_OUT[:1]  # nothing says what is left out
    curt = [key for key in _CURT if any(one.key == key for one in keys)]
    needed = sum(one.key in _NEEDED for one in keys)
    best: tuple[list[Key], list[Key]] = ([], [])
    for out in left_out:
        ways = [
            _fitting(keys, {*out, *chosen}, columns)
            for many in range(len(curt) + 1)
            for chosen in combinations(curt, many)
        ]
        best = max(best, *ways, key=_worth)
        if _worth(best)[0] == needed:
            break
    return best


def _worth(kept: tuple[Sequence[Key], Sequence[Key]]) -> tuple[int, bool, int]:
    """Return how many of the needed keys are kept, whether the rehearsal's is, and how many characters of words."""
    both = [*kept[0], *kept[1]]
    return (
        sum(one.key in _NEEDED for one in both), any(one.key == "m" for one in both),
        sum(len(one.words) for one in both),
    )  # fmt: skip


def _fitting(keys: Sequence[Key], cuts: Collection[str], columns: int) -> tuple[list[Key], list[Key]]:
    """Return what is left and right in so many *columns* where the keys in *cuts* are named by fewer words."""
    shown = [one for key in keys if (one := key.curt() if key.key in cuts else key) is not None]
    right = [one for one in shown if one.key in ALWAYS]
    room = columns - sum(one.cells for one in right)
    left: list[Key] = []
    for one in shown:
        if one.key not in ALWAYS and one.cells <= room:
            left.append(one)
            room -= one.cells
    return left, right


class Cap(FooterKey):
    """One key of the footer; kept, and shown for another key when others act."""

    def __init__(self, one: Key) -> None:
        super().__init__(one.key, one.name, one.words, one.key)

    def show(self, one: Key | None) -> None:
        """Show *one*, or nothing."""
        self.display = one is not None
        if one is not None and (one.key, one.words) != (self.key, self.description):
            self.key, self.key_display, self.description, self.action = one.key, one.name, one.words, one.key
            self.refresh(layout=True)


class Keys(Footer):
    """The footer of every screen."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._drawn: tuple[list[Key], list[Key]] = ([], [])
        self._always = Horizontal(classes="always")

    def compose(self) -> ComposeResult:
        """Lay out the keys that fit."""
        left, right = self._wanted()
        self._drawn = left, right
        yield from map(Cap, left)
        with self._always:
            yield from map(Cap, right)

    def on_mount(self) -> None:
        """Draw what has begun to act while the screen was laid out."""
        self.call_after_refresh(self.renew)

    def _wanted(self) -> tuple[list[Key], list[Key]]:
        return fitting(acting(self.screen), self.app.size.width)

    @property
    def shown(self) -> tuple[str, ...]:
        """What it shows, as ``Enter next``."""
        return tuple(f"{one.name} {one.words}" for keys in self._drawn for one in keys)

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Draw the keys again where other ones act now."""
        if self.is_attached and screen is self.screen:
            self.call_after_refresh(self.renew)

    def renew(self) -> None:
        """Draw the keys again where they differ."""
        if not self.is_attached:
            return
        wanted = self._wanted()
        if wanted == self._drawn:
            return
        self._drawn = wanted
        for place, keys in zip((self, self._always), wanted, strict=True):
            caps = [cap for cap in place.children if isinstance(cap, Cap)]
            for cap, one in zip_longest(caps, keys[: len(caps)]):
                cap.show(one)
            place.mount(*map(Cap, keys[len(caps) :]))

    def on_resize(self) -> None:
        """Draw as many as fit."""
        self.renew()
