"""Findings in words: what is shown of the rows of a compose file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.glitchtip.sample_projects import copied
from wizard.checks.config import run as config
from wizard.model.codes import Code
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.setup import report

if TYPE_CHECKING:
    from pathlib import Path

DRAFT = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    server=Server("postal.example.com", 2525),
    credential=Credential("org/server"),
    target=EnvTarget(),
)


async def test_the_workers_missing_rows_are_shown_with_their_place_and_can_be_pasted(tmp_path: Path) -> None:
    session = Session(directory=copied("notes", tmp_path), key=Secret("Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7"))
    found = await config.check(DRAFT, session)
    worker = next(one for one in found if (one.check, one.subject) == ("compose", "worker"))
    lines = report.rows(worker, evidence=True)
    assert "docker-compose.yml:26" in " ".join(lines)
    at = next(number for number, line in enumerate(lines) if "paste into docker-compose.yml:26" in line)
    pasted = [line.removeprefix(" " * 24) for line in lines[at + 1 :]]
    assert pasted[:3] == ["  worker:", "    environment:", "      EMAIL_URL: ${EMAIL_URL}"]


async def test_where_nothing_is_missing_nothing_is_to_be_pasted(tmp_path: Path) -> None:
    found = await config.check(DRAFT, Session(directory=copied("notes", tmp_path)))
    web = next(one for one in found if (one.check, one.subject) == ("environment", "web"))
    lines = report.rows(web, evidence=True)
    assert "docker-compose.yml:" in " ".join(lines)
    assert not any("paste into" in line for line in lines)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN])
def test_whatever_is_not_right_has_its_remedy_right_under_it(verdict: Verdict) -> None:
    finding = Finding.of(verdict, Code.DKIM_LOOKUP_FAILED, "shop.example", "Nobody answers.", remedy="Ask again later.")
    lines = report.rows(finding)
    assert [line.strip() for line in lines[-1:]] == ["Ask again later."]
    assert lines[0].startswith(verdict.word)


def test_what_is_right_has_none() -> None:
    finding = Finding.ok(Code.DKIM_EQUAL, "shop.example", "It is equal.")
    assert len(report.rows(finding)) == 1


def test_rows_and_sentences_are_folded_and_what_is_to_copy_is_whole() -> None:
    words = "word " * 20
    proof, found = f"OK   Receivers  {words}end", f"  all places           {words}end"
    command = f"  docker compose up -d {'web ' * 20}"
    lines = report.folded([proof, found, f"{words}end.", f"   {words}end.", command, f"- KEY={'v ' * 60}"])
    assert [line for line in lines if len(line) > 79] == [command, f"- KEY={'v ' * 60}"]
    assert [len(line) - len(line.lstrip()) for line in lines if line.endswith(("end", "end."))] == [16, 23, 0, 3]
