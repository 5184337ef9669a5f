"""All cases in one table."""

from __future__ import annotations

from typing import Final

from tests.checks.dns.cases_borders import BORDER_CASES
from tests.checks.dns.cases_others import OTHER_CASES
from tests.checks.dns.cases_records import RECORD_CASES
from tests.checks.dns.cases_unseen import UNSEEN_CASES

CASES: Final = (*RECORD_CASES, *OTHER_CASES, *BORDER_CASES, *UNSEEN_CASES)
