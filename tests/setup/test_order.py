"""Navigation is an index into data, the same for every front end."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.flow import STEPS_OF, Flow, following, previous
from wizard.model.session import Session
from wizard.setup import order
from wizard.setup.flow import FlowState
from wizard.state.journal import Journal


def keys(kind: Flow) -> list[str]:
    return list(STEPS_OF[kind])


def state(draft: Draft) -> FlowState:
    return FlowState(draft, Session(), Journal(Path("/nonexistent"), "x"))


def test_set_up_walks_every_step_in_order() -> None:
    assert keys(Flow.SET_UP) == ["start", "server", "credential", "sender", "target", "test_mail", "review", "done"]


def test_rotation_asks_for_the_credential_alone() -> None:
    assert keys(Flow.ROTATE) == ["start", "credential", "review", "done"]


def test_following_and_previous_are_each_other_s_inverse() -> None:
    for kind in Flow:
        names = keys(kind)
        for here, there in itertools.pairwise(names):
            assert (following(here, kind), previous(there, kind)) == (there, here)


def test_the_ends_have_nothing_beyond() -> None:
    assert previous("start", Flow.SET_UP) is None
    assert following("done", Flow.SET_UP) is None


def test_an_empty_draft_has_a_problem_in_each_step_that_asks_for_something() -> None:
    wrong = order.problems(state(Draft()), "server", "credential", "sender", "target")
    assert {problem.field for problem in wrong} == {
        "server.host", "server.port", "credential.username", "credential.key", "app.from", "target.kind",
    }  # fmt: skip
    assert all(problem.sentence.endswith(".") for problem in wrong)


@pytest.mark.parametrize(
    ("url", "allow_http", "wrong"),
    [
        ("https://secrets.example.com/api", False, False),
        ("http://127.0.0.1:8080", False, False),
        ("http://secrets.example.com", False, True),
        ("http://secrets.example.com", True, False),
        ("secrets.example.com", False, True),
        ("https://secrets.example.com/project/1", False, True),
        ("", False, True),
    ],
)
def test_an_infisical_url_is_judged_as_the_target_itself_will(url: str, allow_http: bool, wrong: bool) -> None:
    target = InfisicalTarget(url, "glitchtip", "prod", client_id="id", allow_http=allow_http)
    found = [problem.field for problem in order.problems(state(Draft(target=target)), "target")]
    assert found == [*(["target.url"] if wrong else []), "target.client_secret"]


def test_a_folder_that_servers_misread_is_named_before_any_request() -> None:
    target = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "glitchtip/", "id")
    assert [problem.field for problem in order.problems(state(Draft(target=target)), "target")] == [
        "target.secret_path",
        "target.client_secret",
    ]
