"""The mail settings that a GlitchTip process really has, compared part by part with those that were decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import digests, probe
from wizard.model import validation
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding
from wizard.model.international import idna_2008
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.glitchtip.probe import Probed
    from wizard.model.containers import NotAsked
    from wizard.model.draft import Draft
    from wizard.model.session import Session

TRANSPORTS: Final = frozenset({"smtp", "smtps", "smtp+tls", "smtp+ssl", "variables"})
"""What sends: the SMTP schemes of EMAIL_URL, and EMAIL_HOST in its place."""
_MODES: Final = {"none": "no TLS", "starttls": "STARTTLS", "implicit": "TLS from the first byte", "both": "both TLS"}
_OTHER: Final = {
    "key": Code.CONTAINER_OTHER_KEY,
    "host": Code.CONTAINER_OTHER_SERVER,
    "port": Code.CONTAINER_OTHER_SERVER,
    "user name": Code.CONTAINER_OTHER_USER,
}
_FILES: Final = {
    "read": "is read instead of the variable",
    "newline": "is read instead of the variable, and the file ends with a line break",
    "unreadable": "names a file that cannot be read there, so GlitchTip does not start",
    "ignored": "has no effect, because EMAIL_URL itself is not set",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One setting that differs from what was decided."""

    code: Code
    words: str
    """Which it is, what it should be: the end of "In the running web, ..."."""


def not_asked(check: Check, subject: str, words: str, why: NotAsked) -> Finding:
    """Return the finding of a *check* for which no container could be asked."""
    if why.silent:
        by_hand = "Try it by hand: docker ps. Then check again."
        return Finding.unknown(Code(f"{check}.docker_silent"), subject, words, remedy=by_hand)
    return Finding.skip(
        Code(f"{check}.no_access" if why.remedy else f"{check}.not_applicable"), subject, words, remedy=why.remedy
    )


def decided(draft: Draft, session: Session) -> dict[str, str]:
    """Return what is known of the settings that a container should have, by part: as text, for the hashes alone."""
    parts = {
        probe.FROM: draft.app.from_,
        "user name": draft.credential.username,
        "key": session.key.reveal() if session.key is not None else "",
        "host": _ascii(validation.bare_host(draft.server.host)).lower(),
        "port": str(draft.server.port or ""),
    }
    return {part: value for part, value in parts.items() if value}


def compared(probed: Probed, wanted: Mapping[str, str], once: bytes) -> dict[str, bool]:
    """Return for each part of *wanted* whether the container has the same."""
    hashes = {part: digests.of_text(once, value) for part, value in wanted.items()}
    return {part: digests.equal(probed.digests.get(part, ""), ours) for part, ours in hashes.items()}


def faults(probed: Probed, equal: Mapping[str, bool], draft: Draft) -> list[Fault]:
    """Return what differs, the worst first; none where the container has what was decided."""
    return [*_url(probed, equal, draft), *_from(probed, equal)]


def is_old_key_alone(probed: Probed, equal: Mapping[str, bool], draft: Draft) -> bool:
    """Whether the container has all that was decided but for the key, as between the steps of a rotation."""
    differing = {part for part, same in equal.items() if not same}
    return differing == {"key"} and probed.scheme in TRANSPORTS and probed.tls == draft.server.tls


