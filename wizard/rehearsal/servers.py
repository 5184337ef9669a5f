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
from wizard.rehearsal.infisical.part import SecretsServer
from wizard.rehearsal.parts import Part, Setting
from wizard.rehearsal.postal.api import Api
from wizard.rehearsal.postal.received_mail import Mailbox
from wizard.rehearsal.postal.sink import Sink
from wizard.rehearsal.postal.smtp_server import Postal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from wizard.rehearsal.scenarios import State

_ALNUM: Final = string.ascii_letters + string.digits
_KEY_LENGTH: Final = 24
"""Characters of a key, as Postal makes them (app/models/credential.rb)."""
_DKIM_BITS: Final = 1024
"""What Postal makes for a domain."""


PARTS: Final[tuple[Callable[[Setting], Part], ...]] = (SecretsServer,)
"""What is started after Postal and DNS, once the answers file is written."""


class Servers:
    """Postal, its HTTP API, a resolver and an authoritative server, and the files that go with them."""

    def __init__(self, state: State, directory: Path) -> None:
        """Give *state* keys of its own for this run; *directory* must be the rehearsal's own already."""
        self.state = replace(
            state, key=_random(_KEY_LENGTH), old_key=_random(_KEY_LENGTH), api_key=_random(_KEY_LENGTH)
        )
        self._directory = directory
        self._running: list[Postal | Api | Dns | Part] = []

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

    async def _start(self) -> dict[str, Any]:
        state, directory = self.state, self._directory
        key, installation_key, other_key = _dkim_key(), _dkim_key(), _dkim_key()
        domain = zone.told(_dkim_value(key), f"postal-{_random(6)}", _random(32))
        rows = zone.rows(
            state, domain, installation_dkim=_dkim_value(installation_key), other_dkim=_dkim_value(other_key)
        )
        sink = Sink(directory / "sink", Mailbox(state, domain, key, installation_key).received)
        postal = Postal(state, sink)
        smtp = await self._run(postal)
        http = await self._run(Api(state, sink))
        asked = Manner(
            recursive=True,
            delay=state.dns_delay,
            drop=state.zone in {"silent", "resolver-silent"},
            hidden=zone.hidden(state, domain),
        )
        resolver = await self._run(Dns(rows, asked))
        own = Manner(recursive=False, delay=state.dns_delay, drop=state.zone == "silent")
        authoritative = await self._run(Dns(rows, own))
        client_secret = secrets.token_hex(32)
        info: dict[str, Any] = {
            "scenario": state.name,
            "smtp": _shown(smtp),
            "dns": _shown(resolver),
            "authoritative_port": authoritative[1],
            "http": f"http://{_shown(http)}",
            "answers": str(files.write(directory, state, smtp, domain)),
            "smtp_key": state.key,
            "old_smtp_key": state.old_key,
            "api_key": state.key if state.key_is == "API" else state.api_key,
            "client_secret": client_secret,
            "directory": str(directory),
            "sink": str(directory / "sink"),
        }
        if state.tls != "off":
            ca_file = directory / "ca.pem"
            ca_file.write_bytes(postal.ca_pem)
            info["ca_file"] = str(ca_file)
        for make in PARTS:
            part = make(Setting(state, directory, client_secret))
            self._running.append(part)
            info |= await part.start()
        return info

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
