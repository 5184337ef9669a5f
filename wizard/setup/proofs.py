"""The five proofs: key, From, receivers, arrival and GlitchTip, each proven, disproven or not yet (design.md 3).

They are values of findings, of what the operator said, and in a rotation of what the journal keeps. They change no
exit code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.checks.registry import CHECKS, Proof
from wizard.model.codes import Check, Code
from wizard.model.details import Triangle
from wizard.model.finding import Verdict, granted
from wizard.model.flow import Flow
from wizard.setup.flow import ARRIVED, IN_SPAM, SEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.state.kept_proofs import Proven


class Standing(StrEnum):
    """The state of a proof."""

    PROVEN = "proven"
    DISPROVEN = "disproven"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Shown:
    """One proof with the sentence that says what it rests on."""

    proof: Proof
    standing: Standing
    sentence: str


TITLES: Final = {
    Proof.KEY: "Key",
    Proof.FROM: "From",
    Proof.RECEIVERS: "Receivers",
    Proof.ARRIVAL: "Arrival",
    Proof.GLITCHTIP: "GlitchTip",
}
EVERYTHING: Final = "GlitchTip sends mail. Everything is proven."
"""Said where all five are proven, and nowhere else."""
_TURNING: Final = {
    proof: frozenset(entry.id for entry in CHECKS if entry.proof is proof and entry.disproves) for proof in Proof
}
"""The checks whose fail disproves a proof."""
_ENOUGH: Final = frozenset({Verdict.PASS, Verdict.WARN})
_KEPT: Final = frozenset({Proof.FROM, Proof.RECEIVERS, Proof.ARRIVAL})
"""What a rotation keeps of an earlier run."""


def of_findings(
    findings: Iterable[Finding], confirmed: AbstractSet[str] = frozenset(), *, attended: bool = False
) -> dict[Proof, Standing]:
    """Return the state of each proof by *findings* alone, and by what the operator *confirmed*.

    Unattended, Postal's word that the mail was sent proves its arrival; *attended*, the operator has to say so too.
    """
    found = list(findings)
    return {proof: _standing(proof, found, confirmed, attended=attended) for proof in Proof}


def _standing(proof: Proof, found: list[Finding], confirmed: AbstractSet[str], *, attended: bool) -> Standing:
    if proof is Proof.ARRIVAL and IN_SPAM in confirmed:
        return Standing.DISPROVEN
    if any(finding.verdict is Verdict.FAIL and finding.check in _TURNING[proof] for finding in found):
        return Standing.DISPROVEN
    if proof is Proof.RECEIVERS and _headers_say(found, Code.RECEIVED_DMARC_FAIL):
        return Standing.DISPROVEN
    proven = _arrived(found, confirmed, attended=attended) if proof is Proof.ARRIVAL else _PROVEN_BY[proof](found)
    return Standing.PROVEN if proven else Standing.NOT_YET


def _has(found: list[Finding], code: Code) -> bool:
    return any(finding.code is code for finding in found)


def _headers_say(found: list[Finding], code: Code) -> bool:
    """Whether pasted headers say *code*, and are those of the mail that was sent."""
    return _has(found, code) and _has(found, Code.RECEIVED_THIS_MAIL)


def _of(found: list[Finding], check: Check) -> list[Finding]:
    return [finding for finding in found if finding.check == check and finding.verdict is not Verdict.SKIP]


def _passed(found: list[Finding], check: Check) -> bool:
    verdicts = {finding.verdict for finding in _of(found, check)}
    return verdicts == {Verdict.PASS}


def _receivers(found: list[Finding]) -> bool:
    """Whether this mail's own headers say dmarc=pass, or the prediction passes in a world that is known to hold."""
    if _headers_say(found, Code.RECEIVED_DMARC_PASS):
        return True
    alignment = _of(found, Check.ALIGNMENT)
    aligned = bool(alignment) and all(
        finding.verdict is Verdict.PASS or finding.code is Code.ALIGNMENT_SPF_ONLY for finding in alignment
    )
    if not aligned or not all(_world_is_known(finding) for finding in alignment):
        return False
    beside = (_of(found, Check.SPF_MAILFROM), _of(found, Check.PTR))
    return all(each and all(finding.verdict in _ENOUGH for finding in each) for each in beside)


def _world_is_known(finding: Finding) -> bool:
    return isinstance(finding.detail, Triangle) and finding.detail.world != "unknown"


def _arrived(found: list[Finding], confirmed: AbstractSet[str], *, attended: bool) -> bool:
    if ARRIVED in confirmed or _has(found, Code.RECEIVED_THIS_MAIL):
        return True
    return _passed(found, Check.ARRIVAL) and (SEEN in confirmed or not attended)


def _glitchtip(found: list[Finding]) -> bool:
    """Whether every service that sends mail was seen with these settings; a skip among them proves nothing."""
    containers = [finding for finding in found if finding.check == Check.CONTAINER]
    return bool(containers) and all(finding.verdict is Verdict.PASS for finding in containers)


_PROVEN_BY: Final[dict[Proof, Callable[[list[Finding]], bool]]] = {
    Proof.KEY: lambda found: _passed(found, Check.AUTH),
    Proof.FROM: lambda found: _has(found, Code.SENDER_ACCEPTED) or _has(found, Code.SENDER_ACCEPTED_SLOWLY),
    Proof.RECEIVERS: _receivers,
    Proof.GLITCHTIP: _glitchtip,
}


