"""GlitchTip's mail settings in one service of docker-compose.yml: what is dead, dangerous, or does not arrive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard import glitchtip, url_explained
from wizard.finding import Finding, Verdict
from wizard.foreign import Foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.draft import Draft
    from wizard.targets.compose import ComposeReading, Service

_WRITTEN: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")
_UNESCAPED: Final = re.compile(r"(?<!\$)\$(?!\$|\{|[A-Za-z_])")


def environment(service: Service, draft: Draft) -> Finding:
    """Judge the mail rows that are effective in *service*."""
    wrong, odd = list(_breaking(service, draft)), list(_odd(service))
    evidence = tuple(sentence for sentence, _ in (*wrong, *odd))
    if wrong:
        return Finding("environment", service.name, Verdict.FAIL, wrong[0][0], evidence[1:], wrong[0][1])
    if odd:
        return Finding("environment", service.name, Verdict.WARN, odd[0][0], evidence[1:], odd[0][1])
    return Finding("environment", service.name, Verdict.PASS, "No mail row is dead, overridden or dangerous.")


def _value(service: Service, name: str) -> str | None:
    setting = service.environment.get(name)
    return setting.text if setting is not None else None


def _true(service: Service, name: str) -> bool:
    """Whether GlitchTip takes the row for true, as the image's age has it."""
    value = _value(service, name)
    if not value:
        return False
    old = service.image_date is not None and service.image_date < glitchtip.BOOLEANS_SINCE
    return old or value.lower() in glitchtip.TRUE


def _breaking(service: Service, draft: Draft) -> Iterator[tuple[str, str]]:
    tls, implicit = _true(service, "EMAIL_USE_TLS"), _true(service, "EMAIL_USE_SSL")
    if tls and implicit:
        yield (
            "EMAIL_USE_TLS and EMAIL_USE_SSL both count as true here, so that every mail fails (mutually exclusive).",
            "Leave both rows out; images before 2024-05-07 read any text as true.",
        )
    elif implicit:
        yield (
            "EMAIL_USE_SSL counts as true here, but Postal has no implicit TLS, so that every mail fails.",
            "Leave the row out.",
        )
    elif tls and draft.server.tls == "none" and draft.server.host:
        yield (
            "EMAIL_USE_TLS counts as true here, but the set-up chooses no TLS.",
            "Leave the row out, or choose STARTTLS where Postal has it.",
        )
    elif not tls and draft.server.tls == "starttls":
        yield (
            "EMAIL_USE_TLS does not count as true here, but the set-up chooses STARTTLS: mail would go in plain text.",
            'Write EMAIL_USE_TLS: "True".',
        )
    timeout = _value(service, "EMAIL_TIMEOUT")
    if timeout:
        old = service.image_date is not None and service.image_date < glitchtip.TIMEOUT_SINCE
        if old:
            yield (
                "EMAIL_TIMEOUT breaks every mail of this image (TypeError): it is from before 2024-01-19.",
                "Leave it out.",
            )
        elif not re.fullmatch(r"\s*[+-]?\d+\s*", timeout):
            yield (
                f"EMAIL_TIMEOUT is {Foreign(timeout, 20)}, which is no number: GlitchTip does not start.",
                f'Write EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}".',
            )
        elif int(timeout) <= 0:
            yield (
                f"EMAIL_TIMEOUT is {Foreign(timeout, 20)}, with which every mail fails (ValueError).",
                f'Write EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}".',
            )
    from_ = service.environment.get("DEFAULT_FROM_EMAIL")
    if from_ is not None and from_.origin == "inline" and not (from_.text or "").strip():
        yield (
            "DEFAULT_FROM_EMAIL is set to nothing here, with which every mail fails (Invalid address).",
            "Write DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}.",
        )
    host = _value(service, "EMAIL_HOST_PASSWORD")
    if host and host.startswith("$"):
        yield ("EMAIL_HOST_PASSWORD begins with $, which GlitchTip takes for another variable's name.", "Leave it out.")


def _odd(service: Service) -> Iterator[tuple[str, str]]:
    for name in service.environment:
        variable = glitchtip.BY_NAME.get(name)
        if variable is None or variable.role == "live":
            continue
        words = {"dead": "is never read", "overridden": "is overridden by EMAIL_URL"}
        word = words.get(variable.role, "counts only without EMAIL_URL")
        yield (f"{name} {word}: {variable.note}.", "Leave the row out; it does nothing.")
    if "EMAIL_URL_FILE" in service.environment and "EMAIL_URL" not in service.environment:
        yield ("EMAIL_URL_FILE alone is ignored: GlitchTip reads it only if EMAIL_URL is set too.", "Set EMAIL_URL.")
    for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL"):
        value = (_value(service, name) or "").lower()
        unknown_age = service.image_date is None
        if value and value not in glitchtip.TRUE and unknown_age and not _true(service, name):
            yield (
                f'{name} is "{Foreign(value, 20)}": images before 2024-05-07 read any text as true.',
                "Leave the row out in place of false.",
            )


def structure(service: Service, reading: ComposeReading, draft: Draft) -> Finding:
    """Judge whether the settings arrive in *service*."""
    wrong, odd = list(_lost(service, draft)), list(_missing_elsewhere(service, reading))
    if wrong:
        return Finding("compose", service.name, Verdict.FAIL, wrong[0][0], tuple(s for s, _ in wrong[1:]), wrong[0][1])
    if odd:
        return Finding("compose", service.name, Verdict.WARN, odd[0][0], (), odd[0][1])
    return Finding("compose", service.name, Verdict.PASS, "EMAIL_URL and DEFAULT_FROM_EMAIL are passed on to it.")


def _lost(service: Service, draft: Draft) -> Iterator[tuple[str, str]]:
    for name in _WRITTEN:
        setting = service.environment.get(name)
        where = f"Write {name}: ${{{name}}} under environment of {service.name}."
        if setting is None:
            effect = "GlitchTip sends to localhost:25" if name == "EMAIL_URL" else "the From is webmaster@localhost"
            yield (f"{name} is not passed on to {service.name}: {effect}.", where)
        elif setting.origin == "inline" and name == "EMAIL_URL":
            yield (_inline_url(setting.text or "", service.name), where)
        elif setting.origin == "inline" and setting.text != draft.app.from_:
            yield (f"{name} stands inline in the file, so that the one in the target never counts.", where)
        elif setting.origin == "inline" and _UNESCAPED.search(setting.raw):
            yield (f"{name} holds a $ that compose interpolates.", "Write $$ for each $.")


def _inline_url(url: str, service: str) -> str:
    explanation = url_explained.explain(url)
    if explanation.glitchtip.backend == "console":
        return f"EMAIL_URL: consolemail:// stands inline for {service} and wins: every mail goes to the log alone."
    return f"EMAIL_URL stands inline for {service}, so that the one in the target never counts."


def _missing_elsewhere(service: Service, reading: ComposeReading) -> Iterator[tuple[str, str]]:
    names = ("GLITCHTIP_DOMAIN", "GLITCHTIP_URL", "APP_URL")
    has = any(name in service.environment for name in names)
    others = any(name in other.environment for other in reading.services.values() for name in names)
    if not has and others:
        yield (
            f"GLITCHTIP_DOMAIN is missing for {service.name}, so that links in its mails lead to localhost.",
            f"Pass GLITCHTIP_DOMAIN on to {service.name} as to the other.",
        )
