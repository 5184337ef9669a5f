"""What follows from the daemon's words about a container."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from wizard.model.containers import Container, ContainerState


def container(working_dir: str = "/srv/glitchtip", network: str = "", state: str = "running") -> Container:
    return Container(
        "1f", "web-1", "glitchtip/glitchtip", ContainerState(state), network_mode=network, working_dir=working_dir
    )


@pytest.mark.parametrize(
    ("working_dir", "belongs"), [("/srv/glitchtip", True), ("/srv/glitchtip/", True), ("/srv", False), ("", False)]
)
def test_a_container_belongs_to_the_directory_that_compose_was_run_for(working_dir: str, belongs: bool) -> None:
    assert container(working_dir).belongs_to(PurePosixPath("/srv/glitchtip")) is belongs


def test_localhost_is_this_host_on_the_host_network_alone() -> None:
    assert container(network="host").on_host_network
    assert not container(network="glitchtip_default").on_host_network


@pytest.mark.parametrize("state", ["created", "paused", "restarting", "exited", "dead"])
def test_only_a_running_container_can_be_asked(state: str) -> None:
    assert container().is_up
    assert not container(state=state).is_up
