"""Finding a message by number: numbers grow by one for each mail server, the oldest may be pruned, nothing lists them.

What exists is one run of numbers, from the oldest that was kept to the newest. The search finds a number in that run,
narrows down where ours was added, and looks at its neighbours. Each look is one call, and none is made twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

Message: TypeAlias = "dict[str, Any]"
Fetch: TypeAlias = Callable[[int], Awaitable["Message | None"]]
Test: TypeAlias = Callable[[Message], bool]
Found: TypeAlias = "tuple[int | None, Message | None]"

_FIRST: Final = tuple(1 << power for power in (23, 20, 17, 14, 11, 8, 5, 2, 0))
"""Where a server that has pruned little is met at once, whatever its size."""
_PASSES: Final = (
    ((8, 8, 7, 6, 5), range(23, 15, -1)),
    ((1, 1), range(22, -1, -1)),
    ((8, 7, 6, 5), (24,)),
    ((16, 15, 13, 11, 9), range(23, 15, -1)),
    ((8, 8, 7, 6, 5), range(15, 2, -1)),
)
"""Parts of an octave and which of them are marks, in which octaves: a large server that still has an eighth of its
messages is met soon, as is a small one that has half; then a large one with a sixteenth, and a small one with an
eighth."""
MOST: Final = 120
"""Calls of one search: a server that has pruned more than the marks can meet is not searched any longer."""
_SINCE: Final = 64
"""Numbers above the newest known one that are narrowed down before larger steps are tried."""
_ABOVE: Final = 6
_BELOW: Final = 20
"""Neighbours that are looked at: other mail may have come just before or after ours."""
_SINGLY: Final = 5
"""Of those below, the ones that are looked at one by one: ours is most often among them."""
_AT_ONCE: Final = 8


class Search:
    """One search, of at most ``MOST`` calls. ``newest`` is the greatest number that was seen to exist, 0 for none."""

    def __init__(self, fetch: Fetch, is_wanted: Test, is_later: Test) -> None:
        """*is_wanted* knows our message, *is_later* one that was added after ours, by its time."""
        self.newest = 0
        self._fetch = fetch
        self._is_wanted = is_wanted
        self._is_later = is_later
        self._seen: dict[int, Message | None] = {}
        self._found: Found = (None, None)

    async def run(self, newest_known: int = 0) -> Found:
        """Return number and message, or a pair of None where it is not to be found; raises what *fetch* raises."""
        await self._run(newest_known)
        if not self._done and any(map(self._is_later, filter(None, self._seen.values()))):
            # The clocks of the two hosts differ: the end of the run is the better guess.
            self._is_later = lambda _message: False
            await self._run(newest_known)
        return self._found

    async def _run(self, newest_known: int) -> None:
        low = await self._since(newest_known) if newest_known else 0
        if not low and not self._done:
            low = await self._anywhere()
        if low and not self._done:
            await self._around(low)

    @property
    def asked(self) -> int:
        """How many numbers were asked for."""
        return len(self._seen)

    @property
    def _done(self) -> bool:
        return self._found[0] is not None

    async def _look(self, numbers: tuple[int, ...]) -> list[int]:
        """Ask for *numbers* at once; return those that exist and are not later than ours, the greatest first."""
        new = [number for number in numbers if number > 0 and number not in self._seen][: MOST - len(self._seen)]
        asked = [asyncio.ensure_future(self._fetch(number)) for number in new]
        try:
            answers = await asyncio.gather(*asked)
        finally:
            for task in asked:
                task.cancel()
        for number, message in zip(new, answers, strict=True):
            self._seen[number] = message
            if message is not None:
                self.newest = max(self.newest, number)
                if self._is_wanted(message):
                    self._found = (number, message)
        there = ((number, self._seen.get(number)) for number in numbers)
        kept = [number for number, message in there if message is not None and not self._is_later(message)]
        return sorted(kept, reverse=True)

    async def _since(self, known: int) -> int:
        """Return the last number at or above *known* that is not later than ours, 0 where *known* is none itself."""
        low, step = await self._narrow(known, known + _SINCE), _SINCE
        if low == known + _SINCE - 1 and not self._done:
            while step := step * 4:
                if not await self._look((low + step,)):
                    break
                low += step
            low = await self._narrow(low, low + step)
        if self._done or low > known:
            return low
        return known if await self._look((known,)) else 0

    async def _anywhere(self) -> int:
        """Return the last number that is not later than ours, of a server of which nothing is known; 0 for none."""
        low = next(iter(await self._look(_FIRST)), 0)
        high = next((mark for mark in reversed(_FIRST) if mark > low), low * 2)
        if not low:
            low, high = await self._octaves()
        while not self._done and low >= _FIRST[0] and await self._look((low * 2,)):  # above all marks
            low, high = low * 2, low * 4
        # By powers of two first: between two of the first marks lies a factor of eight.
        while not self._done and low and high > low * 2:
            low, high = (low * 2, high) if await self._look((low * 2,)) else (low, low * 2)
        return await self._narrow(low, high) if low else 0

    async def _octaves(self) -> tuple[int, int]:
        """Go down octave by octave, then once more with finer marks; return the highest mark that will do, and a bound.

        The bound is the smallest number above it that is known not to do.
        """
        for (parts, *marks), octaves in _PASSES:
            for octave in octaves:
                there = await self._look(tuple((mark << octave) // parts for mark in marks))
                if self._done:
                    return 0, 0
                if there:
                    return there[0], min((number for number in self._seen if number > there[0]), default=there[0] * 2)
        return 0, 0

    async def _narrow(self, low: int, high: int) -> int:
        """Halve the gap between *low*, which will do, and *high*, which is taken not to; return the last that will."""
        while high - low > 1 and not self._done:
            middle = (low + high) // 2
            low, high = (middle, high) if await self._look((middle,)) else (low, middle)
        return low

    async def _around(self, low: int) -> None:
        """Look at the numbers above *low* while there are any, then at those below."""
        for number in range(low + 1, low + 1 + _ABOVE):
            await self._look((number,))
            if self._done or self._seen.get(number) is None:
                break
        below = [number for number in range(low, max(0, low - _BELOW), -1) if number not in self._seen]
        groups = [(number,) for number in below[:_SINGLY]]
        rest = below[_SINGLY:]
        for group in (*groups, *(tuple(rest[at : at + _AT_ONCE]) for at in range(0, len(rest), _AT_ONCE))):
            if not self._done:
                await self._look(group)
