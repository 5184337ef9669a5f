"""Whether what is written arrives: EMAIL_URL and DEFAULT_FROM_EMAIL on their way into each service that sends mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.config import from_address
from wizard.checks.config.rows import RowFault, finding, shown
from wizard.email_url import explain
from wizard.glitchtip import discovery, interpolation, roles
from wizard.glitchtip import settings as glitchtip
from wizard.model.codes import Code
from wizard.model.draft import InfisicalTarget
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading, Service, Setting
    from wizard.glitchtip.compose_env import Fault
    from wizard.model.draft import Draft

_WRITTEN: Final = {"EMAIL_URL": Code.COMPOSE_NO_EMAIL_URL, "DEFAULT_FROM_EMAIL": Code.COMPOSE_NO_FROM}
"""What is written, and the outcome where it does not arrive."""
_NEVER_COUNTS: Final = "so the value in the target has no effect"


def structure(
    service: Service, reading: ComposeReading, draft: Draft, target: Path | None, then: str, *, replacing: bool
) -> Finding:
    """Judge whether the settings arrive in *service*.

    *target*: the file that they are written to, None for none. *then*: what makes a fix effective. *replacing*: what
    the target has now is about to be replaced.
    """
    faults = [
        *_lost(service, reading, draft, target),
        *_files(service, reading, target, replacing=replacing),
        *_quotes(service, draft, target, replacing=replacing),
        *_odd(service, reading, draft, target),
    ]
    role = "" if service.role == service.name else f" ({service.role})"
    right = Finding.ok(
        Code.COMPOSE_PASSED_ON, service.name,
        f"{Untrusted(service.name, 60)}{role} sends mail, and gets EMAIL_URL and DEFAULT_FROM_EMAIL.",
    )  # fmt: skip
    return finding(faults, right, service, reading, paste=missing_rows(service, reading), then=then)


def missing_rows(service: Service, reading: ComposeReading) -> list[str]:
    """Return the lines to paste into the compose file, so that *service* gets what it lacks; none where it has all."""
    lacking = [name for name in _WRITTEN if name not in service.environment]
    rows = [(name, f"${{{name}}}") for name in lacking if not _in_target_files(service)]
    if not _has_link(service):
        rows.append(_link_row(reading))
    if not rows:
        return []
    as_list = service.as_list
    body = [f"      - {name}={value}" if as_list else f"      {name}: {_quoted(value)}" for name, value in rows]
    return [f"  {Untrusted(service.name, 60)}:", "    environment:", *body]


def _in_target_files(service: Service) -> bool:
    return any(setting.origin == "env_file" for name, setting in service.environment.items() if name in _WRITTEN)


def _link_row(reading: ComposeReading) -> tuple[str, str]:
    """Return the row that another service has for its links, as it is written there."""
    for other in reading.services.values():
        for name in glitchtip.LINK_VARIABLES:
            setting = other.environment.get(name)
            if setting is not None and setting.raw and setting.origin != "env_file":
                return name, Untrusted(setting.raw, 120)
    return "GLITCHTIP_DOMAIN", "${GLITCHTIP_DOMAIN}"


def _quoted(value: str) -> str:
    return f'"{value}"' if ": " in value or " #" in value or value.startswith(("*", "&", "!", "{", "[")) else value


def _lost(service: Service, reading: ComposeReading, draft: Draft, target: Path | None) -> Iterator[RowFault]:
    for name, code in _WRITTEN.items():
        setting = service.environment.get(name)
        write = f"Write {name}: ${{{name}}} under environment of {Untrusted(service.name, 60)}"
        if setting is None:
            if not _reads(service, target):
                effect = _instead(service) if name == "EMAIL_URL" else f"the From is {glitchtip.DEFAULT_FROM}"
                sentence = f"{Untrusted(service.name, 60)} sends mail but does not get {name}: {effect}."
                yield RowFault(code, Verdict.FAIL, sentence, write, name)
        elif setting.origin == "inline":
            yield from _inline(name, setting, service.name, draft, write)
        elif setting.origin == "env_file" and setting.file != target and not isinstance(draft.target, InfisicalTarget):
            source = shown(setting.file, reading)
            sentence = f"{name} comes from {source} here, {_NEVER_COUNTS}."
            yield RowFault(Code.COMPOSE_OTHER_ENV_FILE, Verdict.FAIL, sentence, write, name, setting.file, setting.line)
        beside = service.environment.get(f"{name}_FILE")
        if setting is not None and beside is not None:
            yield RowFault(
                Code.COMPOSE_FILE_VARIABLE_WINS, Verdict.FAIL, f"{name}_FILE overrides {name}, {_NEVER_COUNTS}.",
                f"Remove {name}_FILE", f"{name}_FILE", beside.file, beside.line,
            )  # fmt: skip


def _quotes(service: Service, draft: Draft, target: Path | None, *, replacing: bool) -> Iterator[RowFault]:
    """Judge an env_file with ``format: raw`` that is the target: it keeps the quotes that others take off."""
    if not any(file.raw and file.path == target for file in service.env_files):
        return
    for name in _WRITTEN:
        setting = service.environment.get(name)
        kept = not replacing and setting is not None and (setting.text or "").startswith(("'", '"'))
        will_be = name == "DEFAULT_FROM_EMAIL" and bool(from_address.quotes_kept(draft))
        if kept or will_be:
            yield RowFault(
                Code.COMPOSE_QUOTES_KEPT, Verdict.FAIL,
                f"{Untrusted(service.name, 60)} reads the file with format: raw, which makes the quotes around {name} "
                "part of its value.",
                f"Remove format: raw, or write {name} without quotes"
                + (f", as {Untrusted(draft.app.from_address, 120)}" if name == "DEFAULT_FROM_EMAIL" else ""),
                name, setting.file if setting else None, setting.line if setting else 0,
            )  # fmt: skip


def _instead(service: Service) -> str:
    """Say by what GlitchTip sends without EMAIL_URL, as far as its version is known."""
    rows = service.environment
    backend = rows.get("EMAIL_BACKEND")
    if backend is not None and "anymail" in (backend.text or ""):
        return "it uses the EMAIL_BACKEND that is set there"
    if rows.get("EMAIL_HOST") is not None:
        return "it uses EMAIL_HOST and the rows next to it"
    if "EMAIL_URL_FILE" in rows:
        return "GlitchTip ignores EMAIL_URL_FILE unless EMAIL_URL is set too"
    version = glitchtip.version(service.tag)
    if version is None:
        return "GlitchTip sends nothing (versions up to 5.2 try localhost:25)"
    return "GlitchTip disables e-mail and sends nothing" if version >= (6, 0) else "GlitchTip tries localhost:25"


def _reads(service: Service, target: Path | None) -> bool:
    """Whether the service reads the very file that is written."""
    return target is not None and any(file.path == target for file in service.env_files)


def _inline(name: str, setting: Setting, service: str, draft: Draft, write: str) -> Iterator[RowFault]:
    value, shown_name = setting.text or "", Untrusted(service, 60)

    def fault(code: Code, sentence: str) -> RowFault:
        return RowFault(code, Verdict.FAIL, sentence, write, name, setting.file, setting.line)

    if setting.refused:
        yield fault(Code.COMPOSE_REFUSED_VALUE, f"{name} {setting.refused}: docker compose does not start.")
    elif name == "DEFAULT_FROM_EMAIL" and value and value == draft.app.from_:
        return
    elif interpolation.passes_on(setting.raw.strip("'\""), name):
        return  # passed on with quotes around it, which environment names
    elif name == "EMAIL_URL" and explain.explain(value).glitchtip.backend == "console":
        yield fault(
            Code.COMPOSE_CONSOLE_INLINE,
            f"The compose file sets EMAIL_URL to consolemail:// for {shown_name}, which overrides the target: "
            "every mail ends in its log.",
        )
    elif "$" in setting.raw.replace("$$", ""):
        yield fault(Code.COMPOSE_COMPOSED, f"{name} is built from other variables for {shown_name}, {_NEVER_COUNTS}.")
    else:
        yield fault(
            Code.COMPOSE_INLINE_OVERRIDES, f"{name} is set in the compose file for {shown_name}, {_NEVER_COUNTS}."
        )


def _files(service: Service, reading: ComposeReading, target: Path | None, *, replacing: bool) -> Iterator[RowFault]:
    """Judge the files that compose reads: one that is missing, or that it refuses, keeps everything from starting."""
    refused = list(reading.faults)
    for file in service.env_files:
        name = shown(file.path, reading)
        if file.required and file.path != target and not file.path.is_file():
            yield RowFault(
                Code.COMPOSE_ENV_FILE_MISSING, Verdict.FAIL,
                f"The env_file {name} of {Untrusted(service.name, 60)} does not exist: docker compose does not start.",
                "Create it, or remove it from env_file", name, service.file, service.line,
            )  # fmt: skip
        refused += [(file.path, fault) for fault in file.faults]
    for path, fault in dict.fromkeys((discovery.resolved(path), fault) for path, fault in refused):
        is_replaced = replacing and path == target and fault.name in _WRITTEN and fault.goes_with_the_value
        if not is_replaced:
            yield _refused(path, fault, reading)


def _refused(path: Path, fault: Fault, reading: ComposeReading) -> RowFault:
    name = shown(path, reading)
    return RowFault(
        Code.COMPOSE_ENV_REFUSED, Verdict.FAIL,
        f"Line {fault.line} of {name} {fault.reason}: docker compose refuses the file and starts nothing.",
        fault.remedy, name, path, fault.line,
    )  # fmt: skip


def _odd(service: Service, reading: ComposeReading, draft: Draft, target: Path | None) -> Iterator[RowFault]:
    name = Untrusted(service.name, 60)
    passed_on = [row for key, row in service.environment.items() if key in _WRITTEN and row.origin == "passed on"]
    in_files = [row for key, row in service.environment.items() if key in _WRITTEN and row.origin == "env_file"]
    if (
        passed_on
        and target is not None
        and target not in {discovery.resolved(path) for path in reading.project.env_files}
    ):
        shown_target = shown(target, reading)
        yield RowFault(
            Code.COMPOSE_NOT_FROM_TARGET, Verdict.WARN,
            f"docker compose takes ${{EMAIL_URL}} from {shown(reading.dotenv, reading)} and not from {shown_target}.",
            f"Start it with --env-file {shown_target}, or choose {shown(reading.dotenv, reading)} as the target",
            "EMAIL_URL", passed_on[0].file, passed_on[0].line,
        )  # fmt: skip
    if in_files and isinstance(draft.target, InfisicalTarget):
        yield RowFault(
            Code.COMPOSE_ENV_FILE_BESIDE_INFISICAL, Verdict.WARN,
            f"{name} takes the settings from {shown(in_files[0].file, reading)}, which Infisical does not change.",
            "Write EMAIL_URL: ${EMAIL_URL} under environment, or export the secrets into that file",
            "EMAIL_URL", in_files[0].file, in_files[0].line,
        )  # fmt: skip
    if not _has_link(service):
        yield RowFault(
            Code.COMPOSE_NO_LINK_DOMAIN, Verdict.WARN,
            f"{name} does not get GLITCHTIP_DOMAIN, so links in its mails lead to {glitchtip.DEFAULT_LINK}.",
            f"Set GLITCHTIP_DOMAIN under environment of {name}; it begins with https://", "GLITCHTIP_DOMAIN",
        )  # fmt: skip
    moving = service.tag in {"", "latest"} or _at_least_6(service)
    if service.role is not roles.Role.BEAT and moving and roles.uses_celery(service.command):
        then = "it does not start on this image" if _at_least_6(service) else "it stops with the pull that brings one"
        yield RowFault(
            Code.COMPOSE_CELERY_GONE, Verdict.WARN,
            f"{name} starts celery, which GlitchTip 6.0 and newer do not have: {then}.",
            "Set its command to ./bin/run-worker.sh, or use an image older than 6.0", "command",
        )  # fmt: skip


def _at_least_6(service: Service) -> bool:
    version = glitchtip.version(service.tag)
    return version is not None and version >= (6, 0)


def _has_link(service: Service) -> bool:
    return any(_set(service, name) for name in glitchtip.LINK_VARIABLES)


def _set(service: Service, name: str) -> bool:
    setting = service.environment.get(name)
    return setting is not None and (setting.origin == "passed on" or bool(setting.text))
