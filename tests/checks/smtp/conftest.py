"""A CA of the tests' own, trusted the way GlitchTip trusts one: through SSL_CERT_FILE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from wizard.glitchtip.docker import Docker
from wizard.model.containers import NotAsked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.checks.smtp.certificates import Fault
    from tests.checks.smtp.postfix import Postfix


@pytest.fixture(autouse=True)
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the docker of this machine, if there is one, out of the checks of loopback peers."""

    async def none(_self: Docker) -> NotAsked:
        return NotAsked("docker is not installed here")

    monkeypatch.setattr(Docker, "containers", none)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted_ca(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Have Python trust ``ca`` for the length of a test."""
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return ca


@pytest.fixture(scope="module")
def postfix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postfix]:
    """Run Debian's Postfix with every variant of ``tests.checks.smtp.postfix``."""
    from tests.checks.smtp import certificates, postfix

    postfix.need()
    folder = tmp_path_factory.mktemp("postfix")
    faults: tuple[Fault, ...] = ("none", "self-signed", "expired", "other name")
    made = {fault: certificates.make(fault) for fault in faults}
    files = {fault: folder / f"{number}.pem" for number, fault in enumerate(made)}
    for fault, chain in made.items():
        chain.server(files[fault])
    with postfix.Postfix({**postfix.PLAIN, **postfix.encrypted(files)}) as running:
        for fault, chain in made.items():
            running.trusted[fault] = chain.trust(folder / f"{fault} ca.pem")
        yield running
