"""The integration test as a list: what it says follows from what compose gives the services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.glitchtip import compose
from wizard.model.draft import App, Draft
from wizard.model.session import Session
from wizard.rollout import self_test

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://errors.shop.example"
DRAFT = Draft(app=App(from_="GlitchTip <glitchtip@shop.example>"))
GOOD: self_test.Environments = {"web": {"GLITCHTIP_DOMAIN": BASE}, "worker": {"GLITCHTIP_DOMAIN": f"{BASE}/"}}


KEYS = ("user", "reset", "received", "links", "invitation", "log")


def _by_key(environments: self_test.Environments) -> dict[str, self_test.Step]:
    return dict(zip(KEYS, self_test.steps(DRAFT, environments), strict=True))


class TestSteps:
    def test_the_links_are_built_from_glitchtips_own_domain(self) -> None:
        steps = _by_key(GOOD)
        assert f"open {BASE}/reset-password," in steps["reset"].how
        assert f"{BASE}/reset-password/set-new-password/" in steps["links"].how
        assert not any(step.warning for step in steps.values())

    def test_the_services_go_by_the_names_they_have(self) -> None:
        steps = _by_key({"glitchtip": GOOD["web"], "glitchtip-worker": GOOD["worker"]})
        assert "sent by glitchtip," in steps["reset"].how
        assert "docker compose logs --tail 50 glitchtip-worker" in steps["invitation"].how

    def test_their_order_in_the_file_does_not_matter(self) -> None:
        steps = _by_key({"worker": GOOD["worker"], "web": GOOD["web"]})
        assert "sent by web," in steps["reset"].how
        assert "sent by worker;" in steps["invitation"].how

    def test_one_container_for_both_is_one_service(self) -> None:
        steps = _by_key({"glitchtip": GOOD["web"]})
        assert "sent by glitchtip;" in steps["invitation"].how
        assert not steps["invitation"].warning

    def test_closed_registration_has_another_way_in(self) -> None:
        assert f"{BASE}/register" in _by_key(GOOD)["user"].how
        closed = {"web": {"GLITCHTIP_DOMAIN": BASE, "ENABLE_USER_REGISTRATION": "False"}}
        assert "exec web ./manage.py createsuperuser" in _by_key(closed)["user"].how

    def test_they_end_with_postals_log(self) -> None:
        assert 'postal logs smtp | grep "Added external address"' in _by_key(GOOD)["log"].how

    def test_without_a_compose_file_the_usual_names_stand_in(self) -> None:
        steps = _by_key({})
        assert "sent by web," in steps["reset"].how
        assert "sent by worker;" in steps["invitation"].how


class TestDomain:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            ({}, "http://localhost:8000"),
            ({"GLITCHTIP_DOMAIN": ""}, "http://localhost:8000"),
            ({"GLITCHTIP_DOMAIN": "https://a.example/"}, "https://a.example"),
            ({"GLITCHTIP_DOMAIN": "https://a.example", "APP_URL": "https://b.example"}, "https://b.example"),
            ({"GLITCHTIP_URL": "https://c.example", "APP_URL": "https://b.example"}, "https://c.example"),
        ],
    )
    def test_it_is_read_in_glitchtips_order(self, environment: dict[str, str | None], expected: str) -> None:
        assert self_test.domain(environment) == expected

    def test_a_worker_without_it_links_to_localhost(self) -> None:
        environments: self_test.Environments = {"web": GOOD["web"], "worker": {}}
        (problem,) = self_test.domain_problems(environments)
        assert problem.startswith("worker has no GLITCHTIP_DOMAIN")
        steps = _by_key(environments)
        assert steps["invitation"].warning.startswith(problem)
        assert "Set it in docker-compose.yml, then" in steps["invitation"].warning
        assert not steps["links"].warning

    def test_two_domains_are_told(self) -> None:
        (problem,) = self_test.domain_problems(
            {"web": GOOD["web"], "worker": {"GLITCHTIP_DOMAIN": "https://old.example"}}
        )
        assert "https://old.example" in problem

    def test_a_domain_without_a_scheme_keeps_glitchtip_from_starting(self) -> None:
        environments: self_test.Environments = {"web": {"GLITCHTIP_DOMAIN": "errors.shop.example"}}
        assert "without http:// or https://" in _by_key(environments)["links"].warning

    def test_what_the_file_says_is_inert(self) -> None:
        steps = _by_key({"web": {"GLITCHTIP_DOMAIN": "https://\x1b[2Jx" + "y" * 5000}})
        texts = [text for step in steps.values() for text in (step.how, step.confirms, step.warning)]
        assert all(text.isprintable() or not text for text in texts)
        assert max(map(len, texts)) < 700


class TestContentNote:
    @pytest.mark.parametrize(
        ("told", "days"),
        [([None], 90), (["30"], 30), (["30", "60"], 60), (["30", None], 90), (["", "x"], 90), (["120", None], 120)],
    )
    def test_the_days_are_those_of_the_compose_file(self, told: list[str | None], days: int) -> None:
        environments = {str(number): {"GLITCHTIP_MAX_EVENT_LIFE_DAYS": text} for number, text in enumerate(told)}
        assert self_test.life_days(environments) == days
        assert f"for {days} days" in self_test.content_note(environments)

    def test_the_default_is_named_as_such(self) -> None:
        assert "GlitchTip's default" in self_test.content_note(GOOD)
        assert "default" not in self_test.content_note({"web": {"GLITCHTIP_MAX_EVENT_LIFE_DAYS": "30"}})

    def test_the_newer_name_goes_before_the_older_one(self) -> None:
        both = {"web": {"GLITCHTIP_MAX_EVENT_LIFE_DAYS": "30", "GLITCHTIP_RETENTION_DAYS": "7"}}
        assert "for 7 days (GLITCHTIP_RETENTION_DAYS)" in self_test.content_note(both)


class TestFromTheComposeFile:
    def test_only_what_is_needed_is_taken_from_it(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"GLITCHTIP_DOMAIN={BASE}\nEMAIL_URL=smtp://u:c4nary@h:25\n")
        (tmp_path / "docker-compose.yml").write_text(
            "x-environment: &environment\n"
            "  EMAIL_URL: ${EMAIL_URL}\n"
            "  GLITCHTIP_DOMAIN: ${GLITCHTIP_DOMAIN}\n"
            "  GLITCHTIP_MAX_EVENT_LIFE_DAYS: 45\n"
            "services:\n"
            "  web: {image: glitchtip/glitchtip, environment: *environment}\n"
            "  worker: {image: glitchtip/glitchtip, environment: {GLITCHTIP_MAX_EVENT_LIFE_DAYS: 45}}\n"
        )
        services = self_test.environments(compose.read(DRAFT, Session(directory=tmp_path)))
        assert list(services) == ["web", "worker"]
        assert "c4nary" not in str(services)
        assert self_test.life_days(services) == 45
        assert _by_key(services)["invitation"].warning.startswith("worker has no GLITCHTIP_DOMAIN")

    def test_no_file_is_no_service(self, tmp_path: Path) -> None:
        assert self_test.environments(compose.read(DRAFT, Session(directory=tmp_path))) == {}
