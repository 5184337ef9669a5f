"""``apply`` and ``check`` with Infisical as the target: real processes, a Postal and an Infisical on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from tests.terminal.test_commands import ROOT, SCHEMA, Served, end, serve
from wizard.model import answers
from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.secret import MASK
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.state import answers_file
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ("prod", "/glitchtip/application")
KEYS = {"EMAIL_URL", "DEFAULT_FROM_EMAIL"}
LOGIN = ("POST", "/api/v1/auth/universal-auth/login")


class Watching(Server):
    """An Infisical that looks, at each request, at what everybody may read of the wizard's processes."""

    def __init__(self) -> None:
        super().__init__(Store())
        self.seen: set[bytes] = set()
        """Command lines and environments of this test's children while they talked to us."""

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        for process in _children():
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    self.seen.add((process / name).read_bytes())
        return super().answer(method, target, authorization, body)

    @property
    def logins(self) -> int:
        return self.store.log.count(LOGIN)


def _children() -> list[Path]:
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [Path("/proc") / number for path in listed for number in path.read_text().split()]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "rehearsal")
    yield running
    end(running)


@pytest.fixture
def infisical() -> Iterator[Watching]:
    server = Watching()
    server.start()
    yield server
    server.stop()


def told(served: Served, infisical: Server) -> Path:
    """Write answers that name *infisical* as the target, and return their path."""
    store = infisical.store
    target = InfisicalTarget(infisical.url, store.project_slug, FOLDER[0], FOLDER[1], store.client_id)
    return _written(served, target)


def _written(served: Served, target: InfisicalTarget) -> Path:
    draft = answers_file.load(served.answers)
    path = served.answers.with_name("told.toml")
    path.write_text(
        answers.dumps(Draft(draft.app, draft.server, draft.credential, draft.domain, draft.test_mail, target))
    )
    return path


