"""Which project is GlitchTip's: by labels, by what the answers and variables name, by the files that are there."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.watch import Watch
from wizard.glitchtip import compose, compose_env, discovery
from wizard.glitchtip.compose import ComposeError
from wizard.model.containers import Container, ContainerState
from wizard.model.draft import App, Draft
from wizard.model.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading

WEB = "services: {web: {image: glitchtip/glitchtip}}"


def write(directory: Path, **files: str) -> Session:
    for name, text in files.items():
        path = directory / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Session(directory=directory)


def reading(session: Session, draft: Draft | None = None, containers: tuple[Container, ...] = ()) -> ComposeReading:
    found = compose.read(draft or Draft(), session, containers)
    assert found is not None
    return found


def container(directory: Path, *files: str, project: str = "p", image: str = "glitchtip/glitchtip") -> Container:
    return Container(
        "1", "p-web-1", image, ContainerState.RUNNING, project=project, working_dir=str(directory),
        config_files=tuple(str(directory / file) for file in files), service="web",
    )  # fmt: skip


class TestFiles:
    @pytest.mark.parametrize("separator", [None, ":", ";", ","])
    def test_compose_file_of_the_dotenv_names_them(self, separator: str | None, tmp_path: Path) -> None:
        session = write(
            tmp_path, a_yml=WEB, b_yml="services: {web: {environment: {EMAIL_TIMEOUT: 1}}}", compose_yml=WEB
        )
        chosen = f"COMPOSE_PATH_SEPARATOR={separator}\n" if separator else ""
        (tmp_path / ".env").write_text(f"COMPOSE_FILE=a.yml{separator or os.pathsep}b.yml\n{chosen}")
        found = reading(session)
        assert [path.name for path in found.project.files] == ["a.yml", "b.yml"]
        assert found.services["web"].environment["EMAIL_TIMEOUT"].text == "1"

    def test_a_variable_of_this_shell_goes_before_the_dotenv(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = write(tmp_path, a_yml=WEB, b_yml=WEB)
        (tmp_path / ".env").write_text("COMPOSE_FILE=a.yml\n")
        monkeypatch.setenv("COMPOSE_FILE", "b.yml")
        assert reading(session).file.name == "b.yml"

    def test_files_that_are_not_there_are_refused_as_compose_does(self, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml=WEB)
        (tmp_path / ".env").write_text("COMPOSE_FILE=none.yml\n")
        with pytest.raises(ComposeError, match=r"none\.yml cannot be read"):
            compose.read(Draft(), session)

    def test_what_the_answers_name_goes_before_all(self, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml=WEB, prod_yml=WEB)
        draft = Draft(app=App(compose_file="prod.yml"))
        assert reading(session, draft, (container(tmp_path, "compose.yml"),)).file.name == "prod.yml"

    @pytest.mark.parametrize("name", ["docker-compose.prod.yml", "compose.glitchtip.yaml", "docker-stack.eu-1.yml"])
    def test_the_only_file_that_is_called_like_one_is_taken(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_text(WEB)
        found = reading(Session(directory=tmp_path)).project
        assert ([path.name for path in found.files], found.start) == ([name], None)
        (tmp_path / "docker-compose.test.yml").write_text(WEB)
        assert compose.read(Draft(), Session(directory=tmp_path)) is None
        (tmp_path / "compose.yml").write_text(WEB)
        assert reading(Session(directory=tmp_path)).file.name == "compose.yml"

    @pytest.mark.parametrize(
        "name", ["compose.override.yml", "my-compose.yml", "docker-compose.prod.yml.bak", "compose.md"]
    )
    def test_what_is_called_otherwise_is_not(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_text(WEB)
        assert compose.read(Draft(), Session(directory=tmp_path)) is None

    def test_a_file_of_the_first_docker_compose_is_named_as_such(self, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml="web: {image: glitchtip/glitchtip}")
        with pytest.raises(ComposeError, match="docker-compose 1"):
            compose.read(Draft(), session)


class TestLabels:
    def test_they_go_before_the_files_that_are_there(self, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml=WEB, other_yml=WEB)
        found = reading(session, containers=(container(tmp_path, "other.yml"),)).project
        assert ([path.name for path in found.files], found.name, found.start) == (["other.yml"], "p", None)

    def test_a_project_of_this_directory_under_another_image_is_found_where_compose_would_find_none(
        self, tmp_path: Path
    ) -> None:
        text = "services: {web: {image: 'mine:1', command: ./bin/run-web.sh}}"
        session = write(tmp_path, prod_yml=text)
        seen = container(tmp_path, "prod.yml", image="mine:1")
        assert set(reading(session, containers=(seen,)).services) == {"web"}
        write(tmp_path, compose_yml=WEB)
        assert reading(session, containers=(seen,)).file.name == "compose.yml"

    @pytest.mark.parametrize(
        "seen",
        [
            {"image": "redis"},
            {"one_off": True},
            {"config_files": ()},
            {"config_files": ("/data/compose/5/docker-compose.yml",)},
            {"config_files": ("relative.yml",)},
        ],
    )
    def test_what_is_not_glitchtips_or_not_here_is_left_aside(self, seen: dict[str, object], tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml=WEB, other_yml=WEB)
        one = replace(container(tmp_path, "other.yml"), **seen)  # type: ignore[arg-type]  # each is a field of it
        assert reading(session, containers=(one,)).file.name == "compose.yml"

    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(text=st.text("a./\0\n\x1b~$ \udc80", max_size=12), file=st.text("a./\0,:\n", max_size=12))
    def test_no_label_makes_it_raise(self, text: str, file: str, tmp_path: Path) -> None:
        seen = Container(
            "1", text, "glitchtip/glitchtip", ContainerState.RUNNING, project=text, working_dir=f"/{text}",
            config_files=(f"{tmp_path}/compose.yml", f"/{file}")[: 1 + len(file) % 2], environment_files=(file, text),
            service=text,
        )  # fmt: skip
        write(tmp_path, compose_yml=WEB)
        assert reading(Session(directory=tmp_path), containers=(seen,)).services

    def test_of_two_projects_elsewhere_none_is_chosen(self, tmp_path: Path) -> None:
        write(tmp_path, a__compose_yml=WEB, b__compose_yml=WEB)
        (tmp_path / "here").mkdir()
        seen = (container(tmp_path / "a", "compose.yml", project="a"), container(tmp_path / "b", "compose.yml"))
        assert compose.read(Draft(), Session(directory=tmp_path / "here"), seen) is None
        assert compose.read(Draft(), Session(directory=tmp_path / "here"), seen[:1]) is not None

    def test_a_directory_behind_a_link_is_this_one(self, tmp_path: Path) -> None:
        write(tmp_path, real__compose_yml=WEB, real__other_yml=WEB)
        (tmp_path / "link").symlink_to(tmp_path / "real")
        seen = (container(tmp_path / "real", "other.yml"),)
        assert reading(Session(directory=tmp_path / "link"), containers=seen).file.name == "other.yml"


INCLUDES: dict[str, dict[str, str]] = {
    "a path": {"compose_yml": "include: [apps/a.yml]\nservices: {x: {image: y}}", "apps__a_yml": WEB},
    "a mapping": {"compose_yml": "include: [{path: apps/a.yml}]", "apps__a_yml": WEB},
    "several files of one project": {
        "compose_yml": "include: [{path: [apps/a.yml, apps/b.yml]}]",
        "apps__a_yml": WEB,
        "apps__b_yml": "services: {web: {environment: {EMAIL_TIMEOUT: 1}}}",
    },
    "one that includes another": {
        "compose_yml": "include: [apps/a.yml]",
        "apps__a_yml": "include: [more/b.yml]",
        "apps__more__b_yml": WEB,
    },
    "of an override": {
        "compose_yml": "services: {x: {image: y}}",
        "compose_override_yml": "include: [apps/a.yml]",
        "apps__a_yml": WEB,
    },
    "by a variable": {"compose_yml": "include: ['${WHERE:-apps}/a.yml']", "apps__a_yml": WEB},
    "over which the file merges": {
        "compose_yml": "include: [apps/a.yml]\nservices: {web: {environment: {EMAIL_TIMEOUT: 1}}}",
        "apps__a_yml": WEB,
    },
}
EXTENDS: dict[str, dict[str, str]] = {
    "a name": {"compose_yml": "services: {web: {extends: base}, base: {image: glitchtip/glitchtip}}"},
    "a mapping": {"compose_yml": "services: {web: {extends: {service: base}}, base: {image: glitchtip/glitchtip}}"},
    "another file": {
        "compose_yml": "services: {web: {extends: {file: ../c/base.yml, service: web}}}".replace("../", ""),
        "c__base_yml": WEB,
    },
    "a chain over files": {
        "compose_yml": "services: {web: {extends: {file: c/one.yml, service: web}}}",
        "c__one_yml": "services: {web: {extends: {file: d/two.yml, service: web}}}",
        "c__d__two_yml": WEB,
    },
    "in an override": {
        "compose_yml": "services: {web: {environment: {EMAIL_TIMEOUT: 1}}}",
        "compose_override_yml": "services: {web: {extends: {file: c/base.yml, service: web}}}",
        "c__base_yml": WEB,
    },
    "in what is included": {
        "compose_yml": "include: [a/compose.yml]",
        "a__compose_yml": "services: {web: {extends: {file: ../c/base.yml, service: web}}}",
        "c__base_yml": WEB,
    },
}


@pytest.mark.parametrize("files", [*INCLUDES.values(), *EXTENDS.values()], ids=[*INCLUDES, *EXTENDS])
def test_include_and_extends_are_followed(files: dict[str, str], tmp_path: Path) -> None:
    assert "web" in reading(write(tmp_path, **files)).services


@pytest.mark.parametrize(
    "name",
    [
        "https://git.example/errors.git#main:deploy",
        "git@git.example:errors.git",
        "oci://registry.example/errors:1",
        "github.com/errors/deploy.git",
        "ssh://git@git.example/errors.git",
    ],
)
@pytest.mark.parametrize("form", ["include: ['{}']", "services: {{web: {{extends: {{file: '{}', service: web}}}}}}"])
def test_what_compose_would_fetch_is_left_alone_and_named(name: str, form: str, tmp_path: Path) -> None:
    found = reading(write(tmp_path, compose_yml=form.format(name)))
    assert found.remote == (name,)
    assert not found.services


class TestHostileDirectory:
    @pytest.mark.parametrize(
        "text",
        [
            "include: [pipe]",
            "services: {web: {extends: {file: pipe, service: web}}}",
            "include: [{path: [ok.yml, pipe]}]",
            "include: [/dev/zero]",
            "include: [/proc/self/environ]",
            "include: [.]",
        ],
    )
    def test_what_is_no_regular_file_is_refused_at_once(self, text: str, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml=text, ok_yml=WEB)
        os.mkfifo(tmp_path / "pipe")
        watch = Watch()
        with pytest.raises(ComposeError):
            compose.read(Draft(), session)
        assert watch.seconds < 3

    @pytest.mark.parametrize("name", ["pipe", "/dev/zero", "/dev/stdin", ".", "no\\0thing"])
    def test_an_env_file_that_is_no_regular_file_sets_nothing(self, name: str, tmp_path: Path) -> None:
        text = f'services: {{web: {{image: glitchtip/glitchtip, env_file: "{name}"}}}}'
        session = write(tmp_path, compose_yml=text)
        os.mkfifo(tmp_path / "pipe")
        watch = Watch()
        assert reading(session).services["web"].environment == {}
        assert watch.seconds < 3

    @pytest.mark.parametrize("named", [None, "private/compose.yml"])
    def test_a_directory_that_may_not_be_searched_is_named(self, named: str | None, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir()
        write(private, compose_yml=WEB)
        private.chmod(0)
        draft = Draft(app=App(compose_file=named))
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(65534)
        try:
            with pytest.raises(ComposeError, match="cannot be searched for compose files: Permission denied"):
                compose.read(draft, Session(directory=tmp_path if named else private))
        finally:
            if was_root:
                os.seteuid(0)
            private.chmod(0o700)

    def test_a_name_that_no_file_can_have_is_refused(self, tmp_path: Path) -> None:
        draft = Draft(app=App(compose_file="x" * 300))
        with pytest.raises(ComposeError, match="cannot be read"):
            compose.read(draft, Session(directory=tmp_path))

    def test_a_circle_of_includes_ends(self, tmp_path: Path) -> None:
        session = write(tmp_path, compose_yml="include: [b.yml]\n" + WEB, b_yml="include: [compose.yml]")
        assert set(reading(session).services) == {"web"}

    def test_many_files_are_too_many(self, tmp_path: Path) -> None:
        names = {f"a{number}_yml": f"include: [a{number + 1}.yml]\n{WEB}" for number in range(9)}
        lists = {f"b{number}_yml": WEB for number in range(70)}
        session = write(tmp_path, **names, **lists, a9_yml=WEB)
        (tmp_path / "compose.yml").write_text(f"include: {[f'b{number}.yml' for number in range(40)]}\n")
        assert reading(session).services
        (tmp_path / "compose.yml").write_text(
            f"include:\n  - path: {[f'b{number}.yml' for number in range(35)]}\n"
            f"  - path: {[f'b{number}.yml' for number in range(35, 70)]}\n"
        )
        with pytest.raises(ComposeError, match="More than 50"):
            compose.read(Draft(), session)


HEAD = "services:\n  web:\n    image: glitchtip/glitchtip\n    environment:\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "      A: " + " " * 500_000 + "\n",
        HEAD + '      A: "' + "${" * 250_000 + '"\n',
        HEAD + '      A: "' + "${A:-" * 100_000 + '"\n',
        "[" * 500_000,
        "{a: " * 120_000,
        "a: &a [x]\nb: [" + ", ".join(["*a"] * 60_000) + "]\n" + HEAD,
        "a: &a {x: 1}\nb:\n  <<: [" + ", ".join(["*a"] * 60_000) + "]\n" + HEAD,
        "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)),
    ],
    ids=["blanks", "braces", "defaults", "brackets", "mappings", "aliases", "merge keys", "merges of merges"],
)
def test_a_large_compose_file_costs_little_time(text: str, tmp_path: Path) -> None:
    session = write(tmp_path, compose_yml=text)
    started = time.process_time()
    with contextlib.suppress(ComposeError):
        compose.read(Draft(), session)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        "A=x" + " " * 1_000_000 + "y", "A='" * 300_000, "A=" + "$" * 1_000_000, "A\n" * 500_000, "A!=1\n" * 200_000,
        "#\n" * 500_000, 'A="' + "\\" * 1_000_000, "A=" + "${B:-" * 200_000, "A=x\n" + "A=$A$A\n" * 1_000,
    ],
    ids=["blanks", "quotes", "dollars", "names", "faults", "comments", "backslashes", "defaults", "doubling"],
)  # fmt: skip
def test_a_large_dotenv_costs_little_time(text: str) -> None:
    started = time.process_time()
    compose_env.parse(text, {})
    assert time.process_time() - started < 3


def test_a_name_is_made_of_a_directory_as_compose_makes_it() -> None:
    assert [discovery.normalised(name) for name in ("My.Errors", "_x-1", "glitch tip", "9")] == [
        "myerrors", "x-1", "glitchtip", "9",
    ]  # fmt: skip
