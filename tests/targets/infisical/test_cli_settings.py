"""The official CLI's conventions prefill what is asked; a domain of a file is confirmed, and no secret is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from wizard.model.draft import InfisicalTarget
from wizard.targets.infisical.cli_settings import completed, discover, variables

if TYPE_CHECKING:
    from pathlib import Path

ID = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"


def file(directory: Path, **told: Any) -> None:
    (directory / ".infisical.json").write_text(json.dumps(told))


class TestDomain:
    @pytest.mark.parametrize(
        ("environ", "url"),
        [
            ({"INFISICAL_DOMAIN": "https://a.example", "INFISICAL_API_URL": "https://b.example/api"}, "https://a.example"),
            ({"INFISICAL_API_URL": "https://b.example/api/"}, "https://b.example"),
            ({"INFISICAL_HOST_URL": "https://c.example"}, "https://c.example"),
            ({"INFISICAL_DOMAIN": "not a URL", "INFISICAL_API_URL": "https://b.example"}, "https://b.example"),
        ],
    )  # fmt: skip
    def test_the_environment_goes_before_the_file_and_needs_no_confirmation(
        self, environ: dict[str, str], url: str, tmp_path: Path
    ) -> None:
        file(tmp_path, domain="https://file.example")
        told = discover(tmp_path, environ)
        assert (told.target.url, told.domain_from_file) == (url, False)
        assert told.unconfirmed().url == url

    def test_one_of_the_file_is_left_out_until_it_is_confirmed(self, tmp_path: Path) -> None:
        file(tmp_path, domain="https://file.example/api", workspaceId=ID)
        told = discover(tmp_path, {})
        assert told.domain_from_file
        assert "https://file.example" in told.question
        assert told.unconfirmed().url == ""
        assert told.unconfirmed().project == ID

    def test_the_cloud_is_named_and_never_taken(self, tmp_path: Path) -> None:
        file(tmp_path, workspaceId=ID)
        told = discover(tmp_path, {})
        assert told.target.url == ""
        assert any("app.infisical.com" in line for line in told.messages)

    @pytest.mark.parametrize("domain", ["https://u:p@evil.example", "javascript:alert(1)", "https://[", 5, None])
    def test_what_is_no_url_is_not_taken(self, domain: object, tmp_path: Path) -> None:
        file(tmp_path, domain=domain, workspaceId=ID)
        assert not discover(tmp_path, {}).domain_from_file


class TestFile:
    def test_it_is_searched_upward(self, tmp_path: Path) -> None:
        file(tmp_path, workspaceId=ID, defaultEnvironment="prod", defaultSecretPath="/glitchtip/")
        below = tmp_path / "a" / "b"
        below.mkdir(parents=True)
        target = discover(below, {}).target
        assert (target.project, target.environment, target.secret_path) == (ID, "prod", "/glitchtip")

    def test_the_branch_s_environment_goes_before_the_default(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/release/prod\n")
        # The CLI looks the last part of the branch's name up, and nothing else.
        file(tmp_path, defaultEnvironment="dev", gitBranchToEnvironmentMapping={"prod": "production"})
        assert discover(tmp_path, {}).target.environment == "production"
        file(tmp_path, defaultEnvironment="dev", gitBranchToEnvironmentMapping={"release/prod": "production"})
        assert discover(tmp_path, {}).target.environment == "dev"

    @pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"workspaceId": {}}', "[" * 5000, "x" * 70_000])
    def test_a_broken_one_tells_nothing_and_breaks_nothing(self, text: str, tmp_path: Path) -> None:
        (tmp_path / ".infisical.json").write_text(text)
        assert not discover(tmp_path, {}).anything

    def test_control_characters_reach_neither_answers_nor_screen(self, tmp_path: Path) -> None:
        file(tmp_path, workspaceId="a\x1b[2Jb", defaultEnvironment="prod")
        told = discover(tmp_path, {})
        assert told.target.project == ""
        assert "\x1b" not in "".join(told.messages)


class TestEnvironment:
    def test_everything_but_secrets_prefills(self, tmp_path: Path) -> None:
        environ = {
            "INFISICAL_DOMAIN": "https://a.example",
            "INFISICAL_PROJECT_ID": ID,
            "INFISICAL_ENVIRONMENT": "prod",
            "INFISICAL_SECRET_PATH": "/glitchtip/application/",
            "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID": "client",
        }
        target = discover(tmp_path, environ).target
        assert (target.project, target.environment, target.client_id) == (ID, "prod", "client")
        assert target.secret_path == "/glitchtip/application"

    @pytest.mark.parametrize("name", ["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "INFISICAL_TOKEN"])
    def test_a_secret_is_named_and_never_shown(self, name: str, tmp_path: Path) -> None:
        told = discover(tmp_path, {name: "s3cret" * 8})
        assert any(name in line for line in told.messages)
        assert "s3cret" not in repr(told)

    def test_nothing_found_says_nothing(self, tmp_path: Path) -> None:
        told = discover(tmp_path, {})
        assert (told.anything, told.messages) == (False, ())

    def test_what_is_told_by_the_environment_is_found_again(self, tmp_path: Path) -> None:
        target = InfisicalTarget("https://a.example", ID, "prod", "/glitchtip/application", "client")
        assert discover(tmp_path, variables(target)).target == target


class TestCompleted:
    ENVIRON = variables(InfisicalTarget("https://i.example", ID, "prod", "/glitchtip/application", "client"))

    def test_what_is_missing_comes_from_the_variables_and_is_named(self) -> None:
        target, said = completed(InfisicalTarget(), folder_told=False, environ=self.ENVIRON)
        assert target == InfisicalTarget("https://i.example", ID, "prod", "/glitchtip/application", "client")
        assert len(said) == 5

    def test_what_is_told_stays_and_nothing_is_said_of_it(self) -> None:
        told = InfisicalTarget("https://own.example", "slug", "dev", "/", "mine")
        assert completed(told, folder_told=True, environ=self.ENVIRON) == (told, ())

    def test_a_file_s_domain_is_never_taken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file(tmp_path, domain="https://file.example", workspaceId=ID)
        monkeypatch.chdir(tmp_path)
        assert completed(InfisicalTarget(), folder_told=False, environ={}) == (InfisicalTarget(), ())