def run(
    *words: str, key: str | None = None, client_secret: str | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal; each secret goes in by a descriptor of its own."""
    given = {"--password-fd": key, "--client-secret-fd": client_secret}
    descriptors, arguments = [], list(words)
    for flag, secret in given.items():
        if secret is not None:
            reading, writing = os.pipe()
            os.write(writing, f"{secret}\n".encode())
            os.close(writing)
            descriptors.append(reading)
            arguments += [flag, str(reading)]
    try:
        return subprocess.run(
            [sys.executable, "-m", "wizard", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            pass_fds=descriptors,
            check=False,
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def apply(served: Served, path: Path, client_secret: str | None, **options: Any) -> subprocess.CompletedProcess[str]:
    words = ("apply", "--answers", str(path), "--json", *served.network)
    return run(*words, key=served.info["smtp_key"], client_secret=client_secret, **options)


def mails(served: Served) -> list[Path]:
    return list(Path(served.info["sink"]).glob("*.eml"))


class TestApply:
    def test_the_rehearsal_s_own_infisical_takes_the_settings_and_a_second_run_changes_nothing(
        self, served: Served
    ) -> None:
        path = Path(served.info["answers_infisical"])
        first = apply(served, path, served.info["client_secret"])
        report = json.loads(first.stdout)
        jsonschema.validate(report, SCHEMA)
        assert first.returncode == 0, first.stderr
        assert report["change"] == {
            "target": "infisical",
            "written": True,
            "keys": dict.fromkeys(sorted(KEYS), "created"),
        }
        second = apply(served, path, served.info["client_secret"])
        assert second.returncode == 0, second.stderr
        assert set(json.loads(second.stdout)["change"]["keys"].values()) == {"unchanged"}

    def test_what_is_read_back_is_what_was_sent_and_the_token_is_revoked(
        self, served: Served, infisical: Watching
    ) -> None:
        done = apply(served, told(served, infisical), infisical.store.client_secret)
        assert done.returncode == 0, done.stderr
        url = infisical.store.value(*FOLDER, "EMAIL_URL")
        assert url == f"smtp://shop%2Fapps:{served.info['smtp_key']}@{served.info['smtp']}"
        assert infisical.logins == 1
        assert infisical.store.tokens == set()
        assert len(mails(served)) == 1

    @pytest.mark.full
    def test_neither_secret_is_where_others_can_read(self, served: Served, infisical: Watching) -> None:
        done = apply(served, told(served, infisical), infisical.store.client_secret)
        assert any(b"--client-secret-fd" in text for text in infisical.seen), "no process was looked at"
        public = b"".join(infisical.seen) + done.stdout.encode() + done.stderr.encode()
        assert served.info["smtp_key"].encode() not in public
        assert infisical.store.client_secret.encode() not in public

    @pytest.mark.full
    def test_a_wrong_client_secret_is_tried_once_and_nothing_is_sent_or_written(
        self, served: Served, infisical: Watching
    ) -> None:
        done = apply(served, told(served, infisical), "0" * 64)
        report = json.loads(done.stdout)
        assert done.returncode == 4, done.stderr
        assert report["change"] == {
            "target": "infisical", "written": False, "keys": dict.fromkeys(sorted(KEYS), "not_written"),
        }  # fmt: skip
        assert len([line for line in done.stderr.splitlines() if "refuses the login" in line]) == 1
        assert infisical.logins == 1
        assert mails(served) == []
        assert infisical.store.rows == {}

    def test_an_approval_policy_is_exit_4_and_awaiting_approval(self, served: Served, infisical: Watching) -> None:
        store = infisical.store
        store.put(*FOLDER, "EMAIL_URL", "smtp://old%2Fone:OldOldOldOldOldOldOldOld@h.example:25")
        store.put(*FOLDER, "DEFAULT_FROM_EMAIL", "old@shop.example")
        store.protected.add(FOLDER)
        done = apply(served, told(served, infisical), store.client_secret)
        change = json.loads(done.stdout)["change"]
        assert done.returncode == 4, done.stderr
        assert change == {
            "target": "infisical", "written": False, "keys": dict.fromkeys(sorted(KEYS), "awaiting_approval"),
        }  # fmt: skip
        assert "change request approval-" in done.stderr
        assert store.value(*FOLDER, "DEFAULT_FROM_EMAIL") == "old@shop.example"

    @pytest.mark.full
    def test_an_infisical_that_is_down_costs_no_test_mail(self, served: Served) -> None:
        gone = Server(Store())
        gone.start()
        path = told(served, gone)
        gone.stop()
        done = apply(served, path, gone.store.client_secret)
        assert done.returncode == 4, done.stderr
        assert json.loads(done.stdout)["change"]["written"] is False
        assert "Infisical cannot be reached" in done.stderr
        assert mails(served) == []

    def test_without_any_client_secret_the_descriptor_is_named(self, served: Served, infisical: Watching) -> None:
        done = apply(served, told(served, infisical), None)
        assert done.returncode == 2
        assert "--client-secret-fd" in done.stderr
        assert infisical.logins == 0


class TestEnvironment:
    def test_a_client_secret_from_there_is_used_named_and_never_printed(
        self, served: Served, infisical: Watching
    ) -> None:
        name, secret = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", infisical.store.client_secret
        done = apply(served, told(served, infisical), None, env={name: secret})
        assert done.returncode == 0, done.stderr
        assert f"{name} of the environment is used: {MASK}" in done.stderr
        assert secret not in done.stdout + done.stderr
        assert infisical.logins == 1

    @pytest.mark.full
    def test_a_token_from_there_stands_in_place_of_a_login_and_is_not_revoked(
        self, served: Served, infisical: Watching
    ) -> None:
        store = infisical.store
        token = f"eyJ{'t0ken' * 12}"
        store.tokens.add(token)
        target = InfisicalTarget(infisical.url, store.project_slug, *FOLDER)
        done = apply(served, _written(served, target), None, env={"INFISICAL_TOKEN": token})
        assert done.returncode == 0, done.stderr
        assert "INFISICAL_TOKEN of the environment is used" in done.stderr
        assert token not in done.stdout + done.stderr
        assert infisical.logins == 0
        assert store.tokens == {token}

    @pytest.mark.full
    def test_what_the_answers_lack_comes_from_the_official_variables_and_is_named(
        self, served: Served, infisical: Watching
    ) -> None:
        whole = InfisicalTarget(infisical.url, infisical.store.project_slug, *FOLDER, infisical.store.client_id)
        env = cli_settings.variables(whole)
        path = _written(served, InfisicalTarget())
        done = apply(served, path, infisical.store.client_secret, env=env)
        assert done.returncode == 0, done.stderr
        assert f"INFISICAL_DOMAIN={infisical.url}" in done.stderr
        assert {row.key for row in infisical.store.rows[FOLDER]} == KEYS

    def test_a_domain_of_the_project_file_is_not_taken_unattended(self, served: Served, infisical: Watching) -> None:
        path = _written(served, InfisicalTarget("", "glitchtip", *FOLDER, infisical.store.client_id))
        path.with_name(".infisical.json").write_text(json.dumps({"domain": infisical.url}))
        done = apply(served, path, infisical.store.client_secret)
        assert done.returncode == 2
        assert "target.url is missing" in done.stderr
        assert infisical.store.log == []


class TestRollback:
    @pytest.mark.full
    def test_without_a_keyring_it_is_impossible_and_infisical_s_own_history_is_named(
        self, served: Served, infisical: Watching, tmp_path: Path
    ) -> None:
        path = told(served, infisical)
        assert apply(served, path, infisical.store.client_secret).returncode == 0
        done = run("rollback", "--answers", str(path), client_secret=infisical.store.client_secret)
        assert done.returncode == 2
        assert "Version history" in done.stderr
        assert infisical.logins == 1


class TestCheck:
    def test_it_works_without_the_client_secret(self, served: Served, infisical: Watching) -> None:
        path = told(served, infisical)
        done = run("check", "--answers", str(path), "--json", *served.network, key=served.info["smtp_key"])
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        assert report["verdict"] not in {"fail", "unknown"}, done.stdout
        assert done.returncode == 0
        assert infisical.logins == 0
