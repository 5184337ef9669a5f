"""The rehearsal's Infisical, started with the other servers, and an answers file that names it as the target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wizard.model import answers
from wizard.model.draft import InfisicalTarget
from wizard.rehearsal import files
from wizard.rehearsal.infisical.server import Server, Store
from wizard.system.threads import aside

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.rehearsal.state import State

ANSWERS: Final = "answers-infisical.toml"
HELD: Final = {"EMAIL_URL": "consolemail://", "DEFAULT_FROM_EMAIL": files.SENDER}
"""What its folder holds where GlitchTip's settings are in Infisical."""
_FOLDER: Final = "/glitchtip/application"


class SecretsServer:
    """An Infisical of the present generation with one project; its secrets end with the rehearsal."""

    def __init__(self, state: State, directory: Path, client_secret: str) -> None:
        self._state = state
        self._directory = directory
        self._store = Store(client_secret=client_secret)
        self._server: Server | None = None

    async def start(self) -> dict[str, Any]:
        """Listen, and write the answers file beside the one whose target is ``.env``."""
        store = self._store
        if self._state.infisical:
            for key, value in HELD.items():
                store.put("prod", _FOLDER, key, value)
        self.become(self._state)
        server = Server(store)
        server.start()
        self._server = server
        target = InfisicalTarget(
            url=server.url,
            project=store.project_slug,
            environment="prod",
            secret_path=_FOLDER,
            client_id=store.client_id,
        )
        beside = self._directory / files.ANSWERS
        path = beside.with_name(ANSWERS)
        files.put(path, answers.dumps(replace(answers.loads(beside.read_text(encoding="utf-8")), target=target)))
        return {"infisical": server.url, "answers_infisical": str(path)}

    def become(self, state: State) -> None:
        """Give the machine identity the rights of *state*; what waited for an approval that is not needed is merged."""
        store = self._store
        store.read_only = state.rights == "read-only"
        store.token_trusted = state.rights != "other-address"
        store.protected = {("prod", _FOLDER)} if state.rights == "approval" else set()
        if not store.protected:
            store.approve()

    async def stop(self) -> None:
        """Stop and free the port."""
        if self._server is not None:
            server, self._server = self._server, None
            await aside(server.stop)
