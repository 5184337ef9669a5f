"""Whose environment counts: that of the process that serves, which an entry point may have given more."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import FROM, KEY
from wizard.checks import container
from wizard.email_url import url as email_url
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.checks.container.conftest import Scene

NAMESPACE = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child")


@pytest.fixture
def serving() -> Iterator[Callable[..., int]]:
    """Return a starter of process 1 of a namespace: a shell with an environment; it gives its child more."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(own: dict[str, str], child: dict[str, str]) -> int:
        program = 'env "$@" sh -c "echo ready; cat" & wait'
        words = [*NAMESPACE, "sh", "-c", f"exec 3<&0; {program.replace('cat', 'cat <&3')}", "sh"]
        process = subprocess.Popen(
            [*words, *(f"{key}={value}" if value else key for key, value in child.items()), "SERVES=yes"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", **own},
        )  # fmt: skip
        begun.append(process)
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            _, error = process.communicate(timeout=5)
            pytest.xfail(f"this kernel gives no process namespace: {error.decode(errors='replace').strip()}")
        return _child_of(process.pid)

    yield start
    for process in begun:
        process.kill()
        process.communicate(timeout=5)


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _settings(scene: Scene) -> dict[str, str]:
    return {"EMAIL_URL": email_url.build("shop/apps", KEY, *scene.postal.address), "DEFAULT_FROM_EMAIL": FROM}


async def _web(scene: Scene) -> Finding:
    return next(f for f in await container.check(scene.draft, scene.session) if f.subject == "web")


async def test_the_environment_of_process_1_counts_not_that_of_exec(
    scene_of: Callable[..., Scene], serving: Callable[..., int]
) -> None:
    scene = scene_of(EMAIL_URL="consolemail://")
    scene.host.becomes(namespace=serving(_settings(scene), {}))
    web = await _web(scene)
    assert web.verdict is Verdict.PASS
    assert "settings of process" in web.evidence[0]


async def test_what_an_entry_point_gives_its_child_counts(
    scene_of: Callable[..., Scene], serving: Callable[..., int]
) -> None:
    scene = scene_of(EMAIL_URL="consolemail://")
    old = {**_settings(scene), "EMAIL_URL": "consolemail://"}
    scene.host.becomes(namespace=serving(old, _settings(scene)))
    assert (await _web(scene)).verdict is Verdict.PASS


async def test_a_variable_that_the_entry_point_lost_is_found_missing(scene: Scene, serving: Callable[..., int]) -> None:
    """``exec`` alone would have said that all is well."""
    scene.host.becomes(namespace=serving({"DEFAULT_FROM_EMAIL": FROM}, {}))
    web = await _web(scene)
    assert web.verdict is Verdict.FAIL
    assert "EMAIL_URL is not set" in web.summary


async def test_a_memory_that_was_written_over_by_a_title_is_not_taken_for_an_environment(
    scene_of: Callable[..., Scene], serving: Callable[..., int]
) -> None:
    scene = scene_of(EMAIL_URL="consolemail://")
    scene.host.becomes(namespace=serving(_settings(scene), {"-i": ""}))
    web = await _web(scene)
    assert web.verdict is Verdict.PASS
    assert web.evidence[0].endswith("settings of process 1")
