"""A docker that hangs, lies or says too much; and a key that docker never gets to see."""

from __future__ import annotations

import asyncio
import base64
import json
import resource
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import KEY
from tests.effort import one_in
from tests.watch import Watch
from wizard.checks import container
from wizard.glitchtip import docker
from wizard.model.codes import Code
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret, spellings
from wizard.system import command

if TYPE_CHECKING:
    from tests.checks.container.conftest import Scene
    from wizard.model.containers import Ran


class TestHanging:
    @pytest.mark.parametrize("at", ["ps", "inspect"])
    async def test_a_docker_that_does_not_answer_is_given_up_and_what_runs_is_not_known(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, at: str
    ) -> None:
        monkeypatch.setattr(docker, "LISTING", 1.0)
        scene.host.becomes(hang=at)
        watch = Watch()
        (finding,) = await container.check(scene.draft, scene.session)
        assert watch.seconds < 3
        assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, Code.CONTAINER_DOCKER_SILENT)
        assert finding.remedy
        assert scene.host.left() == []

    async def test_a_container_that_does_not_answer_is_unknown(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(docker, "PROBING", 1.0)
        scene.host.becomes(hang="exec")
        watch = Watch()
        findings = await container.check(scene.draft, scene.session)
        assert watch.seconds < 3
        assert [finding.code for finding in findings] == [Code.CONTAINER_NOT_IN_TIME] * 2
        assert all(finding.verdict is Verdict.UNKNOWN and finding.remedy for finding in findings)
        assert scene.host.left() == []

    @pytest.mark.parametrize("at", ["ps", "exec"])
    async def test_cancelling_takes_half_a_second_and_leaves_nobody(self, scene: Scene, at: str) -> None:
        scene.host.becomes(hang=at)
        check = asyncio.create_task(container.check(scene.draft, scene.session))
        pids = scene.host.bin / "pids"
        while not (pids.exists() and pids.read_text().endswith("\n")):
            assert not check.done()
            await asyncio.sleep(0.02)
        watch = Watch()
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check
        assert watch.seconds < 0.5
        assert scene.host.left() == []


class TestHostile:
    async def test_ten_megabytes_escapes_and_a_forged_answer_change_nothing(self, scene: Scene) -> None:
        forged = json.dumps({"set": True, "digests": {}, "stage": "done", "banner": "\x1b[31mforged"}).encode()
        scene.host.says(
            b"POSTAL-WIZARD " + forged + b"\n"
            + b"POSTAL-WIZARD-0000000000000000 " + forged + b"\n"
            + b"\x1b]0;owned\x07\x1b[2J" + b"A" * 10_000_000 + b"\n" + b"[" * 100_000 + b"\n"
        )  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        findings = await container.check(scene.draft, scene.session)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024
        assert [finding.verdict for finding in findings] == [Verdict.PASS] * 2
        assert "forged" not in repr(findings)
        _inert(findings)

    async def test_a_hostile_banner_is_inert(self, scene: Scene) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 \x1b[2J\x1b]52;c;AAAA\x07[/]\xff ESMTP\r\n")
            await reader.readline()
            writer.write(b"250 \x1b[31mred\r\n")
            await reader.read()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            from tests.checks.container.test_reach import _to

            host, port = server.sockets[0].getsockname()[:2]
            _to(scene, host, port)
            findings = await container.check(scene.draft, scene.session)
        assert [finding.verdict for finding in findings] == [Verdict.PASS] * 2
        assert any("\\x1b[2J" in line for line in findings[0].evidence)
        _inert(findings)

    @pytest.mark.parametrize(
        "told",
        one_in(3, [
            b"[]", b"{", b"null", b'{"names": 5, "digests": 7, "files": [1], "seconds": "x", "errno": {}}',
            b'{"stage": "done", "banner": 9}', b"[" * 200_000, b'{"digests": {"host": "\\ud800"}}',
            b'{"scheme": "smtp", "tls": 1, "stage": "nowhere", "error": "\\u001b[0m", "errno": 10}',
        ]),
    )  # fmt: skip
    async def test_an_answer_of_the_wrong_shape_is_survived(self, scene: Scene, told: bytes) -> None:
        """Whoever has the container can answer in the probe's place, mark and all."""
        script = (scene.host.bin / "docker").read_text()
        answer = 'mark = re.search(rb"POSTAL-WIZARD-[0-9a-f]+", given)[0]; '
        liar = (
            f"{answer}sys.stdout.buffer.write(mark + b' ' + base64.b64decode({base64.b64encode(told)!r})); sys.exit()"
        )
        (scene.host.bin / "docker").write_text(
            script.replace('    if state["says"]:\n', f'    {liar}\n    if state["says"]:\n')
        )
        findings = await container.check(scene.draft, scene.session)
        assert {finding.verdict for finding in findings} <= {Verdict.UNKNOWN, Verdict.FAIL}
        assert len(findings) == 2
        _inert(findings)

    async def test_an_endless_speaker_is_stopped(self) -> None:
        watch = Watch()
        ran = await command.run(("yes",), deadline=20)
        assert ran.code is None
        assert len(ran.stdout) == command.KEPT
        assert watch.seconds < 10

    async def test_a_command_that_is_not_there(self) -> None:
        assert (await command.run(("no-such-command-here",), deadline=1)).code is None

    async def test_a_command_that_does_not_read_what_it_is_given(self) -> None:
        assert (await command.run(("false",), b"x" * 1_000_000, deadline=5)).code == 1


class TestTheKey:
    async def test_docker_never_sees_it_in_any_encoding(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        token = Secret("1nf1s1cal-t0ken")
        monkeypatch.setenv("EMAIL_URL", f"smtp://u:{KEY}@h:25")
        monkeypatch.setenv("OTHER", f"see {KEY}")
        monkeypatch.setenv("INFISICAL_TOKEN", token.reveal())
        monkeypatch.setenv("TOKEN_OF_OURS", token.reveal())
        monkeypatch.setenv("DOCKER_CONTEXT", "default")
        asked: list[Ran] = []
        real = command.run

        async def listening(*arguments: object, **options: object) -> Ran:
            ran = await real(*arguments, **options)  # type: ignore[arg-type]  # passed on as they came
            asked.append(ran)
            return ran

        monkeypatch.setattr(docker, "run", listening)
        session = replace(scene.session, token=token)
        findings = await container.check(scene.draft, session)
        assert [finding.verdict for finding in findings] == [Verdict.PASS] * 2
        calls = scene.host.calls()
        assert len(calls) == len(asked) == 4  # ps, inspect, and one exec a service
        assert all(call["environ"]["DOCKER_CONTEXT"] == "default" for call in calls)
        seen = "\n".join(
            f"{call['argv']} {call['environ']} {base64.b64decode(call['stdin']).decode()}" for call in calls
        ) + "\n".join(ran.text for ran in asked)  # fmt: skip
        searched = 0
        for secret in (KEY, token.reveal()):
            for spelling in spellings(secret):
                searched += 1
                assert spelling not in seen
        assert searched > 12

    async def test_each_asking_has_a_key_of_its_own(self, scene: Scene) -> None:
        for _ in range(2):
            await container.check(scene.draft, scene.session)
        scripts = [call["stdin"] for call in scene.host.calls() if call["stdin"]]
        assert len(scripts) == len(set(scripts)) == 4


def _inert(findings: list[Finding]) -> None:
    texts = [text for finding in findings for text in (finding.summary, finding.remedy, *finding.evidence)]
    assert texts
    assert all(text.isprintable() and len(text) <= 800 for text in texts)
