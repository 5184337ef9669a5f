"""The keyring in every situation of a server: what comes of it, in time, and no secret in any file."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.watch import Watch
from wizard.model.secret import Secret, spellings
from wizard.state import keyring

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Put = Callable[[dict[str, str]], Awaitable[tuple[keyring.Answer, float]]]

CANARY = "Canary-9f3Kq7Zx2Lw8Vb4Nm6"
APT = "apt-get install -y gnome-keyring dbus"
ROOT = Path(__file__).parents[2]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment without a session bus, whose HOME is empty."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "XDG", "PYTHON_KEYRING"))}
    return {**kept, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), **more}


def files_with(home: Path, secret: str) -> list[str]:
    needles = [spelling.encode() for spelling in spellings(secret)]
    found = []
    for place, _, names in os.walk(home):  # a keyring that ends now removes its directory meanwhile
        for path in (Path(place, name) for name in names):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and any(needle in path.read_bytes() for needle in needles):
                    found.append(str(path))
    return found


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Return what puts the canary into the keyring of an environment, and says how many seconds that took."""

    async def put(env: dict[str, str]) -> tuple[keyring.Answer, float]:
        for name in os.environ.keys() - env.keys() - {"PYTEST_CURRENT_TEST"}:
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        watch = Watch()
        answer = await keyring.put("test", Secret(CANARY))
        return answer, watch.seconds

    return put


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("keyring.backends.fail.Keyring", "no keyring"),
        ("keyring.backends.null.Keyring", "keeps nothing"),
        ("keyrings.alt.file.PlaintextKeyring", "not one that is known"),
        ("keyrings.alt.file.EncryptedKeyring", "not one that is known"),
        ("keyrings.cryptfile.cryptfile.CryptFileKeyring", "not one that is known"),
        ("no.such.Backend", "could be loaded"),
    ],
)
async def test_a_backend_that_protects_nothing_is_refused(backend: str, words: str, tmp_path: Path, put: Put) -> None:
    answer, seconds = await put(environment(tmp_path, PYTHON_KEYRING_BACKEND=backend))
    assert not answer.works
    assert words in answer.reason
    assert seconds < keyring.DEADLINE
    assert files_with(tmp_path, CANARY) == []


