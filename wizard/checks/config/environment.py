"""GlitchTip's mail settings in one service of the compose project: what is dead, and what breaks mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.checks.config.rows import RowFault, finding
from wizard.email_url import explain
from wizard.glitchtip import settings as glitchtip
from wizard.model import addresses, validation
from wizard.model.codes import Code
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading, Service
    from wizard.model.draft import Draft

_OUTCOMES: Final = {
    "dead": (Code.ENVIRONMENT_DEAD, "is never read"),
    "overridden": (Code.ENVIRONMENT_OVERRIDDEN, "is overridden by EMAIL_URL"),
    "file": (Code.ENVIRONMENT_FROM_FILE, "takes its value from a file"),
    "only without EMAIL_URL": (Code.ENVIRONMENT_ONLY_WITHOUT_URL, "is used only without EMAIL_URL"),
}
_FALSE: Final = frozenset({"false", "0", "no", "off", "n", "f"})
_SECRETS: Final = "/run/secrets/"
_WRITTEN: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")


def environment(service: Service, reading: ComposeReading, draft: Draft, target: Path | None, then: str) -> Finding:
    """Judge the mail rows that are effective in *service*; what is in the file *target* is judged elsewhere."""
    faults = [*_breaking(service, reading, draft, target), *_odd(service)]
    hint = () if _value(service, "EMAIL_TIMEOUT") else (
        f'Without EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}" a silent server can block a process for ever.',
    )  # fmt: skip
    right = Finding.ok(
        Code.ENVIRONMENT_CLEAN, service.name,
        f"No mail setting of {Untrusted(service.name, 60)} is unused, overridden or harmful.", hint,
    )  # fmt: skip
    return finding(faults, right, service, reading, then=then)


def _value(service: Service, name: str) -> str | None:
    setting = service.environment.get(name)
    return setting.text if setting is not None else None


def _fault(
    code: Code, service: Service, name: str, sentence: str, remedy: str, verdict: Verdict = Verdict.FAIL
) -> RowFault:
    setting = service.environment.get(name)
    file, line = (setting.file, setting.line) if setting is not None else (None, 0)
    return RowFault(code, verdict, sentence, remedy, name, file, line)


def _is_true(service: Service, name: str) -> bool:
    """Whether GlitchTip takes the row for true, by the image's age."""
    value = _value(service, name)
    return bool(value) and (service.older(glitchtip.BOOLEANS_SINCE) is True or glitchtip.is_true(value or ""))


def _breaking(service: Service, reading: ComposeReading, draft: Draft, target: Path | None) -> Iterator[RowFault]:
    yield from _tls(service, draft)
    yield from _timeout(service)
    yield from _texts(service, target)
    for name in _WRITTEN:
        setting = service.environment.get(name)
        if setting is None or setting.origin == "passed on" or setting.refused:
            continue
        if setting.file is not None and setting.file == target:
            continue
        yield from (_url if name == "EMAIL_URL" else _from)(service, setting.text or "")
    yield from _from_file(service, reading)
    for name in glitchtip.LINK_VARIABLES:
        value = _value(service, name)
        if value:
            if not value.startswith(("http://", "https://")):
                yield _fault(
                    Code.ENVIRONMENT_LINK_WITHOUT_SCHEME, service, name,
                    f"{name} is {Untrusted(value, 60)}, without http:// or https://: GlitchTip does not start.",
                    f"Put https:// at the beginning of {name}",
                )  # fmt: skip
            break


