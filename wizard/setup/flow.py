"""One walk through the steps: what has been told and found so far, and where it goes next.

Every front end moves by this; what differs between them is only how a step is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget, Target
from wizard.model.finding import Finding, Verdict
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.setup import checklist, order
from wizard.state.journal import Journal, Saved

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wizard.model.session import Session
    from wizard.setup.order import Step
    from wizard.targets import KeyState, Receipt, TargetWriter
    from wizard.targets.infisical.records import Known

WRITTEN_KEYS: Final = ("DEFAULT_FROM_EMAIL", "EMAIL_URL")
"""What the wizard writes, in the order in which it is written: EMAIL_URL last, since it switches mail over."""

OPEN: Final = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)


class To(StrEnum):
    """Where a screen wants to go."""

    NEXT = "next"
    BACK = "back"
    GOTO = "goto"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Move:
    """What a screen returns: the draft as it was left, and where to go."""

    to: To
    draft: Draft
    session: Session
    step: str | None = None
    """For GOTO: the step's key."""
    kind: Flow | None = None
    """From ``start``, and from a step that asked for what ``start`` lacked: the way chosen."""


@dataclass(slots=True)
class FlowState:
    """Owns the draft between screens and saves it at every step."""

    draft: Draft
    session: Session
    journal: Journal
    kind: Flow = Flow.SET_UP
    key: str = "start"
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    """What was found, by step."""
    confirmed: frozenset[str] = frozenset()
    receipt: Receipt[object] | None = None
    despite: tuple[str, ...] = ()
    """The ids of checks that were open when the operator went on to write all the same."""
    uncertain: dict[str, KeyState] = field(default_factory=dict)
    """After a writing that went half-way: in which state each key is."""
    code: str = ""
    """The code of the test mail that was accepted last."""
    stored: Secret | None = None
    """The key in force, where a rotation found one: a blank new key keeps it, and leaving loses nothing of it."""
    farewell: tuple[str, ...] = ()
    """What to say once the front end is gone."""
    keep_secret: bool = False
    """Whether Infisical's client secret is to be kept in the keyring, once it has proven good."""
    kept_values: bool = False
    """Whether the values that the writing replaced are in the keyring."""
    said: str = ""
    """What the next screen has to say of what happened on the one before."""
    return_to: str | None = None
    """The step a jump came from: where the next advance leads back to."""
    _writer: tuple[Target, Session, TargetWriter] | None = None
    _left: list[TargetWriter] = field(default_factory=list)
    """Writers of answers that were changed since: their tokens are still to be revoked."""

    @property
    def step(self) -> Step:
        """The step the walk stands at."""
        return order.step(self.key)

    @property
    def all_findings(self) -> list[Finding]:
        """Every finding so far, in the order of the steps."""
        return [finding for step in order.STEPS for finding in self.findings.get(step.key, ())]

    @property
    def open_findings(self) -> list[Finding]:
        """What is neither proven right nor does not apply, worst first."""
        return sorted(
            (finding for finding in self.all_findings if finding.verdict in OPEN),
            key=lambda finding: OPEN.index(finding.verdict),
        )

    @property
    def checklist(self) -> tuple[checklist.Mark, ...]:
        """The Postal checklist as proven so far."""
        return checklist.marks(self.all_findings, self.confirmed)

    @property
    def key_is_proven(self) -> bool:
        """Whether Postal granted the key that is at hand now."""
        return any(finding.check == "auth" and finding.verdict is Verdict.PASS for finding in self.all_findings)

    @property
    def known(self) -> Known | None:
        """What the Infisical that was written to has told of itself; None where the target is a file."""
        from wizard.targets.infisical.target import infisical_of

        if not isinstance(self.draft.target, InfisicalTarget):
            return None
        writer = infisical_of(self.writer())
        return writer.known if writer is not None else None

    @property
    def unsaved(self) -> bool:
        """Whether leaving now loses something that no draft keeps: a key that was typed but not written."""
        return self.session.key is not None and self.session.key != self.stored and self.receipt is None

    def found(self, key: str, findings: Iterable[Finding]) -> None:
        """Keep what the step *key* found, in place of what it found before."""
        self.findings[key] = tuple(findings)

    def take(self, move: Move) -> Step | None:
        """Apply *move*, save the draft, and return the step to show; None when the walk is over."""
        if move.draft.server != self.draft.server:
            self._forget("server", "credential", "test_mail")
        if move.draft.credential != self.draft.credential or move.session.key != self.session.key:
            self._forget("credential", "test_mail")
        if move.draft.app != self.draft.app or move.draft.domain != self.draft.domain:
            self._forget("sender", "test_mail")
        self.draft, self.session = move.draft, move.session
        if move.kind is not None:
            self.kind = move.kind
        goal = self._goal(move)
        if goal is None:
            return None
        self.key = goal.key
        self.save()
        return goal

    def _goal(self, move: Move) -> Step | None:
        if move.to is To.LEAVE:
            return None
        if move.to is To.GOTO and move.step is not None:
            # A jump from the start, or with a way, begins something; any other mends something and comes back.
            self.return_to = self.key if self.key != "start" and move.kind is None else None
            return order.step(move.step)
        if self.return_to is not None:
            goal, self.return_to = order.step(self.return_to), None
            return goal
        if move.to is To.NEXT:
            return order.following(self.key, self.kind)
        return order.previous(self.key, self.kind)

    def _forget(self, *keys: str) -> None:
        # A finding about other answers than the present ones proves nothing; what the step that is left has found
        # is about its own answers, and the front end drops it itself where they changed since.
        for key in keys:
            if key != self.key:
                self.findings.pop(key, None)

    def save(self) -> None:
        """Save the draft where a later run finds it. Raises StateError."""
        self.journal.save(Saved(self.draft, self.key, self.kind, self.confirmed))

    def left(self) -> Saved | None:
        """Return what an earlier run left to go on with: a look at the start with nothing answered is not."""
        saved = self.journal.load()
        if saved is not None and saved.step in {"start", "troubleshoot"} and saved.draft == self.draft:
            return None
        return saved

    def values(self) -> dict[str, str | Secret]:
        """Return what will be written. Raises email_url.CredentialError when the credential cannot be encoded."""
        return settings(self.draft, self.session)

    def writer(self) -> TargetWriter:
        """Return the target that the draft names: the same object while the answers stay, for it logs in only once."""
        assert self.draft.target is not None
        known = self._writer
        if known is None or known[0] != self.draft.target or known[1].client_secret != self.session.client_secret:
            if known is not None:
                self._left.append(known[2])
            made = writer(self.draft.target, self.session, self.journal, from_template=True)
            known = (self.draft.target, self.session, made)
            self._writer = known
        return known[2]

    async def close(self) -> None:
        """End what the targets hold open, such as a token."""
        open_ones = [*self._left, *([self._writer[2]] if self._writer is not None else [])]
        self._left, self._writer = [], None
        for one in open_ones:
            await one.close()


