"""The promise that is tried most: kill the writer when you like, the file is whole and the pair of one generation."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.effort import rounds
from wizard.targets.env_file import python_dotenv, write

if TYPE_CHECKING:
    from collections.abc import Callable

KILLS = int(os.environ.get("ENV_KILLS", str(rounds(500, 20))))
ROOT = Path(__file__).resolve().parents[2]
OTHERS = "".join(f"SETTING_{number}=value {number} # kept\n" for number in range(60))
GENERATION = re.compile(r"key(\d+)@|^Generation (\d+) ")


def generation(text: str | None) -> int:
    found = GENERATION.search(text or "")
    assert found is not None, text
    return int(found.group(1) or found.group(2))


@pytest.mark.slow
def test_no_kill_tears_the_file_or_mixes_the_pair(tmp_path: Path, reached: Callable[..., None]) -> None:
    path = tmp_path / ".env"
    path.write_text(OTHERS)
    start = {"EMAIL_URL": "smtp://u:key0@smtp.example.com:2525", "DEFAULT_FROM_EMAIL": "Generation 0 <g@example.com>"}
    write(path, start)
    chance = random.Random(7)
    wrote = strays = last = 0
    server = subprocess.Popen(
        [sys.executable, "tests/terminal/env_writer.py", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdin is not None
    assert server.stdout is not None
    with server:
        for _ in range(KILLS):
            server.stdin.write(f"{last}\n")
            server.stdin.flush()
            child = int(server.stdout.readline())
            time.sleep(chance.uniform(0, 0.02))  # the random moment is what is tried
            os.kill(child, signal.SIGKILL)
            assert int(server.stdout.readline()) == -signal.SIGKILL
            raw = path.read_bytes()
            values = python_dotenv.last_values(raw)
            url, from_ = generation(values["EMAIL_URL"]), generation(values["DEFAULT_FROM_EMAIL"])
            assert url == from_
            assert raw.startswith(OTHERS.encode())
            assert len(raw.splitlines()) == 62
            wrote += url > last
            last = url
            strays += len(list(tmp_path.iterdir())) > 1
        server.stdin.close()
    write(path, {"EMAIL_URL": "smtp://swept"})
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]
    reached(kills=KILLS, whole_writes=last, torn=0)
    print(f"{KILLS} kills, {wrote} rounds wrote, {last} generations, {strays} rounds left a stray name")
    # A broken writer that never writes would tear nothing either.
    assert wrote == KILLS


@pytest.mark.skipif(shutil.which("strace") is None, reason="apt-get install -y strace")
@pytest.mark.parametrize("fresh", [True, False], ids=["a new file", "a file"])
def test_the_order_on_disk_is_write_fsync_rename_fsync_of_the_directory(tmp_path: Path, *, fresh: bool) -> None:
    path, trace = tmp_path / ".env", tmp_path / "trace"
    if not fresh:
        path.write_text("A=1\n")
    program = (
        "import pathlib, sys; from wizard.targets.env_file import write; write(pathlib.Path(sys.argv[1]), {'A': '2'})"
    )
    calls = "trace=openat,flock,write,fsync,fdatasync,link,linkat,rename,renameat,renameat2"
    subprocess.run(
        ["strace", "-f", "-y", "-o", trace, "-e", calls, sys.executable, "-c", program, path], check=True, cwd=ROOT
    )
    lines = trace.read_text().splitlines()
    order = [
        rf"flock\(\d+<{tmp_path}>, LOCK_EX",
        rf"openat\(\d+<{tmp_path}>, \"\.\", .*O_TMPFILE",
        r"write\(\d+<.*, \".*A=2",
        r"fsync\(\d+<.*\) += 0",
        r"linkat\(",
        r"rename(at2?)?\(",
        rf"fsync\(\d+<{tmp_path}>\) += 0",
    ]
    at = -1
    for wanted in order:
        at = next((i for i in range(at + 1, len(lines)) if re.search(wanted, lines[i])), len(lines))
        assert at < len(lines), wanted
    assert sum("fsync(" in line for line in lines) == 2


def test_four_writers_of_different_keys_all_land(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    program = (
        "import pathlib, sys; from wizard.targets.env_file import write\n"
        "path = pathlib.Path(sys.argv[1]); sys.stdin.read()\n"
        "for number in range(1, 26): write(path, {sys.argv[2]: str(number), sys.argv[2] + str(number): 'x'})"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, path, key], stdin=subprocess.PIPE, cwd=ROOT)
        for key in ("W", "X", "Y", "Z")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    values = python_dotenv.last_values(path.read_bytes())
    expected = {"A": "1"} | dict.fromkeys("WXYZ", "25") | {f"{k}{n}": "x" for k in "WXYZ" for n in range(1, 26)}
    assert values == expected
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]


def test_a_fresh_process_writes_without_the_heavy_libraries() -> None:
    program = (
        "import sys, wizard.targets.env_file\n"
        "heavy = {'textual', 'rich', 'dotenv', 'asyncio', 'httpx', 'dns', 'cryptography', 'yaml', 'keyring'}\n"
        "print(*(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == ""
