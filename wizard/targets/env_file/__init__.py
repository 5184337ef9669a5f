"""A `.env` file as a target: changed in one atomic step, nothing else in it touched.

``write`` is the one function for harnesses (contract: its path and its behaviour stay).
"""

from __future__ import annotations

from wizard.targets.env_file.commit import write

__all__ = ["write"]
