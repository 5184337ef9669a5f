"""Run EMAIL_URL cases: ``python -m tests.cases.urls FOLDER``.

A case is two files of one stem: ``.txt`` (an EMAIL_URL) and ``.expect`` (what `url explain` should say: a verdict, a
colon and why). What is expected is printed above what is said. Exit code 1 if there is no case, one could not be run,
or its worst verdict is another one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wizard.email_url import explain


def verdict(explanation: explain.Explanation) -> str:
    """Return FAIL, WARN or OK."""
    severities = {problem.severity for problem in explanation.problems}
    return "FAIL" if "fail" in severities else "WARN" if severities else "OK"


def show(folder: Path) -> bool:
    """Print every case of *folder*; tell whether there was one and each has its verdict."""
    good = True
    cases = sorted(folder.glob("*.txt"))
    for path in cases:
        expected = path.with_suffix(".expect").read_text("utf-8").strip()
        explanation = explain.explain(path.read_text("utf-8"))
        right = expected.partition(":")[0].strip() == verdict(explanation)
        good &= right
        print(f"\n{path.stem}: {'' if right else 'OTHER VERDICT; '}expected: {expected}")
        for problem in explanation.problems:
            print(f"  {problem.severity.upper():4} {problem.sentence}\n       → {problem.remedy}")
    print(f"\n{len(cases)} cases")
    return good and bool(cases)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(not show(Path(sys.argv[1])))
