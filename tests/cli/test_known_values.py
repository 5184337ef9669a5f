"""``check`` of a `.env` judges what the set-up of it has kept of Postal, without a paste."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wizard.model.draft import EnvTarget
from wizard.rehearsal import lifetime
from wizard.state import answers_file, known_values

ROOT = Path(__file__).parents[2]


def check(env_file: Path, dns: str, port: int) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "check", "--env-file", str(env_file), "--only", "dns", "--json",
         "--resolver", dns, "--authoritative-port", str(port)],
        capture_output=True, timeout=60, check=False, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_apply_keeps_them_and_a_check_months_later_says_how_old_the_status_is(tmp_path: Path) -> None:
    running = lifetime.start("good", tmp_path / "rehearsal")
    try:
        answers = Path(running.info["answers"])
        network = ["--resolver", running.info["dns"], "--authoritative-port", str(running.info["authoritative_port"])]
        text = answers.read_text().replace("[domain]", '[domain]\nstored_dkim = "ok"\nstored_return_path = "ok"')
        web_url = f'[server]\nweb_url = "{running.info["http"]}"'
        answers.write_text(text.replace("[server]", web_url))
        applied = command(["apply", "--answers", str(answers), "--despite-failures", "--json", *network], running.info)
        env_file = answers.parent / ".env"
        target = EnvTarget(str(env_file))
        known = known_values.recall(target)
        assert known is not None
        assert applied["change"]["written"] is True
        assert {one["code"] for one in applied["findings"] if one["check"] == "arrival"} == {"arrival.sent"}
        assert known.newest_message == 1
        assert known.domain.stored_dkim == "ok"
        old = datetime.now(UTC) - timedelta(days=90)
        known_values.keep(target, replace(known, status_when=old), old)
        after = check(env_file, running.info["dns"], running.info["authoritative_port"])
    finally:
        running.stop()
    assert "that page is 90 days old" in " ".join(after["alignment"]["evidence"])


def command(words: list[str], info: dict[str, Any]) -> dict[str, Any]:
    """Run a command that gets both keys by descriptors, and return its JSON."""
    keys = []
    for flag, name in (("--password-fd", "smtp_key"), ("--postal-api-key-fd", "api_key")):
        reading, writing = os.pipe()
        os.write(writing, info[name].encode())
        os.close(writing)
        keys.append((flag, reading))
    done = subprocess.run(
        [sys.executable, "-m", "wizard", *words, *(word for flag, number in keys for word in (flag, str(number)))],
        capture_output=True, timeout=90, check=False, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, pass_fds=[number for _, number in keys],
    )  # fmt: skip
    for _, number in keys:
        os.close(number)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_dkim_is_a_skip_before_and_judged_after_the_values_were_kept(tmp_path: Path) -> None:
    running = lifetime.start("good", tmp_path / "rehearsal")
    try:
        draft = answers_file.load(Path(running.info["answers"]))
        env_file = tmp_path / ".env"
        env_file.write_text(f"EMAIL_URL=smtp://shop%2Fapps:k@127.0.0.1:25\nDEFAULT_FROM_EMAIL='{draft.app.from_}'\n")
        where = running.info["dns"], running.info["authoritative_port"]
        before = check(env_file, *where)
        known_values.keep(EnvTarget(str(env_file)), known_values.of_draft(draft), datetime.now(UTC))
        after = check(env_file, *where)
    finally:
        running.stop()
    assert before["dkim"]["verdict"] == "skip"
    assert after["dkim"]["verdict"] == "pass"
    assert after["return_path"]["verdict"] == "pass"
