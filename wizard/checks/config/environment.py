"""GlitchTip's mail settings in one service of docker-compose.yml: what is dead, and what breaks mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.email_url import explain
from wizard.glitchtip import settings as glitchtip
from wizard.model import addresses
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.glitchtip.compose import Service
    from wizard.model.draft import Draft

_WORDS: Final = {
    "dead": "is never read",
    "overridden": "is overridden by EMAIL_URL",
    "file": "takes its value from a file",
}
_DOMAINS: Final = ("GLITCHTIP_URL", "APP_URL", "GLITCHTIP_DOMAIN")


def environment(service: Service, draft: Draft, target: Path | None) -> Finding:
    """Judge the mail rows that are effective in *service*; what stands in the file *target* is judged elsewhere."""
    wrong, odd = list(_breaking(service, draft, target)), list(_odd(service))
    evidence = tuple(sentence for sentence, _ in (*wrong, *odd))
    if wrong:
        return Finding("environment", service.name, Verdict.FAIL, wrong[0][0], evidence[1:], wrong[0][1])
    if odd:
        return Finding("environment", service.name, Verdict.WARN, odd[0][0], evidence[1:], odd[0][1])
    hint = () if _value(service, "EMAIL_TIMEOUT") else (f'EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}" would be of use.',)
    return Finding("environment", service.name, Verdict.PASS, "No mail row is dead, overridden or dangerous.", hint)


def _value(service: Service, name: str) -> str | None:
    setting = service.environment.get(name)
    return setting.text if setting is not None else None


def _true(service: Service, name: str) -> bool:
    """Whether GlitchTip takes the row for true, as the image's age has it."""
    value = _value(service, name)
    return bool(value) and (service.older(glitchtip.BOOLEANS_SINCE) is True or glitchtip.is_true(value or ""))


def _breaking(service: Service, draft: Draft, target: Path | None) -> Iterator[tuple[str, str]]:
    yield from _tls(service, draft)
    yield from _timeout(service)
    yield from _texts(service)
    for name in ("EMAIL_URL", "DEFAULT_FROM_EMAIL"):
        setting = service.environment.get(name)
        if setting is None or setting.origin == "passed on" or setting.refused:
            continue
        if setting.file is not None and setting.file == target:
            continue
        if name == "EMAIL_URL":
            yield from _url(setting.text or "")
        else:
            yield from _from(setting.text or "")
    for name in _DOMAINS:
        value = _value(service, name)
        if value:
            if not value.startswith(("http://", "https://")):
                yield (
                    f"{name} is {Untrusted(value, 60)}, without http:// or https://: GlitchTip does not start.",
                    f"Write {name} with https:// in front.",
                )
            break


def _tls(service: Service, draft: Draft) -> Iterator[tuple[str, str]]:
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
            "EMAIL_USE_TLS counts as true here, but the set-up chooses no TLS: mail fails where Postal has none.",
            "Leave the row out, or choose STARTTLS where Postal has it.",
        )
    elif not tls and draft.server.tls == "starttls" and not _from_elsewhere(service, "EMAIL_USE_TLS"):
        yield (
            "EMAIL_USE_TLS does not count as true here, but the set-up chooses STARTTLS: mail would go in plain text.",
            'Write EMAIL_USE_TLS: "True".',
        )


def _from_elsewhere(service: Service, name: str) -> bool:
    """Whether the row is passed on from what only Infisical or a shell knows."""
    setting = service.environment.get(name)
    return setting is not None and setting.origin == "passed on" and setting.value is None


def _timeout(service: Service) -> Iterator[tuple[str, str]]:
    timeout = _value(service, "EMAIL_TIMEOUT")
    if not timeout:
        return
    wanted = f'Write EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}".'
    if service.older(glitchtip.TIMEOUT_SINCE):
        yield (
            "EMAIL_TIMEOUT breaks every mail of this image (TypeError): it is from before 2024-01-19.",
            "Leave the row out.",
        )
        return
    try:
        seconds = int(timeout)
    except ValueError:
        yield f"EMAIL_TIMEOUT is {Untrusted(timeout, 20)}, which is no number: GlitchTip does not start.", wanted
        return
    if seconds <= 0:
        yield f"EMAIL_TIMEOUT is {Untrusted(timeout, 20)}, with which every mail fails (ValueError).", wanted


def _texts(service: Service) -> Iterator[tuple[str, str]]:
    """Judge how values are spelled: quotes that are part of them, references to variables."""
    for name, setting in service.environment.items():
        value = setting.text or ""
        if setting.refused:
            yield f"{name} {setting.refused}: docker compose does not start.", "Write $$ for each $ of the value."
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            yield (
                f"The quotes around {name} are part of its value here, which GlitchTip does not expect.",
                f"Leave them out, or write the list as a mapping: {name}: value.",
            )
        elif value.startswith("$") and name in glitchtip.BY_NAME:
            yield (
                f"{name} begins with $, which GlitchTip takes for the name of another variable: it does not start.",
                "Leave the row out, or write a value that does not begin with $.",
            )


def _url(value: str) -> Iterator[tuple[str, str]]:
    if value.startswith(("$", "'", '"')):
        return  # said already
    explanation = explain.explain(value)
    wrong = next((problem for problem in explanation.problems if problem.severity == "fail"), None)
    if wrong is not None:
        yield wrong.sentence, wrong.remedy


def _from(value: str) -> Iterator[tuple[str, str]]:
    problem = addresses.problem_with_from(value, "DEFAULT_FROM_EMAIL")
    if not value.strip():
        problem = "DEFAULT_FROM_EMAIL is set to nothing here, with which every mail fails (Invalid address)."
    elif addresses.parse_from(value)[1].lower() == addresses.DJANGO_DEFAULT:
        problem = "DEFAULT_FROM_EMAIL is webmaster@localhost here: Postal refuses every mail from it with 530."
    if problem is not None and not value.startswith(("$", "'")):
        yield problem, "Write DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}."


def _odd(service: Service) -> Iterator[tuple[str, str]]:
    for name in service.environment:
        variable = glitchtip.BY_NAME.get(name)
        if variable is not None and variable.role != "live":
            word = _WORDS.get(variable.role, "counts only without EMAIL_URL")
            yield f"{name} {word}: {variable.note}.", _ROW_OUT[variable.role == "file"]
    for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL"):
        value = _value(service, name) or ""
        if not value or glitchtip.is_true(value):
            continue
        if service.older(glitchtip.BOOLEANS_SINCE) is not False:
            yield (
                f'{name} is "{Untrusted(value, 20)}": images before 2024-05-07 read any text as true.',
                "Leave the row out in place of false.",
            )
        elif value.lower().strip() not in _FALSE:
            yield f'{name} is "{Untrusted(value, 20)}", which counts as false.', 'Write "True", or leave the row out.'


_ROW_OUT: Final = {
    False: "Leave the row out; it does nothing.",
    True: "Leave the row out: the wizard writes the variable itself.",
}
_FALSE: Final = frozenset({"false", "0", "no", "off", "n", "f"})
