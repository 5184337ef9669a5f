"""``python -m tests.faults [PYTEST OPTION...]``: run the tests of every promise, and print a line for each."""

from __future__ import annotations

import sys

import pytest

from tests.faults.ledger import Ledger
from tests.faults.promises import PROMISES


def main() -> int:
    """Run; 1 where a promise is not held."""
    ledger = Ledger()
    tests = sorted({f"tests/{test}" for promise in PROMISES for test in promise.tests})
    pytest.main(["-q", "-m", "", "--timeout", "3600", *sys.argv[1:], *tests], plugins=[ledger])
    return 0 if all(held for held, _ in ledger.lines()) else 1


if __name__ == "__main__":
    sys.exit(main())
