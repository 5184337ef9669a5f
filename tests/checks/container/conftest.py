"""GlitchTip in containers of the tests' own, and the rehearsal's Postal for it to send to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.checks.container.standin import COMPOSE, Host
from wizard.email_url import url as email_url
from wizard.model.draft import App, Credential, Draft, Server
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal import scenarios
from wizard.rehearsal.postal.smtp_server import Postal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

FROM = "GlitchTip <glitchtip@shop.example>"
KEY = "C4n4ry/key+with=odd~signs"


@dataclass
class Scene:
    """A host with GlitchTip, Postal, and what the operator told the wizard."""

    host: Host
    postal: Postal
    draft: Draft
    session: Session


@pytest_asyncio.fixture
async def postal() -> AsyncIterator[Postal]:
    from dataclasses import replace

    async with Postal(replace(scenarios.state("good"), key=KEY)) as running:
        yield running


@pytest.fixture
def scene_of(tmp_path: Path, postal: Postal, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scene]:
    """Return a maker of scenes: GlitchTip was started with these settings."""

    def made(*, compose: str = COMPOSE, **environment: str) -> Scene:
        address, port = postal.address
        settings = {
            "SECRET_KEY": "s3cret-0f-django",
            "GLITCHTIP_DOMAIN": "https://errors.shop.example",
            "EMAIL_URL": email_url.build("shop/apps", KEY, address, port),
            "DEFAULT_FROM_EMAIL": FROM,
        }
        host = Host.made(tmp_path / "glitchtip", {**settings, **environment}, compose)
        monkeypatch.setenv("PATH", str(host.bin), prepend=os.pathsep)
        draft = Draft(
            app=App(from_=FROM, compose_file="docker-compose.yml", services=("web", "worker")),
            server=Server(address, port),
            credential=Credential("shop/apps"),
        )
        return Scene(host, postal, draft, Session(directory=host.directory, key=Secret(KEY)))

    return made


@pytest.fixture
def scene(scene_of: Callable[..., Scene]) -> Scene:
    """GlitchTip running with the settings that were decided."""
    return scene_of()
