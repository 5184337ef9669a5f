"""The state of one run through the steps: what has been answered and found so far, and where it goes next.

Every front end works on one ``FlowState``; what differs between them is only how a step is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.model.draft import Draft, EnvTarget, InfisicalTarget, Target
from wizard.model.exit_codes import Exit
from wizard.model.finding import Finding, Verdict
from wizard.model.flow import STEP_KEYS, Flow, Move, To, following, previous
from wizard.setup import writing
from wizard.state.journal import Journal, Saved
from wizard.targets import KeyState
from wizard.targets.infisical.target import infisical_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wizard.checks.proposals import Proposal
    from wizard.diagnosis import Diagnosis
    from wizard.glitchtip.replaced import Replaced
    from wizard.model.secret import Secret
    from wizard.model.session import Session
    from wizard.state.kept_proofs import Proven
    from wizard.targets import Plan, Receipt, TargetWriter
    from wizard.targets.infisical.records import InfisicalFacts

OPEN: Final = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)
"""The verdicts that are not right, worst first."""
ARRIVED: Final = "arrived"
"""What ``confirmed`` holds once the operator has seen the test mail."""
IN_SPAM: Final = "in_spam"
SEEN: Final = "seen"
"""What ``confirmed`` holds once the operator has seen in the inbox what Postal says it has sent."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one step found, and what that was about."""

    findings: tuple[Finding, ...]
    about: Callable[[FlowState], object]
    subject: object

    def holds(self, state: FlowState) -> bool:
        """Whether the answers are still those that the findings are about."""
        return self.about(state) == self.subject


_UNWRITTEN: Final = (
    "What you changed is not written yet, so GlitchTip does not use it. Go back to the start and set up from the "
    "beginning: that writes it, once you confirm its review."
)


