"""What is asked of ``flow_script.py`` inside GlitchTip's containers, and its answers in their types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.glitchtip import docker, inside_scripts

if TYPE_CHECKING:
    from wizard.model.containers import Container
    from wizard.model.session import Session

SCRIPT: Final = "flow_script.py"
RESET_SECONDS: Final = 45
"""The web service sends while it answers: 15 s to the answer to RCPT and 30 s for DATA (security.md section 5)."""
TASK_SECONDS: Final = 30
_DOMAIN_SECONDS: Final = 10
_MARGIN: Final = 3
"""Seconds between the end of the script and the end of the waiting for it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the script said. Every text is untrusted."""

    in_time: bool = True
    stage: str = ""
    """How far it came: connect, config, reset; import, app, queue, worker, send, task, done. Empty: nowhere."""
    status: int | None = None
    """Of the last HTTP answer."""
    error: str = ""
    """The class of the exception that ended it."""
    domain: str = ""
    """Where links in mails lead, as the container has it; empty where it is not set."""
    said: bool = False
    """Whether the script ran at all."""


async def reset(session: Session, web: Container, recipient: str, domain: str) -> Answer:
    """Ask the running web service for a password reset for *recipient*, by its own HTTP: at most one mail.

    *domain*: where GlitchTip is reached, for the link in the mail; without one, as the container itself has it.
    """
    try:
        parts = urlsplit(domain if "://" in domain else f"https://{domain}")
        scheme, host = parts.scheme, parts.netloc.rpartition("@")[2]
    except ValueError:
        scheme, host = "https", ""
    more = {"recipient": recipient, "host": host or "localhost", "scheme": "http" if scheme == "http" else "https"}
    return await _ask(session, web, "reset", RESET_SECONDS, {**more, "seconds": RESET_SECONDS - _MARGIN})


async def task(session: Session, web: Container) -> Answer:
    """Put a task that does nothing into GlitchTip's queue, and wait until a worker has taken it."""
    return await _ask(session, web, "task", TASK_SECONDS, {})


async def domain(session: Session, container: Container) -> Answer:
    """Return where links in mails from *container* lead."""
    return await _ask(session, container, "domain", _DOMAIN_SECONDS, {})


async def _ask(session: Session, container: Container, do: str, seconds: int, more: dict[str, Any]) -> Answer:
    mark = inside_scripts.new_mark()
    script = inside_scripts.asking(SCRIPT, {"do": do, "mark": mark, "alarm": seconds, **more})
    ran = await docker.of(session).run_python(container, ("-",), script, seconds=seconds + _MARGIN)
    answer = inside_scripts.answer(ran.stdout, mark)
    if answer is None:
        # The script's own alarm ends it by SIGALRM, which docker exec reports as 142.
        return Answer(in_time=ran.code not in {None, 142, -14})
    status = answer.get("status")
    return Answer(
        stage=_text(answer, "stage"),
        status=status if isinstance(status, int) else None,
        error=_text(answer, "error"),
        domain=_text(answer, "domain"),
        said=True,
    )


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