async def test_a_chain_of_mixed_backends_is_refused(tmp_path: Path, put: Put) -> None:
    answer, _ = await put(environment(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.chainer.ChainerBackend"))
    assert not answer.works
    assert files_with(tmp_path, CANARY) == []


async def test_what_keyring_picks_by_itself_on_a_bare_machine_is_refused(tmp_path: Path, put: Put) -> None:
    answer, seconds = await put(environment(tmp_path))
    assert not answer.works
    assert seconds < keyring.DEADLINE + 0.5
    assert files_with(tmp_path, CANARY) == []


async def test_a_mute_session_bus_ends_within_the_deadline(tmp_path: Path, put: Put) -> None:
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        answer, seconds = await put(environment(tmp_path, DBUS_SESSION_BUS_ADDRESS=f"unix:path={path}"))
    assert not answer.works
    assert seconds < keyring.DEADLINE + 0.5
    assert files_with(tmp_path, CANARY) == []


async def test_cancelling_a_call_ends_its_process(tmp_path: Path, put: Put) -> None:
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        mute.setblocking(False)
        env = environment(tmp_path, DBUS_SESSION_BUS_ADDRESS=f"unix:path={path}")
        call = asyncio.ensure_future(put(env))
        peer, _ = await asyncio.get_running_loop().sock_accept(mute)
        watch = Watch()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert watch.seconds < 0.5
        peer.close()


SCRIPT = """
import asyncio, json, sys
from wizard.state import keyring as keyrings
from wizard.model.secret import Secret

async def main():
    kept = await keyrings.put("test", Secret(sys.stdin.read()))
    there = await keyrings.get("test")
    gone = await keyrings.forget("test")
    after = await keyrings.get("test")
    print(json.dumps({
        "put": [kept.works, kept.reason, kept.backend],
        "same": there.value is not None and len(there.value),
        "forgot": gone.works and after.value is None,
    }))

asyncio.run(main())
"""


def under_a_bus(tmp_path: Path, before: str) -> dict[str, Any]:
    """Run the script under a session bus of its own after the shell line *before*; return what it said."""
    if shutil.which("dbus-run-session") is None or shutil.which("gnome-keyring-daemon") is None:
        pytest.skip(f"no gnome-keyring here: {APT}")
    (tmp_path / "runtime").mkdir(mode=0o700)
    env = environment(
        tmp_path,
        XDG_RUNTIME_DIR=str(tmp_path / "runtime"),
        # Named, because the backends that the other tests need would make a mixed chain here.
        PYTHON_KEYRING_BACKEND="keyring.backends.SecretService.Keyring",
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{before}\nexec "$0" -c "$1"', sys.executable, SCRIPT],
        input=CANARY,
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


UNLOCKED = "printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"


def test_an_unlocked_gnome_keyring_keeps_gives_back_and_forgets(tmp_path: Path) -> None:
    said = under_a_bus(tmp_path, UNLOCKED)
    assert said["put"] == [True, "", "keyring.backends.SecretService.Keyring"]
    assert said["same"] == len(CANARY)
    assert said["forgot"] is True
    assert files_with(tmp_path, CANARY) == []


def test_a_locked_gnome_keyring_is_named_in_time(tmp_path: Path) -> None:
    watch = Watch()
    said = under_a_bus(tmp_path, "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1")
    works, reason, _ = said["put"]
    assert works is False
    assert reason
    assert watch.seconds < 4 * (keyring.DEADLINE + 1)
    assert files_with(tmp_path, CANARY) == []


SILENT = """
import sys
from jeepney import MessageType
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
connection = open_dbus_connection("SESSION")
connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
print("owned", flush=True)
while True:
    connection.receive()
"""


@pytest.mark.full
def test_a_secret_service_that_never_answers_ends_at_the_deadline(tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text(SILENT)
    pipe = tmp_path / "owned"
    before = f'mkfifo {pipe}\n"$0" {silent} > {pipe} &\nread owned < {pipe}'
    watch = Watch()
    said = under_a_bus(tmp_path, before)
    works, reason, _ = said["put"]
    assert works is False
    assert "did not answer" in str(reason)
    assert watch.seconds < 4 * (keyring.DEADLINE + 1)


async def test_a_process_that_cannot_be_started_is_no_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Put
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    answer, _ = await put(environment(tmp_path))
    assert not answer.works
    assert "could not be started" in answer.reason


class TestPrevious:
    async def test_what_is_older_than_seven_days_is_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept: dict[str, Secret] = {}

        async def fake_get(name: str, **_: object) -> keyring.Answer:
            return keyring.Answer(works=True, value=kept.get(name))

        async def fake_put(name: str, secret: Secret, **_: object) -> keyring.Answer:
            kept[name] = secret
            return keyring.Answer(works=True)

        async def fake_forget(name: str, **_: object) -> keyring.Answer:
            kept.pop(name, None)
            return keyring.Answer(works=True)

        monkeypatch.setattr(keyring, "get", fake_get)
        monkeypatch.setattr(keyring, "put", fake_put)
        monkeypatch.setattr(keyring, "forget", fake_forget)
        await keyring.put_previous("t", Secret("smtp://a:b@h:25"))
        there = await keyring.previous("t")
        assert there.value == Secret("smtp://a:b@h:25")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 8 * 86_400)
        gone = await keyring.previous("t")
        assert gone.value is None
        assert kept == {}


async def test_the_keyring_is_found_where_this_program_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a single-file build: the interpreter alone has no such package."""
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    answer = await keyring.probe()
    assert answer.backend == "keyring.backends.null.Keyring"
    assert answer.reason == "The keyring is switched off (null): it takes a secret and keeps nothing."
