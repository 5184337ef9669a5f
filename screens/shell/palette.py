"""Ctrl+P: what can be done on this step, as commands to search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class ScreenCommands(Provider):
    """The commands of the step below the palette."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        commands = getattr(self.screen, "commands", None)
        return commands() if commands is not None else iter(())

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """Yield every command, before anything is typed."""
        for title, more, run in self._commands():
            yield DiscoveryHit(_named(title, more), run)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """Yield the commands that *query* fits."""
        matcher = self.matcher(query)
        for title, more, run in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(_named(title, more)), run)


def _named(title: str, more: str) -> str:
    """Return *title* with its key, or the reason for it, on the same line: each line of the list is sent."""
    return f"{title}  ({more})" if more else title
