"""An EMAIL_URL explained: what both readers make of it, masked, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.email_url import url as email_url
from wizard.email_url.problems import problems, torn
from wizard.email_url.readers import UNSET, Reading, dj_email_url, glitchtip
from wizard.model.secret import MASK
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.email_url.problem import Problem


@dataclass(frozen=True, slots=True)
class Explanation:
    """An EMAIL_URL as both readers understand it."""

    shown: str
    """Masked."""
    glitchtip: Reading
    dj_email_url: Reading
    problems: tuple[Problem, ...]
    torn: bool = False
    """Whether the last @ is outside what readers use as user name, key and host: any part may be of the key."""

    @property
    def glitchtip_ok(self) -> bool:
        """Whether GlitchTip starts with it and reads what was meant."""
        return all(problem.severity != "fail" for problem in self.problems)


def explain(text: str) -> Explanation:
    """Explain the EMAIL_URL in *text* (alone, or as a line ``EMAIL_URL=...``)."""
    url = email_url.given(text)
    ours, theirs = glitchtip(url) if url else UNSET, dj_email_url(url)
    wrong = tuple(problems(url, ours, theirs))
    return Explanation(email_url.masked(url), ours, theirs, wrong, torn(url))


def explain_text(explanation: Explanation) -> list[str]:
    """Return the explanation as lines for people; no key in them."""
    lines = [f"EMAIL_URL  {explanation.shown or '(empty)'}", ""]
    lines += [f"{'':<10} {'GlitchTip (django-environ)':<32} dj-email-url"]
    for name, ours, theirs in _rows(explanation):
        mark = "" if ours == theirs else "   differs"
        lines.append(f"{name:<10} {ours:<32} {theirs}{mark}")
    lines.append("")
    for problem in explanation.problems:
        lines += [f"{problem.severity.upper():<5} {problem.sentence}", f"      {problem.remedy}"]
    if not explanation.glitchtip_ok:
        lines.append("GlitchTip fails with this URL or reads it wrongly.")
    else:
        odd = " Read the warnings." if explanation.problems else ""
        lines.append(f"GlitchTip reads it as intended.{odd}")
    return lines


def _rows(explanation: Explanation) -> Iterator[tuple[str, str, str]]:
    ours, theirs = explanation.glitchtip, explanation.dj_email_url
    if ours.error or theirs.error:
        yield "outcome", ours.error or "read", theirs.error or "read"
    for name in ("backend", "host", "port", "username", "key", "tls", "timeout"):
        hidden = explanation.torn and name in {"host", "port", "username"}
        yield name, *((MASK, MASK) if hidden else (_cell(name, ours), _cell(name, theirs)))


def _cell(name: str, reading: Reading) -> str:
    if reading.error:
        return "-"
    if name == "key":
        return "none" if reading.password is None else f"{MASK} ({len(reading.password)} characters)"
    if name == "tls":
        return "implicit TLS" if reading.ssl else "STARTTLS" if reading.tls else "as EMAIL_USE_TLS says"
    value = getattr(reading, name)
    return "none" if value is None else Untrusted(value, 60)
