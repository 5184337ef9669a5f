"""Where a secret could be read by others during a rotation: argument lists, environments, files, the terminal."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.effort import each_once
from tests.terminal import test_rotation
from tests.terminal.test_rotation import Place, place
from wizard.model.secret import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["place"]


class Watch:
    """What ``/proc`` shows of a program and of all that it starts, for as long as it runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.arguments: set[bytes] = set()
        self.environments: set[bytes] = set()
        self.childrens: set[bytes] = set()
        """The environments of what the program started."""
        self.itself = b""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    @contextlib.contextmanager
    def looking(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            for pid in self._family():
                with contextlib.suppress(OSError):
                    before, environment, arguments = (
                        Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ", "cmdline")
                    )
                    self.arguments |= {before, arguments}
                    if pid == self.pid:
                        self.itself = arguments
                    # Until it has become another program, a child is its parent's image.
                    own = pid == self.pid or self.itself in (before, arguments)
                    (self.environments if own else self.childrens).add(environment)
            time.sleep(0.003)

    def _family(self) -> list[int]:
        family = [self.pid]
        for pid in family:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    family += map(int, (task / "children").read_text().split())
        return family


def holding(secret: str, texts: set[bytes]) -> list[bytes]:
    return [text for text in texts if any(spelling.encode() in text for spelling in spellings(secret))]


@pytest.mark.parametrize(("place", "plain"), each_once(["env", "infisical"], [False, True]), indirect=["place"])
def test_a_rotation_shows_its_secrets_to_nobody(
    place: Place, tmp_path: Path, plain: bool, reached: Callable[..., None]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    place.env |= {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home)}
    keys = [place.new_key, place.old_key]
    client_secret = place.env.get("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "")
    with place.started(*(["--plain"] if plain else [])) as terminal:
        watch = Watch(terminal.pid)
        with watch.looking():
            if plain:
                test_rotation.TestLinePrompts().to_the_review(terminal, place)
                terminal.press("\r")
                terminal.wait_for(test_rotation.DONE)
            else:
                test_rotation.TestScreens().to_the_review(terminal, place.new_key)
                terminal.press("\r")
                terminal.wait_for("written and read back")
                terminal.settle()
                terminal.press("\x11")
                terminal.settle()
        drawn = {bytes(terminal.bytes)}
    assert place.held == place.url(place.new_key)
    assert watch.childrens, "nothing was started, so nothing was watched"
    written = {
        file.read_bytes()
        for root in (home, place.served.answers.parent)
        for file in root.rglob("*")
        # The settings, and the copy that rolling back needs, are where a key belongs.
        if file.is_file() and file != place.served.env_file and "backups" not in file.parts
    }
    assert len(written) > 1
    reached(texts_searched=sum(map(len, (watch.arguments, watch.environments, watch.childrens, drawn, written))))
    for secret in keys:
        for where in (watch.arguments, watch.environments, watch.childrens, drawn, written):
            assert holding(secret, where) == []
    if client_secret:
        # It was given in the environment of the program itself, and goes no further.
        for where in (watch.arguments, watch.childrens, drawn, written):
            assert holding(client_secret, where) == []
