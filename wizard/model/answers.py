"""The answers file: a draft as TOML, in and out. It never holds a secret."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from typing import Any, Final

from wizard.model import infisical
from wizard.model.draft import App, Credential, Domain, Draft, EnvTarget, InfisicalTarget, Server, Target, TestMail
from wizard.model.untrusted import Untrusted

SCHEMA: Final = 1
_PARTS: Final = {"app": App, "server": Server, "credential": Credential, "domain": Domain, "test_mail": TestMail}
_TARGETS: Final = {"env": EnvTarget, "infisical": InfisicalTarget}
_ALWAYS: Final = frozenset({"name", "tls", "kind", "path"})
"""Written even where they have their default, because a reader of the file looks for them."""
_LISTS: Final = {"services", "sending_ips", "mx"}
_SECRETS: Final = {
    "password": "--password-fd N",
    "key": "--password-fd N",
    "smtp_key": "--password-fd N",
    "client_secret": "--client-secret-fd N",
    "token": f"the environment variable {infisical.TOKEN}",
}
"""Words under which people would put a secret into the file, and how it is given instead."""


class AnswersError(Exception):
    """The answers are missing or wrong; the message is one sentence that names the key and what to do."""


@dataclass(frozen=True, slots=True)
class _Kind:
    type: type
    words: str


_TEXT: Final = _Kind(str, "a text in quotes")
_KINDS: Final = {
    "port": _Kind(int, "a whole number"),
    "allow_http": _Kind(bool, "true or false"),
    "checked_in_postal": _Kind(bool, "true or false"),
}
_STORED: Final = frozenset({"ok", "missing", "invalid"})


def loads(text: str) -> Draft:
    """Return the draft that *text* holds. Raises AnswersError for TOML that is broken, unknown keys and wrong types."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # brackets or digits without end do not raise TOMLDecodeError
        where = _where(str(error))
        raise AnswersError(f"this is not TOML{where}: write each key on a line of its own, texts in quotes.") from None
    schema = table.pop("schema", None)
    if schema != SCHEMA or isinstance(schema, bool):
        raise AnswersError(f"schema = {SCHEMA} should be the first line of the answers file.")
    unknown = sorted(set(table) - set(_PARTS) - {"target"})
    if unknown:
        _refuse_unknown(unknown[0], sorted([*_PARTS, "target"]))
    parts: dict[str, Any] = {
        name: _part(name, kind, _table(name, table[name])) for name, kind in _PARTS.items() if name in table
    }
    if "target" in table:
        parts["target"] = _target(_table("target", table["target"]))
    if parts.get("test_mail") == TestMail():
        del parts["test_mail"]  # no recipient: no mail is sent, as where the table is absent
    return Draft(**parts)


def dumps(draft: Draft) -> str:
    """Return *draft* as an answers file; what was not given is left out."""
    import tomli_w

    table: dict[str, Any] = {"schema": SCHEMA}
    for name in (*_PARTS, "target"):
        part = getattr(draft, name)
        told = {} if part is None else _told(part)
        if told:
            table[name] = told
    return tomli_w.dumps(table)


def missing(draft: Draft, *, for_apply: bool) -> list[str]:
    """Return one sentence for each required answer that is not there, naming the key."""
    absent = []
    if not draft.app.from_:
        absent.append("app.from is missing: the From of GlitchTip's mail, in [app] of the answers file.")
    if not draft.server.host:
        absent.append("server.host is missing: Postal's SMTP host, in [server] of the answers file.")
    if draft.server.port is None:
        absent.append("server.port is missing: 25 unless Postal's deployment says otherwise, in [server].")
    if for_apply and not draft.credential.username:
        absent.append("credential.username is missing: org/server as Postal's Help page shows it, in [credential].")
    if for_apply and draft.target is None:
        absent.append('target.kind is missing: "env" or "infisical", in [target] of the answers file.')
    if isinstance(draft.target, InfisicalTarget):
        absent += [
            f"target.{name} is missing, in [target] of the answers file."
            for name in ("url", "project", "environment")
            if not getattr(draft.target, name)
        ]
    return absent


def _told(part: object) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in fields(part):  # type: ignore[arg-type]  # every part is a dataclass
        value = getattr(part, field.name)
        if value == field.default and not (value and field.name in _ALWAYS):
            continue
        told[field.name.rstrip("_")] = list(value) if isinstance(value, tuple) else value
    return dict(sorted(told.items(), key=lambda item: item[0] != "kind"))


def _table(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise AnswersError(f"{name} must be a table: write [{name}] on a line of its own and its keys below it.")
    return value


def _target(table: dict[str, Any]) -> Target:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _TARGETS:
        raise AnswersError('target.kind must be "env" or "infisical".')
    made: Target = _part("target", _TARGETS[kind], table)
    return made


def _part(name: str, kind: type, table: dict[str, Any]) -> Any:
    known = {field.name.rstrip("_"): field.name for field in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            _refuse_unknown(f"{name}.{key}", sorted(f"{name}.{other}" for other in known))
        values[known[key]] = _value(f"{name}.{key}", key, value)
    if values.get("tls", "none") not in {"none", "starttls"}:
        raise AnswersError('server.tls must be "none" or "starttls"; Postal has no implicit TLS.')
    return kind(**values)


def _value(full: str, key: str, value: object) -> Any:
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise AnswersError(f'{full} must be a list of texts, as in ["one", "two"].')
        return tuple(value)
    if key.startswith("stored_") and not (isinstance(value, str) and value in _STORED):
        raise AnswersError(f'{full} must be "ok", "missing" or "invalid", as Postal\'s page shows it.')
    kind = _KINDS.get(key, _TEXT)
    if not isinstance(value, kind.type) or (kind.type is int and isinstance(value, bool)):
        raise AnswersError(f"{full} must be {kind.words}.")
    return value


def _refuse_unknown(full: str, known: list[str]) -> None:
    way = _SECRETS.get(full.rpartition(".")[2].lower())
    if way is not None:
        raise AnswersError(f"{Untrusted(full)}: a secret never goes into the answers file; give it with {way}.")
    raise AnswersError(f"{Untrusted(full)} is not a key of the answers file; known are {', '.join(known)}.")


def _where(message: str) -> str:
    # The parser ends its message with "(at line 3, column 7)"; the rest may quote a value.
    _, found, place = message.rpartition("(at ")
    return f" ({place.rstrip(')')})" if found and place.startswith("line") else ""
