"""What GlitchTip gets of a folder: references expanded, imports followed, and each said with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.infisical.test_target import (
    ENVIRONMENT,
    NEW,
    NEW_FROM,
    NEW_URL,
    OLD_FROM,
    OLD_URL,
    PATH,
    Faulty,
    held,
    seed,
    target_of,
)
from wizard.model.secret import MASK, Secret, plaintext
from wizard.rehearsal.infisical.server import Store
from wizard.targets import KeyState, Origin, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.targets import Change, Plan

KEYS = ("EMAIL_URL", "DEFAULT_FROM_EMAIL", "OTHER")
REFERENCE = "smtp://old%2Fserver:${MAIL_KEY}@h.example:25"


@pytest.fixture(params=["v3", "v4"])
def server(request: pytest.FixtureRequest) -> Iterator[Faulty]:
    running = Faulty(Store(generation=request.param))
    running.start()
    yield running
    running.hang.set()
    running.stop()


def refer(server: Faulty) -> None:
    """Store an EMAIL_URL that is made of another secret."""
    server.store.put(ENVIRONMENT, PATH, "MAIL_KEY", "OldOldOldOldOldOldOldOld")
    server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", REFERENCE)
    server.store.put(ENVIRONMENT, PATH, "DEFAULT_FROM_EMAIL", OLD_FROM)


def import_both(server: Faulty) -> None:
    """Let the folder have both settings by an import alone."""
    server.store.put(ENVIRONMENT, "/shared", "EMAIL_URL", OLD_URL)
    server.store.put(ENVIRONMENT, "/shared", "DEFAULT_FROM_EMAIL", OLD_FROM)
    server.store.put(ENVIRONMENT, PATH, "SECRET_KEY", "x")
    server.store.imports[ENVIRONMENT, PATH] = [(ENVIRONMENT, "/shared")]


def of(plan: Plan[object], key: str) -> Change:
    return next(change for change in plan.changes if change.key == key)


async def test_reading_expands_references_and_follows_imports_and_says_where_from(server: Faulty) -> None:
    import_both(server)
    server.store.put(ENVIRONMENT, PATH, "MAIL_KEY", "OldOldOldOldOldOldOldOld")
    server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", REFERENCE)
    target = target_of(server)
    found = await target.read(KEYS)
    await target.close()
    assert found["EMAIL_URL"].value == Secret(OLD_URL)
    assert (found["EMAIL_URL"].origin, found["EMAIL_URL"].source) == (Origin.REFERENCE, "MAIL_KEY")
    assert found["DEFAULT_FROM_EMAIL"].value == Secret(OLD_FROM)
    assert found["DEFAULT_FROM_EMAIL"].origin is Origin.IMPORT
    assert found["DEFAULT_FROM_EMAIL"].source == "prod:/shared"
    assert found["OTHER"].value is None


async def test_the_plan_says_that_it_replaces_a_reference_and_a_roll_back_restores_it(server: Faulty) -> None:
    refer(server)
    target = target_of(server)
    plan = await target.plan(NEW)
    change = of(plan, "EMAIL_URL")
    assert change.state is KeyState.CHANGED
    assert "replaces the reference to MAIL_KEY" in change.note
    assert "new key" in change.note
    assert change.before == f"smtp://old%2Fserver:{MASK}@h.example:25"
    await target.apply(plan)
    assert held(server) == (NEW_FROM, NEW_URL)
    # What is proven is what ran, not how it was stored.
    old = (await target.previous())["EMAIL_URL"]
    assert old is not None
    assert plaintext(old) == OLD_URL
    await target.roll_back()
    await target.close()
    assert held(server) == (OLD_FROM, REFERENCE)


async def test_a_reference_that_expands_to_the_same_value_is_left(server: Faulty) -> None:
    refer(server)
    target = target_of(server)
    plan = await target.plan({"EMAIL_URL": Secret(OLD_URL), "DEFAULT_FROM_EMAIL": OLD_FROM})
    assert plan.changes_nothing
    assert of(plan, "EMAIL_URL").note == "a reference to MAIL_KEY, which stays"
    receipt = await target.apply(plan)
    await target.close()
    assert not receipt.written
    assert receipt.complete
    assert held(server) == (OLD_FROM, REFERENCE)


async def test_a_reference_to_a_secret_is_shown_by_its_name_and_never_expanded(server: Faulty) -> None:
    seed(server)
    server.store.put(ENVIRONMENT, PATH, "POSTGRES_PASSWORD", "DatabasePassword")
    server.store.put(ENVIRONMENT, PATH, "DEFAULT_FROM_EMAIL", "x ${POSTGRES_PASSWORD}")
    target = target_of(server)
    plan = await target.plan(NEW)
    await target.close()
    assert of(plan, "DEFAULT_FROM_EMAIL").before == "x ${POSTGRES_PASSWORD}"
    assert "DatabasePassword" not in repr(plan)


async def test_an_imported_value_counts_as_present_and_writing_overrides_it(server: Faulty) -> None:
    import_both(server)
    target = target_of(server)
    plan = await target.plan(NEW)
    change = of(plan, "EMAIL_URL")
    assert change.state is KeyState.CHANGED
    assert "overrides the import from prod:/shared" in change.note
    assert any("is an import from prod:/shared; the value written here overrides it" in fact for fact in plan.facts)
    receipt = await target.apply(plan)
    assert set(receipt.keys.values()) == {KeyState.CHANGED}
    assert held(server) == (NEW_FROM, NEW_URL)
    assert server.store.value(ENVIRONMENT, "/shared", "EMAIL_URL") == OLD_URL
    await target.roll_back()
    await target.close()
    assert held(server) == (None, None)


async def test_an_imported_value_that_is_the_same_is_not_written_again(server: Faulty) -> None:
    import_both(server)
    target = target_of(server)
    plan = await target.plan({"EMAIL_URL": Secret(OLD_URL), "DEFAULT_FROM_EMAIL": OLD_FROM})
    assert plan.changes_nothing
    assert of(plan, "EMAIL_URL").note == "an import from prod:/shared, which stays"
    await target.apply(plan)
    await target.close()
    assert held(server) == (None, None)


async def test_an_import_is_found_though_the_folder_is_too_large_to_list(server: Faulty) -> None:
    import_both(server)
    server.store.put(ENVIRONMENT, "/shared", "BIG", "x" * 1_100_000)
    target = target_of(server)
    found = await target.read(("EMAIL_URL",))
    await target.close()
    assert found["EMAIL_URL"].value == Secret(OLD_URL)
    assert found["EMAIL_URL"].remark == "an import"


async def test_what_another_folder_s_names_are_is_known_after_the_writing(server: Faulty) -> None:
    import_both(server)
    target = target_of(server)
    assert target.known.names is None
    await target.apply(await target.plan(NEW))
    await target.close()
    assert target.known.names == {"SECRET_KEY", "EMAIL_URL", "DEFAULT_FROM_EMAIL"}


async def test_after_a_second_writing_of_the_same_a_roll_back_still_puts_back_the_first(server: Faulty) -> None:
    seed(server)
    target = target_of(server)
    await target.apply(await target.plan(NEW))
    second = await target.apply(await target.plan(NEW))
    assert not second.written
    receipt = await target.roll_back()
    assert receipt.written
    assert held(server) == (OLD_FROM, OLD_URL)
    with pytest.raises(Refused, match="nothing to put back"):
        await target.roll_back()
    await target.close()


async def test_without_a_writing_of_this_run_there_is_nothing_that_says_rolled_back(server: Faulty) -> None:
    seed(server)
    target = target_of(server)
    await target.apply(await target.plan({"EMAIL_URL": Secret(OLD_URL), "DEFAULT_FROM_EMAIL": OLD_FROM}))
    with pytest.raises(Refused, match="nothing to put back"):
        await target.previous()
    await target.close()
