"""The settings that the tests of EnvFile write, and the file they write them to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

OLD_KEY, NEW_KEY = "0ld$canary", "n3w-canary"
OLD = f"# mail\nexport EMAIL_URL=smtp://u:{OLD_KEY}@h:25 # c\nA=1\n"
FROM = "GlitchTip <glitchtip@example.com>"
KEYS = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")


def values(key: str = NEW_KEY) -> dict[str, str | Secret]:
    return {"DEFAULT_FROM_EMAIL": FROM, "EMAIL_URL": Secret(f"smtp://u:{key}@h:2525")}


def backups(state: Path) -> list[Path]:
    return sorted(path for path in (state / "backups").iterdir() if path.suffix not in {".json", ".pending"})
