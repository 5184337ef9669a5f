"""Every scenario is walked to its end on the screens, by a reader who presses only what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rehearsal.test_walked import ENDINGS
from tests.rehearsal.walker import holding
from tests.screens.conftest import driven
from tests.screens.walker import Reader
from wizard.rehearsal import lifetime
from wizard.rehearsal.world import PretendWorld
from wizard.setup.rehearsed import rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAST = {"infisical-approval": "Every key has its value already: there is nothing to write."}
"""What the last screen says where the ending is said behind it."""


@pytest.mark.parametrize("scenario", sorted(ENDINGS))
@pytest.mark.full
async def test_the_screens_lead_to_the_end(scenario: str, tmp_path: Path, reached: Callable[..., None]) -> None:
    directory = tmp_path / "rehearsal"
    world = PretendWorld(lifetime.start(scenario, directory), directory)
    flow = rehearsed(world.info, world)
    try:
        async with driven(flow) as it:
            await it.at("start")
            reader = Reader(it)
            end = await reader.walk()
    finally:
        if flow.session.containers is not None:
            flow.session.containers.stop()  # type: ignore[attr-defined]  # the pretend ones
        world.close()
    print(f"{scenario:<20} {' '.join(reader.pressed)}")
    words = " ".join(end.replace("│", " ").split())
    assert LAST.get(scenario, ENDINGS[scenario]) in words
    assert "Internal error" not in words
    assert list(holding(world.info, end, directory)) == []
    reached(walks_on_screens=1)
