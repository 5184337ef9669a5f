"""A reader of the line prompts who does only what the texts say: it presses what is offered, and takes what is shown.

It knows no scenario. What it knows is how the prompts look, and the words that the program uses for what to do next.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from wizard.model.secret import spellings
from wizard.plain import app as plain
from wizard.rehearsal import lifetime
from wizard.rehearsal.world import PretendWorld
from wizard.setup.rehearsed import rehearsed
from wizard.setup.steps import done
from wizard.system.output import Out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any, TextIO

_OFFER = re.compile(r"^  (f\d|[a-z]) +(\S.*)$", re.MULTILINE)
_CHOICE = re.compile(r"^(\d+)  (\S.*)$", re.MULTILINE)
_STEP = re.compile(r"^Step \d of \d: ([\w ]+)\.", re.MULTILINE)
_CODE = re.compile(r"\b([A-Z0-9]{6})\b(?= )")
_WRONG = re.compile(r"^ *(?:FAIL|WARN|\?) .*$", re.MULTILINE)
_CONCLUSION = re.compile(r"^\d+ (?:OK|FAIL|WARN|\?).*$", re.MULTILINE)
_GO_BACK = re.compile(r"[Gg]o back to (\w+)")
_CODE_LENGTH = 6
_MOST = 200


class LostError(AssertionError):
    """The texts did not say what to do next."""


@dataclass
class Reader:
    """Standard input of the line prompts: each line is chosen from what was written since the last one."""

    shown: io.StringIO = field(default_factory=io.StringIO)
    pressed: list[str] = field(default_factory=list)
    """What was typed where something else than Enter was, for the table of the proof."""
    step: str = ""
    _begins: int = 0
    _goal: str = ""
    """The step to go back to."""
    _first: str = ""
    """The choice of the start to begin with."""
    _tried: bool = False
    """Whether it was taken: before, nothing has failed yet that could be pretended to be fixed."""
    _pretended: bool = False
    _asked_postal: bool = False
    _sent_twice: bool = False
    _last: str = ""
    _count: int = 0
    rows_left: tuple[str, ...] = ()
    """Rows that are not right although their remedy was carried out and they were checked again."""
    _checked_again: bool = False

    @staticmethod
    def isatty() -> bool:
        return False

    def readline(self) -> str:
        self._count += 1
        text = self.shown.getvalue()
        page, self._begins = text[self._begins :], len(text)
        if self._count > _MOST:
            raise LostError(f"no end after {_MOST} answers:\n{text[-3000:]}")
        typed = self._answer(page)
        self._is_offered(typed, page)
        self.shown.write(f"{typed}\n")
        self._begins = len(self.shown.getvalue())
        if typed:
            self.pressed.append(typed if not re.fullmatch(_CODE.pattern[:-5], typed) else "code")
        return f"{typed}\n"

    @staticmethod
    def _is_offered(typed: str, page: str) -> None:
        """Raise LostError for a key that is not among those that were just shown."""
        prompt = page.rstrip().rpartition("\n")[2]
        shown = {key.strip() for key, _ in _OFFER.findall(page)} | {number for number, _ in _CHOICE.findall(page)}
        shown |= {"r"} if re.search(r"\br (asks|checks)", prompt) else set()
        shown |= {"y", "n"} if "[y/N]" in prompt else set()
        # "<" and q always work, says the first line; a code is no key.
        if typed and typed not in shown | {"<", "q"} and len(typed) != _CODE_LENGTH:
            raise LostError(f"{typed} is not offered:\n{page}")

    def _answer(self, page: str) -> str:
        step = _STEP.findall(page)
        if step:
            self.step = step[-1]
        prompt = page.rstrip().rpartition("\n")[2]
        before, self._last = self._last, prompt
        offers = {key.strip(): name for key, name in _OFFER.findall(page)}
        if self._goal == self.step:
            self._goal = ""
        if self._goal:
            return "<"
        if prompt.startswith("Which?"):
            return self._choose(page, offers)
        if "[y/N]" in prompt:
            return self._decide(prompt)
        if prompt.startswith(("Enter ", "r ")):
            return self._continue(page, prompt, offers)
        if prompt.endswith(":"):
            # Asked twice: the sentence between says what is wrong, and nothing can be typed here to correct it.
            return "<" if before == prompt else ""
        raise LostError(f"what is to be typed here?\n{page}")

    def _choose(self, page: str, offers: dict[str, str]) -> str:
        wrong = _WRONG.search(page)
        if offers.get("m", "").startswith("pretend") and (wrong or self._tried):
            return "m"
        if re.search(r"^Check everything", page, re.MULTILINE) and not wrong:
            return "q"
        self._tried = True
        choices = {name: number for number, name in _CHOICE.findall(page)}
        first = re.search(r"^  try first +(.+?):", page, re.MULTILINE)
        self._first = first[1] if first is not None else self._first
        return next(str(number) for choice, number in choices.items() if choice.startswith(self._first))

    @staticmethod
    def _decide(question: str) -> str:
        if "Write anyway" in question:
            raise LostError(question)
        return "y" if question.startswith("Send the test mail now?") else "n"

    def _continue(self, page: str, prompt: str, offers: dict[str, str]) -> str:
        back = _GO_BACK.search(page) if self._pretended else None
        if back is not None and back[1] != self.step:
            self._goal, self._pretended = back[1], False
            return "<"
        mailed = "v" in offers
        if self._checked_again:
            self._checked_again = False
            self.rows_left += tuple(_WRONG.findall(page))
        if offers.get("m", "").startswith("pretend"):
            self._pretended = True
            return "m"
        if self._pretended:
            self._pretended = False
            # What Postal holds is released: that mail comes now, and no further one has to be sent.
            if mailed and self._asked_postal:
                return "v"
            self._checked_again = True
            return "r"
        if mailed and "type its code" in page:
            return self._arrival(page, offers)
        if "e" in offers and "copy" in offers["e"]:
            return "e"
        return ""

    def _arrival(self, page: str, offers: dict[str, str]) -> str:
        """Look into the mailbox; type the code that is there, else ask Postal why none is."""
        if "The recipient's mailbox" not in page:
            return "v"
        code = _CODE.search(page.rpartition("Subject:")[2].replace(":", " "))
        if code is not None:
            return code[1]
        if not self._asked_postal:
            self._asked_postal = True
            return "f5"
        if not self._sent_twice:
            self._sent_twice = True
            return "r"
        raise LostError(page)


@dataclass(frozen=True)
class Walk:
    """How one scenario was walked."""

    scenario: str
    keys: tuple[str, ...]
    ending: str
    exit: int
    rows_left: tuple[str, ...]
    text: str
    shown_to: tuple[str, ...] = ()
    """Where a secret of the rehearsal stands in one of its eight spellings besides the settings and their backups."""


SECRETS: Final = ("smtp_key", "old_smtp_key", "api_key", "client_secret")
"""What the rehearsal knows and nobody else may read."""


def holding(info: Mapping[str, Any], text: str, directory: Path) -> Iterator[str]:
    """Yield what holds one of the secrets of *info*: *text*, as ``the text``, or a file below *directory*."""
    sought = {spelling.encode() for name in SECRETS for spelling in spellings(str(info[name]))}
    if any(spelling in text.encode() for spelling in sought):
        yield "the text"
    for path in directory.rglob("*"):
        if path.is_file() and path.name != ".env" and path.parent.name != "backups":
            raw = path.read_bytes()
            if any(spelling in raw for spelling in sought):
                yield str(path.relative_to(directory))


def walk(scenario: str, directory: Path) -> Walk:
    """Walk *scenario* to its end by line prompts."""
    world = PretendWorld(lifetime.start(scenario, directory), directory)
    try:
        state = rehearsed(world.info, world)
        reader = Reader()
        code = plain.run(state, Out(io.StringIO(), reader.shown), cast("TextIO", reader))
        checked = _CONCLUSION.findall(reader.shown.getvalue())
        ending = done.title(state) if state.receipt is not None else "".join((*state.farewell, *checked[-1:])[:1])
        text = reader.shown.getvalue()
        shown_to = tuple(holding(world.info, text, directory))
        return Walk(scenario, tuple(reader.pressed), ending, int(code), reader.rows_left, text, shown_to)
    finally:
        containers = state.session.containers
        if containers is not None:
            containers.stop()  # type: ignore[attr-defined]  # the pretend ones
        world.close()
