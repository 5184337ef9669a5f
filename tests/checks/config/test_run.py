"""The configuration checks by their verdict table: EMAIL_URL, From, GlitchTip's environment, compose and git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wizard.checks.config import run as config
from wizard.model.draft import App, Credential, Domain, Draft, EnvTarget, InfisicalTarget, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import Session

if TYPE_CHECKING:
    from pathlib import Path

KEY = "Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7"
DRAFT = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    server=Server("smtp.postal.example.com", 25),
    credential=Credential("org/server"),
    target=EnvTarget(),
)
LINK = "environment: {GLITCHTIP_DOMAIN: 'https://errors.example.com'}"
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

    async def test_the_same_set_up_is_judged_without_its_key_too(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org/server:{KEY}@smtp.postal.example.com:25\n")
        assert (await verdicts(tmp_path, key=None))["email_url", "EMAIL_URL"] is Verdict.FAIL

    async def test_one_that_is_about_to_be_replaced_is_not_judged(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org/server:{KEY}@smtp.postal.example.com:25\n")
        found = await config.check(DRAFT, Session(directory=tmp_path, key=Secret(KEY)), replacing=True)
        assert next(finding.verdict for finding in found if finding.check == "email_url") is Verdict.PASS

    async def test_what_apply_is_about_to_replace_does_not_keep_it_from_writing(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org/server:{KEY}@smtp.postal.example.com:25\n")
        session = Session(directory=tmp_path, key=Secret(KEY))
        for compare, verdict in ((False, Verdict.PASS), (True, Verdict.FAIL)):
            findings = await config.check(DRAFT, session, replacing=not compare)
            assert [found.verdict for found in findings if found.check == "email_url"] == [verdict]

    async def test_one_that_compose_changes_on_its_way_fails(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://org_server:pa$word12@smtp.postal.example.com:25\n")
        draft = replace(DRAFT, credential=Credential("org_server"))
        found = (await verdicts(tmp_path, draft, "pa$word12"))["email_url", "EMAIL_URL"]
        (tmp_path / ".env").write_text("EMAIL_URL='smtp://org_server:pa$word12@smtp.postal.example.com:25'\n")
        assert (found, (await verdicts(tmp_path, draft, "pa$word12"))["email_url", "EMAIL_URL"]) == (
            Verdict.FAIL, Verdict.PASS,
        )  # fmt: skip

    async def test_readers_that_disagree_fail_though_glitchtip_would_manage(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp+tls://org_server:{KEY}@smtp.postal.example.com:25\n")
        draft = replace(DRAFT, credential=Credential("org_server"))
        assert (await verdicts(tmp_path, draft))["email_url", "EMAIL_URL"] is Verdict.FAIL

    @pytest.mark.parametrize("key", ["p%40ss", "p%41ss", "a b", "~" * 24, "/?#[]@:%", "%", "p%25"])
    async def test_any_key_that_is_encoded_here_passes(self, key: str, tmp_path: Path) -> None:
        assert (await verdicts(tmp_path, key=key))["email_url", "EMAIL_URL"] is Verdict.PASS

    async def test_a_key_that_cannot_be_sent_fails_without_being_quoted(self, tmp_path: Path) -> None:
        found = next(finding for finding in await judged(tmp_path, key="schlüssel") if finding.check == "email_url")
        assert found.verdict is Verdict.FAIL
        assert "schl" not in repr(found)

    async def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        draft = Draft(server=Server("h"))
        found = next(finding for finding in await judged(tmp_path, draft, None) if finding.check == "email_url")
        assert found.verdict is Verdict.SKIP
        assert all(name in found.summary for name in ("server.port", "credential.username", "key"))

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
            ("Acme Inc. <glitchtip@example.com>", Verdict.WARN),
            ("Glitch\u00e9 <glitchtip@example.com>", Verdict.PASS),
            ("glitchtip@EXAMPLE.com", Verdict.PASS),
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

    @pytest.mark.parametrize(
        ("from_", "name", "verdict"),
        [
            ("gt@m\u00fcller.example", "xn--mller-kva.example", Verdict.PASS),
            ("gt@m\u00fcller.example", "m\u00fcller.example", Verdict.PASS),
            ("gt@stra\u00dfe.example", "xn--strae-oqa.example", Verdict.FAIL),
        ],
    )
    async def test_a_name_that_is_not_ascii_is_compared_as_dns_has_it(
        self, from_: str, name: str, verdict: Verdict, tmp_path: Path
    ) -> None:
        draft = replace(DRAFT, app=App(from_=from_), domain=Domain(name=name))
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
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'\nEMAIL_USE_SSL: 'False'", "v3.4.6", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'\nEMAIL_USE_SSL: 'False'", "v4.0", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'False'\nEMAIL_USE_SSL: 'False'", "v4.1.3", "none", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: 'enabled'", "v4.1.3", "none", Verdict.WARN),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: '2'", "v4.1.3", "starttls", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_USE_TLS: ${{EMAIL_USE_TLS}}", "v4.1.3", "starttls", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: 10", "v3.3", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: 10", "v4.0", "none", Verdict.PASS),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: '-1'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_TIMEOUT: '\"10\"'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_HOST_PASSWORD: '$$ecret'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_HOST_PASSWORD: 'a$'", "latest", "none", Verdict.FAIL),
            (f"{PASSED_ON}\nDEFAULT_FROM_EMAIL_FILE: /run/x", "latest", "none", Verdict.WARN),
            (f"{PASSED_ON}\nACCOUNT_EMAIL_SUBJECT_PREFIX: '[x]'", "latest", "none", Verdict.PASS),
            (f"{PASSED_ON}\nSERVER_EMAIL: a@b.example", "latest", "none", Verdict.WARN),
            (PASSED_ON.replace("https://", ""), "latest", "none", Verdict.FAIL),
            ("EMAIL_URL: consolemail://", "latest", "none", Verdict.PASS),
            ("EMAIL_URL: '\"smtp://a:b@h:25\"'", "latest", "none", Verdict.FAIL),
            ("DEFAULT_FROM_EMAIL: webmaster@localhost", "latest", "none", Verdict.FAIL),
            ("DEFAULT_FROM_EMAIL: Glitch, Tip <a@b.example>", "latest", "none", Verdict.FAIL),
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

    async def found(self, directory: Path, rows: str, draft: Draft = DRAFT) -> Verdict:
        links = "" if "GLITCHTIP_DOMAIN" in rows else "\nGLITCHTIP_DOMAIN: https://errors.example.com"
        compose(directory, rows + links)
        return (await verdicts(directory, draft))["compose", "web"]

    @pytest.mark.parametrize(
        ("rows", "verdict"),
        [
            ("EMAIL_URL: ${EMAIL_URL:-consolemail://}\nDEFAULT_FROM_EMAIL:", Verdict.PASS),
            ("EMAIL_URL: ${EMAIL_URL:?wanted}\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}", Verdict.PASS),
            ("EMAIL_URL: ${GLITCHTIP_EMAIL_URL}\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}", Verdict.FAIL),
            (
                "EMAIL_URL: smtp://${MAIL_USER}:${MAIL_KEY}@h:25\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}",
                Verdict.FAIL,
            ),
            ("EMAIL_URL: ${EMAIL_URL}\nDEFAULT_FROM_EMAIL: GlitchTip <glitchtip@example.com>", Verdict.PASS),
            ("EMAIL_URL: ${EMAIL_URL}\nDEFAULT_FROM_EMAIL: other@example.com", Verdict.FAIL),
            ("EMAIL_URL: smtp://a:p$@h:25\nDEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}", Verdict.FAIL),
            (f"{PASSED_ON}\nEMAIL_URL_FILE: /run/secrets/x", Verdict.FAIL),
            ("EMAIL_URL: ${EMAIL_URL}", Verdict.FAIL),
        ],
    )
    async def test_what_is_written_must_be_what_counts(self, rows: str, verdict: Verdict, tmp_path: Path) -> None:
        assert await self.found(tmp_path, rows) is verdict

    @pytest.mark.parametrize(("file", "verdict"), [(".env", Verdict.PASS), ("./.env", Verdict.PASS)])
    async def test_the_target_as_env_file_passes_before_and_after_it_is_written(
        self, file: str, verdict: Verdict, tmp_path: Path
    ) -> None:
        (tmp_path / "compose.yml").write_text(
            f"services: {{web: {{image: glitchtip/glitchtip, env_file: {file}, {LINK}}}}}"
        )
        before = (await verdicts(tmp_path))["compose", "web"]
        (tmp_path / ".env").write_text(f"EMAIL_URL=smtp://org%2Fserver:{KEY}@h:25\nDEFAULT_FROM_EMAIL=a@b.example\n")
        assert (before, (await verdicts(tmp_path))["compose", "web"]) == (verdict, verdict)

    async def test_another_env_file_that_sets_it_wins(self, tmp_path: Path) -> None:
        (tmp_path / "mail.env").write_text(f"EMAIL_URL=smtp://a_b:{KEY}@h:25\nDEFAULT_FROM_EMAIL=a@b.example\n")
        (tmp_path / "compose.yml").write_text(
            f"services: {{web: {{image: glitchtip/glitchtip, env_file: mail.env, {LINK}}}}}"
        )
        assert (await verdicts(tmp_path))["compose", "web"] is Verdict.FAIL
        draft = replace(DRAFT, target=EnvTarget("mail.env"))
        assert (await verdicts(tmp_path, draft))["compose", "web"] is Verdict.PASS

    async def test_an_env_file_that_is_not_there_stops_compose_unless_it_may(self, tmp_path: Path) -> None:
        body = f"services: {{web: {{image: glitchtip/glitchtip, env_file: [.env, FILE], {LINK}}}}}"
        (tmp_path / "compose.yml").write_text(body.replace("FILE", "none.env"))
        assert (await verdicts(tmp_path))["compose", "web"] is Verdict.FAIL
        (tmp_path / "compose.yml").write_text(body.replace("FILE", "{path: none.env, required: false}"))
        assert (await verdicts(tmp_path))["compose", "web"] is Verdict.PASS

    async def test_a_target_that_compose_does_not_read_by_itself_is_a_warning(self, tmp_path: Path) -> None:
        assert await self.found(tmp_path, PASSED_ON, replace(DRAFT, target=EnvTarget("prod.env"))) is Verdict.WARN

    async def test_a_service_that_is_named_and_not_there_is_a_warning(self, tmp_path: Path) -> None:
        draft = replace(DRAFT, app=App(from_=DRAFT.app.from_, services=("web", "jobs")))
        assert await self.found(tmp_path, PASSED_ON, draft) is Verdict.PASS
        assert (await verdicts(tmp_path, draft))["compose", "jobs"] is Verdict.WARN

    async def test_infisical_needs_it_passed_on_too(self, tmp_path: Path) -> None:
        draft = replace(DRAFT, target=InfisicalTarget("https://x", "p", "prod", "/", "c"))
        assert await self.found(tmp_path, PASSED_ON, draft) is Verdict.PASS
        assert await self.found(tmp_path, "EMAIL_URL: consolemail://", draft) is Verdict.FAIL

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
        for parent in [tmp_path, *(each for each in tmp_path.parents if "pytest-of-" in str(each))]:
            parent.chmod(0o755)
        assert await self.verdict(tmp_path) is Verdict.PASS

    async def test_git_that_is_not_there_cannot_tell_of_a_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(tmp_path, "init", "-q")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert await self.verdict(tmp_path) is Verdict.UNKNOWN

    async def test_without_git_no_repository_is_none_all_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert await self.verdict(tmp_path) is Verdict.SKIP

    async def test_git_that_hangs_is_given_up_within_the_deadline(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / "bin").mkdir()
        hanging = tmp_path / "bin" / "git"
        hanging.write_text("#!/bin/sh\nexec sleep 60\n")
        hanging.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setattr("wizard.checks.config.git.DEADLINE", 0.3)
        assert await self.verdict(tmp_path) is Verdict.UNKNOWN

    async def test_variables_of_a_git_hook_lead_it_nowhere_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
        assert await self.verdict(tmp_path) is Verdict.PASS

    async def test_no_program_that_the_repository_names_is_run(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
        program.chmod(0o755)
        git(tmp_path, "config", "core.fsmonitor", str(program))
        assert await self.verdict(tmp_path) is Verdict.WARN
        assert not (tmp_path / "ran").exists()

    async def test_a_name_with_a_star_is_no_pattern(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "-q")
        (tmp_path / "a.env").write_text("A=1\n")
        git(tmp_path, "add", "a.env")
        draft = replace(DRAFT, target=EnvTarget("*.env"))
        found = await judged(tmp_path, draft)
        assert next(finding.verdict for finding in found if finding.check == "git") is Verdict.WARN

    async def test_the_file_behind_a_link_is_what_counts(self, tmp_path: Path) -> None:
        (tmp_path / "repository").mkdir()
        git(tmp_path / "repository", "init", "-q")
        (tmp_path / "repository" / "real").write_text("A=1\n")
        git(tmp_path / "repository", "add", "real")
        (tmp_path / ".env").symlink_to(tmp_path / "repository" / "real")
        assert await self.verdict(tmp_path) is Verdict.FAIL

    async def test_infisical_has_no_file(self, tmp_path: Path) -> None:
        draft = replace(DRAFT, target=InfisicalTarget("https://x", "p", "prod", "/", "c"))
        assert (await verdicts(tmp_path, draft))["git", "target"] is Verdict.SKIP


async def test_the_whole_check_is_done_at_once(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    compose(tmp_path, PASSED_ON)
    on_event: list[object] = []
    found = await config.check(DRAFT, Session(directory=tmp_path, key=Secret(KEY)), on_event.append)
    assert sorted(map(repr, on_event)) == sorted(map(repr, found))
    assert max(finding.seconds for finding in found) < 2
