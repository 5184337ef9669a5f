"""The commands that need no screen, from parsed options to an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks import registry
from wizard.cli import sources
from wizard.cli.inputs import secret_from_stdin
from wizard.email_url import url as email_url
from wizard.model import answers, validation
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.exit_codes import Exit
from wizard.model.finding import stale_seconds
from wizard.model.session import Session
from wizard.setup import apply as apply_run
from wizard.setup import check as check_run
from wizard.setup import report
from wizard.setup import rollback as rolling_back
from wizard.setup.rehearsed import rehearsed
from wizard.system import event_loop, files

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.cli.options import Options
    from wizard.setup.check import Outcome
    from wizard.setup.flow import FlowState
    from wizard.system.output import Out


def check(options: Options, out: Out) -> int:
    """``check``: find out, change nothing."""
    only = _groups(options.only)
    draft, session, problem = sources.read(options, out)
    if options.watch is not None and not 0 < options.watch <= 86_400:
        raise UsageError("--watch takes the seconds between two checks, more than 0 and at most a day.")
    if options.send and (draft.test_mail is None or not draft.test_mail.recipient):
        raise UsageError("--send needs test_mail.recipient: write it under [test_mail] of the answers file.")
    if problem is not None:
        out.say(problem)
    quiet = options.quiet

    async def rounds() -> int:
        while True:
            outcome = await check_run.check(draft, session, only, send=options.send, flow=options.flow)
            _tell(outcome, out, as_json=options.json, quiet=quiet)
            _write_report(options, out, draft, outcome)
            # What is published while a resolver still holds the old answer is checked again until it is seen there.
            hidden = stale_seconds(outcome.findings) is not None
            if options.watch is None or (outcome.exit is Exit.DONE and not hidden):
                return outcome.exit
            await asyncio.sleep(options.watch)

    return event_loop.run(rounds())


def apply(options: Options, out: Out) -> int:
    """``apply``: check, write, read back."""
    if options.answers is None:
        raise UsageError("apply needs --answers FILE.")
    draft, session, _ = sources.read(options, out)
    absent = answers.missing(draft, for_apply=True)
    if session.key is None:
        absent.append("credential.key is missing: give the SMTP key with --password-fd N.")
    if isinstance(draft.target, InfisicalTarget) and session.client_secret is None and session.token is None:
        absent.append("target.client_secret is missing: give Infisical's client secret with --client-secret-fd N.")
    if absent:
        out.say(*absent)
        return Exit.USAGE
    sources.refuse_problems(draft, session, ("server", "credential", "sender", "test_mail", "target"))
    journal = sources.journal(draft, session)
    ended: event_loop.EndedError | None = None
    try:
        outcome = event_loop.run(
            apply_run.apply(
                draft,
                session,
                journal,
                dry_run=options.dry_run,
                despite_failures=options.despite_failures,
            )
        )
    except event_loop.EndedError as error:
        if not isinstance(error.result, check_run.Outcome):
            raise
        # A signal came during the writing, or right after it: in which state each key is has to be said.
        ended, outcome = error, error.result
    _tell(outcome, out, as_json=options.json)
    if outcome.plan is not None and (outcome.receipt is not None or options.dry_run):
        out.say_rows(report.diff(outcome.plan))
    out.say(*outcome.sentences)
    _write_report(options, out, draft, outcome)
    return ended.code if ended is not None else outcome.exit


def url(options: Options, out: Out) -> int:
    """``url encode`` and ``url explain``."""
    from wizard.email_url import explain  # start-up: 7 ms

    if options.url_command == "explain":
        text = sys.stdin.buffer.read(65_537)
        if len(text) > 65_536:
            raise UsageError("Standard input is longer than 64 KiB: it should be one EMAIL_URL.")
        explanation = explain.explain(text.decode("utf-8", "surrogateescape"))
        for line in explain.explain_text(explanation):
            out.data(line)
        return Exit.DONE if explanation.glitchtip_ok else Exit.FAILED
    problem = (
        validation.problem_with_username(options.username)
        or validation.problem_with_host(options.host)
        or validation.problem_with_port(options.port)
    )
    if problem is not None:
        raise UsageError(problem)
    key = secret_from_stdin("key")
    warning = validation.warning_about_key(key.reveal())
    if warning is not None:
        out.say(f"WARN  {warning}")
    try:
        encoded = email_url.build(options.username, key.reveal(), validation.bare_host(options.host), int(options.port))
    except email_url.CredentialError as error:
        raise UsageError(str(error)) from None
    out.data(encoded)
    return Exit.DONE


def troubleshoot(options: Options, out: Out) -> int:
    """``troubleshoot -``: from log text on standard input to a named cause."""
    from wizard import diagnosis  # start-up: 100 ms
    from wizard.setup.steps import troubleshoot as core  # start-up: 150 ms

    text, skipped = core.newest(sys.stdin.buffer)
    if skipped:
        out.say(f"The first {skipped / 1024**2:.1f} MiB were left out: the newest {core.LONGEST // 1024**2} are read.")
    draft, session = None, Session()
    if options.has_source:
        draft, session, _ = sources.read(options, out)
    found = event_loop.run(core.run(text, draft, session))
    if options.json:
        out.json(diagnosis.as_json(found))
    else:
        out.data(diagnosis.as_text(found, registry.name))
        if not found.causes:
            out.say(diagnosis.SEND_INSTEAD)
    return Exit.DONE if found.causes else Exit.UNKNOWN


def rollback(options: Options, out: Out) -> int:
    """``rollback``: put the replaced values back."""
    if options.answers is not None:
        draft, session, _ = sources.read(options, out)
    else:
        path = Path(options.env_file or ".env")
        draft, session = Draft(target=EnvTarget(path.name)), sources.session(options, path.parent, out)
    if draft.target is None:
        raise UsageError("target.kind is missing: the answers file names no target to roll back.")
    ended = event_loop.run(rolling_back.run(draft, session, sources.journal(draft, session)))
    out.say(*ended.sentences)
    return ended.exit


def demo(options: Options, out: Out, walk_through: Callable[[FlowState], int]) -> int:
    """``demo``: the wizard, or only the servers, on a loopback of its own."""
    from wizard.rehearsal import lifetime, scenarios  # start-up: 5 ms
    from wizard.rehearsal.world import PretendWorld  # start-up: 1 ms

    if options.list:
        for state in scenarios.STATES:
            out.data(f"{state.name:<18} {state.sentence}")
        return Exit.DONE
    directory = Path(options.directory) if options.directory else None
    try:
        if options.serve:
            number = lifetime.serve_forever(options.scenario, directory, out.json)
            return 128 + number if number else Exit.DONE
        running = PretendWorld(lifetime.start(options.scenario, directory), directory)
        with contextlib.closing(running) as world:
            return walk_through(rehearsed(world.info, world))
    except lifetime.RehearsalError as error:
        raise UsageError(str(error)) from None


def refuse_unknown_scenario(options: Options) -> None:
    """Raise UsageError for a scenario that does not exist."""
    from wizard.rehearsal import scenarios  # start-up: 4 ms

    names = [state.name for state in scenarios.STATES]
    if options.scenario not in names:
        raise UsageError(f"There is no such scenario; choose one of {', '.join(names)}.")


def _groups(text: str | None) -> tuple[str, ...]:
    if text is None:
        return check_run.GROUPS
    asked = {word.strip() for word in text.split(",") if word.strip()}
    if not asked or not asked <= set(check_run.GROUPS):
        raise UsageError("--only takes dns, smtp, config, or several of them separated by commas.")
    return tuple(group for group in check_run.GROUPS if group in asked)


def _tell(outcome: Outcome, out: Out, *, as_json: bool, quiet: bool = False) -> None:
    if as_json:
        out.json(outcome.as_json())
        return
    news = {"fail", "unknown", "warn"}
    out.say_rows(report.all_rows(one for one in outcome.findings if not quiet or one.verdict.value in news))
    if not quiet or outcome.exit is not Exit.DONE:
        out.say(f"{report.conclusion(outcome.findings)}; {outcome.seconds:.1f} s")


def write_flow_report(options: Options, out: Out, flow: FlowState) -> None:
    """Write the report of a walk where one was asked for. Raises UsageError."""
    if options.report is not None:
        _put_report(
            options.report, out, report.text(flow.draft, flow.all_findings, receipt=flow.receipt, despite=flow.despite)
        )


def _write_report(options: Options, out: Out, draft: Draft, outcome: Outcome) -> None:
    if options.report is not None:
        text = report.text(draft, outcome.findings, plan=outcome.plan, receipt=outcome.receipt, despite=outcome.despite)
        _put_report(options.report, out, text)


def _put_report(path: str, out: Out, text: str) -> None:
    if path == "-":
        out.data(text.rstrip("\n"))
        return
    try:
        files.write_report(Path(path), text)
    except OSError as error:
        raise UsageError(f"--report: the report cannot be written: {error.strerror}.") from None