def of_state(state: FlowState) -> dict[Proof, Shown]:
    """Return the proofs of a run, each with its sentence; a rotation keeps those of earlier runs."""
    found = state.all_findings
    standings = of_findings(found, state.confirmed, attended=True)
    shown = {}
    for proof, standing in standings.items():
        kept = _kept(state, proof) if standing is Standing.NOT_YET else None
        if kept is not None:
            shown[proof] = Shown(proof, Standing.PROVEN, f"proven {kept.when:%Y-%m-%d}, not again since")
        else:
            shown[proof] = Shown(proof, standing, _sentence(proof, standing, found, state.confirmed))
    return shown


def _kept(state: FlowState, proof: Proof) -> Proven | None:
    """Return the proof of an earlier run where it is about the same From, server and org/server."""
    kept = state.kept_proofs.get(proof.value) if state.kind is Flow.ROTATE and proof in _KEPT else None
    if kept is None or kept.about != about(state):
        return None
    return kept


def about(state: FlowState) -> tuple[str, str, str]:
    """Return what a kept proof is about: From, server, and the org/server that Postal granted."""
    server = state.draft.server
    return (state.draft.app.from_, f"{server.host}:{server.port}", granted(state.all_findings) or "")


def keepable(state: FlowState) -> dict[str, Standing]:
    """Return the proofs of this run that a later rotation may keep."""
    standings = of_findings(state.all_findings, state.confirmed, attended=True)
    return {proof.value: standing for proof, standing in standings.items() if proof in _KEPT}


def line(proofs: Mapping[Proof, Standing]) -> str:
    """Return the tally in a few words: ``proofs 3/5``."""
    proven = sum(standing is Standing.PROVEN for standing in proofs.values())
    against = sum(standing is Standing.DISPROVEN for standing in proofs.values())
    return f"proofs {proven}/{len(Proof)}" + (f", {against} disproven" if against else "")


def rows(shown: Mapping[Proof, Shown]) -> list[str]:
    """Return a line for each proof: mark, name, what it rests on."""
    marks = {Standing.PROVEN: "OK  ", Standing.DISPROVEN: "FAIL", Standing.NOT_YET: "..  "}
    return [f"{marks[one.standing]} {TITLES[proof]:<10} {one.sentence}" for proof, one in shown.items()]


def all_proven(shown: Mapping[Proof, Shown]) -> bool:
    """Whether "GlitchTip sends mail" may be said."""
    return all(one.standing is Standing.PROVEN for one in shown.values())


def _sentence(proof: Proof, standing: Standing, found: list[Finding], confirmed: AbstractSet[str]) -> str:
    if standing is Standing.DISPROVEN:
        if proof is Proof.ARRIVAL and IN_SPAM in confirmed:
            return "the test mail arrived in spam"
        worst = next(
            (
                finding
                for finding in found
                if finding.verdict is Verdict.FAIL
                and (finding.check in _TURNING[proof] or finding.code is Code.RECEIVED_DMARC_FAIL)
            ),
            None,
        )
        return worst.summary if worst is not None else "disproven"
    if standing is Standing.NOT_YET:
        waiting = [str(one.subject) for one in found if one.code is Code.CONTAINER_BEFORE_RESTART]
        if proof is Proof.GLITCHTIP and waiting:
            was = "was" if len(waiting) == 1 else "were"
            return f"{', '.join(waiting)} {was} not recreated since the writing"
        return _NOT_YET[proof]
    return _arrival_sentence(found, confirmed) if proof is Proof.ARRIVAL else _SENTENCES[proof](found)


def taker(found: Iterable[Finding]) -> str:
    """Return who accepted: Postal only where it has shown itself by granting the login in its own words."""
    return "Postal" if granted(found) else "the server"


def _key(found: list[Finding]) -> str:
    server = granted(found)
    return f"Postal takes it: {server}" if server else "the server takes it"


def _receivers_sentence(found: list[Finding]) -> str:
    if _headers_say(found, Code.RECEIVED_DMARC_PASS):
        return "DMARC passed for this mail: its headers say so"
    return next((finding.summary for finding in found if finding.check == Check.ALIGNMENT), "DMARC passes")


def _arrival_sentence(found: list[Finding], confirmed: AbstractSet[str]) -> str:
    if ARRIVED in confirmed:
        return "your mail arrived: its code came back"
    if _has(found, Code.RECEIVED_THIS_MAIL):
        return "your mail arrived: its headers were pasted"
    if SEEN in confirmed:
        return "Postal says that it was sent, and you saw it"
    return "Postal says that it was sent"


def _glitchtip_sentence(found: list[Finding]) -> str:
    services = [str(finding.subject) for finding in found if finding.check == Check.CONTAINER]
    words = "runs with these settings and reaches" if len(services) == 1 else "run with these settings and reach"
    return f"{', '.join(services)} {words} the server"


_SENTENCES: Final[dict[Proof, Callable[[list[Finding]], str]]] = {
    Proof.KEY: _key,
    Proof.FROM: lambda found: f"{taker(found)} accepted a mail with this From and this key",
    Proof.RECEIVERS: _receivers_sentence,
    Proof.GLITCHTIP: _glitchtip_sentence,
}
_NOT_YET: Final = {
    Proof.KEY: "no login with this key yet",
    Proof.FROM: "no mail with this From was accepted yet",
    Proof.RECEIVERS: "not known yet whether receivers accept it",
    Proof.ARRIVAL: "no test mail has been seen to arrive yet",
    Proof.GLITCHTIP: "GlitchTip's containers were not seen with these settings yet",
}