def settings(draft: Draft, session: Session) -> dict[str, str | Secret]:
    """Return DEFAULT_FROM_EMAIL and EMAIL_URL for *draft*. Raises email_url.CredentialError."""
    assert session.key is not None
    assert draft.server.port is not None
    url = email_url.build(draft.credential.username, session.key.reveal(), draft.server.host, draft.server.port)
    return {"DEFAULT_FROM_EMAIL": draft.app.from_, "EMAIL_URL": Secret(url)}


def writer(target: Target, session: Session, journal: Journal, *, from_template: bool = False) -> TargetWriter:
    """Return the writer for *target*; a new file starts from a template beside it where *from_template* allows it."""
    if isinstance(target, EnvTarget):
        from wizard.targets.env_file.target import EnvFile, starting_points

        path = session.path(target.path)
        offered = starting_points(path.parent) if from_template and not path.exists() else ()
        state = state_of(target, session, journal)
        return EnvFile(path, state, template=offered[0] if offered else None)
    assert isinstance(target, InfisicalTarget)
    from wizard.targets.infisical.target import Infisical

    if not target.env_copy:
        return Infisical(target, session)
    from wizard.targets.env_copy import WithCopy
    from wizard.targets.env_file.target import EnvFile

    copy = EnvTarget(target.env_copy)
    return WithCopy(Infisical(target, session), EnvFile(session.path(copy.path), state_of(copy, session, journal)))


def state_of(target: EnvTarget, session: Session, journal: Journal) -> Path:
    """Return the directory of the target's own entry, where its backups lie."""
    return Journal(journal.home, str(session.path(target.path).resolve())).ready()


def with_key(session: Session, key: Secret | None) -> Session:
    """Return *session* with another SMTP key."""
    return replace(session, key=key)
