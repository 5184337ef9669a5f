"""States to try the steps on: no server, no network, findings as the checks would give them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.codes import Code
from wizard.model.details import Leg, Login, Triangle
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server, TestMail
from wizard.model.finding import Finding
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.setup.flow import FlowState
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

KEY = "Abcdefghij0123456789Wxyz"
OTHER_KEY = "Zyxwvutsrq9876543210Lkjh"


def state(path: Path, *, key: str = KEY) -> FlowState:
    """Return a state with every answer that a writing to `.env` needs."""
    draft = Draft(
        app=App(from_="GlitchTip <glitchtip@shop.example>"),
        server=Server("smtp.shop.example", 25),
        credential=Credential("shop/apps"),
        test_mail=TestMail("you@example.net"),
        target=EnvTarget(),
    )
    return FlowState(draft, Session(directory=path, key=Secret(key)), Journal(path / "state", "x"))


def found(one: FlowState, step: str, *findings: Finding) -> None:
    """Let *step* have found *findings* about the present answers."""
    one.add(step, findings, lambda _state: True, subject=True)


def granted(server: str = "shop/apps") -> Finding:
    return Finding.ok(Code.AUTH_GRANTED, "shop/apps", "Granted.", detail=Login(server, "shop/apps", "PLAIN"))


def connected() -> Finding:
    return Finding.ok(Code.CONNECT_CONNECTED, "192.0.2.25:25", "It takes connections.")


def aligned(world: str = "stored") -> Finding:
    leg = Leg("shop.example", "aligned", "aligned")
    triangle = Triangle("shop.example", leg, leg, world=world)  # type: ignore[arg-type]  # a literal of the caller's
    return Finding.ok(Code.ALIGNMENT_ALIGNED, "shop.example", "DKIM carries it.", detail=triangle)


def with_stored_key(one: FlowState, key: str) -> FlowState:
    one.stored = Secret(key)
    one.session = replace(one.session)
    return one