def _tls(service: Service, draft: Draft) -> Iterator[RowFault]:
    tls, implicit = _is_true(service, "EMAIL_USE_TLS"), _is_true(service, "EMAIL_USE_SSL")
    if tls and implicit:
        yield _fault(
            Code.ENVIRONMENT_BOTH_TLS, service, "EMAIL_USE_SSL",
            "EMAIL_USE_TLS and EMAIL_USE_SSL are both true. At most one should be: every mail fails (mutually "
            "exclusive).",
            "Remove both rows; images before 2024-05-07 read any text as true",
        )  # fmt: skip
    elif implicit:
        yield _fault(
            Code.ENVIRONMENT_IMPLICIT_TLS, service, "EMAIL_USE_SSL",
            "EMAIL_USE_SSL is true, but Postal has no implicit TLS: every mail fails.",
            "Remove the row",
        )  # fmt: skip
    elif tls and draft.server.tls == "none" and draft.server.host:
        yield _fault(
            Code.ENVIRONMENT_TLS_NOT_CHOSEN, service, "EMAIL_USE_TLS",
            "EMAIL_USE_TLS is true, but the settings choose no TLS: mail fails if Postal offers none.",
            "Remove the row, or choose STARTTLS if Postal offers it",
        )  # fmt: skip
    elif not tls and draft.server.tls == "starttls" and not _from_elsewhere(service, "EMAIL_USE_TLS"):
        yield _fault(
            Code.ENVIRONMENT_STARTTLS_MISSING, service, "EMAIL_USE_TLS",
            "EMAIL_USE_TLS is not true, but the settings choose STARTTLS: mail would go in plain text.",
            'Write EMAIL_USE_TLS: "True"',
        )  # fmt: skip


def _from_elsewhere(service: Service, name: str) -> bool:
    """Whether the row is passed on from what only Infisical or a shell knows."""
    setting = service.environment.get(name)
    return setting is not None and setting.origin == "passed on" and setting.value is None


def _timeout(service: Service) -> Iterator[RowFault]:
    timeout = _value(service, "EMAIL_TIMEOUT")
    if not timeout:
        return
    write = f'Write EMAIL_TIMEOUT: "{glitchtip.TIMEOUT}"'
    if service.older(glitchtip.TIMEOUT_SINCE):
        yield _fault(
            Code.ENVIRONMENT_TIMEOUT_TOO_NEW, service, "EMAIL_TIMEOUT",
            "With EMAIL_TIMEOUT every mail of this image fails (TypeError): the image was built before "
            "2024-01-19.",
            "Remove the row",
        )  # fmt: skip
        return
    shown = Untrusted(timeout, 20)
    try:
        seconds = int(timeout)
    except ValueError:
        sentence = f"EMAIL_TIMEOUT is {shown}; it should be a whole number of seconds: GlitchTip does not start."
        yield _fault(Code.ENVIRONMENT_TIMEOUT_INVALID, service, "EMAIL_TIMEOUT", sentence, write)
        return
    if seconds <= 0:
        sentence = f"EMAIL_TIMEOUT is {shown}; it should be above 0: every mail fails (ValueError)."
        yield _fault(Code.ENVIRONMENT_TIMEOUT_INVALID, service, "EMAIL_TIMEOUT", sentence, write)


def _texts(service: Service, target: Path | None) -> Iterator[RowFault]:
    """Judge how values are spelled: quotes that are part of them, references to variables."""
    for name, setting in service.environment.items():
        if name in _WRITTEN and setting.file == target:
            continue  # whether its quotes are kept is compose's question
        value = setting.text or ""
        if setting.refused:
            sentence = f"{name} {setting.refused}: docker compose does not start."
            yield _fault(
                Code.ENVIRONMENT_REFUSED_BY_COMPOSE, service, name, sentence, "Write $$ for each $ of the value"
            )
        elif _is_quoted(value):
            yield _fault(
                Code.ENVIRONMENT_QUOTES_IN_VALUE, service, name,
                f"The quotes around {name} are part of its value, which GlitchTip does not expect.",
                f"Remove them, or write the list as a mapping: {name}: value",
            )  # fmt: skip
        elif value.startswith("$") and name in glitchtip.BY_NAME:
            yield _fault(
                Code.ENVIRONMENT_DOLLAR_REFERENCE, service, name,
                f"{name} begins with $. GlitchTip reads it as the name of another variable and does not start.",
                "Remove the row, or write a value that does not begin with $",
            )  # fmt: skip


def _is_quoted(value: str) -> bool:
    return len(value) > 1 and value[0] == value[-1] and value[0] in "'\""


def _url(service: Service, value: str) -> Iterator[RowFault]:
    if value.startswith(("$", "'", '"')):
        return  # said already
    explanation = explain.explain(value)
    if explanation.glitchtip.backend == "console":
        return  # compose says so
    wrong = next((problem for problem in explanation.problems if problem.severity == "fail"), None)
    if wrong is not None:
        yield _fault(Code.ENVIRONMENT_URL_INVALID, service, "EMAIL_URL", wrong.sentence, wrong.remedy)


