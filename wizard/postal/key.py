"""When two keys are one key to Postal."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.secret import Secret


def same_key(one: Secret, other: Secret) -> bool:
    """Whether Postal takes both for the same: letter case and trailing blanks do not count.

    Postal compares by MariaDB's utf8mb4_general_ci (db/schema.rb:64; PLAIN and LOGIN).
    """
    first, second = (key.reveal().rstrip().casefold().encode("utf-8", "surrogatepass") for key in (one, other))
    return hmac.compare_digest(first, second)
