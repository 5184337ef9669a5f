"""The files of a rehearsal: what an operator would have at hand, in a directory that holds nothing else."""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.model import answers
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server, TestMail
from wizard.rehearsal import samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.model.draft import Domain
    from wizard.rehearsal.state import State

RECIPIENT: Final = "you@example.net"
ANSWERS: Final = "answers.toml"
COMPOSE_FILE: Final = "docker-compose.yml"
CA_FILE: Final = "ca.pem"
SENDER: Final = "glitchtip@shop.example"
"""DEFAULT_FROM_EMAIL of the project as it is found."""
_MARK: Final = ".rehearsal"
"""The file by which a directory is known as a rehearsal's own."""


class DirectoryTakenError(Exception):
    """The directory holds something else; the message is one sentence."""


def claim(directory: Path) -> None:
    """Make *directory* (0700) the rehearsal's own, or take it up again. Raises DirectoryTakenError and OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = directory / _MARK
    if not mark.is_file() and any(directory.iterdir()):
        raise DirectoryTakenError(
            f"{directory} holds other files: give the rehearsal an empty directory, or one of an earlier rehearsal."
        )
    put(mark, "This directory belongs to a rehearsal (postal-wizard demo); you can delete it.\n")


def write(directory: Path, state: State, server: tuple[str, int], domain: Domain) -> Path:
    """Rewrite the answers file, and the rest where it is missing; return the answers file's path.

    A second rehearsal in the same directory thus finds the settings that the first one wrote, as a rotation does.
    """
    # The bare address needs no resolver, so that whatever reads EMAIL_URL afterwards can send with it too. Where a
    # certificate is looked at it has to be a name, and this one every resolver knows (RFC 6761 6.3).
    address, port = server
    host = "localhost" if state.starttls or state.own_network else address
    draft = Draft(
        app=App(from_=state.from_, compose_file=COMPOSE_FILE, services=("web", "worker")),
        server=Server(host, port, "starttls" if state.starttls else "none"),
        credential=Credential(f"{state.organisation}/{state.server}"),
        domain=domain,
        test_mail=TestMail(RECIPIENT),
        target=EnvTarget(".env"),
    )
    path = directory / ANSWERS
    put(path, answers.dumps(draft))
    key = state.old_key if state.rotates else state.key if state.old_containers else ""
    url = email_url.build(draft.credential.username, key, host, port) if key else ""
    for name, text in (
        (".env", _env(state, url)),
        (COMPOSE_FILE, compose(state, directory)),
        (".gitignore", "# A rehearsal inside somebody's repository stays out of it.\n*\n"),
    ):
        if not (directory / name).exists():
            put(directory / name, text)
    return path


def began_with(state: State, server: tuple[str, int], in_infisical: Mapping[str, str]) -> dict[str, str]:
    """Return the variables from which the containers were started, where the `.env` does not give them."""
    if state.old_containers:
        url = email_url.build(f"{state.organisation}/{state.server}", state.old_key, *server)
        return {"EMAIL_URL": url, "DEFAULT_FROM_EMAIL": SENDER}
    return dict(in_infisical) if state.infisical else {}


def _env(state: State, url: str) -> str:
    """Return the project's `.env`; *url*: its EMAIL_URL where Postal is in it already, or empty."""
    env = samples.EXPORTED_ENV if state.exported or state.project in {"bare-worker", "whole-worker"} else samples.ENV
    if state.infisical and not state.exported:
        env = env.replace(samples.MAIL, "# Infisical has the settings: infisical run gives them to docker compose.\n")
    if url:
        env = env.replace(samples.MAIL, f"EMAIL_URL={url}\nDEFAULT_FROM_EMAIL={SENDER}\n")
    return env.replace("RANDOM", secrets.token_hex(16)).replace("8000", str(_free_port()))


def _free_port() -> int:
    """Return a port for the pretend web service, which must not meet what the operator runs on 8000."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def compose(state: State, directory: Path) -> str:
    """Return docker-compose.yml: GlitchTip on the host's network, where localhost is this host; or on its own."""
    text = samples.PROJECTS.get(state.project, samples.COMPOSE)
    if state.own_network:
        text = text.replace(samples.HOST_NETWORK, "")
    if state.starttls:
        # As an operator gives GlitchTip a private CA.
        rows = f"  SSL_CERT_FILE: {directory / CA_FILE}\n"
        rows += "" if state.project == "no-tls-setting" else '  EMAIL_USE_TLS: "True"\n'
        text = text.replace("  EMAIL_TIMEOUT:", f"{rows}  EMAIL_TIMEOUT:", 1)
    return text


def put(path: Path, text: str) -> None:
    """Write *text* into the file at *path*, 0600 where it is new. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