def _url(probed: Probed, equal: Mapping[str, bool], draft: Draft) -> list[Fault]:
    file = probed.files.get("EMAIL_URL")
    if file == "ignored":
        return [Fault(Code.CONTAINER_URL_FILE_IGNORED, f"EMAIL_URL_FILE {_FILES[file]}")]
    if file == "unreadable":
        return [Fault(Code.CONTAINER_URL_FILE_UNREADABLE, f"EMAIL_URL_FILE {_FILES[file]}")]
    if not probed.scheme:
        return [Fault(Code.CONTAINER_NO_EMAIL_URL, "EMAIL_URL is not set, so GlitchTip tries localhost:25")]
    if probed.scheme in {"unknown", "unreadable"}:
        return [Fault(Code.CONTAINER_URL_UNREADABLE, "EMAIL_URL cannot be read by GlitchTip")]
    if probed.scheme not in TRANSPORTS:
        return [
            Fault(Code.CONTAINER_SENDS_NOTHING, f"EMAIL_URL is {Untrusted(probed.scheme, 20)}://, which sends no mail")
        ]
    if other := [part for part in _OTHER if equal.get(part) is False]:
        return [Fault(_OTHER[other[0]], f"EMAIL_URL has another {' and another '.join(other)}")]
    if draft.server.host and probed.tls != draft.server.tls:
        found, should = _MODES.get(probed.tls, "another mode"), _MODES[draft.server.tls]
        words = f"EMAIL_USE_TLS and EMAIL_USE_SSL give {found}, and it should be {should}"
        return [Fault(Code.CONTAINER_OTHER_TLS, words)]
    return []


def _from(probed: Probed, equal: Mapping[str, bool]) -> list[Fault]:
    if equal.get(probe.FROM) is not False:
        return []
    if probed.files.get(probe.FROM) == "newline":
        return [Fault(Code.CONTAINER_FROM_LINE_BREAK, f"{probe.FROM} ends with a line break")]
    if probed.digests.get(probe.FROM):
        return [Fault(Code.CONTAINER_OTHER_FROM, f"{probe.FROM} differs from the chosen one")]
    return [Fault(Code.CONTAINER_NO_FROM, f"{probe.FROM} is not set, so mails come from webmaster@localhost")]


def evidence(probed: Probed, equal: Mapping[str, bool]) -> list[str]:
    """Return a line for each thing that was looked at; no value is among them."""
    return [
        f"Python {Untrusted(probed.python, 20)}; settings of {Untrusted(probed.source, 30)}",
        f"set there: {Untrusted(', '.join(probed.names), 160) or 'nothing'}",
        *(f"{part}: {_word(probed, part, same)}" for part, same in equal.items()),
        *(f"{Untrusted(key, 40)}_FILE {_FILES[word]}" for key, word in probed.files.items() if word in _FILES),
    ]


def _word(probed: Probed, part: str, same: bool) -> str:
    return "equal" if same else "differs" if probed.digests.get(part) else "not set"


def remedy(name: str, draft: Draft, found: list[Fault], restart: str) -> str:
    """Return what to do about *found* in the service *name*; *restart*: the one command of this project."""
    codes = [fault.code for fault in found]
    then = f"then: {restart} (restart does not read the environment again)."
    if codes == [Code.CONTAINER_FROM_LINE_BREAK]:
        return (
            f"Write the file behind {probe.FROM}_FILE without a line break at its end: printf %s '...' > FILE; {then}"
        )
    if Code.CONTAINER_URL_FILE_IGNORED in codes:
        return (
            f"In docker-compose.yml, set EMAIL_URL itself instead of EMAIL_URL_FILE: EMAIL_URL: ${{EMAIL_URL}}; {then}"
        )
    missing = [
        key for key, code in (("EMAIL_URL", Code.CONTAINER_NO_EMAIL_URL), (probe.FROM, Code.CONTAINER_NO_FROM))
        if code in codes
    ]  # fmt: skip
    if missing:
        rows = ", ".join(f"{key}: ${{{key}}}" for key in missing)
        return f"Pass it on to {name} in docker-compose.yml, under environment: ({rows}); {then}"
    if codes == [Code.CONTAINER_OTHER_TLS]:
        row = 'EMAIL_USE_TLS: "True"' if draft.server.tls == "starttls" else "neither EMAIL_USE_TLS nor EMAIL_USE_SSL"
        return f"In docker-compose.yml {name} needs {row}; {then}"
    return (
        f"{restart} (restart does not read the environment again). If it still differs, an inline value in "
        "docker-compose.yml or a variable of the shell overrides the value written here."
    )


def _ascii(host: str) -> str:
    return host if host.isascii() else idna_2008(host) or host
