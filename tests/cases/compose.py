"""Run compose cases: ``python -m tests.cases.compose FOLDER``.

A case is a directory NAME with a compose project and one or more answers files, and beside it ``NAME.expect`` (what the
checks should say). Each project is judged where it is and nothing in it is changed: what is expected is printed above
every finding of the configuration checks that is not a pass, with the services that send nothing and the one restart
command. Exit code 1 if a case could not be run or the wizard raised.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from wizard.checks.config import run as config
from wizard.glitchtip import compose
from wizard.model.answers import loads
from wizard.model.finding import Verdict
from wizard.model.session import Session
from wizard.rollout import restart


def show(folder: Path) -> bool:
    """Print every case of *folder*; tell whether there was one and each could be run."""
    cases = sorted(path for path in folder.iterdir() if path.is_dir())
    good = True
    for case in cases:
        expected = case.with_suffix(".expect")
        print(
            f"\n{case.name}: expected: {expected.read_text('utf-8').strip() if expected.exists() else '(not written)'}"
        )
        answers = sorted(case.glob("*.toml"))
        good &= bool(answers)
        for path in answers:
            _show_one(case, path)
    print(f"\n{len(cases)} cases")
    return good and bool(cases)


def _show_one(case: Path, path: Path) -> None:
    draft, session = loads(path.read_text("utf-8")), Session(directory=case)
    print(f"  {path.name}")
    for finding in asyncio.run(config.check(draft, session)):
        if finding.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN}:
            print(f"    {finding.verdict.word:4} {finding.code} ({finding.subject}): {finding.summary}")
            print(*(f"           {line}" for line in finding.evidence), sep="\n", end="\n" if finding.evidence else "")
            print(f"         → {finding.remedy}")
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError:
        reading = None
    if reading is not None and reading.silent:
        print(f"    sends nothing: {', '.join(reading.silent)}")
    found = restart.find(draft, session)
    print(f"    {found.command or found.because}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(not show(Path(sys.argv[1])))
