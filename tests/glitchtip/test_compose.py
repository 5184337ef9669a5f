"""docker-compose.yml is read as compose reads it, for GlitchTip's services alone; nothing nasty gets further."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.watch import Watch
from wizard.glitchtip import compose
from wizard.glitchtip.compose import ComposeError, ComposeReading
from wizard.model.draft import App, Draft
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

WEB = "services:\n  web:\n    image: glitchtip/glitchtip:v4.1\n    environment:\n"


def reading(directory: Path, text: str, name: str = "docker-compose.yml", draft: Draft | None = None) -> ComposeReading:
    (directory / name).write_text(text)
    found = compose.read(draft or Draft(), Session(directory=directory))
    assert found is not None
    return found


def value(found: ComposeReading, name: str, service: str = "web") -> str | None:
    setting = found.services[service].environment.get(name)
    return setting.text if setting else None


class TestServices:
    def test_they_are_known_by_their_image_or_command(self, tmp_path: Path) -> None:
        found = reading(
            tmp_path,
            "services:\n"
            "  app: {image: 'registry.example/glitchtip/glitchtip:latest'}\n"
            "  jobs: {image: 'mine:1', command: ./bin/run-celery-with-beat.sh}\n"
            "  all: {image: 'mine:1', command: ['./bin/run-all-in-one.sh']}\n"
            "  migrate: {image: glitchtip/glitchtip, command: ./bin/run-migrate.sh}\n"
            "  redis: {image: redis}\n",
        )
        assert set(found.services) == {"app", "jobs", "all"}

    def test_named_services_win(self, tmp_path: Path) -> None:
        draft = Draft(app=App(services=("redis",)))
        assert set(
            reading(tmp_path, "services: {web: {image: glitchtip/glitchtip}, redis: {image: r}}", draft=draft).services
        ) == {"redis"}

    def test_a_tag_that_is_a_date_tells_the_age(self, tmp_path: Path) -> None:
        found = reading(tmp_path, "services: {web: {image: 'glitchtip/glitchtip:2024.01.03'}}")
        assert found.services["web"].older(date(2024, 1, 4)) is True
        assert found.services["web"].older(date(2024, 1, 3)) is False

    @pytest.mark.parametrize(
        ("image", "tag"),
        [
            ("glitchtip/glitchtip", ""),
            ("registry.example:5000/glitchtip/glitchtip", ""),
            ("registry.example:5000/glitchtip/glitchtip:v4.1@sha256:abc", "v4.1"),
            ("glitchtip/glitchtip@sha256:abc", ""),
            ("glitchtip/glitchtip:${TAG:-v3.4}", "v3.4"),
            ("${IMAGE:-glitchtip/glitchtip:v4.0}", "v4.0"),
        ],
    )
    def test_the_tag_is_found_in_any_form_of_an_image(self, image: str, tag: str, tmp_path: Path) -> None:
        found = reading(tmp_path, f"services: {{web: {{image: '{image}'}}}}")
        assert found.services["web"].tag == tag

    def test_a_named_service_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        draft = Draft(app=App(services=("web", "jobs")))
        assert reading(tmp_path, "services: {web: {image: x}}", draft=draft).absent == ("jobs",)

    def test_the_first_name_of_composes_order_counts(self, tmp_path: Path) -> None:
        for name in compose.NAMES:
            (tmp_path / name).write_text("services: {web: {image: glitchtip/glitchtip}}")
        found = compose.read(Draft(), Session(directory=tmp_path))
        assert found is not None
        assert found.file.name == "compose.yaml"

    def test_no_file_is_none(self, tmp_path: Path) -> None:
        assert compose.read(Draft(), Session(directory=tmp_path)) is None

    @pytest.mark.parametrize("name", compose.NAMES)
    def test_every_name_of_compose_is_found(self, name: str, tmp_path: Path) -> None:
        assert reading(tmp_path, "services: {web: {image: glitchtip/glitchtip}}", name).file.name == name


class TestEnvironment:
    def test_a_mapping_a_list_and_an_anchor(self, tmp_path: Path) -> None:
        found = reading(
            tmp_path,
            "x-environment: &default\n  EMAIL_TIMEOUT: 10\n  EMAIL_USE_TLS: true\n"
            "services:\n"
            "  web:\n    image: glitchtip/glitchtip\n    environment:\n      <<: *default\n      EMAIL_TIMEOUT: '20'\n"
            "  worker:\n    image: glitchtip/glitchtip\n    environment: ['EMAIL_TIMEOUT=30', 'EMAIL_URL']\n",
        )
        assert (value(found, "EMAIL_TIMEOUT"), value(found, "EMAIL_USE_TLS")) == ("20", "true")
        assert value(found, "EMAIL_TIMEOUT", "worker") == "30"
        assert found.services["worker"].environment["EMAIL_URL"].origin == "passed on"

    @pytest.mark.parametrize(
        ("raw", "wanted"),
        [
            ("${EMAIL_A}", "x"),
            ("$EMAIL_A", "x"),
            ("${EMAIL_B:-d}", "d"),
            ("${EMAIL_B-d}", ""),
            ("${EMAIL_C-d}", "d"),
            ("${EMAIL_A:+alt}", "alt"),
            ("${EMAIL_C:+alt}", ""),
            ("${EMAIL_A:?no}", "x"),
            ("a$$b", "a$b"),
            ("a${EMAIL_A}b", "axb"),
        ],
    )
    def test_variables_come_from_the_env_file_beside_it(self, raw: str, wanted: str, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_A=x\nEMAIL_B=\n")
        assert value(reading(tmp_path, f"{WEB}      EMAIL_X: '{raw}'\n"), "EMAIL_X") == wanted

    def test_an_env_file_counts_less_than_environment(self, tmp_path: Path) -> None:
        (tmp_path / "mail.env").write_text("EMAIL_TIMEOUT=5\nEMAIL_URL=smtp://a:bbbbbbbb@h:25\n")
        found = reading(
            tmp_path,
            "services:\n  web:\n    image: glitchtip/glitchtip\n    env_file: [{path: mail.env}, none.env]\n"
            "    environment: {EMAIL_TIMEOUT: '7'}\n",
        )
        assert value(found, "EMAIL_TIMEOUT") == "7"
        assert found.services["web"].environment["EMAIL_URL"].value == Secret("smtp://a:bbbbbbbb@h:25")

    def test_an_override_file_wins(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.override.yml").write_text("services: {web: {environment: {EMAIL_TIMEOUT: '9'}}}")
        found = reading(tmp_path, f"{WEB}      EMAIL_TIMEOUT: '7'\n      EMAIL_USE_TLS: 'True'\n")
        assert (value(found, "EMAIL_TIMEOUT"), value(found, "EMAIL_USE_TLS")) == ("9", "True")

    def test_an_override_beside_a_named_file_counts_where_compose_would_find_both(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.override.yml").write_text("services: {web: {environment: [EMAIL_TIMEOUT=9]}}")
        draft = Draft(app=App(compose_file="docker-compose.yml"))
        found = reading(tmp_path, f"{WEB}      EMAIL_TIMEOUT: '7'\n", draft=draft)
        assert value(found, "EMAIL_TIMEOUT") == "9"
        draft = Draft(app=App(compose_file="prod.yml"))
        found = reading(tmp_path, f"{WEB}      EMAIL_TIMEOUT: '7'\n", "prod.yml", draft)
        assert value(found, "EMAIL_TIMEOUT") == "7"

    def test_composes_two_tags_remove_and_replace(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.override.yml").write_text(
            "services:\n"
            "  web:\n    environment:\n      EMAIL_TIMEOUT: !reset null\n"
            "  worker:\n    environment: !override\n      EMAIL_USE_SSL: 'True'\n"
        )
        found = reading(
            tmp_path,
            "services:\n"
            "  web: {image: glitchtip/glitchtip, environment: {EMAIL_TIMEOUT: 7, EMAIL_USE_TLS: 'True'}}\n"
            "  worker: {image: glitchtip/glitchtip, environment: {EMAIL_TIMEOUT: 7}}\n",
        )
        assert set(found.services["web"].environment) == {"EMAIL_USE_TLS"}
        assert set(found.services["worker"].environment) == {"EMAIL_USE_SSL"}

    def test_an_override_adds_its_env_files(self, tmp_path: Path) -> None:
        (tmp_path / "a.env").write_text("EMAIL_TIMEOUT=1\nEMAIL_HOST=a\n")
        (tmp_path / "b.env").write_text("EMAIL_TIMEOUT=2\n")
        (tmp_path / "compose.override.yml").write_text("services: {web: {env_file: b.env}}")
        found = reading(tmp_path, "services: {web: {image: glitchtip/glitchtip, env_file: a.env}}")
        assert (value(found, "EMAIL_TIMEOUT"), value(found, "EMAIL_HOST")) == ("2", "a")

    def test_a_service_has_what_it_extends(self, tmp_path: Path) -> None:
        (tmp_path / "common.yml").write_text(
            "services: {base: {image: 'glitchtip/glitchtip:v4.1', environment: {EMAIL_TIMEOUT: 7, EMAIL_URL: }}}"
        )
        found = reading(
            tmp_path,
            "services:\n"
            "  web: {extends: {file: common.yml, service: base}}\n"
            "  worker: {extends: web, environment: {EMAIL_TIMEOUT: 9}}\n"
            "  round: {extends: about}\n  about: {extends: round}\n",
        )
        assert set(found.services) == {"web", "worker"}
        assert (value(found, "EMAIL_TIMEOUT"), value(found, "EMAIL_TIMEOUT", "worker")) == ("7", "9")
        assert found.services["worker"].environment["EMAIL_URL"].origin == "passed on"

    def test_where_each_value_comes_from_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://a:bbbbbbbb@h:25\nOTHER=1\n")
        (tmp_path / "mail.env").write_text("EMAIL_TIMEOUT=5\n")
        found = reading(
            tmp_path,
            "services:\n  web:\n    image: glitchtip/glitchtip\n    env_file: ./mail.env\n    environment:\n"
            "      EMAIL_URL: ${EMAIL_URL}\n      EMAIL_HOST: ${OTHER}\n      EMAIL_PORT: 25\n"
            "      EMAIL_USE_TLS: ${EMAIL_USE_TLS}\n      EMAIL_USE_SSL:\n",
        ).services["web"]
        told = {name: (setting.origin, setting.value is None) for name, setting in found.environment.items()}
        assert told == {
            "EMAIL_TIMEOUT": ("env_file", False),
            "EMAIL_URL": ("passed on", False),
            "EMAIL_HOST": ("inline", False),
            "EMAIL_PORT": ("inline", False),
            "EMAIL_USE_TLS": ("passed on", True),
            "EMAIL_USE_SSL": ("passed on", True),
        }
        assert found.environment["EMAIL_TIMEOUT"].file == (tmp_path / "mail.env").resolve()

    def test_a_key_is_in_no_repr_of_it(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://a:hunter2hunter2@h:25\n")
        rows = "      EMAIL_URL: smtp://a:hunter2hunter2@h:25\n      EMAIL_HOST_PASSWORD: hunter2hunter2\n"
        found = reading(tmp_path, WEB + rows)
        assert set(found.services["web"].environment) == {"EMAIL_URL", "EMAIL_HOST_PASSWORD"}
        assert "hunter2" not in repr(found)

    @pytest.mark.parametrize(("raw", "says"), [("a$ b", "cannot read"), ("${NONE:?x}", "not set"), ("a$$b", "")])
    def test_what_compose_would_refuse_is_told(self, raw: str, says: str, tmp_path: Path) -> None:
        refused = (
            reading(tmp_path, f"{WEB}      EMAIL_HOST: '{raw}'\n").services["web"].environment["EMAIL_HOST"].refused
        )
        assert says in refused
        assert bool(refused) is bool(says)

    def test_what_does_not_matter_to_mail_is_not_kept(self, tmp_path: Path) -> None:
        found = reading(tmp_path, f"{WEB}      POSTGRES_PASSWORD: postgres\n      EMAIL_TIMEOUT: '7'\n")
        assert set(found.services["web"].environment) == {"EMAIL_TIMEOUT"}


NASTY = [
    b"",
    b"[]",
    b"services: 3",
    b"services: [a]",
    b"a: b: c",
    b"\xff\xfe\x00",
    b"!!python/object/apply:os.system ['x']",
    b"services: {web: 3}",
    b"services: {web: {image: [a]}}",
    b"services: {web: {image: {a: b}}}",
    b"&a [*a]",
    b"services: {web: {image: glitchtip/glitchtip, environment: 3}}",
    b"\t",
    b"{" * 2000,
    b"- " * 3000,
    b"? " * 2000,
    b"services: &s {web: *s}",
    b"x: 0x",
    b"x: 1e999999",
    b"services: {web: {image: glitchtip/glitchtip, env_file: [[]]}}",
    b'services: {web: {image: glitchtip/glitchtip, env_file: "a\\0b"}}',
    b"<<: 3",
    b"services: {<<: [1, 2]}",
    b"x: 2001-13-45",
    b"services:\n  web:\n    image: glitchtip/glitchtip\n    environment: {EMAIL_URL: !!binary 'x'}",
    b"services: {1: {image: glitchtip/glitchtip}}",
    b"---\na: 1\n---\nb: 2\n",
    b"%YAML 9.9\n---\na: 1",
    b"a: &x\nb: *y",
    b"services: {web: {image: glitchtip/glitchtip, extends: web}}",
    b"services: {web: {image: glitchtip/glitchtip, extends: {file: none.yml, service: web}}}",
    b"services: {web: {image: glitchtip/glitchtip, extends: {file: [], service: {}}}}",
    b'services: {web: {image: glitchtip/glitchtip, extends: {file: "a\\0b", service: x}}}',
    b"services: {web: {image: glitchtip/glitchtip, environment: !reset null}}",
    b"services: {web: {image: glitchtip/glitchtip, environment: !override [EMAIL_URL]}}",
    b"services: {web: {image: !override x, environment: {EMAIL_URL: !reset null}}}",
    b"services: !reset null",
    b"services: {web: {image: glitchtip/glitchtip, env_file: {path: 3}}}",
    b"services: {web: {image: 'glitchtip/glitchtip:${', environment: ['EMAIL_URL=${']}}",
]


class TestNastyFiles:
    @pytest.mark.parametrize("raw", NASTY)
    def test_nothing_but_a_compose_error_comes_of_them(self, raw: bytes, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.yml").write_bytes(raw)
        try:
            compose.read(Draft(), Session(directory=tmp_path))
        except ComposeError as error:
            said = str(error)
        else:
            said = ""
        assert "\n" not in said

    @settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
    def test_nor_of_anything(self, raw: bytes, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.yml").write_bytes(raw)
        try:
            compose.read(Draft(), Session(directory=tmp_path))
        except ComposeError as error:
            said = str(error)
        else:
            said = ""
        assert "\n" not in said

    @pytest.mark.parametrize("kind", ["aliases", "merges"])
    def test_a_bomb_of_aliases_ends_at_once(self, kind: str, tmp_path: Path) -> None:
        lines = ["a0: &a0 {k0: 1}"] if kind == "merges" else ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        for level in range(1, 10):
            refs = ", ".join([f"*a{level - 1}"] * 9)
            lines.append(
                f"a{level}: &a{level} " + (f"{{<<: [{refs}], k{level}: 1}}" if kind == "merges" else f"[{refs}]")
            )
        lines.append("services: {web: {image: *a9, command: *a9, environment: *a9}}")
        (tmp_path / "docker-compose.yml").write_text("\n".join(lines))
        watch = Watch()
        with contextlib.suppress(ComposeError):
            compose.read(Draft(), Session(directory=tmp_path))
        assert watch.seconds < 5

    def test_a_key_inside_a_broken_file_is_not_quoted(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.yml").write_text("EMAIL_URL: smtp://u:hunter2hunter2@h:25: oops\n  - x")
        with pytest.raises(ComposeError) as refused:
            compose.read(Draft(), Session(directory=tmp_path))
        assert "hunter2" not in str(refused.value)

    def test_a_file_that_is_too_large_or_a_directory_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "docker-compose.yml").write_bytes(b"#" * (compose.LARGEST + 1))
        with pytest.raises(ComposeError, match="1 MiB"):
            compose.read(Draft(), Session(directory=tmp_path))
        with pytest.raises(ComposeError):
            compose.read(Draft(app=App(compose_file=".")), Session(directory=tmp_path))


def test_each_file_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    genuine = files._in_time

    def counted(path: Path, max_bytes: int) -> bytes:
        opened.append(path.name)
        return genuine(path, max_bytes)

    monkeypatch.setattr(files, "_in_time", counted)
    (tmp_path / ".env").write_text("A=1\n")
    reading(tmp_path, "services: {web: {image: glitchtip/glitchtip, env_file: [.env, ./.env]}}")
    assert sorted(name for name in opened if name in {".env", "docker-compose.yml"}) == [".env", "docker-compose.yml"]