def _from(service: Service, value: str) -> Iterator[RowFault]:
    write = "Write DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}"
    name = "DEFAULT_FROM_EMAIL"
    if not value.strip():
        sentence = f"{name} is empty: every mail fails (Invalid address)."
        yield _fault(Code.ENVIRONMENT_FROM_EMPTY, service, name, sentence, write)
    elif addresses.parse_from(value)[1].lower() == glitchtip.DEFAULT_FROM:
        sentence = f"{name} is {glitchtip.DEFAULT_FROM}: Postal refuses every mail from it with 530."
        yield _fault(Code.ENVIRONMENT_FROM_DJANGO_DEFAULT, service, name, sentence, write)
    elif (
        not _is_quoted(value)
        and not value.startswith(("$", "'"))
        and (problem := addresses.problem_with_from(value, name)) is not None
    ):
        yield _fault(Code.ENVIRONMENT_FROM_INVALID, service, name, problem, write)


def _from_file(service: Service, reading: ComposeReading) -> Iterator[RowFault]:
    """Judge the secret that DEFAULT_FROM_EMAIL_FILE names: a line end in it becomes part of the From."""
    value = _value(service, "DEFAULT_FROM_EMAIL_FILE") or ""
    path = reading.secrets.get(value.removeprefix(_SECRETS)) if value.startswith(_SECRETS) else None
    if path is None:
        return
    try:
        ends = files.read(path, 4096).endswith((b"\n", b"\r"))
    except OSError:
        return
    if ends:
        yield _fault(
            Code.ENVIRONMENT_FROM_FILE_NEWLINE, service, "DEFAULT_FROM_EMAIL_FILE",
            f"{Untrusted(path.name, 60)} ends with a line break, which becomes part of the From: every mail fails.",
            "Write the file without a line break (printf), or leave DEFAULT_FROM_EMAIL_FILE out",
        )  # fmt: skip


def _loopback_link(service: Service) -> Iterator[RowFault]:
    name = next((name for name in glitchtip.LINK_VARIABLES if _value(service, name)), "")
    link = _value(service, name) or ""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return
    if host and validation.is_loopback(host):
        yield _fault(
            Code.ENVIRONMENT_LINK_TO_LOOPBACK, service, name,
            f"{name} is {Untrusted(link, 60)}; it should be GlitchTip's address in the browser: links in mails lead "
            "to the reader's own machine.",
            f"Write {name} with the address under which people open GlitchTip", Verdict.WARN,
        )  # fmt: skip


def _odd(service: Service) -> Iterator[RowFault]:
    yield from _loopback_link(service)
    for name in service.environment:
        variable = glitchtip.BY_NAME.get(name)
        if variable is None or variable.role not in _OUTCOMES:
            continue
        if variable.role in {"overridden", "only without EMAIL_URL"} and "EMAIL_URL" not in service.environment:
            continue  # then it does count, and that EMAIL_URL is missing is said by compose
        code, words = _OUTCOMES[variable.role]
        remedy = "Remove the row: the wizard writes the variable itself" if variable.role == "file" else (
            "Remove the row: it has no effect"
        )  # fmt: skip
        yield _fault(code, service, name, f"{name} {words}: {variable.note}.", remedy, Verdict.WARN)
    for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL"):
        value = _value(service, name) or ""
        if not value or glitchtip.is_true(value):
            continue
        shown = Untrusted(value, 20)
        if service.older(glitchtip.BOOLEANS_SINCE) is not False:
            yield _fault(
                Code.ENVIRONMENT_FALSE_IS_TRUE, service, name,
                f'{name} is "{shown}"; it should be left out: images before 2024-05-07 read any text as true.',
                "Remove the row instead of writing false", Verdict.WARN,
            )  # fmt: skip
        elif value.lower().strip() not in _FALSE:
            yield _fault(
                Code.ENVIRONMENT_UNCLEAR_WORD, service, name, f'{name} is "{shown}", which means false.',
                'Write "True", or remove the row', Verdict.WARN,
            )  # fmt: skip
