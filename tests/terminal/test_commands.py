"""The commands as scripts and monitoring use them: real processes against the rehearsal's servers, no terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

from tests.effort import one_in

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((files("assets") / "findings.schema.json").read_text())
DNS = {
    "domain", "ownership", "spf_from", "spf_mailfrom", "dkim", "dmarc", "alignment", "return_path", "rp_mx", "mx",
    "ptr", "postal_view",
}  # fmt: skip
SMTP = {"resolve", "connect", "greeting", "tls", "auth", "username", "recipient", "sender"}
CONFIG = {"email_url", "from_address", "environment", "git", "compose", "container"}


@dataclass(frozen=True)
class Served:
    """A running ``demo --serve`` and what it said."""

    info: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def answers(self) -> Path:
        return Path(self.info["answers"])

    @property
    def env_file(self) -> Path:
        return self.answers.parent / ".env"

    @property
    def network(self) -> list[str]:
        return ["--resolver", self.info["dns"], "--authoritative-port", str(self.info["authoritative_port"])]


def postal_wizard(
    *arguments: str, given: str | bytes = "", cwd: Path | None = None, key: str | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal; *key* goes in by a descriptor of its own."""
    descriptors: tuple[int, ...] = ()
    words = list(arguments)
    if key is not None:
        reading, writing = os.pipe()
        os.write(writing, f"{key}\n".encode())
        os.close(writing)
        descriptors = (reading,)
        words += ["--password-fd", str(reading)]
    try:
        return subprocess.run(
            [sys.executable, "-m", "wizard", *words],
            input=given.decode() if isinstance(given, bytes) else given,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            pass_fds=descriptors,
            check=False,
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def serve(directory: Path, scenario: str = "good") -> Served:
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", "demo", "--serve", scenario, "--directory", str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    return Served(json.loads(process.stdout.readline()), process)


def end(served: Served) -> int:
    served.process.terminate()
    code = served.process.wait(10)
    assert served.process.stdout is not None
    served.process.stdout.close()
    return code


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "rehearsal")
    yield running
    end(running)


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {found["check"]: found["verdict"] for found in json.loads(done.stdout)["findings"]}


class TestCheck:
    def test_json_follows_the_schema_and_names_every_check(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--json", *served.network, key=served.info["smtp_key"]
        )
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        assert {found["check"] for found in report["findings"]} == DNS | SMTP | CONFIG
        assert report["verdict"] not in {"fail", "unknown"}, done.stdout
        assert done.returncode == 0

    def test_only_asks_for_what_was_named(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--only", "smtp", "--json", *served.network,
            key=served.info["smtp_key"],
        )  # fmt: skip
        assert set(findings(done)) == SMTP

    def test_without_send_no_mail_goes_out_and_the_sender_is_not_judged(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--only", "smtp", "--json", *served.network,
            key=served.info["smtp_key"],
        )  # fmt: skip
        assert findings(done)["sender"] == "skip"
        assert findings(done)["recipient"] == "pass"
        assert list(served.answers.parent.rglob("*.eml")) == []

    def test_a_wrong_key_fails_auth_and_exits_1(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--only", "smtp", "--json", *served.network, key="z" * 24
        )
        assert findings(done)["auth"] == "fail"
        assert done.returncode == 1

    def test_people_read_stderr_and_stdout_stays_empty(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--only", "smtp", *served.network, key=served.info["smtp_key"]
        )
        assert done.stdout == ""
        assert "OK    Greeting" in done.stderr

    def test_an_env_file_alone_is_enough(self, served: Served) -> None:
        applied = postal_wizard("apply", "--answers", str(served.answers), *served.network, key=served.info["smtp_key"])
        assert applied.returncode == 0, applied.stderr
        done = postal_wizard(
            "check", "--env-file", str(served.env_file), "--only", "smtp,config", "--json", *served.network
        )
        assert findings(done)["auth"] == "pass", done.stderr
        assert findings(done)["email_url"] == "pass"
        assert findings(done)["recipient"] == "skip"

    def test_watch_prints_one_object_a_line_and_ends_by_a_signal(self, served: Served) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "wizard", "check", "--answers", str(served.answers), "--only", "dns", "--json",
             "--watch", "0.2", "--resolver", "127.0.0.1:1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:  # fmt: skip
            assert process.stdout is not None
            for _ in range(2):
                assert json.loads(process.stdout.readline())["verdict"] == "unknown"
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) == 143

    def test_what_cannot_be_told_exits_3(self, served: Served) -> None:
        done = postal_wizard(
            "check", "--answers", str(served.answers), "--only", "dns", "--json", "--resolver", "127.0.0.1:1"
        )
        assert json.loads(done.stdout)["verdict"] == "unknown"
        assert done.returncode == 3


