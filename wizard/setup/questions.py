"""What each step asks, as data: label, present value and the draft with another value. Line prompts ask by this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from wizard.model import validation
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget, TestMail

Get: TypeAlias = Callable[[Draft], str]
Set: TypeAlias = Callable[[Draft, str], Draft]


@dataclass(frozen=True, slots=True)
class Question:
    """One value to ask for. ``set`` takes whatever was typed; judging it is the step's business."""

    key: str
    """The answer's key, as in ``steps.Problem.field``."""
    label: str
    get: Get
    set: Set
    hint: str = ""
    optional: bool = False


def _plain(part: str, name: str, label: str, hint: str = "", *, optional: bool = False) -> Question:
    """Return the question for a text in a part of the draft."""
    return Question(
        f"{part}.{name.rstrip('_')}",
        label,
        lambda draft: str(getattr(getattr(draft, part), name)),
        lambda draft, typed: _with(draft, part, name, typed.strip()),
        hint,
        optional,
    )


def _with(draft: Draft, part: str, name: str, value: Any) -> Draft:
    return replace(draft, **{part: replace(getattr(draft, part), **{name: value})})


def _list(name: str, label: str, hint: str) -> Question:
    """Return the question for a list in the domain part, typed with blanks or commas between."""
    return Question(
        f"domain.{name}",
        label,
        lambda draft: " ".join(getattr(draft.domain, name)),
        lambda draft, typed: _with(draft, "domain", name, tuple(typed.replace(",", " ").split())),
        hint,
        optional=True,
    )


def _set_port(draft: Draft, typed: str) -> Draft:
    typed = typed.strip()
    # What is no number is kept as an impossible one, so that the step's own sentence is said.
    port = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1 if typed else None
    return replace(draft, server=replace(draft.server, port=port))


def _set_tls(draft: Draft, typed: str) -> Draft:
    wants = typed.strip().lower() in {"starttls", "tls", "yes", "y"}
    return replace(draft, server=replace(draft.server, tls="starttls" if wants else "none"))


def _set_recipient(draft: Draft, typed: str) -> Draft:
    return replace(draft, test_mail=TestMail(typed.strip()) if typed.strip() else None)


def _infisical(name: str, label: str, hint: str = "") -> Question:
    def get(draft: Draft) -> str:
        return str(getattr(draft.target, name)) if isinstance(draft.target, InfisicalTarget) else ""

    def put(draft: Draft, typed: str) -> Draft:
        assert isinstance(draft.target, InfisicalTarget)
        return _with(draft, "target", name, typed.strip())

    return Question(f"target.{name}", label, get, put, hint)


def _env_path(draft: Draft) -> str:
    return draft.target.path if isinstance(draft.target, EnvTarget) else ".env"


QUESTIONS: Final[dict[str, tuple[Question, ...]]] = {
    "server": (
        Question(
            "server.host",
            "Host",
            lambda draft: draft.server.host,
            lambda draft, typed: replace(draft, server=replace(draft.server, host=validation.bare_host(typed))),
        ),
        Question(
            "server.port",
            "Port",
            lambda draft: "" if draft.server.port is None else str(draft.server.port),
            _set_port,
            "Postal listens on 25 by default",
        ),
        Question("server.tls", "TLS", lambda draft: draft.server.tls, _set_tls, "none or starttls"),
    ),
    "credential": (_plain("credential", "username", "User name", "org/server, of the Help page"),),
    "sender": (
        _plain("app", "from_", "From", "an address, with a display name or without"),
        _plain("domain", "name", "From domain", "blank: the domain of the From", optional=True),
        _plain("domain", "spf_include", "SPF include", "from Postal's Setup page", optional=True),
        _plain("domain", "dkim_selector", "DKIM selector", "such as postal-a1b2c3", optional=True),
        _plain("domain", "dkim_value", "DKIM value", "the whole v=DKIM1; ...", optional=True),
        _plain("domain", "return_path", "Return path", "such as psrp.example.com", optional=True),
        _plain("domain", "return_path_target", "Return path's target", "such as rp.postal.example.com", optional=True),
        _list("sending_ips", "Sending IPs", "from which Postal sends"),
        _plain("domain", "helo", "HELO name", "such as postal.example.com", optional=True),
        _list("mx", "Postal's MX hosts", "from the Setup page"),
        _plain("domain", "ownership", "Ownership record", "postal-verification ...", optional=True),
    ),
    "test_mail": (
        Question(
            "test_mail.recipient",
            "To",
            lambda draft: draft.test_mail.recipient if draft.test_mail else "",
            _set_recipient,
            "blank: no test mail is sent",
            optional=True,
        ),
    ),
    "env": (
        Question(
            "target.path",
            ".env",
            _env_path,
            lambda draft, typed: replace(draft, target=EnvTarget(typed.strip() or ".env")),
        ),
    ),
    "infisical": (
        _infisical("url", "URL", "such as https://secrets.example.com"),
        _infisical("project", "Project", "slug or id"),
        _infisical("environment", "Environment", "its slug, such as prod"),
        _infisical("secret_path", "Folder", "such as /glitchtip/application"),
        _infisical("client_id", "Client id", "of Universal Auth"),
    ),
}
"""By step, the target's two kinds apart."""


def answered(draft: Draft, values: Mapping[str, str | tuple[str, ...]]) -> Draft:
    """Return *draft* with *values*, named by the answers file's keys such as ``domain.spf_include``."""
    for key, value in values.items():
        part, _, name = key.partition(".")
        name = "from_" if (part, name) == ("app", "from") else name
        if key == "test_mail.recipient":
            draft = _set_recipient(draft, str(value))
        elif key == "server.port":
            draft = _set_port(draft, str(value))
        else:
            draft = _with(draft, part, name, value)
    return draft
