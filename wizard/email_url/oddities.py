"""What is odd about an EMAIL_URL that GlitchTip reads as it is written: most often a sample was not filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.email_url.problem import SHAPE, warn
from wizard.model import validation
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.email_url.problem import Problem
    from wizard.email_url.readers import Reading

_LONGEST: Final = 60
"""Characters of a placeholder, for nobody types more."""
_WRAPPED: Final = re.compile(r"<.*>|\[.*\]|\{.*\}|%.*%|__.*__|\$.*", re.DOTALL)
_OWNER: Final = r"(?:(?:your|my|the|an?|insert|enter|put|some|set|new)[ _.-]?)"
_WHAT: Final = r"(?:(?:smtp|postal|e?mail|glitchtip|app|api|server)[ _.-]?)"
_KEY_WORDS: Final = re.compile(
    rf"{_OWNER}*{_WHAT}*(?:password|passwd|passphrase|pass|pwd|key|secret|token|credentials?)(?:[ _.-]?here)?"
    r"|(?:please[ _.-]?)?(?:change|replace|fill|edit)(?:[ _.-]?(?:me|this|it|in))*"
    r"|x{3,}|\*{3,}|\.{3,}|•+|-{3,}|todo|tbd|redacted|hidden|example|dummy|foo(?:bar)?",
    re.IGNORECASE,
)
_USER_WORDS: Final = re.compile(
    rf"{_OWNER}*{_WHAT}*(?:user|username|user[ _.-]name|login|account)(?:[ _.-]?here)?"
    r"|x{3,}|\*{3,}|\.{3,}|todo|changeme|example",
    re.IGNORECASE,
)
_HOST_WORDS: Final = re.compile(
    rf"{_OWNER}+{_WHAT}*(?:host|hostname|server|domain)(?:\.[\w-]+)*|(?:smtp[_-])?host(?:name)?"
    r"|(?:[\w-]+\.)*(?:your|my)[_-]?(?:host|server|domain|company)(?:\.[\w-]+)*",
    re.IGNORECASE,
)
"""A name such as postal-server may be a real one in docker's own DNS, so only *your* and *my* give a sample away."""


def oddities(rest: str, ours: Reading) -> Iterator[Problem]:
    """Yield what is odd about a URL; *rest* is what follows its host and port, *ours* what GlitchTip reads."""
    yield from _placeholders(ours)
    yield from _login(ours)
    yield from _destination(ours)
    if rest and not rest.startswith("?"):
        # Not quoted: it may be of a key.
        yield warn(
            "Something follows host and port (a path or a #): GlitchTip does not use it.",
            f"Let the URL end with the port: {SHAPE}.",
        )


def _placeholders(ours: Reading) -> Iterator[Problem]:
    key = ours.password.reveal() if ours.password is not None else ""
    where = {
        "the key": (key, _KEY_WORDS, "Put the key of a credential there: Postal, Credentials."),
        "the user name": ((ours.username or "").rstrip("@"), _USER_WORDS, "Put the Username there: Postal, Help."),
        "the host": (ours.host or "", _HOST_WORDS, "Put the SMTP Server Address there: Postal, Help."),
    }
    for what, (value, words, remedy) in where.items():
        if (
            0 < len(value) <= _LONGEST
            and (words.fullmatch(value) or _WRAPPED.fullmatch(value))
            and not validation.is_loopback(value)
        ):
            yield warn(f"There is a placeholder instead of {what}: the sample was not filled in.", remedy)


def _login(ours: Reading) -> Iterator[Problem]:
    if ours.username and ours.username.endswith("@"):
        yield warn(
            "The user name ends with @, as in a sample that has USER@:PASSWORD; GlitchTip logs in with the @.",
            "Write org/server as Postal's Help page shows it, encoded: org%2Fserver, without an @ at its end.",
        )
    if ours.password is not None and ours.password.reveal():
        odd = validation.unlike_postals_key(ours.password.reveal())
        if odd:
            yield warn(
                f"{odd[:1].upper()}{odd[1:]}.",
                "Copy the whole key from Postal, Credentials. With another server than Postal, ignore this.",
            )


def _destination(ours: Reading) -> Iterator[Problem]:
    if ours.host and validation.is_loopback(ours.host):
        yield warn(
            f"{Untrusted(ours.host, 60)} is GlitchTip's own container: nothing listens in it, unless the "
            "service has network_mode: host.",
            "Use a name or an address of Postal that the containers reach.",
        )
    if ours.port == 465 and not (ours.tls or ours.ssl):
        yield warn(
            "Port 465 begins with TLS, and with smtp:// GlitchTip waits for a greeting that never comes.",
            "Use the port that Postal listens on, 25 unless its deployment says otherwise: Postal never "
            "begins with TLS.",
        )
