"""All servers of one rehearsal, started and stopped together, and the JSON line that says where they are."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.rehearsal import files
from wizard.rehearsal.dns import zone
from wizard.rehearsal.dns.server import Dns, Manner
from wizard.rehearsal.infisical.part import HELD, SecretsServer
from wizard.rehearsal.postal.api import Api
from wizard.rehearsal.postal.received_mail import Mailbox
from wizard.rehearsal.postal.sink import Sink
from wizard.rehearsal.postal.smtp_server import Postal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from wizard.rehearsal.state import State

_ALNUM: Final = string.ascii_letters + string.digits
_KEY_LENGTH: Final = 24
"""Characters of a key, as Postal makes them (app/models/credential.rb)."""
_DKIM_BITS: Final = 1024
"""What Postal makes for a domain."""


class Servers:
    """Postal, its HTTP API, a resolver and an authoritative server, and the files that go with them."""

    def __init__(self, state: State, directory: Path) -> None:
        """Give *state* keys of its own for this run; *directory* must be the rehearsal's own already."""
        self.state = replace(
            state, key=_random(_KEY_LENGTH), old_key=_random(_KEY_LENGTH), api_key=_random(_KEY_LENGTH)
        )
        self._directory = directory
        self._running: list[Postal | Api | Dns | SecretsServer] = []
        self._become: list[Callable[[State], None]] = []
        """What each server does when the state changes."""
        self._sink = Sink()

    async def start(self) -> dict[str, Any]:
        """Start all and return what ``demo --serve`` prints. Raises OSError; what had started is stopped then."""
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all, the last one first."""
        while self._running:
            await self._running.pop().stop()

    def change(self, number: int) -> dict[str, Any]:
        """Carry out the change with that *number* of the scenario; return what the operator has to know of it.

        Raises IndexError where the scenario has no such change.
        """
        change = self.state.changes[number]
        state = replace(self.state, **dict(change.state))  # type: ignore[arg-type]  # the fields of State, by name
        news: dict[str, Any] = {}
        if change.new_key:
            # A key of type API stays one: the new credential has another key.
            api_key = state.key if self.state.key_is == "API" else state.api_key
            state = replace(state, key=_random(_KEY_LENGTH), api_key=api_key)
            news["smtp_key"] = state.key
        for become in self._become:
            become(state)
        if change.releases:
            self._sink.release(state.outcome)
        if files.compose(state, self._directory) != files.compose(self.state, self._directory):
            files.put(self._directory / files.COMPOSE_FILE, files.compose(state, self._directory))
        self.state = state
        return news

    async def _start(self) -> dict[str, Any]:
        state, directory = self.state, self._directory
        key, installation_key, other_key = _dkim_key(), _dkim_key(), _dkim_key()
        domain = zone.told(_dkim_value(key), f"postal-{_random(6)}", _random(32), checked=not state.never_checked)

        def rows(now: State) -> list[zone.Row]:
            return zone.rows(
                now, domain, installation_dkim=_dkim_value(installation_key), other_dkim=_dkim_value(other_key)
            )

        def asked(now: State) -> Manner:
            silent = now.zone in {"silent", "resolver-silent"}
            hidden = zone.hidden(now, domain)
            return Manner(recursive=True, delay=now.dns_delay, drop=silent, hidden=hidden)

        def own(now: State) -> Manner:
            return Manner(recursive=False, delay=now.dns_delay, drop=now.zone == "silent")

        self._sink = sink = Sink(directory / "sink")
        postal, api = Postal(state, sink), Api(state, sink)
        dns, authority = Dns(rows(state), asked(state)), Dns(rows(state), own(state))

        def become(now: State) -> None:
            sink.received = Mailbox(now, domain, key, installation_key).received
            api.state = now
            dns.hold(rows(now), asked(now))
            authority.hold(rows(now), own(now))

        self._become = [become, postal.become]
        become(state)
        smtp, http = await self._run(postal), await self._run(api)
        resolver, authoritative = await self._run(dns), await self._run(authority)
        client_secret = secrets.token_hex(32)
        info: dict[str, Any] = {
            "scenario": state.name,
            "sends_as": f"{state.organisation}/{state.server}" if state.rotates else "",
            "in_infisical": state.infisical,
            "began_with": files.began_with(state, smtp, HELD),
            "smtp": _shown(smtp),
            "dns": _shown(resolver),
            "authoritative_port": authoritative[1],
            "http": f"http://{_shown(http)}",
            "answers": str(files.write(directory, state, smtp, domain)),
            "smtp_key": state.old_key if state.no_new_key else state.key,
            "old_smtp_key": state.old_key,
            "api_key": state.key if state.key_is == "API" else state.api_key,
            "client_secret": client_secret,
            "directory": str(directory),
            "sink": str(directory / "sink"),
        }
        if postal.ca_pem:
            ca_file = directory / files.CA_FILE
            ca_file.write_bytes(postal.ca_pem)
            info["ca_file"] = str(ca_file)
        infisical = SecretsServer(state, directory, client_secret)  # once the answers file is written
        self._running.append(infisical)
        self._become.append(infisical.become)
        return info | await infisical.start()

    async def _run(self, server: Postal | Api | Dns) -> tuple[str, int]:
        self._running.append(server)
        return await server.start()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALNUM) for _ in range(length))


def _shown(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def _dkim_key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, _DKIM_BITS)


def _dkim_value(key: RSAPrivateKey) -> str:
    """Return the value of the DKIM record for *key*, spelt as Postal spells it."""
    from cryptography.hazmat.primitives import serialization

    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; t=s; h=sha256; p={base64.b64encode(der).decode()};"
