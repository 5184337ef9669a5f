"""Roll-back of Infisical from a later process: by the keyring alone, the old key proven first, our own values only."""

from __future__ import annotations

import json
import socket
import stat
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wizard.email_url import url as email_url
from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.exit_codes import Exit
from wizard.model.secret import Secret, spellings
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Server, Store
from wizard.rehearsal.scenarios import state
from wizard.rehearsal.servers import Servers
from wizard.setup import rollback
from wizard.state import answers_file, previous_values
from wizard.state import keyring as keyrings
from wizard.state.journal import Journal
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wizard.setup.rollback import RollbackOutcome

FOLDER = ("prod", "/glitchtip/application")
NEW_URL = "smtp://org%2Fserver:NewNewNewNewNewNewNewNew@127.0.0.1:9"
OLD_FROM = "old@shop.example"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[str, Secret]:
    """Put a keyring into memory in place of the operator's."""
    kept: dict[str, Secret] = {}

    async def get(name: str, **_: object) -> keyrings.Answer:
        return keyrings.Answer(works=True, value=kept.get(name))

    async def put(name: str, secret: Secret, **_: object) -> keyrings.Answer:
        kept[name] = secret
        return keyrings.Answer(works=True)

    async def forget(name: str, **_: object) -> keyrings.Answer:
        kept.pop(name, None)
        return keyrings.Answer(works=True)

    monkeypatch.setattr(keyrings, "get", get)
    monkeypatch.setattr(keyrings, "put", put)
    monkeypatch.setattr(keyrings, "forget", forget)
    return kept


@dataclass
class World:
    """A Postal, an Infisical, and what an operator has at hand."""

    info: dict[str, Any]
    server: Server
    draft: Draft
    session: Session
    journal: Journal

    @property
    def target(self) -> InfisicalTarget:
        assert isinstance(self.draft.target, InfisicalTarget)
        return self.draft.target

    @property
    def old_url(self) -> str:
        host, _, port = str(self.info["smtp"]).rpartition(":")
        return email_url.build("org/server", self.info["smtp_key"], host, int(port))

    def held(self) -> tuple[str | None, str | None]:
        value = self.server.store.value
        return value(*FOLDER, "DEFAULT_FROM_EMAIL"), value(*FOLDER, "EMAIL_URL")

    def seed(self, url: str) -> None:
        self.server.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", OLD_FROM)
        self.server.store.put(*FOLDER, "EMAIL_URL", url)

    async def write(self, *, keep: bool = True) -> keyrings.Answer | None:
        """Write the new values, as an earlier process did."""
        writer = Infisical(self.target, self.session)
        values: dict[str, str | Secret] = {"DEFAULT_FROM_EMAIL": "new@shop.example", "EMAIL_URL": Secret(NEW_URL)}
        receipt = await writer.apply(await writer.plan(values))
        await writer.close()
        return await previous_values.keep(self.target, self.journal, receipt) if keep else None

    async def roll_back(self, session: Session | None = None) -> RollbackOutcome:
        return await rollback.run(self.draft, session or self.session, self.journal)

    def files(self) -> list[Path]:
        return [path for path in self.journal.home.rglob("*") if path.is_file()]


@asynccontextmanager
async def world(directory: Path) -> AsyncIterator[World]:
    servers = Servers(state("good"), directory)
    infisical = Server(Store())
    infisical.start()
    try:
        info = await servers.start()
        told = answers_file.load(Path(info["answers"]))
        target = InfisicalTarget(infisical.url, "glitchtip", *FOLDER, infisical.store.client_id)
        session = Session(directory, client_secret=Secret(infisical.store.client_secret))
        yield World(info, infisical, replace(told, target=target), session, Journal(directory / "state", "x"))
    finally:
        infisical.stop()
        await servers.stop()


