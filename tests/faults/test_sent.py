"""What goes out, seen by the kernel: only to the servers that were named; and what docker is asked."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.terminal.test_commands import ROOT, Served, end, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS: Final = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")')


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "rehearsal")
    yield running
    end(running)


@pytest.mark.skipif(shutil.which("strace") is None, reason="apt-get install -y strace")
@pytest.mark.parametrize("words", [("check", "--send"), ("apply",)], ids=["check", "apply"])
def test_nothing_goes_anywhere_else(words: tuple[str, ...], served: Served, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    reading, writing = os.pipe()
    os.write(writing, f"{served.info['smtp_key']}\n".encode())
    os.close(writing)
    command = [
        "strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-s", "0", "-o", str(trace),
        sys.executable, "-m", "wizard", *words, "--answers", str(served.answers), "--json", *served.network,
        "--password-fd", str(reading),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=110, check=False, pass_fds=(reading,), cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        os.close(reading)
    assert done.returncode == 0, done.stderr
    sent = {f"{four or six}:{port}" for port, four, six in ADDRESS.findall(trace.read_text())}
    named = {served.info["smtp"], served.info["dns"], f"127.0.0.1:{served.info['authoritative_port']}"}
    assert served.info["smtp"] in sent
    assert served.info["dns"] in sent
    assert sent <= named


def test_docker_is_only_asked() -> None:
    """Nothing starts, stops or changes a container: one file runs docker, and its words are those that ask."""
    running = {
        str(path.relative_to(ROOT / "wizard"))
        for path in (ROOT / "wizard").rglob("*.py")
        if re.search(r'\(\s*"docker"\s*,', path.read_text(encoding="utf-8"))
    }
    assert running == {"glitchtip/docker.py"}
    tree = ast.parse((ROOT / "wizard/glitchtip/docker.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_run"]
    first = [call.args[0] for call in calls]
    assert all(isinstance(word, ast.Constant) for word in first)
    assert {word.value for word in first if isinstance(word, ast.Constant)} == {"ps", "inspect", "logs", "exec"}
