"""The way to one folder of Infisical: its server, one login, project and environment; then the folder, from memory.

A login is a thing that can be used up: three failures lock the identity, and a secret may be good for so many only.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard.model import infisical
from wizard.model.untrusted import Untrusted
from wizard.targets import Refused
from wizard.targets.infisical.api import InfisicalApi
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.location import problem_with_path
from wizard.targets.infisical.records import InfisicalFacts

if TYPE_CHECKING:
    from wizard.model.draft import InfisicalTarget
    from wizard.model.session import Session

LOCK_WINDOW: Final = 31.0
"""Seconds between two tries of a login that was refused: servers lock an identity after three failures within 30."""


class Access:
    """One login per object, at the first use of ``ready``; its token is revoked by ``close``."""

    def __init__(self, target: InfisicalTarget, session: Session) -> None:
        self._target = target
        self._session = session
        self._api: InfisicalApi | None = None
        self._project: dict[str, object] = {}
        self._refused_at = -LOCK_WINDOW
        self.names: frozenset[str] | None = None
        """Of the secrets in the folder, once they were listed."""
        self._one_at_a_time = asyncio.Lock()

    @property
    def project_id(self) -> str:
        """The project's id, empty before it was looked up."""
        return str(self._project.get("id", ""))

    @property
    def known(self) -> InfisicalFacts:
        """What is known of the server so far."""
        session = self._session
        return InfisicalFacts(
            self.project_id,
            self._api.generation if self._api is not None else None,
            by_token=session.token is not None and not (session.client_secret is not None and self._target.client_id),
            names=self.names,
        )

    @property
    def shown(self) -> str:
        """The folder for people."""
        target = self._target
        slug = self._project.get("slug", target.project)
        return f"{infisical.bare_url(target.url)}, {slug}, {target.environment}, {target.secret_path}"

    @property
    def facts(self) -> tuple[str, ...]:
        """What is to be said of the connection."""
        return self._api.facts if self._api is not None else ()

    async def ready(self) -> tuple[InfisicalApi, dict[str, str]]:
        """Probe, log in once, and resolve project and environment; later calls answer from memory. Raises Refused.

        Who comes meanwhile waits, for two that begin side by side must not become two logins; and who is cancelled
        leaves it to come to its end, for a token that nobody took could not be revoked.
        """
        task = asyncio.ensure_future(self._in_turn())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Revoke the token and close the connections."""
        async with self._one_at_a_time:
            if self._api is not None:
                await self._api.close()
                self._api, self._project = None, {}

    async def _in_turn(self) -> tuple[InfisicalApi, dict[str, str]]:
        async with self._one_at_a_time:
            return await self._made_ready()

    async def _made_ready(self) -> tuple[InfisicalApi, dict[str, str]]:
        target = self._target
        problem = problem_with_path(target.secret_path)
        if problem is not None:
            raise Refused(problem)
        try:
            if self._api is None:
                ca_file = str(self._session.path(target.ca_file)) if target.ca_file else None
                self._api = InfisicalApi(target.url, ca_file=ca_file, allow_http=target.allow_http)
            if self._api.generation is None:
                await self._api.probe()
            if not self._api.logged_in:
                await self._log_in(self._api)
            if not self._project:
                self._project = await self._api.project(target.project)
        except ApiError as error:
            raise Refused(str(error)) from None
        self._judge_environment()
        return self._api, self._api.place(self.project_id, target.environment, target.secret_path)

    async def _log_in(self, api: InfisicalApi) -> None:
        session, client_id = self._session, self._target.client_id
        if session.client_secret is not None and client_id:
            since = time.monotonic() - self._refused_at
            if since < LOCK_WINDOW:
                raise ApiError(
                    f"Infisical refused this login {since:.0f} seconds ago: give another client secret, or try this "
                    f"one again in {LOCK_WINDOW - since:.0f} seconds: three failures within 30 lock the identity."
                )
            try:
                await api.login(client_id, session.client_secret)
            except ApiError as error:
                if error.status in {401, 403, 404} and error.answered:
                    self._refused_at = time.monotonic()
                raise
        elif session.token is not None:
            api.use_token(session.token)
        elif session.client_secret is not None:
            raise ApiError("The client id is missing: Identity, Authentication, Universal Auth.")
        else:
            raise ApiError("Infisical's client secret is missing: give it with --client-secret-fd N or in the form.")

    def _judge_environment(self) -> None:
        """Refuse an environment that the project does not have: a listing would answer 200 with nothing in it."""
        listed = self._project.get("environments")
        known = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        slugs = [str(item.get("slug")) for item in known]
        given = self._target.environment
        if given in slugs:
            return
        names = {str(item.get("name")).lower(): str(item.get("slug")) for item in known}
        meant = names.get(given.lower()) or next((slug for slug in slugs if slug.lower() == given.lower()), None)
        hint = f"; is {Untrusted(meant, 40)} meant?" if meant else "."
        known_slugs = Untrusted(", ".join(slugs) or "none", 160)
        raise Refused(f"The project has no environment {Untrusted(given, 40)}{hint} Its slugs are {known_slugs}.")
