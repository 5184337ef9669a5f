"""A host that is this host itself: a fail where GlitchTip runs in containers, and no mail is sent then."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from wizard.checks.smtp import addresses
from wizard.checks.smtp import run as smtp
from wizard.model.answers import loads
from wizard.model.codes import Code
from wizard.model.containers import Container, ContainerState, NotAsked
from wizard.model.draft import App, Domain, Draft, Server
from wizard.model.secret import Secret
from wizard.rehearsal import files
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.model.session import Session

SHORT = smtp.Limits(resolve=1.0, connect=1.0, silent=0.4, wake=0.2, to_rcpt=5.0, data=5.0)
SERVICE = "  {}:\n    image: glitchtip/glitchtip:v5\n{}"
HOST_NETWORK = "    network_mode: host\n"


class Runtime:
    """Shows containers, and counts how often it was asked."""

    def __init__(self, *shown: Container) -> None:
        self._shown = shown
        self.asked = 0

    async def containers(self) -> Sequence[Container] | NotAsked:
        self.asked += 1
        return self._shown or NotAsked("docker is not installed here")


def project(folder: Path, **services: bool) -> None:
    """Write a compose file: each service with the host's network, or with one of its own."""
    rows = [SERVICE.format(name, HOST_NETWORK if on_host else "") for name, on_host in services.items()]
    (folder / "compose.yml").write_text("services:\n" + "".join(rows))


def at(folder: Path, runtime: Runtime | None = None) -> Session:
    given: object = runtime or Runtime()
    return replace(session(), directory=folder, containers=given)  # type: ignore[arg-type]  # it only shows


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_it_fails_and_the_later_checks_still_run_without_a_mail(host: str, tmp_path: Path) -> None:
    project(tmp_path, web=False, worker=False)
    async with Peer() as peer:
        findings = await smtp.check(draft(peer.port, host=host), at(tmp_path), send=True, limits=SHORT)
    resolve = one(findings, "resolve")
    assert resolve.code is Code.RESOLVE_LOOPBACK
    assert resolve.verdict.value == "fail"
    assert "web, worker" in resolve.summary
    assert resolve.remedy
    assert [verdicts(findings)[check] for check in ("greeting", "auth", "recipient", "sender")] == [
        "pass", "pass", "pass", "skip",
    ]  # fmt: skip
    assert one(findings, "sender").code is Code.SENDER_NOT_ASKED
    assert "DATA" not in peer.verbs


async def test_services_on_the_hosts_network_reach_it(tmp_path: Path) -> None:
    project(tmp_path, web=True, worker=True)
    async with Peer() as peer:
        findings = await smtp.check(draft(peer.port), at(tmp_path), send=True, limits=SHORT)
    assert verdicts(findings)["resolve"] == "skip"
    assert verdicts(findings)["sender"] == "pass"


async def test_one_service_with_a_network_of_its_own_is_enough(tmp_path: Path) -> None:
    project(tmp_path, web=True, worker=False)
    async with Peer() as peer:
        findings = await smtp.check(draft(peer.port), at(tmp_path), limits=SHORT)
    assert "(worker)" in one(findings, "resolve").summary


@pytest.mark.parametrize(("network", "verdict"), [("host", "skip"), ("shop_default", "fail"), ("", "skip")])
async def test_the_daemon_settles_what_the_file_does_not(network: str, verdict: str, tmp_path: Path) -> None:
    project(tmp_path, web=True)
    web = Container(
        "ab12", "shop-web-1", "glitchtip/glitchtip:v5", ContainerState.RUNNING,
        network_mode=network, project="shop", working_dir=str(tmp_path), service="web",
    )  # fmt: skip
    runtime = Runtime(web)
    async with Peer() as peer:
        findings = await smtp.check(draft(peer.port), at(tmp_path, runtime), limits=SHORT)
    assert verdicts(findings)["resolve"] == verdict
    assert runtime.asked == 1


async def test_no_other_host_is_a_reason_to_ask_about_containers(tmp_path: Path) -> None:
    project(tmp_path, web=False)
    runtime = Runtime()
    told = Draft(app=App(from_="a@example.test"), server=Server("192.0.2.1", 9))
    limits = smtp.Limits(connect=0.1, silent=0.1, to_rcpt=0.5)
    findings = await smtp.check(told, at(tmp_path, runtime), limits=limits)
    assert one(findings, "resolve").code is Code.RESOLVE_NOT_APPLICABLE
    assert runtime.asked == 0


async def test_a_compose_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: [")
    async with Peer() as peer:
        findings = await smtp.check(draft(peer.port), at(tmp_path), limits=SHORT)
    assert verdicts(findings)["resolve"] == "skip"


@pytest.mark.parametrize("given", [["127.0.1.1"], ["127.0.0.1", "::1"]])
async def test_a_name_that_this_host_alone_takes_for_itself_is_a_warn(
    given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hosts(_name: str, _port: None, family: int, _kind: int) -> list[tuple[object, ...]]:
        wanted = [one for one in given if family == socket.AF_UNSPEC or (":" in one) == (family == socket.AF_INET6)]
        if not wanted:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(family, socket.SOCK_STREAM, 6, "", (one, 0)) for one in wanted]

    monkeypatch.setattr(socket, "getaddrinfo", hosts)
    resolved = await addresses.resolve("smtp.postal.example", session())
    assert resolved.finding.code is Code.RESOLVE_ONLY_HERE_LOOPBACK
    assert resolved.finding.verdict.value == "warn"
    assert resolved.addresses == tuple(given)
    assert "/etc/hosts" in resolved.finding.remedy


@pytest.mark.parametrize(("scenario", "code"), [("localhost", Code.RESOLVE_LOOPBACK), ("good", None)])
async def test_the_rehearsal_has_it_in_one_scenario_alone(scenario: str, code: Code | None, tmp_path: Path) -> None:
    given = state(scenario)
    async with Postal(given) as postal:
        answers = files.write(tmp_path, given, postal.address, Domain())
        told = loads(answers.read_text())
        ready = replace(at(tmp_path), key=Secret(given.key))
        findings = await smtp.check(told, ready, send=True, limits=SHORT)
    assert one(findings, "auth").code is Code.AUTH_GRANTED
    assert verdicts(findings)["sender"] == ("skip" if code else "pass")
    assert len(postal.mails) == int(code is None)
    assert (one(findings, "resolve").code is Code.RESOLVE_LOOPBACK) is (code is not None)
