"""Target: where GlitchTip reads its settings, a `.env` beside docker-compose.yml or a folder in Infisical."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.glitchtip.exported_copy import exported_copy
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.flow import Flow, Move, To
from wizard.setup import place, rotation
from wizard.setup.fields import put
from wizard.setup.step import AnyField, Field, Offer, Result, SecretField, Step
from wizard.state import client_secret
from wizard.targets import Refused
from wizard.targets.env_file import facts as env_facts
from wizard.targets.env_file import target as env_target
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from wizard.model.draft import Draft, Target
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

KEY: Final = "target"
ENV: Final = "env"
INFISICAL: Final = "infisical"
EXPORTED: Final = ".env"
"""What an export of Infisical is called where a deployment starts from it (glitchtip.md section 7a)."""
FACTS: Final = "target.found"
"""Under this key ``FlowState.facts`` has what the official CLI's settings say."""


def kind(target: Target | None) -> str:
    """Return the kind that is chosen; `.env` where nothing is."""
    return INFISICAL if isinstance(target, InfisicalTarget) else ENV


def _set_kind(draft: Draft, typed: str) -> Draft:
    wanted = INFISICAL if typed.strip().lower() in {INFISICAL, "2"} else ENV
    if draft.target is not None and kind(draft.target) == wanted:
        return draft
    return replace(draft, target=InfisicalTarget() if wanted == INFISICAL else EnvTarget())


_KIND: Final = Field(
    f"{KEY}.kind",
    "Kind",
    lambda draft: kind(draft.target),
    _set_kind,
    choices=((ENV, ".env beside docker-compose.yml"), (INFISICAL, "Infisical, a folder of a project")),
    enters=True,
)
_PATH: Final = Field(
    f"{KEY}.path",
    ".env",
    lambda draft: draft.target.path if isinstance(draft.target, EnvTarget) else ".env",
    lambda draft, typed: replace(draft, target=EnvTarget(typed.strip() or ".env")),
    "relative to this directory",
)


def _infisical(name: str, label: str, hint: str = "") -> Field:
    def get(draft: Draft) -> str:
        return str(getattr(draft.target, name) or "") if isinstance(draft.target, InfisicalTarget) else ""

    def keep(draft: Draft, typed: str) -> Draft:
        if not isinstance(draft.target, InfisicalTarget):
            draft = replace(draft, target=InfisicalTarget())
        return put(draft, KEY, name, typed.strip() or (None if name == "ca_file" else ""))

    return Field(f"{KEY}.{name}", label, get, keep, hint)


def _allow_http(draft: Draft, typed: str) -> Draft:
    if not isinstance(draft.target, InfisicalTarget):
        return draft
    return put(draft, KEY, "allow_http", typed.strip().lower() in {"y", "yes"})


_URL_FIELDS: Final = (
    _infisical("url", "URL", "such as https://secrets.example.com"),
    _infisical("project", "Project", "slug or id"),
    _infisical("environment", "Environment", "its slug, such as prod"),
    _infisical("secret_path", "Folder", "such as /glitchtip/application"),
    _infisical("client_id", "Client id", "of Universal Auth"),
)
_HTTP: Final = Field(
    f"{KEY}.allow_http",
    "Plain http",
    lambda draft: "yes" if isinstance(draft.target, InfisicalTarget) and draft.target.allow_http else "no",
    _allow_http,
    "the client secret then crosses the network unencrypted",
    choices=(("no", "no"), ("yes", "yes")),
)
_MORE: Final = (
    _infisical("env_copy", "Copy", "an exported .env to update too; blank: none"),
    _infisical("ca_file", "CA file", "for a server with a private CA"),
)

_SECRET: Final = SecretField(
    f"{KEY}.client_secret",
    "Client secret",
    lambda session: session.client_secret,
    lambda session, secret: replace(session, client_secret=secret),
    "of Universal Auth",
)


def fields_of(wanted: str, draft: Draft) -> tuple[AnyField, ...]:
    """Return the fields of the kind *wanted*; plain http is asked about only where the URL means it."""
    if wanted == ENV:
        return (_PATH,)
    url = draft.target.url if isinstance(draft.target, InfisicalTarget) else ""
    http = (_HTTP,) if url.lower().startswith("http://") else ()
    return (*_URL_FIELDS, _SECRET, *http, *_MORE)


def is_looking(state: FlowState) -> bool:
    """Whether the place is asked for because a rotation could not begin without it."""
    return state.kind is Flow.ROTATE and state.return_to is None


