"""Lists of containers and processes -> signs: ``docker ps``, ``docker compose ps``, and the status of Postal 1.

What counts is a row of a service that handles mail and does not run. A job that has ended, such as GlitchTip's
migration, is none of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.model import Sign

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line

_DOWN: Final = re.compile(
    r"\b(?:Exited|Restarting) \(\d{1,3}\) (?:\d|[Aa]bout |[Ll]ess )|\bUp .{1,40} \(Paused\)"
    r"|\s{2}(?:Exit \d{1,3}|Restarting)(?:\s{2}|\s{0,80}$)"
)
_SERVICE: Final = re.compile(r"(?:^|\s|\|)(?:[\w.-]{1,80}[-_.])?(worker|smtp|web)(?:[-_.]\d{1,3})?(?=\s|\||$)")
_PROCESS: Final = re.compile(r"^\s?\* (worker|requeuer|smtp)\.\d{1,3} is not running \(")
"""How procodile, which ran Postal 1 without docker, lists what failed (postalserver/postal#1094)."""
_PROGRAMS: Final = ("postal", "glitchtip")
_HINTS: Final = ("xited (", "estarting", "Exit ", "(Paused)", "is not running (")


def signs(stream: list[Line]) -> list[Sign]:
    """Return the signs of the rows in *stream* that show a stopped service."""
    seen = []
    for line in stream:
        if not any(hint in line.text for hint in _HINTS):
            continue
        facts = {}
        if (process := _PROCESS.match(line.text)) is not None:
            what, facts["program"] = process[1].replace("requeuer", "worker"), "postal"
        elif _DOWN.search(line.text) is not None and (services := _SERVICE.findall(line.text)):
            what = services[-1]
            named = [name for name in _PROGRAMS if name in line.text.lower()]
            facts = {"program": named[0]} if len(named) == 1 else {}
        else:
            continue
        seen.append(Sign(f"{what}-stopped", "failure", line.place, line.service, facts))
    return seen
