"""The configuration checks by their verdict table: EMAIL_URL, From, GlitchTip's environment, compose and git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wizard.checks import config
from wizard.draft import App, Credential, Domain, Draft, EnvTarget, InfisicalTarget, Server
from wizard.finding import Finding, Verdict
from wizard.secret import Secret
from wizard.session import Session

if TYPE_CHECKING:
    from pathlib import Path

KEY = "Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7"
DRAFT = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    server=Server("smtp.postal.example.com", 25),
    credential=Credential("org/server"),
    target=EnvTarget(),
)
PASSED_ON = (
    "EMAIL_URL: ${EMAIL_URL}\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\nGLITCHTIP_DOMAIN: https://errors.example.com"
)


async def judged(directory: Path, draft: Draft = DRAFT, key: str | None = KEY) -> list[Finding]:
    session = Session(directory=directory, key=Secret(key) if key else None)
    return await config.check(draft, session)


async def verdicts(directory: Path, draft: Draft = DRAFT, key: str | None = KEY) -> dict[tuple[str, str], Verdict]:
    return {(finding.check, finding.subject): finding.verdict for finding in await judged(directory, draft, key)}


def compose(directory: Path, rows: str, *, tag: str = "latest", worker: str | None = None) -> None:
    def service(name: str, text: str, command: str) -> str:
        body = "".join(f"      {row}\n" for row in text.splitlines())
        return f"  {name}:\n    image: glitchtip/glitchtip:{tag}\n{command}    environment:\n{body}"

    text = service("web", rows, "") + service(
        "worker", rows if worker is None else worker, "    command: run-worker.sh\n"
    )
    (directory / "docker-compose.yml").write_text(f"services:\n{text}")


async def test_every_id_has_a_finding_even_of_nothing(tmp_path: Path) -> None:
    found = await judged(tmp_path, Draft(), None)
    assert {finding.check for finding in found} == set(config.IDS)
    keys = [(finding.check, finding.subject) for finding in found]
    assert len(keys) == len(set(keys))


async def test_what_is_not_right_has_a_remedy_and_no_finding_holds_the_key(tmp_path: Path) -> None:
    compose(tmp_path, f"EMAIL_URL: smtp://org/server:{KEY}@h:25\nEMAIL_USE_SSL: 'true'\nEMAIL_BACKEND: x")
    (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org/server:{KEY}@smtp.postal.example.com:25\n")
    for finding in await judged(tmp_path):
        assert finding.remedy or finding.verdict in {Verdict.PASS, Verdict.SKIP}
        assert KEY not in repr(finding)


class TestEmailUrl:
    async def test_what_will_be_written_passes(self, tmp_path: Path) -> None:
        assert (await verdicts(tmp_path))["email_url", "EMAIL_URL"] is Verdict.PASS

    async def test_without_a_key_there_is_nothing_to_judge(self, tmp_path: Path) -> None:
        assert (await verdicts(tmp_path, key=None))["email_url", "EMAIL_URL"] is Verdict.SKIP

    async def test_the_same_set_up_unencoded_in_the_file_fails(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org/server:{KEY}@smtp.postal.example.com:25\n")
        assert (await verdicts(tmp_path))["email_url", "EMAIL_URL"] is Verdict.FAIL

    async def test_one_that_will_be_replaced_is_no_failure(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=consolemail://\n")
        assert (await verdicts(tmp_path))["email_url", "EMAIL_URL"] is Verdict.PASS

    async def test_one_that_tells_nothing_fails_where_nothing_else_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=consolemail://\n")
        draft = Draft(app=DRAFT.app, target=EnvTarget())
        assert (await verdicts(tmp_path, draft, None))["email_url", "EMAIL_URL"] is Verdict.FAIL


class TestFrom:
    @pytest.mark.parametrize(
        ("from_", "verdict"),
        [
            ("GlitchTip <glitchtip@example.com>", Verdict.PASS),
            ("glitchtip@example.com", Verdict.PASS),
            ('"GlitchTip, Inc" <glitchtip@example.com>', Verdict.WARN),
            ("glitchtip@errors.example.com", Verdict.FAIL),
            ("webmaster@localhost", Verdict.FAIL),
            ("Glitch, Tip <gt@example.com>", Verdict.FAIL),
            ("", Verdict.FAIL),
            ("glitchtip", Verdict.FAIL),
        ],
    )
    async def test_it_is_judged_as_django_and_postal_will(self, from_: str, verdict: Verdict, tmp_path: Path) -> None:
        draft = replace(DRAFT, app=App(from_=from_), domain=Domain(name="example.com"))
        found = await judged(tmp_path, draft)
        assert next(finding.verdict for finding in found if finding.check == "from_address") is verdict


class TestEnvironment:
    @pytest.mark.parametrize(
        ("rows", "tag", "tls", "verdict"),
        [
            (PASSED_ON, "latest", "none", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: '10'", "latest", "none", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_BACKEND: x", "latest", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_SUBJECT_PREFIX: '[x]'", "latest", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_HOST: h", "latest", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'", "latest", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'\nEMAIL_USE_SSL: 'False'", "2024.01.03", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'\nEMAIL_USE_SSL: 'False'", "2025.01.03", "none", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'True'\nEMAIL_USE_SSL: 'True'", "latest", "starttls", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_USE_SSL: 'True'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'True'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'True'", "latest", "starttls", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'enabled'", "latest", "starttls", Verdict.FAIL),
            (PASSED_ON, "latest", "starttls", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: 10s", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: 0", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: 10", "2024.01.03", "none", Verdict.FAIL),
            ("EMAIL_URL: ${EMAIL_URL}\nDEFAULT_FROM_EMAIL: ''", "latest", "none", Verdict.FAIL),
        ],
    )
    async def test_rows_are_dead_dangerous_or_right(
        self, rows: str, tag: str, tls: str, verdict: Verdict, tmp_path: Path
    ) -> None:
        compose(tmp_path, rows, tag=tag)
        draft = replace(DRAFT, server=replace(DRAFT.server, tls="starttls" if tls == "starttls" else "none"))
        assert (await verdicts(tmp_path, draft))["environment", "web"] is verdict


class TestCompose:
    async def test_both_services_are_judged_apart(self, tmp_path: Path) -> None:
        compose(tmp_path, PASSED_ON, worker="GLITCHTIP_DOMAIN: https://errors.example.com")
        found = await verdicts(tmp_path)
        assert (found["compose", "web"], found["compose", "worker"]) == (Verdict.PASS, Verdict.FAIL)

    async def test_consolemail_inline_wins_over_the_file_and_fails(self, tmp_path: Path) -> None:
        compose(tmp_path, "EMAIL_URL: consolemail://\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}")
        found = {finding.check: finding for finding in await judged(tmp_path)}
        assert found["compose"].verdict is Verdict.FAIL
        assert "consolemail" in found["compose"].summary

    async def test_a_worker_without_its_domain_is_a_warning(self, tmp_path: Path) -> None:
        compose(tmp_path, PASSED_ON, worker="EMAIL_URL: ${EMAIL_URL}\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}")
        assert (await verdicts(tmp_path))["compose", "worker"] is Verdict.WARN

    async def test_a_broken_file_cannot_be_told(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.yml").write_text("a: b: c")
        found = await verdicts(tmp_path)
        assert {verdict for (check, _), verdict in found.items() if check in {"compose", "environment"}} == {
            Verdict.UNKNOWN
        }

    async def test_no_file_does_not_apply(self, tmp_path: Path) -> None:
        assert (await verdicts(tmp_path))["compose", "docker-compose.yml"] is Verdict.SKIP


def git(directory: Path, *words: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(directory)}
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
        cwd=directory, check=True, capture_output=True, env=environment,
    )  # fmt: skip


class TestGit:
    async def verdict(self, directory: Path) -> Verdict:
        return next(finding.verdict for finding in await judged(directory) if finding.check == "git")

    async def test_no_repository_does_not_apply(self, tmp_path: Path) -> None:
        assert await self.verdict(tmp_path) is Verdict.SKIP

    async def test_an_ignored_file_passes(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        assert await self.verdict(tmp_path) is Verdict.PASS

    async def test_neither_tracked_nor_ignored_is_a_warning(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / ".env").write_text("A=1\n")
        assert await self.verdict(tmp_path) is Verdict.WARN

    async def test_a_tracked_file_fails_though_it_is_ignored_too(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / ".env").write_text("A=1\n")
        git(tmp_path, "add", ".env")
        git(tmp_path, "commit", "-q", "-m", "x")
        (tmp_path / ".gitignore").write_text(".env\n")
        assert await self.verdict(tmp_path) is Verdict.FAIL

    async def test_a_repository_of_somebody_else_is_asked_as_its_owner(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root meets a repository of somebody else that it may read")
        git(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        subprocess.run(["chown", "-R", "65534:65534", str(tmp_path)], check=True)  # noqa: ASYNC221  # a moment, in a test
        for parent in [tmp_path, *tmp_path.parents][:3]:
            parent.chmod(0o755)
        assert await self.verdict(tmp_path) is Verdict.PASS

    async def test_git_that_is_not_there_cannot_tell(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert await self.verdict(tmp_path) is Verdict.UNKNOWN

    async def test_infisical_has_no_file(self, tmp_path: Path) -> None:
        draft = replace(DRAFT, target=InfisicalTarget("https://x", "p", "prod", "/", "c"))
        assert (await verdicts(tmp_path, draft))["git", "target"] is Verdict.SKIP
