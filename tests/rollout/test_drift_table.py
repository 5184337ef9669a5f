"""The drift table in words: each place in its line, and what could not be read is never told as equal."""

from __future__ import annotations

from wizard.rollout import drift_table, restart
from wizard.rollout.drift import Row

FROM = Row("DEFAULT_FROM_EMAIL", {".env": "reference", "docker-compose.yml web": "equal", "container web": "equal"})


def rows(why: dict[str, str] | None = None, **places: str) -> list[Row]:
    named = {name.replace("_", " "): word for name, word in places.items()}
    return [Row("EMAIL_URL", {".env": "reference", **named}, why or {})]


def test_every_place_has_a_line_with_both_keys() -> None:
    url = Row("EMAIL_URL", {".env": "reference", "docker-compose.yml web": "equal", "container web": "differs"})
    told = drift_table.lines([url, FROM])
    assert told[0].split() == ["EMAIL_URL", "DEFAULT_FROM_EMAIL"]
    assert told[1].split() == [".env", "reference", "reference"]
    assert told[3].split() == ["container", "web", "differs", "equal"]
    assert "docker compose up -d" in told[4]
    assert all(len(line) <= 77 for line in told[:4])


def test_a_place_that_cannot_be_read_is_named_with_the_reason_in_table_and_summary() -> None:
    table = rows({"container": "docker is not installed here."}, container="unreadable")
    assert "container was not read: docker is not installed here." in drift_table.lines(table)
    assert drift_table.summary(table) == "EMAIL_URL was not read in container"


def test_the_summary_says_the_same_only_where_everything_is() -> None:
    assert "the same in all places" in drift_table.summary([FROM])
    assert drift_table.summary(rows(container_web="differs")) == "EMAIL_URL differs in container web"
    assert drift_table.summary(rows(container_web="absent")) == "EMAIL_URL is missing in container web"


def test_keys_that_differ_in_the_same_places_are_told_together() -> None:
    places = {".env": "reference", "container web": "differs", "container worker": "differs"}
    both = [Row("EMAIL_URL", places), Row("DEFAULT_FROM_EMAIL", places)]
    said = "EMAIL_URL and DEFAULT_FROM_EMAIL differ in container web, container worker"
    assert drift_table.summary(both) == said


def test_a_file_without_the_keys_is_as_it_should_be_where_infisical_has_them() -> None:
    row = Row("EMAIL_URL", {"Infisical": "reference", ".env": "absent", "docker-compose.yml web": "passed on"})
    assert "the same in all places" in drift_table.summary([row])


def test_a_container_that_differs_gets_this_projects_command() -> None:
    found = restart.Restart(("docker", "compose", "up", "-d", "site"), "")
    assert any(
        "run docker compose up -d site" in line for line in drift_table.lines(rows(container_web="differs"), found)
    )
