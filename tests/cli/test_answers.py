"""``postal-wizard answers``: pages in, an answers file out, as scripts use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from wizard.model import answers
from wizard.postal.page_notices import PageCode

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ROOT / "tests" / "postal" / "pages"
SCHEMA: Final = json.loads((files("assets") / "answers.schema.json").read_text())
KEY: Final = "pcmzTNdGEhYCjdEhZvo5lYvl"
FILE: Final = """schema = 1
[app]
from = "GlitchTip <glitchtip@acme.example>"
[server]
host = "mail.acme.example"
[domain]
dkim_selector = "postal-OTHER1"
checked_in_postal = true
stored_dkim = "ok"
stored_mx = "missing"
[target]
kind = "env"
"""


def run(given: str | bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "answers", *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert KEY not in done.stdout.decode() + done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def as_json(given: str, *arguments: str) -> dict[str, Any]:
    done = run(given, "--json", *arguments)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def page(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.toml"
    path.write_text(FILE)
    return path


def test_the_toml_begins_with_the_schema_and_is_an_answers_file() -> None:
    done = run(page("help-outgoing") + "\n" + page("domain-setup-checked-all-good"))
    assert done.returncode == 0
    assert done.stdout.startswith("schema = 1\n")
    draft = answers.loads(done.stdout)
    assert (draft.server.host, draft.server.port) == ("postal.mailhost.example", 25)
    assert draft.domain.mx == ("mx.postal.mailhost.example",)
    assert draft.domain.stored_return_path == "ok"
    assert (
        done.stderr
        == "Postal has checked the records of acme.example, less than a minute ago when the page was copied.\n"
    )


def test_only_what_the_page_holds_is_written() -> None:
    assert tomllib.loads(run(page("help-outgoing")).stdout) == {
        "schema": 1,
        "server": {"host": "postal.mailhost.example", "port": 25},
        "credential": {"username": "acme/glitchtip"},
    }


def test_what_was_noticed_is_one_sentence_a_line_on_stderr() -> None:
    text = page("credentials-smtp-api-holding")
    said = run(text).stderr.splitlines()
    assert said == [notice["sentence"] for notice in as_json(text)["notices"]]
    assert len(said) == 3


def test_the_json_names_the_key_and_does_not_have_it() -> None:
    found = as_json(page("help-outgoing"))
    assert found["values"] == {
        "server.host": "postal.mailhost.example",
        "server.port": 25,
        "credential.username": "acme/glitchtip",
        "credential.key": "***",
    }
    assert found["notices"] == []


def test_nothing_found_ends_with_three() -> None:
    done = run(page("queue"))
    assert done.returncode == 3
    assert done.stdout == "schema = 1\n"
    assert as_json(page("queue"))["notices"][0]["code"] == "page.nothing"


def test_a_notice_alone_is_something_found() -> None:
    done = run(page("queue").replace("LIVE\nGlitchTip", "DEVELOPMENT\nGlitchTip"))
    assert done.returncode == 0
    assert "Development mode" in done.stderr


@pytest.mark.parametrize("given", [b"", b" \n\t\n", b"x" * 1_048_577], ids=["nothing", "blanks", "over 1 MiB"])
def test_no_page_at_all_is_a_usage_error(given: bytes) -> None:
    done = run(given)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_one_mib_is_read() -> None:
    text = page("help-outgoing")
    assert run(text + "\n" * (1_048_576 - len(text.encode()))).returncode == 0


def test_bytes_that_are_no_utf_8_do_no_harm() -> None:
    assert run(b"\xff\xfe\n" + page("help-outgoing").encode()).returncode == 0


class TestWithAFile:
    """``--answers FILE``."""

    def test_its_answers_stay_and_each_difference_is_noticed(self, file: Path) -> None:
        found = as_json(page("help-outgoing") + "\n" + page("domain-setup-checked-all-good"), "--answers", str(file))
        values = found["values"]
        assert values["server.host"] == "mail.acme.example"
        assert values["server.port"] == 25
        assert values["domain.dkim_selector"] == "postal-OTHER1"
        assert values["app.from"] == "GlitchTip <glitchtip@acme.example>"
        assert values["target.kind"] == "env"
        assert [notice["code"] for notice in found["notices"]] == ["postal.checked", "page.differs", "page.differs"]

    def test_the_stored_status_is_the_pages(self, file: Path) -> None:
        draft = answers.loads(run(page("domain-setup-all-bad"), "--answers", str(file)).stdout)
        assert draft.domain.stored_dkim == "invalid"
        assert draft.domain.stored_mx == "missing"
        assert draft.domain.checked_in_postal is True

    def test_a_page_that_was_never_checked_removes_it(self, file: Path) -> None:
        done = run(page("domain-setup-never-checked"), "--answers", str(file))
        assert "stored_" not in done.stdout
        assert answers.loads(done.stdout).domain.checked_in_postal is False

    def test_a_page_without_records_leaves_it(self, file: Path) -> None:
        draft = answers.loads(run(page("help-outgoing"), "--answers", str(file)).stdout)
        assert draft.domain.stored_dkim == "ok"

    def test_a_page_of_another_domain_gives_no_record(self, file: Path) -> None:
        text = FILE.replace("[domain]", '[domain]\nname = "acme.example"')
        file.write_text(text)
        done = run(page("rival-domain-setup-admin"), "--answers", str(file))
        assert answers.loads(done.stdout) == answers.loads(text)
        assert "rival.example" in done.stderr

    def test_a_broken_file_is_a_usage_error(self, file: Path) -> None:
        file.write_text("schema = 1\n[server]\nhots = 1\n")
        done = run(page("help-outgoing"), "--answers", str(file))
        assert done.returncode == 2
        assert "server.hots" in done.stderr


def test_every_code_is_in_the_schema_and_none_else() -> None:
    known = SCHEMA["properties"]["notices"]["items"]["properties"]["code"]["enum"]
    assert sorted(known) == sorted(code.value for code in PageCode)