class TestApply:
    def test_it_checks_sends_writes_and_reads_back(self, served: Served) -> None:
        before = served.env_file.read_text().splitlines()
        done = postal_wizard(
            "apply", "--answers", str(served.answers), "--json", *served.network, key=served.info["smtp_key"]
        )
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        assert done.returncode == 0, done.stderr
        assert report["change"]["written"] is True
        assert set(report["change"]["keys"]) == {"EMAIL_URL", "DEFAULT_FROM_EMAIL"}
        after = served.env_file.read_text().splitlines()
        ours = ("EMAIL_URL=", "DEFAULT_FROM_EMAIL=")
        assert [line for line in after if not line.startswith(ours)] == [
            line for line in before if not line.startswith(ours)
        ]
        assert len(list(served.answers.parent.rglob("*.eml"))) == 1
        assert served.info["smtp_key"] not in done.stdout + done.stderr

    def test_a_wrong_key_exits_1_with_the_file_byte_for_byte_the_same(self, served: Served) -> None:
        before = served.env_file.read_bytes()
        done = postal_wizard("apply", "--answers", str(served.answers), "--json", *served.network, key="z" * 24)
        assert done.returncode == 1
        assert json.loads(done.stdout)["change"]["written"] is False
        assert served.env_file.read_bytes() == before
        assert list(served.answers.parent.rglob("*.eml")) == []

    @pytest.mark.full
    def test_an_unknown_exits_3_and_writes_nothing(self, served: Served) -> None:
        before = served.env_file.read_bytes()
        done = postal_wizard(
            "apply", "--answers", str(served.answers), "--resolver", "127.0.0.1:1", key=served.info["smtp_key"]
        )
        assert done.returncode == 3
        assert served.env_file.read_bytes() == before

    @pytest.mark.full
    def test_despite_failures_writes_and_keeps_the_true_verdict(self, served: Served) -> None:
        done = postal_wizard(
            "apply", "--answers", str(served.answers), "--json", "--despite-failures", *served.network, key="z" * 24
        )
        report = json.loads(done.stdout)
        assert done.returncode == 0, done.stderr
        assert (report["verdict"], report["change"]["written"]) == ("fail", True)

    def test_a_dry_run_shows_the_change_and_writes_and_sends_nothing(self, served: Served) -> None:
        before = served.env_file.read_bytes()
        done = postal_wizard(
            "apply", "--answers", str(served.answers), "--dry-run", *served.network, key=served.info["smtp_key"]
        )
        assert done.returncode == 0, done.stderr
        assert "EMAIL_URL=smtp://" in done.stderr
        assert served.info["smtp_key"] not in done.stderr
        assert served.env_file.read_bytes() == before
        assert list(served.answers.parent.rglob("*.eml")) == []

    @pytest.mark.full
    def test_a_target_that_is_a_directory_exits_4_before_any_mail(self, served: Served) -> None:
        served.env_file.unlink()
        served.env_file.mkdir()
        done = postal_wizard(
            "apply", "--answers", str(served.answers), "--json", *served.network, key=served.info["smtp_key"]
        )
        assert done.returncode == 4
        assert json.loads(done.stdout)["change"]["keys"] == {
            "EMAIL_URL": "not_written",
            "DEFAULT_FROM_EMAIL": "not_written",
        }
        assert "directory" in done.stderr
        assert list(served.answers.parent.rglob("*.eml")) == []

    @pytest.mark.full
    def test_a_second_run_changes_nothing(self, served: Served) -> None:
        arguments = ("apply", "--answers", str(served.answers), "--json", *served.network)
        postal_wizard(*arguments, key=served.info["smtp_key"])
        before = served.env_file.stat().st_mtime_ns
        done = postal_wizard(*arguments, key=served.info["smtp_key"])
        assert json.loads(done.stdout)["change"]["keys"] == {
            "EMAIL_URL": "unchanged",
            "DEFAULT_FROM_EMAIL": "unchanged",
        }
        assert served.env_file.stat().st_mtime_ns == before

    def test_without_a_key_it_names_the_descriptor(self, served: Served) -> None:
        done = postal_wizard("apply", "--answers", str(served.answers))
        assert done.returncode == 2
        assert "--password-fd" in done.stderr

    @pytest.mark.full
    def test_the_report_holds_no_secret(self, served: Served, tmp_path: Path) -> None:
        path = tmp_path / "report.md"
        postal_wizard(
            "apply", "--answers", str(served.answers), "--report", str(path), *served.network,
            key=served.info["smtp_key"],
        )  # fmt: skip
        text = path.read_text()
        assert "## Findings" in text
        assert served.info["smtp_key"] not in text
        assert path.stat().st_mode & 0o777 == 0o600


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "named"),
        one_in(
            3,
            [
                (["check", "--answers", "none.toml"], "none.toml"),
                (["check", "--env-file", "none.env"], "none.env"),
                (["check", "--only", "smpt"], "--only"),
                (["check", "--watch", "0"], "--watch"),
                (["check", "--resolver", "resolver.example"], "--resolver"),
                (["check", "--authoritative-port", "0"], "--authoritative-port"),
                (["check", "--password-fd", "99"], "--password-fd"),
                (["apply"], "--answers"),
                (["apply", "--password", "hunter2hunter2"], "--password-fd"),
                (["demo", "no-such"], "scenario"),
                (["nonsense"], "no such command"),
                (["url", "encode", "--username", "a/b", "--host", "smtp://h.example", "--port", "25"], "scheme"),
                (["url", "encode", "--username", "a/b", "--host", "h.example", "--port", "99999"], "65535"),
            ],
        ),
    )
    def test_what_is_wrong_is_named_and_exits_2(self, arguments: list[str], named: str, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://a:b@127.0.0.1:9\nDEFAULT_FROM_EMAIL=g@example.com\n")
        done = postal_wizard(*arguments, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert named in done.stderr
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr

    @pytest.mark.parametrize("words", [[], ["demo"], ["troubleshoot"]])
    def test_no_terminal_is_one_sentence(self, words: list[str], tmp_path: Path) -> None:
        done = postal_wizard(*words, cwd=tmp_path)
        assert done.returncode == 5
        assert len(done.stderr.splitlines()) == 1
        assert "--plain" in done.stderr

    @pytest.mark.parametrize("key", one_in(2, ["ab\ncd", "ab\rcd", "schlüssel", "", "a\x00b"]))
    def test_a_key_that_cannot_be_is_refused_and_never_shown(self, key: str) -> None:
        done = postal_wizard("url", "encode", "--username", "u", "--host", "h.example", "--port", "25", given=key)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
        assert not key or key not in done.stderr


class TestUrl:
    def test_encode_gives_the_url_alone_on_stdout(self) -> None:
        done = postal_wizard(
            "url", "encode", "--username", "org/server", "--host", "h.example", "--port", "2525", given="a/b~ c@\n"
        )
        assert done.stdout == "smtp://org%2Fserver:a%2Fb%7E%20c%40@h.example:2525\n"
        assert "blank" in done.stderr
        assert done.returncode == 0

    def test_explain_says_yes_to_what_encode_made(self) -> None:
        done = postal_wizard("url", "explain", given="EMAIL_URL=smtp://org%2Fserver:secretsecret@h.example:2525\n")
        assert done.returncode == 0
        assert "secretsecret" not in done.stdout + done.stderr

    @pytest.mark.parametrize(
        "url",
        one_in(3, ["smtp://org/server:key@h.example:2525", "smtp://u:a/b@h.example:25", "submission://u:p@h.example:587",
         "'smtp://u:p@h.example:25'", "consolemail://", "smtp://h.example:25", ""]),
    )  # fmt: skip
    def test_explain_exits_1_where_glitchtip_would_fail_or_misread(self, url: str) -> None:
        assert postal_wizard("url", "explain", given=url).returncode == 1


class TestServe:
    def test_it_ends_by_a_signal_with_the_signals_code(self, tmp_path: Path) -> None:
        assert end(serve(tmp_path / "rehearsal")) == 143

    def test_the_line_names_what_there_is(self, served: Served) -> None:
        assert {"smtp", "dns", "authoritative_port", "answers", "smtp_key", "client_secret"} <= set(served.info)

    def test_nothing_is_written_in_the_working_directory(self, tmp_path: Path) -> None:
        (tmp_path / "work").mkdir()
        done = postal_wizard("demo", "--list", cwd=tmp_path / "work")
        assert "good" in done.stdout
        assert list((tmp_path / "work").iterdir()) == []
