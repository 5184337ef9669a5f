"""The command line. This file alone writes to stderr, picks the front end and ends the process."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import gc
import io
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

from wizard import __version__
from wizard.cli.options import Options
from wizard.model.exit_codes import Exit
from wizard.model.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.setup.flow import FlowState
    from wizard.system.output import Out

_DESCRIPTION: Final = "Sets up GlitchTip's mail through a Postal server, and proves that it arrives."
_NEEDS_TERMINAL: Final = (
    "The wizard needs a terminal on standard input and standard error; use postal-wizard --plain, check or "
    "apply where there is none."
)


class _Parser(argparse.ArgumentParser):
    """Argparse whose errors are one sentence and never repeat a value: it may be a secret typed in the wrong place."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and never with what value; then end with 2."""
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{self._sentence(message)}\n{self.format_usage()}")
        raise SystemExit(Exit.USAGE)

    def _sentence(self, message: str) -> str:
        """Return our own words for argparse's *message*: most of its words quote what was typed."""
        argument, _, reason = message.removeprefix("argument ").partition(": ")
        kind = " ".join(reason.split()[:2])
        if message.startswith("unrecognized arguments:"):
            options = [word.partition("=")[0] for word in reason.split()]
            named = ", ".join(option for option in options if _OPTION.fullmatch(option))
            named = f": {named}" if named else ""
            return f"not an argument of {self.prog}{named}; a secret is never an argument, use --password-fd N"
        if message.startswith("argument ") and kind == "invalid int":
            if argument.endswith("-fd"):
                return f"{argument} takes the number of an open descriptor; a secret is never an argument"
            return f"{argument} takes a whole number"
        if message.startswith("argument ") and kind in _REASONS:
            return f"{argument} {_REASONS[kind]}"
        if message.startswith("argument ") and kind == "invalid choice:":
            return f"{_CHOICES.get(argument, f'{argument} does not take this')}; a secret is never an argument"
        if kind in {"not allowed", "expected one"} or message.startswith("the following arguments are required:"):
            return message  # names of arguments alone
        return f"this command line cannot be read: {self.prog} --help shows what it takes"


_OPTION: Final = re.compile(r"--[a-z][a-z-]{1,30}")
"""An option's name, and never a key."""
_REASONS: Final = {"invalid float": "takes a number", "ignored explicit": "takes no value"}
_CHOICES: Final = {
    "COMMAND": "there is no such command: postal-wizard --help names them",
    "encode|explain": "url takes encode or explain",
    "source": "troubleshoot takes - to read standard input, or nothing",
}


