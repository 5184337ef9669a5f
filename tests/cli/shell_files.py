"""The man page and the shell completions, made from the parser itself: ``python -m tests.cli.shell_files``.

They lie in ``assets/share`` as they go into the wheel's ``share``; a test compares them with what is made here. The man
page is written by hand out of argparse's actions, for argparse's own formatting differs between versions of Python.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import shtab

from wizard import __version__
from wizard.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE: Final = Path(__file__).parents[2] / "assets" / "share"
COMPLETIONS: Final = {
    "bash": "bash-completion/completions/postal-wizard",
    "zsh": "zsh/site-functions/_postal-wizard",
    "fish": "fish/vendor_completions.d/postal-wizard.fish",
}
MAN: Final = "man/man1/postal-wizard.1"
_FILES: Final = """\
.SH FILES
.TP
.I .env
in the working directory: the file to read or write without \\-\\-env\\-file
.TP
.I $XDG_STATE_HOME/postal\\-wizard
draft, journal, log and backups, for the owner alone; without the variable
.I ~/.local/state/postal\\-wizard
"""


def made() -> dict[str, str]:
    """Return each file's path below ``share`` and its text."""
    return {MAN: man_page()} | {path: completion(shell) for shell, path in COMPLETIONS.items()}


def completion(shell: str) -> str:
    """Return the completion for *shell*, with file names where a file is asked for."""
    parser = main._parser()
    for one in _parsers(parser):
        for action in one._actions:
            if action.metavar in {"FILE", "DIR"}:
                kind = shtab.FILE if action.metavar == "FILE" else shtab.DIRECTORY
                action.complete = kind  # type: ignore[attr-defined]  # shtab reads it
            elif action.dest == "scenario":
                from wizard.rehearsal import scenarios

                action.choices = tuple(state.name for state in scenarios.STATES)
    text = shtab.complete(parser, shell=shell)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).rstrip("\n") + "\n"


def man_page() -> str:
    """Return the manual page, section 1, in the man macros that mandoc and groff read alike."""
    parser = main._parser()
    shared = {action.dest for action in _shared()._actions}
    commands = [
        line
        for words, text, one in _commands(parser, "postal-wizard")
        for line in (f".SS {_roff(words)}", _roff(text), *_options(one, without=shared))
    ]
    return "\n".join(
        [
            f'.TH POSTAL\\-WIZARD 1 "" "postal\\-wizard {__version__}" "User Commands"',
            ".SH NAME",
            f"postal\\-wizard \\- {_roff(str(parser.description).rstrip('.'))}",
            ".SH SYNOPSIS",
            *_synopsis(parser),
            ".SH DESCRIPTION",
            _roff(str(parser.description)),
            "Without a command the screens start, in a terminal.",
            "A secret is never an argument: it is given by a descriptor, on standard input, or in a masked field.",
            ".SH OPTIONS",
            *_options(parser),
            ".SH COMMANDS",
            *commands,
            ".SH EXIT STATUS",
            _roff(str(parser.epilog).removeprefix("Exit codes: ")),
            _FILES,
        ]
    )


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield ".B postal\\-wizard"
    yield "[OPTIONS]"
    for words, _text, one in _commands(parser, "postal-wizard"):
        yield ".br"
        yield f".B {_roff(words)}"
        yield " ".join(["[OPTIONS]", *(f"[{action.metavar or '-'}]" for action in one._get_positional_actions())])


def _options(parser: argparse.ArgumentParser, without: set[str] | None = None) -> Iterator[str]:
    """Return the paragraphs of *parser*'s arguments, but of those whose name *without* has."""
    for action in parser._actions:
        if action.dest in (without or set()) or isinstance(action, argparse._SubParsersAction):
            continue
        yield ".TP"
        words = [f"\\fB{_roff(name)}\\fR" for name in action.option_strings]
        value = action.metavar or ("-" if action.choices else action.dest.upper())
        if not action.option_strings:
            yield f"\\fI{_roff(str(value))}\\fR"
        else:
            yield ", ".join(words) + (f" \\fI{_roff(str(value))}\\fR" if action.nargs != 0 else "")
        yield _roff(action.help or "required")


def _commands(parser: argparse.ArgumentParser, before: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield the words, the description and the parser of each command that takes no further command."""
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        for choice in action._choices_actions:
            one, words = action.choices[choice.dest], f"{before} {choice.dest}"
            inner = list(_commands(one, words))
            yield from inner or [(words, str(one.description or choice.help), one)]


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _parsers(one)


def _shared() -> argparse.ArgumentParser:
    """Return a parser with what every command takes: shown once, under OPTIONS."""
    parser = argparse.ArgumentParser()
    main._add_shared(parser)
    return parser


def _roff(text: str) -> str:
    """Return *text* as roff reads it: a dash that can be copied, and no line that starts with a control."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def write() -> None:
    """Write all of them."""
    for path, text in made().items():
        file = SHARE / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
