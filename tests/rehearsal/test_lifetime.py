"""The servers live as long as whoever started them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from wizard.model import answers
from wizard.rehearsal import lifetime
from wizard.state import answers_file

pytestmark = pytest.mark.usefixtures("real_starts")

STARTER = """
import json, sys, time
from pathlib import Path
from wizard.rehearsal import lifetime
rehearsal = lifetime.start("good", Path(sys.argv[1]) if len(sys.argv) > 1 else None)
print(json.dumps(rehearsal.info), flush=True)
time.sleep(60)
"""
SERVING = """
import json, sys
from pathlib import Path
from wizard.rehearsal import lifetime
where = Path(sys.argv[1]) if len(sys.argv) > 1 else None
sys.exit(100 + lifetime.serve_forever("good", where, lambda info: print(json.dumps(info), flush=True)))
"""


def address(text: str) -> tuple[str, int]:
    host, _, port = text.removeprefix("http://").rpartition(":")
    return host, int(port)


def ports(info: dict[str, Any]) -> list[tuple[str, int]]:
    return [*(address(info[name]) for name in ("smtp", "dns", "http")), ("127.0.0.1", info["authoritative_port"])]


def refused(where: tuple[str, int]) -> bool:
    try:
        socket.create_connection(where, 1).close()
    except ConnectionRefusedError:
        return True
    return False


def all_refused_within(seconds: float, info: dict[str, Any]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if all(refused(where) for where in ports(info)):
            return True
        time.sleep(0.02)
    return False


def started(code: str, *arguments: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def ended(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    process.stdout.close()
    return process.wait(5)


def test_all_servers_listen_when_start_returns_and_none_after_stop() -> None:
    rehearsal = lifetime.start("good")
    try:
        assert not any(refused(where) for where in ports(rehearsal.info))
        assert rehearsal.directory.stat().st_mode & 0o777 == 0o700
    finally:
        rehearsal.stop()
    assert all(refused(where) for where in ports(rehearsal.info))
    assert not rehearsal.directory.exists()


def test_stop_may_be_called_twice() -> None:
    rehearsal = lifetime.start("good")
    rehearsal.stop()
    rehearsal.stop()
    assert refused(address(rehearsal.info["smtp"]))


def test_kill_9_of_the_starter_ends_the_servers_and_their_temporary_directory() -> None:
    process, info = started(STARTER)
    process.kill()
    assert ended(process) == -signal.SIGKILL
    assert all_refused_within(2, info)
    until = time.monotonic() + 2
    while Path(info["directory"]).exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(info["directory"]).exists()


def test_the_kernel_s_word_ends_them_even_where_a_forked_child_still_holds_the_pipe(tmp_path: Path) -> None:
    holding = STARTER.replace("time.sleep(60)", "import os\nos.fork() or time.sleep(5)\ntime.sleep(60)")
    process, info = started(holding, str(tmp_path / "own"))
    process.kill()
    assert all_refused_within(2, info)
    ended(process)


def test_the_end_of_the_thread_that_started_them_does_not_end_them() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        rehearsal = pool.submit(lifetime.start, "good").result()
    try:
        assert not all_refused_within(0.3, rehearsal.info)
        assert not any(refused(where) for where in ports(rehearsal.info))
    finally:
        rehearsal.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serving_for_ever_ends_by_a_signal_and_returns_its_number(number: signal.Signals) -> None:
    process, info = started(SERVING)
    assert not any(refused(where) for where in ports(info))
    process.send_signal(number)
    assert ended(process) == 100 + number
    assert all(refused(where) for where in ports(info))
    assert not Path(info["directory"]).exists()


class TestTheCommandLine:
    def test_demo_serve_prints_one_line_and_ends_with_128_and_the_signal(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "wizard", "demo", "--serve", "--directory", "own"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path)
        assert process.stdout is not None
        info = json.loads(process.stdout.readline())
        process.terminate()
        rest = process.stdout.read()
        assert ended(process) == 143
        assert rest == b""
        assert Path(info["answers"]) == tmp_path / "own" / "answers.toml"
        assert [path.name for path in tmp_path.iterdir()] == ["own"]

    def test_demo_refuses_an_unknown_scenario_as_usage(self) -> None:
        command = [sys.executable, "-m", "wizard", "demo", "--serve", "no-such-thing"]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 2
        assert done.stdout == b""
        assert done.stderr.startswith(b"There is no such scenario")


class TestTheJsonLine:
    def test_holds_what_the_contract_names(self, tmp_path: Path) -> None:
        process, info = started(SERVING, str(tmp_path / "own"))
        process.terminate()
        ended(process)
        for name in ("smtp", "dns"):
            assert address(info[name])[0] == "127.0.0.1"
        assert info["http"].startswith("http://127.0.0.1:")
        assert isinstance(info["authoritative_port"], int)
        assert len(info["smtp_key"]) == 24
        assert info["smtp_key"].isalnum()
        assert info["client_secret"]

    def test_names_an_answers_file_that_points_to_the_servers(self, tmp_path: Path) -> None:
        rehearsal = lifetime.start("good", tmp_path / "own")
        rehearsal.stop()
        draft = answers_file.load(Path(rehearsal.info["answers"]))
        assert not answers.missing(draft, for_apply=True)
        assert (draft.server.host, draft.server.port) == address(rehearsal.info["smtp"])
        assert draft.test_mail is not None

    def test_names_a_host_that_the_certificate_can_name(self, tmp_path: Path) -> None:
        rehearsal = lifetime.start("starttls", tmp_path / "own")
        rehearsal.stop()
        server = answers_file.load(Path(rehearsal.info["answers"])).server
        assert (server.host, server.tls) == ("localhost", "starttls")
        assert Path(rehearsal.info["ca_file"]).read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")

    def test_key_differs_from_run_to_run_and_stands_in_no_file(self, tmp_path: Path) -> None:
        seen = set()
        for _ in range(2):
            rehearsal = lifetime.start("good", tmp_path / "own")
            rehearsal.stop()
            seen.add(rehearsal.info["smtp_key"])
        assert len(seen) == 2
        written = [path.read_text() for path in (tmp_path / "own").rglob("*") if path.is_file()]
        assert len(written) >= 4
        assert not any(key in text for key in seen for text in written)


class TestTheDirectory:
    def test_is_refused_when_it_holds_something_else(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=mine\n")
        with pytest.raises(lifetime.RehearsalError, match="holds other files"):
            lifetime.start("good", tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [".env"]

    def test_keeps_what_an_earlier_rehearsal_wrote_into_env(self, tmp_path: Path) -> None:
        lifetime.start("good", tmp_path).stop()
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://written\n")
        lifetime.start("good", tmp_path).stop()
        assert (tmp_path / ".env").read_text() == "EMAIL_URL=smtp://written\n"

    def test_holds_files_for_the_owner_alone(self, tmp_path: Path) -> None:
        rehearsal = lifetime.start("starttls", tmp_path / "own")
        rehearsal.stop()
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "own").iterdir()}
        assert {"answers.toml", ".env", "docker-compose.yml", "sink", "ca.pem"} <= set(modes)
        assert not any(modes.values())

    def test_is_not_where_the_operator_stands(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "json.py").write_text("raise SystemExit('imported from the working directory')\n")
        before = set(tmp_path.iterdir())
        lifetime.start("good").stop()
        assert set(tmp_path.iterdir()) == before


def test_an_unknown_scenario_is_one_sentence() -> None:
    with pytest.raises(lifetime.RehearsalError, match="There is no such scenario"):
        lifetime.start("no-such-thing")