async def _enter(state: FlowState, _on_event: Listener) -> Result:
    """Offer what the official CLI's settings say, and the client secret that an earlier run kept."""
    sentences = []
    if state.draft.target is None:
        state.draft = replace(state.draft, target=EnvTarget())
    if state.draft.target == InfisicalTarget():
        prefill(state)
    target = state.draft.target
    if isinstance(target, InfisicalTarget) and not (state.session.client_secret or state.session.token):
        recalled = await client_secret.recall(target, state.journal)
        if recalled.secret is not None:
            state.session = replace(state.session, client_secret=recalled.secret)
        sentences += [recalled.message] if recalled.message else []
    return Result(sentences=tuple(sentences))


def prefill(state: FlowState) -> None:
    """Put what the official CLI's settings say into an empty Infisical target; a file's domain waits for a yes."""
    conventional = cli_settings.discover(state.session.directory)
    state.draft = replace(state.draft, target=conventional.unconfirmed())
    state.facts[FACTS] = list(conventional.messages)


def _lines(state: FlowState) -> list[str]:
    target = state.draft.target
    if isinstance(target, EnvTarget):
        return [f"In {state.session.directory}:", *env_facts.lines(state.session.path(target.path))]
    facts = state.facts.get(FACTS, [])
    return ["Found here:", *facts] if facts and isinstance(target, InfisicalTarget) else []


async def _use_domain(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    conventional = cli_settings.discover(state.session.directory)
    state.draft = put(state.draft, KEY, "url", conventional.target.url)
    return Result(sentences=(f"Infisical is {conventional.target.url} now.",))


async def _take_copy(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    state.draft = put(state.draft, KEY, "env_copy", EXPORTED)
    return Result(sentences=(f"{EXPORTED} is written after Infisical: only EMAIL_URL and DEFAULT_FROM_EMAIL.",))


async def _keep_secret(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    state.keep_secret = not state.keep_secret
    if not state.keep_secret:
        return Result(sentences=("The client secret is asked for each time.",))
    return Result(sentences=(await client_secret.possible(),))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    target = state.draft.target
    if isinstance(target, EnvTarget):
        return _overwriting(state, target)
    if not isinstance(target, InfisicalTarget):
        return ()
    offers = []
    conventional = cli_settings.discover(state.session.directory)
    if conventional.domain_from_file and not target.url:
        name = "use the domain of .infisical.json"
        offers.append(Offer("use_domain", "u", name, _use_domain, question=conventional.question))
    if not target.env_copy and exported_copy(state.session.path(EXPORTED), uses_infisical=True):
        why = f"{EXPORTED} looks like an export from Infisical: without an update the next up -d starts the old key."
        offers.append(Offer("copy", "e", f"update {EXPORTED} too", _take_copy, why=why))
    name = "ask for the secret each time" if state.keep_secret else "keep the secret in my keyring"
    offers.append(Offer("keep_secret", "k", name, _keep_secret))
    return tuple(offers)


def _overwriting(state: FlowState, target: EnvTarget) -> tuple[Offer, ...]:
    """Ask for the yes without which a file that is a mount point is not written."""
    try:
        question = env_target.question_in_place(state.session.path(target.path))
    except Refused:
        return ()  # the plan says why it cannot be written at all
    if question is None or state.in_place == target.path:
        return ()

    async def agree(asked: FlowState, _given: Given, _on_event: Listener) -> Result:
        asked.agree_to_overwrite(target)
        return Result(sentences=("The file is overwritten in place; a backup is kept.",))

    why = "The file is a mount point and cannot be replaced in one step: without this it is not written."
    return (Offer("overwrite", "i", "overwrite the mounted file", agree, why=why, question=question),)


async def _proceed(state: FlowState, _on_event: Listener) -> Result:
    """Continue; a rotation that had to ask for the place reads the settings there first."""
    if not is_looking(state):
        return Result(move=Move(To.NEXT))
    return await rotation.begin(state)


STEP: Final = Step(
    KEY,
    "Target",
    "Where does GlitchTip read its settings?",
    "A .env beside docker-compose.yml, or a folder of a project in Infisical.",
    fields=lambda state: (_KIND, *fields_of(kind(state.draft.target), state.draft)),
    problems=place.problems,
    enter=_enter,
    lines=_lines,
    offers=_offers,
    proceed=_proceed,
)