@dataclass(slots=True)
class FlowState:
    """Owns draft and session between the steps, and saves the draft at every step."""

    draft: Draft
    session: Session
    journal: Journal
    kind: Flow = Flow.SET_UP
    key: str = "start"
    """The step that is shown."""
    records: dict[str, Record] = field(default_factory=dict)
    """What was found, by step."""
    confirmed: frozenset[str] = frozenset()
    """What the operator said by hand: ``arrived``, ``in_spam``, ``seen``, items of the checklist."""
    kept_proofs: Mapping[str, Proven] = field(default_factory=dict)
    """Proofs of earlier runs, by proof, as the journal keeps them."""
    plan: Plan[object] | None = None
    """What the review shows and will write."""
    refusal: str = ""
    """Why the target makes no plan; empty: it does, or was not asked."""
    receipt: Receipt[object] | None = None
    rolled_back: tuple[str, ...] = ()
    """What was said of the roll-back of this run's writing; empty: there was none."""
    despite: tuple[str, ...] = ()
    """The ids of checks that were open when the operator chose to write anyway."""
    uncertain: dict[str, KeyState] = field(default_factory=dict)
    """After a writing whose outcome is not known: in which state each key is."""
    code: str = ""
    """The code of the test mail that was sent last."""
    stored: Secret | None = None
    """The key that GlitchTip has now, where one was found: a set-up keeps it, a rotation replaces it."""
    replaced: Replaced | None = None
    """The settings that this run's writing has replaced, and when."""
    old_key_refused: str = ""
    """In a rotation: what Postal said to the old key, where it takes it no more. Empty: it does, or was not asked."""
    proposal: Proposal | None = None
    """What the connection to the server proposes of what no page of Postal shows; None: it was not made yet."""
    facts: dict[str, list[str]] = field(default_factory=dict)
    """What a step looked up when it was entered, as lines."""
    farewell: tuple[str, ...] = ()
    """What to say once the front end is gone."""
    keep_secret: bool = False
    """Whether Infisical's client secret is to be kept in the keyring, once Infisical has taken it."""
    kept_values: bool = False
    """Whether the values that the writing replaced are in the keyring."""
    message: str = ""
    """What the next step has to say of what happened on the one before."""
    return_to: str | None = None
    """The step a jump came from: where the next advance leads back to."""
    _left_with: tuple[Draft, Secret | None] | None = field(default=None, repr=False)
    """The answers and the key when that jump was made."""
    diagnosis: Diagnosis | None = None
    """What troubleshooting named last."""
    dry_run: bool = False
    in_place: str = ""
    """The `.env` of a target that is a mount point, where the operator has agreed to overwrite it; never saved."""
    saved_draft: Draft | None = None
    """The draft as it was saved last in this run."""
    _writer: tuple[Target, Session, TargetWriter] | None = None
    _left: list[TargetWriter] = field(default_factory=list)
    """Writers of answers that were changed since: their tokens are still to be revoked."""

    def __post_init__(self) -> None:
        self.saved_draft = self.draft

    # What was found

    def found(
        self, key: str, findings: Iterable[Finding], about: Callable[[FlowState], object], *, subject: object = None
    ) -> None:
        """Keep what the step *key* found, in place of what it found before; it counts while *about* stays the same.

        *subject*: what it was about when the checks began, where answers may have changed since; else what it is now.
        """
        self.records[key] = Record(tuple(findings), about, about(self) if subject is None else subject)

    def add(
        self, key: str, findings: Iterable[Finding], about: Callable[[FlowState], object], *, subject: object
    ) -> None:
        """Keep *findings* beside what the step *key* found, in place of those about the same check and subject.

        *subject*: what they are about. If that is another than now, nothing is kept: answers have changed since.
        """
        if about(self) == subject:
            known = {(each.check, each.subject): each for each in (*self.findings(key), *findings)}
            self.found(key, known.values(), about)

    def findings(self, key: str) -> tuple[Finding, ...]:
        """Return what the step *key* found about the present answers."""
        record = self.records.get(key)
        return record.findings if record is not None and record.holds(self) else ()

    def is_checked(self, key: str) -> bool:
        """Whether the step *key* has findings about the present answers."""
        record = self.records.get(key)
        return record is not None and record.holds(self)

    @property
    def all_findings(self) -> list[Finding]:
        """Every finding that holds, in the order of the steps; of two about the same, the one of the later step."""
        kept: dict[tuple[str, str], Finding] = {}
        for key in STEP_KEYS:
            for finding in self.findings(key):
                kept[str(finding.check), str(finding.subject)] = finding
        return list(kept.values())

    @property
    def open_findings(self) -> list[Finding]:
        """What is neither proven right nor does not apply, worst first."""
        return sorted(
            (finding for finding in self.all_findings if finding.verdict in OPEN),
            key=lambda finding: OPEN.index(finding.verdict),
        )

    @property
    def key_is_proven(self) -> bool:
        """Whether Postal granted the key that is at hand now."""
        return any(finding.check == "auth" and finding.verdict is Verdict.PASS for finding in self.all_findings)

    @property
    def is_unsaved(self) -> bool:
        """Whether the draft has changed since it was saved."""
        return self.draft != self.saved_draft

    @property
    def has_nothing_to_write(self) -> bool:
        """Whether the target was asked, and holds every value already."""
        return self.plan is not None and self.plan.changes_nothing

    # Moving

    def take(self, move: Move) -> str | None:
        """Apply *move*, save the draft, and return the key of the step to show; None at an end of the flow."""
        if move.flow is not None:
            self.kind = move.flow
        goal = self._goal(move)
        if goal is None:
            return None
        self.key = goal
        self.save()
        return goal

    def _goal(self, move: Move) -> str | None:
        if move.to is To.LEAVE:
            return None
        if move.to is To.GOTO and move.step is not None:
            # A jump from the start, or with a flow, begins something; any other repairs something and comes back.
            self.return_to = self.key if self.key != "start" and move.flow is None else None
            self._left_with = (self.draft, self.session.key)
            return move.step
        if self.return_to is not None:
            goal, self.return_to = self.return_to, None
            if goal == "troubleshoot" and self._left_with != (self.draft, self.session.key):
                self.message = _UNWRITTEN
            return goal
        if move.to is To.NEXT:
            return following(self.key, self.kind)
        return previous(self.key, self.kind)

    def save(self) -> None:
        """Save the draft where a later run finds it. Raises StateError."""
        self.journal.save(Saved(self.draft, self.key, self.kind, self.confirmed))
        self.saved_draft = self.draft

    def left(self) -> Saved | None:
        """Return what an earlier run left to continue with: a look at the start with nothing answered is not."""
        saved = self.journal.load()
        if saved is not None and saved.step in {"start", "troubleshoot"} and saved.draft == self.draft:
            return None
        return saved

    @property
    def is_left_early(self) -> bool:
        """Whether leaving now leaves something undone: troubleshooting alone has nothing to write."""
        return self.kind is not Flow.TROUBLESHOOT or self.is_unsaved

    @property
    def left_early(self) -> str:
        """What to say where the operator leaves early: what became of the draft."""
        world = self.session.world
        if world is not None and not world.keeps:
            return "Left early; the rehearsal ends, and its draft with it."
        return "Left early; the draft is saved."

    @property
    def exit(self) -> Exit:
        """The exit code with which the wizard itself ends once it is left in order (contract.md)."""
        if self.uncertain or (self.receipt is not None and not self.receipt.complete):
            return Exit.UNWRITTEN
        return Exit.DONE

    @property
    def uncertainty(self) -> str:
        """In which state each key is, after a writing whose outcome is not known; else empty."""
        states = ", ".join(f"{key} {state.value.replace('_', ' ')}" for key, state in self.uncertain.items())
        if KeyState.UNCERTAIN in self.uncertain.values():
            return f"The writing is uncertain: {states}."
        return f"The writing is not complete: {states}." if states else ""

    # The target

    def values(self) -> dict[str, str | Secret]:
        """Return what will be written. Raises email_url.CredentialError when the credential cannot be encoded."""
        return writing.settings(self.draft, self.session)

    def writer(self) -> TargetWriter:
        """Return the target that the draft names: the same object while the answers stay, for it logs in only once."""
        target = self.draft.target
        if target is None:
            raise LookupError("the draft names no target")
        known = self._writer
        if known is None or known[0] != target or _access(known[1]) != _access(self.session):
            if known is not None:
                self._left.append(known[2])
            agreed = isinstance(target, EnvTarget) and target.path == self.in_place
            made = writing.writer(target, self.session, self.journal, from_template=True, in_place=agreed)
            known = (target, self.session, made)
            self._writer = known
        return known[2]

    def agree_to_overwrite(self, target: EnvTarget) -> None:
        """Let the file of *target* be overwritten where it cannot be replaced in one step."""
        self.in_place, self._writer, self.plan = target.path, None, None

    @property
    def known(self) -> InfisicalFacts | None:
        """What the Infisical that was read or written has said of itself; None where the target is a file."""
        if not isinstance(self.draft.target, InfisicalTarget):
            return None
        writer = infisical_of(self.writer())
        return writer.known if writer is not None else None

    async def close(self) -> None:
        """End what the targets hold open, such as a token."""
        open_ones = [*self._left, *([self._writer[2]] if self._writer is not None else [])]
        self._left, self._writer = [], None
        for one in open_ones:
            await one.close()


def _access(session: Session) -> tuple[object, ...]:
    """Return what a writer takes from *session*: another one needs another writer."""
    return (session.client_secret, session.token, session.directory)