async def test_values_before_come_back_in_a_later_process(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        answer = await here.write()
        assert answer is not None
        assert answer.works
        assert here.held()[1] == NEW_URL
        ended = await here.roll_back()
        assert ended.exit is Exit.DONE, ended.sentences
        assert here.held() == (OLD_FROM, here.old_url)
        assert "infisical run" in " ".join(ended.sentences)
        assert keyring == {}
        assert here.server.store.tokens == set()


async def test_what_lies_in_files_is_private_and_no_value(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        assert len(keyring) == 1
        files = here.files()
        assert len(files) == 1
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
        assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
        text = files[0].read_text()
        for secret in (here.info["smtp_key"], NEW_URL, "NewNewNewNewNewNewNewNew", OLD_FROM):
            assert not [spelling for spelling in spellings(secret) if spelling in text]


async def test_without_the_keyring_it_is_impossible_and_infisical_s_own_history_is_named(
    tmp_path: Path, keyring: dict[str, Secret]
) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write(keep=False)
        before = here.held()
        ended = await here.roll_back()
        assert ended.exit is Exit.USAGE
        assert "Version history" in " ".join(ended.sentences)
        await here.write()
        keyring.clear()
        ended = await here.roll_back()
        assert ended.exit is Exit.USAGE
        assert "Version history" in " ".join(ended.sentences)
        assert here.held() == before


async def test_a_value_that_somebody_changed_since_is_left(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        here.server.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", "somebody@shop.example")
        ended = await here.roll_back()
        assert ended.exit is Exit.FAILED
        assert "no longer" in ended.sentences[0]
        assert here.held() == ("somebody@shop.example", NEW_URL)
        assert len(keyring) == 1


async def test_an_old_key_that_was_revoked_stays_away(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url.replace(here.info["smtp_key"], "Revoked0Key0000000000000"))
        await here.write()
        ended = await here.roll_back()
        assert ended.exit is Exit.FAILED
        assert "no longer works" in ended.sentences[0]
        assert here.held()[1] == NEW_URL
        assert len(keyring) == 1


async def test_an_old_key_that_cannot_be_told_changes_nothing(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with world(tmp_path / "r") as here:
            here.seed(f"smtp://org%2Fserver:OldOldOldOldOldOldOldOld@127.0.0.1:{port}")
            await here.write()
            ended = await here.roll_back()
            assert ended.exit is Exit.UNKNOWN
            assert "is not known" in ended.sentences[0]
            assert here.held()[1] == NEW_URL


async def test_keys_that_were_created_are_taken_away(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        await here.write()
        assert json.loads(json.loads(keyring.popitem()[1].reveal())["value"])["values"] == dict.fromkeys(
            ("DEFAULT_FROM_EMAIL", "EMAIL_URL")
        )
        here.server.store.rows.clear()
        await here.write()
        ended = await here.roll_back()
        assert ended.exit is Exit.DONE, ended.sentences
        assert here.held() == (None, None)


async def test_the_client_secret_may_come_from_the_keyring(tmp_path: Path, keyring: dict[str, Secret]) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        without = replace(here.session, client_secret=None)
        ended = await here.roll_back(without)
        assert ended.exit is Exit.USAGE
        assert "--client-secret-fd" in ended.sentences[0]
        name = keyrings.client_secret_name(here.target.url, here.target.client_id)
        keyring[name] = Secret(here.server.store.client_secret)
        assert (await here.roll_back(without)).exit is Exit.DONE
        assert here.held() == (OLD_FROM, here.old_url)


async def test_after_seven_days_or_confirmation_there_is_nothing_to_put_back(
    tmp_path: Path, keyring: dict[str, Secret], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        await previous_values.forget(here.target, here.journal)
        assert keyring == {}
        assert here.files() == []
        assert (await here.roll_back()).exit is Exit.USAGE
        here.seed(here.old_url)
        await here.write()
        import time

        later = time.time() + 8 * 86_400
        monkeypatch.setattr(time, "time", lambda: later)
        ended = await here.roll_back()
        assert ended.exit is Exit.USAGE
        assert "older than 7 days" in ended.sentences[0]
        assert keyring == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"[" * 100_000, b"[]", b'{"salt": 7, "keys": {}}', b'{"salt": "", "keys": {"EMAIL_URL": "x"}}',
        b'{"salt": "' + b"0" * 64 + b'", "keys": {"EMAIL_URL": "\xc3\xa4"}}',
    ],
)  # fmt: skip
async def test_a_note_with_other_bytes_is_refused_and_nothing_is_put_back(
    raw: bytes, tmp_path: Path, keyring: dict[str, Secret]
) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        (note,) = here.files()
        note.write_bytes(raw)
        ended = await here.roll_back()
        assert ended.exit is Exit.USAGE
        assert "the note" in " ".join(ended.sentences)
        assert here.held()[1] == NEW_URL


@pytest.mark.parametrize("kept", ["", "[]", '{"values": []}', '{"values": {"EMAIL_URL": 7}, "expanded": {}}'])
async def test_what_the_keyring_holds_of_another_kind_is_refused(
    kept: str, tmp_path: Path, keyring: dict[str, Secret]
) -> None:
    async with world(tmp_path / "r") as here:
        here.seed(here.old_url)
        await here.write()
        await keyrings.put_previous(previous_values.name_of(here.target), Secret(kept))
        ended = await here.roll_back()
        assert ended.exit is Exit.USAGE
        assert "did not write" in " ".join(ended.sentences)
        assert here.held()[1] == NEW_URL