def _parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    _add_shared(shared)
    parser = _Parser(
        prog="postal-wizard", description=_DESCRIPTION, parents=[shared], allow_abbrev=False,
        epilog="Exit codes: 0 done, 1 a check failed, 2 usage, 3 could not tell, 4 not written or uncertain, "
        "5 needs a terminal, 10 left early with the draft saved, 70 internal error.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"postal-wizard {__version__}")
    parser.add_argument("--plain", action="store_true", help="line prompts instead of screens")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[shared], allow_abbrev=False)

    check = command("check", "Check everything, change nothing.")
    check.add_argument("--only", metavar="GROUPS", help="dns, smtp, config, or several separated by commas")
    check.add_argument("--send", action="store_true", help="send the test mail too")
    check.add_argument("--flow", action="store_true", help="run a password reset and a task through GlitchTip")
    check.add_argument("--json", action="store_true", help="findings as one JSON object on stdout")
    check.add_argument("--quiet", action="store_true", help="print only what is not right")
    check.add_argument(
        "--watch", type=float, metavar="SECONDS", help="check again every SECONDS until nothing is wrong"
    )
    apply = command("apply", "Check, send the test mail, write the settings and read them back; asks nothing.")
    apply.add_argument("--json", action="store_true", help="findings and change as one JSON object on stdout")
    apply.add_argument("--despite-failures", action="store_true", help="write although a check fails, and record that")
    url = commands.add_parser("url", help="Encode or explain an EMAIL_URL.", allow_abbrev=False)
    kinds = url.add_subparsers(dest="url_command", metavar="encode|explain", required=True, parser_class=_Parser)
    encode = kinds.add_parser("encode", help="Make an EMAIL_URL; its key comes on stdin.", allow_abbrev=False)
    encode.add_argument("--username", required=True)
    encode.add_argument("--host", required=True)
    encode.add_argument("--port", required=True)
    kinds.add_parser("explain", help="Show how GlitchTip reads the EMAIL_URL on stdin.", allow_abbrev=False)
    troubleshoot = command("troubleshoot", "Name the cause of a failure; with -, from log text on stdin.")
    troubleshoot.add_argument("source", nargs="?", choices=["-"], help="read log text from standard input")
    troubleshoot.add_argument("--json", action="store_true", help="causes as one JSON object on stdout")
    pasted = command("answers", "Turn Postal's pages, pasted on stdin, into an answers file on stdout.")
    pasted.add_argument("--json", action="store_true", help="values and notices as one JSON object on stdout")
    command("rollback", "Put back the values that the last writing replaced.")
    demo = command(
        "demo",
        "The rehearsal: the wizard against a pretend Postal, DNS, Infisical and host; its start offers the scenarios.",
    )
    demo.add_argument("scenario", nargs="?", default="good", metavar="SCENARIO", help="begin with this one")
    demo.add_argument("--list", action="store_true", help="name the scenarios")
    demo.add_argument("--serve", action="store_true", help="only start the servers and say where they are")
    # Without a default of its own: else it takes back the one that was given before the command.
    demo.add_argument("--plain", action="store_true", default=argparse.SUPPRESS, help="line prompts instead of screens")
    demo.add_argument("--directory", metavar="DIR", help="where the rehearsal keeps its files (default: temporary)")
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--answers", metavar="FILE", help="answers file (TOML)")
    source.add_argument("--env-file", metavar="FILE", help="the .env to read or write (default .env)")
    parser.add_argument("--password-fd", type=int, metavar="N", help="read the SMTP key from descriptor N")
    parser.add_argument(
        "--client-secret-fd", type=int, metavar="N", help="read Infisical's client secret from descriptor N"
    )
    parser.add_argument(
        "--postal-api-key-fd",
        type=int,
        metavar="N",
        help="read a key of Postal's API from descriptor N, to ask about the test mail",
    )
    parser.add_argument("--resolver", metavar="IP[:PORT]", help="ask this resolver instead of the system's")
    parser.add_argument("--authoritative-port", type=int, metavar="PORT", help="port of authoritative servers")
    parser.add_argument("--theme", choices=["dark", "light", "mono"], help="colours of the screens; mono: none")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written and write nothing")
    parser.add_argument("--report", metavar="FILE", help="write a redacted report; - for stdout")


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command in *argv* (default: the process's own) and end the process with the contract's exit code."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:  # not where a shell started it in the background, deaf to Ctrl+C
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is under way: no traceback of what is being loaded
    _complete_streams()
    try:
        options = Options.of(_parser().parse_args(argv))
    except SystemExit:
        _let_go()
        raise
    # Else Python looks through all objects several times as it ends: 140 of the 170 ms that this takes.
    atexit.register(gc.freeze)
    # Nothing secret has been read before this line; start-up: --help need not wait 50 ms for these.
    from wizard.system import ascii as ascii_only
    from wizard.system import crash_log, hardening
    from wizard.system.output import Out, UndeliveredError

    hardening.harden()
    crash_log.silence()
    out = Out(sys.stdout, sys.stderr, ascii=_is_terminal(sys.stderr) and ascii_only.is_wanted())
    code: int
    try:
        signal.signal(signal.SIGINT, interrupted)
        code = _dispatch(options, out)
        sys.stdout.flush()
    except BrokenPipeError:
        code = Exit.DONE  # whoever read our data has gone; there is nobody to tell
    except UndeliveredError as error:
        out.say(f"Standard output cannot be written: {error}.")
        code = Exit.UNWRITTEN
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except SystemExit:
        raise
    except BaseException as error:
        from wizard.state.directory import state_home  # start-up: 3 ms

        log = crash_log.write(error, crash_log.home(state_home(), rehearsal=options.command == "demo"))
        out.say(f"Internal error; a redacted log is in {log}.")
        code = Exit.INTERNAL
    _let_go()
    raise SystemExit(int(code))


def _complete_streams() -> None:
    """Open what was closed at the start, or the next file would take its place; let no byte be an error of ours."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115  # for the whole run
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # JSON is UTF-8 whatever the locale (RFC 8259 8.1)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")


def _let_go() -> None:
    """Drop what can be written nowhere any more: Python would try once more and then exit with 120."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _dispatch(options: Options, out: Out) -> int:
    # start-up: --help and --version need not wait 240 ms for these
    from wizard.cli import commands
    from wizard.model.answers import AnswersError
    from wizard.model.errors import UsageError
    from wizard.model.secret_shapes import mask_secrets
    from wizard.state.directory import StateError
    from wizard.system.event_loop import EndedError

    handlers: dict[str | None, Callable[[Options, Out], int]] = {
        None: _wizard,
        "check": commands.check,
        "apply": commands.apply,
        "url": commands.url,
        "troubleshoot": _troubleshoot,
        "answers": _answers,
        "rollback": commands.rollback,
        "demo": _demo,
    }
    try:
        return handlers[options.command](options, out)
    except (AnswersError, UsageError) as error:
        # A secret in the place of a file's name would be repeated in "... cannot be read".
        out.say(*mask_secrets(str(error)).splitlines())
        return Exit.USAGE
    except EndedError as ended:
        return ended.code
    except StateError as error:
        out.say(str(error))
        return Exit.UNWRITTEN


def _wizard(options: Options, out: Out) -> int:

    if not options.plain and not _has_terminal():
        out.say(_NEEDS_TERMINAL)
        return Exit.NO_TERMINAL
    from wizard.cli import sources  # start-up: 240 ms, with `commands`

    return _flow(sources.new_flow(options, out), options, out)


def _demo(options: Options, out: Out) -> int:
    from wizard.cli import commands  # start-up: 240 ms

    commands.refuse_unknown_scenario(options)
    wants_screens = not (options.plain or options.list or options.serve)
    if wants_screens and not _has_terminal():
        out.say(_NEEDS_TERMINAL)
        return Exit.NO_TERMINAL
    return commands.demo(options, out, lambda flow: _flow(flow, options, out))


def _answers(options: Options, out: Out) -> int:
    from wizard.cli import answers  # start-up: 240 ms, with `commands`

    return answers.run(options, out)


def _troubleshoot(options: Options, out: Out) -> int:
    from wizard.cli import commands  # start-up: 240 ms

    if options.source == "-":
        return commands.troubleshoot(options, out)
    if not _has_terminal():
        out.say(f"{_NEEDS_TERMINAL} To read a log from standard input, add a dash: postal-wizard troubleshoot -")
        return Exit.NO_TERMINAL
    from wizard.cli import sources  # start-up: 240 ms, with `commands`

    flow = sources.new_flow(options, out)
    flow.kind, flow.key = Flow.TROUBLESHOOT, "troubleshoot"
    return _flow(flow, options, out)


def _flow(flow: FlowState, options: Options, out: Out) -> int:
    """Walk with the screens, or with line prompts where they are asked for or the terminal can do no more."""
    from wizard.cli import commands  # start-up: 240 ms

    dry_run = options.dry_run
    if options.plain or os.environ.get("TERM", "") in {"", "dumb", "unknown"}:
        from wizard.plain import app as plain  # start-up: 14 ms

        code = plain.run(flow, out, sys.stdin, dry_run=dry_run)
        commands.write_flow_report(options, out, flow)
        return code
    from screens import app  # start-up: 150 ms of Textual; the one place where the core starts the screens

    code, farewell = app.run(flow, dry_run=dry_run, theme=options.theme)
    out.say(*farewell)
    commands.write_flow_report(options, out, flow)
    return code


def _has_terminal() -> bool:
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
