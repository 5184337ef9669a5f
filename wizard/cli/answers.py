"""``answers``: Postal's pages on standard input become an answers file on standard output, without a key.

What was noticed goes to stderr, one sentence a line (contract.md, ``answers``).
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomli_w

from wizard.model import answers
from wizard.model.draft import DEFAULT_APP
from wizard.model.errors import UsageError
from wizard.model.exit_codes import Exit
from wizard.postal import page_merge, pages
from wizard.state import answers_file

if TYPE_CHECKING:
    from wizard.cli.options import Options
    from wizard.system.output import Out

_LARGEST: Final = 1_048_576
"""Bytes read of standard input: a page has some 3,000."""


def run(options: Options, out: Out) -> int:
    """Read pages from standard input and write what they hold. Raises UsageError and AnswersError."""
    known = answers_file.load(Path(options.answers)) if options.answers is not None else None
    if options.env_file is not None:
        raise UsageError(
            "answers does not read a .env: name the file to complete with --answers FILE, or name no file."
        )
    pasted = pages.read(_standard_input(out), known.app.name if known is not None else DEFAULT_APP)
    notices, hints = pasted.notices, tuple(pasted.hints.values())
    if known is None:
        table = _table(pasted.values)
    else:
        merged = page_merge.merge(pasted, known, page_merge.told_keys(known), why="the answers file has it")
        table, notices, hints = tomllib.loads(answers.dumps(merged.draft)), merged.notices, merged.hints
    if options.json:
        key = {pages.KEY: pasted.values[pages.KEY]} if pages.KEY in pasted.values else {}
        found = [notice.as_json() for notice in notices]
        out.json({"schema": 1, "values": {**_flat(table), **key}, "notices": found})
    else:
        out.data("\n".join([tomli_w.dumps(table).rstrip("\n"), *(f"# {hint}" for hint in hints)]))
        out.say(*(notice.sentence for notice in notices))
    nothing = [notice.code for notice in notices] == [pages.PageCode.NOTHING]
    return Exit.UNKNOWN if nothing else Exit.DONE


def _standard_input(out: Out) -> str:
    if sys.stdin.isatty():
        out.say("Paste one or several of Postal's pages, each selected whole in the browser; then press Ctrl+D.")
    raw = sys.stdin.buffer.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise UsageError("Standard input is larger than 1 MiB: one page of Postal has some 3 KB.")
    text = raw.decode("utf-8", "replace")
    if not text.strip():
        raise UsageError(
            "Standard input is empty: select Postal's page whole in the browser (Ctrl+A), copy it, and give it on "
            "standard input."
        )
    return text


def _table(values: dict[str, pages.Value]) -> dict[str, Any]:
    """Return *values* as the tables of an answers file, without the key."""
    table: dict[str, Any] = {"schema": answers.SCHEMA}
    for name, value in values.items():
        part, _, key = name.partition(".")
        if name != pages.KEY:
            table.setdefault(part, {})[key] = list(value) if isinstance(value, tuple) else value
    return table


def _flat(table: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of *table* with their part before them, such as ``domain.name``."""
    parts = {part: inside for part, inside in table.items() if isinstance(inside, dict)}
    return {f"{part}.{key}": value for part, inside in parts.items() for key, value in inside.items()}
