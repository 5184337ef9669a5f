"""Whether what is written arrives: EMAIL_URL and DEFAULT_FROM_EMAIL on their way into each service of GlitchTip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.email_url import explain
from wizard.model.draft import InfisicalTarget
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading, Service, Setting
    from wizard.model.draft import Draft

_WRITTEN: Final = {
    "EMAIL_URL": "GlitchTip sends to localhost:25",
    "DEFAULT_FROM_EMAIL": "the From is webmaster@localhost",
}
"""What is written, and what comes of it where it does not arrive."""
_DOMAINS: Final = ("GLITCHTIP_DOMAIN", "GLITCHTIP_URL", "APP_URL")


def structure(service: Service, reading: ComposeReading, draft: Draft, target: Path | None) -> Finding:
    """Judge whether the settings arrive in *service*; *target* is the file they are written to, None for none."""
    wrong, odd = list(_lost(service, draft, target)), list(_odd(service, reading, draft, target))
    evidence = tuple(sentence for sentence, _ in (*wrong, *odd))[1:]
    if wrong:
        return Finding("compose", service.name, Verdict.FAIL, wrong[0][0], evidence, wrong[0][1])
    if odd:
        return Finding("compose", service.name, Verdict.WARN, odd[0][0], evidence, odd[0][1])
    return Finding("compose", service.name, Verdict.PASS, "EMAIL_URL and DEFAULT_FROM_EMAIL are passed on to it.")


def _lost(service: Service, draft: Draft, target: Path | None) -> Iterator[tuple[str, str]]:
    for name, effect in _WRITTEN.items():
        setting = service.environment.get(name)
        where = f"Write {name}: ${{{name}}} under environment of {service.name}."
        if setting is None:
            if not _names(service, target):
                yield f"{name} is not passed on to {service.name}: {effect}.", where
        elif setting.origin == "inline":
            sentence = _inline(name, setting, service.name, draft)
            if sentence:
                yield sentence, where
        elif setting.origin == "env_file" and setting.file != target and not isinstance(draft.target, InfisicalTarget):
            source = Untrusted(setting.file.name if setting.file else "", 60)
            yield f"{name} comes from {source} here, so that the one in the target never counts.", where
        beside = f"{name}_FILE"
        if setting is not None and beside in service.environment:
            yield f"{beside} wins over {name}, so that the one in the target never counts.", f"Leave {beside} out."
    for file in service.env_files:
        if file.required and file.path != target and not file.path.is_file():
            shown = Untrusted(file.path.name, 60)
            yield (
                f"The env_file {shown} of {service.name} is not there: docker compose does not start.",
                "Make it, or take it out of env_file.",
            )


def _names(service: Service, target: Path | None) -> bool:
    """Whether the service reads the very file that is written."""
    return target is not None and any(file.path == target for file in service.env_files)


def _inline(name: str, setting: Setting, service: str, draft: Draft) -> str:
    value = setting.text or ""
    if setting.refused:
        return f"{name} {setting.refused}: docker compose does not start."
    if name == "DEFAULT_FROM_EMAIL":
        if value and value == draft.app.from_:
            return ""
    elif explain.explain(value).glitchtip.backend == "console":
        return f"EMAIL_URL: consolemail:// stands inline for {service} and wins: every mail goes to the log alone."
    if "$" in setting.raw.replace("$$", ""):
        return f"{name} is put together of other variables for {service}, so that the one in the target never counts."
    return f"{name} stands inline for {service}, so that the one in the target never counts."


def _odd(service: Service, reading: ComposeReading, draft: Draft, target: Path | None) -> Iterator[tuple[str, str]]:
    origins = {setting.origin for name, setting in service.environment.items() if name in _WRITTEN}
    if "passed on" in origins and target is not None and target != reading.dotenv.resolve():
        yield (
            f"docker compose takes ${{EMAIL_URL}} from .env and not from {Untrusted(target.name, 60)}.",
            f"Start it by docker compose --env-file {Untrusted(target.name, 60)}, or name .env as the target.",
        )
    if "env_file" in origins and isinstance(draft.target, InfisicalTarget):
        yield (
            f"{service.name} takes the settings from an env_file, which Infisical alone does not change.",
            "Write EMAIL_URL: ${EMAIL_URL} under environment, or export the secrets into that file.",
        )
    has = any(_set(service, name) for name in _DOMAINS)
    if not has and any(_set(other, name) for other in reading.services.values() for name in _DOMAINS):
        yield (
            f"GLITCHTIP_DOMAIN is missing for {service.name}, so that links in its mails lead to localhost.",
            f"Pass GLITCHTIP_DOMAIN on to {service.name} as to the other.",
        )


def _set(service: Service, name: str) -> bool:
    setting = service.environment.get(name)
    return setting is not None and (setting.origin == "passed on" or bool(setting.text))
