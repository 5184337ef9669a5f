"""``apply`` and a signal, and ``apply`` with an exported copy: the real command says in which state each key is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.effort import one_in
from tests.terminal.test_commands import ROOT, Served, end, serve
from tests.terminal.test_commands_infisical import FOLDER, KEYS, told
from wizard.model import answers
from wizard.model.draft import InfisicalTarget
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.state import answers_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "smtp://org%2Fserver:OldOldOldOldOldOldOldOld@h.example:25"


class Holding(Server):
    """An Infisical that never answers the write of EMAIL_URL, once it has carried it out."""

    def __init__(self) -> None:
        super().__init__(Store())
        self.holds = False
        self.held = threading.Event()
        self.go = threading.Event()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        answered = super().answer(method, target, authorization, body)
        if self.holds and method in {"POST", "PATCH"} and target.endswith("/EMAIL_URL"):
            self.held.set()
            self.go.wait(30)
            return None
        return answered


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "rehearsal")
    yield running
    end(running)


@pytest.fixture
def infisical() -> Iterator[Holding]:
    server = Holding()
    server.start()
    yield server
    server.go.set()
    server.stop()


def with_copy(path: Path, directory: Path) -> Path:
    """Let the answers at *path* name a copy, and make that; return its path."""
    draft = answers_file.load(path)
    assert isinstance(draft.target, InfisicalTarget)
    copy = directory / "exported.env"
    copy.write_text(f"EMAIL_URL='{OLD}'\nDEFAULT_FROM_EMAIL='old@example.com'\nSECRET_KEY='theirs'\n")
    copy.chmod(0o600)
    path.write_text(answers.dumps(replace(draft, target=replace(draft.target, env_copy=str(copy)))))
    return copy


def start(served: Served, path: Path, client_secret: str, *words: str) -> subprocess.Popen[str]:
    descriptors, arguments = [], ["apply", "--answers", str(path), "--json", "--despite-failures", *served.network]
    for flag, secret in (("--password-fd", served.info["smtp_key"]), ("--client-secret-fd", client_secret)):
        reading, writing = os.pipe()
        os.write(writing, f"{secret}\n".encode())
        os.close(writing)
        descriptors.append(reading)
        arguments += [flag, str(reading)]
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", *arguments, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=descriptors,
    )
    for descriptor in descriptors:
        os.close(descriptor)
    return process


@pytest.mark.parametrize("number", one_in(3, [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
def test_a_signal_during_the_writing_ends_with_the_state_of_each_key(
    number: signal.Signals, served: Served, infisical: Holding
) -> None:
    path = told(served, infisical)
    copy = with_copy(path, served.answers.parent)
    infisical.holds = True
    process = start(served, path, infisical.store.client_secret)
    assert infisical.held.wait(60)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    change = json.loads(stdout)["change"]
    assert change["keys"] == {"DEFAULT_FROM_EMAIL": "created", "EMAIL_URL": "uncertain"}
    assert change["written"] is True
    assert change["copy"]["keys"] == dict.fromkeys(sorted(KEYS), "not_written")
    assert "EMAIL_URL uncertain" in stderr
    assert OLD in copy.read_text()


def test_the_copy_is_written_after_infisical_and_the_command_needs_no_infisical_run(
    served: Served, infisical: Holding
) -> None:
    path = told(served, infisical)
    copy = with_copy(path, served.answers.parent)
    process = start(served, path, infisical.store.client_secret)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    change = json.loads(stdout)["change"]
    assert change["copy"] == {"path": str(copy), "keys": dict.fromkeys(sorted(KEYS), "changed")}
    url = infisical.store.value(*FOLDER, "EMAIL_URL")
    assert f"EMAIL_URL={url}\n" in copy.read_text()
    assert "SECRET_KEY='theirs'\n" in copy.read_text()
    assert "infisical run" not in json.loads(stdout)["next"].get("command", "")


@pytest.mark.full
def test_a_dry_run_shows_both_and_writes_neither(served: Served, infisical: Holding) -> None:
    path = told(served, infisical)
    copy = with_copy(path, served.answers.parent)
    before = copy.read_text()
    process = start(served, path, infisical.store.client_secret, "--dry-run")
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    change = json.loads(stdout)["change"]
    assert change["written"] is False
    assert change["keys"] == dict.fromkeys(sorted(KEYS), "created")
    assert change["copy"]["keys"] == dict.fromkeys(sorted(KEYS), "changed")
    assert str(copy) in stderr
    assert copy.read_text() == before
    assert infisical.store.value(*FOLDER, "EMAIL_URL") is None


def test_where_the_copy_must_not_be_written_neither_is_and_both_are_named(served: Served, infisical: Holding) -> None:
    path = told(served, infisical)
    copy = with_copy(path, served.answers.parent)
    copy.unlink()
    copy.mkdir()
    process = start(served, path, infisical.store.client_secret)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 4, stderr
    change = json.loads(stdout)["change"]
    assert change["written"] is False
    assert change["copy"] == {"path": str(copy), "keys": dict.fromkeys(sorted(KEYS), "not_written")}
    assert "next" not in json.loads(stdout)
    assert infisical.store.value(*FOLDER, "EMAIL_URL") is None
