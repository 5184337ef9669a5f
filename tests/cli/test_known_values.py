"""``check`` of a `.env` judges what the set-up of it has kept of Postal, without a paste."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
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
