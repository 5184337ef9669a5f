"""How a value is spelled so that every reader of ``.env`` files takes it for the same.

Measured over 46 values, 8 spellings and 12 readers (tests/targets/env_file/env_readers.json): compose v2,
docker-compose 1.29, `docker run --env-file`, python-dotenv, django-environ, bash, dash and systemd.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from wizard.model.untrusted import Untrusted
from wizard.targets import Refused

_BARE: Final = re.compile(r"[A-Za-z0-9._%@:/+=,-]+")
"""Read alike by all twelve readers that were tried, `docker run --env-file` and `infisical` among them."""


def spell(key: str, value: str) -> str:
    """Return *value* as it is written behind ``=``, in a spelling that all readers agree about; Refused if none.

    Bare, else single quotes, else double quotes; measured over 46 values, 8 spellings and 12 readers.
    """
    if not value or _BARE.fullmatch(value):
        return value
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            shown = Untrusted(character)
            raise Refused(
                f"{key} holds {_NAMES.get(character, f'the character {shown}')}, which no .env file can hold."
            )
    for spelled in (f"'{value}'", f'"{value}"'):
        if agreed(spelled, value):
            return spelled
    raise Refused(
        f"{key} cannot be written so that all readers of a .env file read the same: leave out quotes, "
        "backslashes, backquotes and dollar signs, or percent-encode them."
    )


_NAMES: Final = {"\n": "a line feed", "\r": "a carriage return", "\0": "a NUL", "\t": "a tab"}


def agreed(spelled: str, value: str) -> bool:
    r"""Return whether every reader takes *spelled* for *value* (`docker run --env-file` aside, which keeps quotes).

    In single quotes python-dotenv halves ``\\``, expands ``${``, and django-environ drops a second pair of quotes;
    in double quotes django-environ (parse_comments) stops at ``#``.
    """
    if spelled == f"'{value}'":
        wrapped = len(value) > 1 and value[0] == value[-1] == '"'
        return not (wrapped or "'" in value or "${" in value or "\\\\" in value or value.endswith("\\"))
    if spelled == f'"{value}"':
        return not set(value) & set('$`"\\#')
    return spelled == value and (not value or _BARE.fullmatch(value) is not None)
