"""Navigation is an index into data, the same for every front end."""

from __future__ import annotations

import itertools

import pytest

from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.flow import Flow
from wizard.model.session import Session
from wizard.setup import order


def keys(kind: Flow) -> list[str]:
    return [step.key for step in order.steps_of(kind)]


def test_set_up_walks_every_step_in_order() -> None:
    assert keys(Flow.SET_UP) == ["start", "server", "credential", "sender", "test_mail", "target", "review", "done"]


def test_rotation_asks_for_the_credential_alone() -> None:
    assert keys(Flow.ROTATE) == ["start", "credential", "review", "done"]


def test_following_and_previous_are_each_other_s_inverse() -> None:
    for kind in Flow:
        names = keys(kind)
        for here, there in itertools.pairwise(names):
            following, previous = order.following(here, kind), order.previous(there, kind)
            assert following is not None
            assert previous is not None
            assert (following.key, previous.key) == (there, here)


def test_the_ends_have_nothing_beyond() -> None:
    assert order.previous("start", Flow.SET_UP) is None
    assert order.following("done", Flow.SET_UP) is None


def test_an_empty_draft_has_a_problem_in_each_step_that_asks_for_something() -> None:
    wrong = order.problems(Draft(), Session(), ("server", "credential", "sender", "target"))
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
    found = [problem.field for problem in order.problems(Draft(target=target), Session(), ("target",))]
    assert found == (["target.url"] if wrong else [])


def test_a_folder_that_servers_misread_is_named_before_any_request() -> None:
    target = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "glitchtip/", "id")
    assert [problem.field for problem in order.problems(Draft(target=target), Session(), ("target",))] == [
        "target.secret_path"
    ]
