"""A service of GlitchTip that does not run: a fault, with the cause that its own log gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks import log_cause
from wizard.glitchtip import docker
from wizard.glitchtip.mail_log import email_lines, last_line
from wizard.model.codes import Code
from wizard.model.containers import ContainerState
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.model.containers import Container
    from wizard.model.session import Session
    from wizard.rollout.restart import Restart

_LINES: Final = 200
"""Lines of the log that are read: a restarting container repeats its error."""
_SHOWN: Final = 4
_WORDS: Final = {
    ContainerState.RESTARTING: "restarts over and over",
    ContainerState.PAUSED: "is paused",
    ContainerState.CREATED: "was created and never started",
}


async def judge(
    session: Session, name: str, container: Container | None, *, worker: bool, recreate: Restart, command: str
) -> Finding:
    """Judge the service *name*, of which no container runs; None where it has none at all.

    *worker*: whether it is the worker while others run. *recreate*, *command*: what recreates it.
    """
    place = f"container {name}"
    if container is None:
        code = Code.CONTAINER_WORKER_DOWN if worker else Code.CONTAINER_EXITED
        words = f"{name} has no container: {_loss(worker)}."
        return Finding.fail(code, name, words, remedy=f"Start it: {command}.", proven_from=place)
    state = _WORDS.get(container.state, "has stopped")
    ended = "" if container.exit_code is None else f" (exit code {container.exit_code})"
    shown = Untrusted(container.name, 60)
    if container.state is ContainerState.PAUSED:
        return Finding.fail(
            Code.CONTAINER_PAUSED, name, f"The container of {name} {state}: {_loss(worker)}.",
            remedy=f"docker unpause {shown}", proven_from=place,
        )  # fmt: skip
    log = await docker.of(session).logs(container, _LINES)
    cause = log_cause.first(log, restart=recreate)
    code = (
        Code.CONTAINER_RESTARTING if container.state is ContainerState.RESTARTING
        else Code.CONTAINER_WORKER_DOWN if worker
        else Code.CONTAINER_EXITED
    )  # fmt: skip
    because = f" Its log shows why: {cause.cause}" if cause is not None else ""
    by_hand = f"Read why: docker logs --tail 50 {shown}; then start it: {command}."
    remedy = cause.remedy if cause is not None else by_hand
    evidence = [f"log  {line}" for line in (email_lines(log)[-_SHOWN:] or last_line(log))]
    return Finding.fail(
        code, name, f"The container of {name} {state}{ended}: {_loss(worker)}.{because}", evidence,
        remedy=remedy, proven_from=place,
    )  # fmt: skip


def _loss(worker: bool) -> str:
    return "alerts and invitations wait" if worker else "no mail leaves it"
