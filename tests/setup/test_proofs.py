"""The five proofs: what proves each, what disproves it, and what leaves it open (design.md section 3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.setup.states import aligned, found, granted, state
from wizard.checks.registry import CHECKS, Proof
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.setup import proofs
from wizard.setup.flow import ARRIVED, IN_SPAM, SEEN
from wizard.setup.proofs import Standing, of_findings
from wizard.state.kept_proofs import Proven

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = Finding.ok(Code.SENDER_ACCEPTED, "you@example.net", "Accepted.")
SPF = Finding.ok(Code.SPF_MAILFROM_AUTHORISED, "psrp.shop.example", "It passes.")
PTR = Finding.ok(Code.PTR_CONFIRMED, "192.0.2.25", "Confirmed.")
SENT = Finding.ok(Code.ARRIVAL_SENT, "<id>", "Sent.", proven_from="postal")
THIS_MAIL = Finding.ok(Code.RECEIVED_THIS_MAIL, "Message-ID", "This mail.", proven_from="mail")
DMARC_PASS = Finding.ok(Code.RECEIVED_DMARC_PASS, "dmarc", "Passed.", proven_from="mail")
DMARC_FAIL = Finding.fail(Code.RECEIVED_DMARC_FAIL, "dmarc", "Failed.", remedy="x", proven_from="mail")


def container(code: Code, service: str) -> Finding:
    if code is Code.CONTAINER_EQUAL:
        return Finding.ok(code, service, "Equal.", proven_from=f"container {service}")
    return Finding.skip(code, service, "Not looked at.")


@pytest.mark.parametrize(
    ("proof", "findings", "standing"),
    [
        (Proof.KEY, [granted()], Standing.PROVEN),
        (Proof.KEY, [], Standing.NOT_YET),
        (Proof.KEY, [Finding.unknown(Code.AUTH_TEMPORARY, "x", "Later.", remedy="x")], Standing.NOT_YET),
        (Proof.FROM, [ACCEPTED], Standing.PROVEN),
        (Proof.FROM, [granted()], Standing.NOT_YET),
        (Proof.RECEIVERS, [aligned(), SPF, PTR], Standing.PROVEN),
        (Proof.RECEIVERS, [aligned(), SPF], Standing.NOT_YET),
        (Proof.RECEIVERS, [aligned("unknown"), SPF, PTR], Standing.NOT_YET),
        (Proof.RECEIVERS, [THIS_MAIL, DMARC_PASS], Standing.PROVEN),
        (Proof.RECEIVERS, [DMARC_PASS], Standing.NOT_YET),
        (Proof.RECEIVERS, [aligned(), SPF, PTR, THIS_MAIL, DMARC_FAIL], Standing.DISPROVEN),
        (Proof.ARRIVAL, [SENT], Standing.PROVEN),
        (Proof.ARRIVAL, [THIS_MAIL], Standing.PROVEN),
        (Proof.ARRIVAL, [Finding.unknown(Code.ARRIVAL_PENDING, "<id>", "Pending.", remedy="x")], Standing.NOT_YET),
        (Proof.GLITCHTIP, [container(Code.CONTAINER_EQUAL, "web")], Standing.PROVEN),
        (
            Proof.GLITCHTIP,
            [container(Code.CONTAINER_EQUAL, "web"), container(Code.CONTAINER_BEFORE_RESTART, "worker")],
            Standing.NOT_YET,
        ),
        (Proof.GLITCHTIP, [], Standing.NOT_YET),
    ],
)
def test_what_proves_each(proof: Proof, findings: list[Finding], standing: Standing) -> None:
    assert of_findings(findings)[proof] is standing


@pytest.mark.parametrize("entry", [entry for entry in CHECKS if entry.proof is not None], ids=lambda one: str(one.id))
def test_a_fail_disproves_only_what_the_table_says(entry: object) -> None:
    entry = next(one for one in CHECKS if one is entry)
    code = next(one for one in Code if one.check is entry.id)
    fail = Finding.fail(code, "x", "Wrong.", remedy="x")
    disproven = {proof for proof, standing in of_findings([fail]).items() if standing is Standing.DISPROVEN}
    if entry.id is Check.RECEIVED:
        assert disproven == set()
    else:
        assert disproven == ({entry.proof} if entry.disproves else set())


def test_the_ids_that_disprove_are_those_of_the_design() -> None:
    turning = {
        proof: {str(entry.id) for entry in CHECKS if entry.proof is proof and entry.disproves} for proof in Proof
    }
    assert turning == {
        Proof.KEY: {"resolve", "connect", "greeting", "tls", "auth"},
        Proof.FROM: {"recipient", "sender", "from_address"},
        Proof.RECEIVERS: {"domain", "alignment", "spf_mailfrom", "rp_mx", "ptr"},
        Proof.ARRIVAL: {"arrival"},
        Proof.GLITCHTIP: {"email_url", "environment", "compose", "container"},
    }


def test_every_check_is_in_the_table_once() -> None:
    assert sorted(entry.id for entry in CHECKS) == sorted(Check)


def test_the_operators_word_counts_for_the_arrival() -> None:
    assert of_findings([], {ARRIVED})[Proof.ARRIVAL] is Standing.PROVEN
    assert of_findings([SENT], {IN_SPAM})[Proof.ARRIVAL] is Standing.DISPROVEN


def test_with_an_operator_postals_word_alone_is_not_enough() -> None:
    assert of_findings([SENT], attended=True)[Proof.ARRIVAL] is Standing.NOT_YET


def test_it_is_enough_with_the_operators_that_the_mail_is_there_and_not_that_one_alone(tmp_path: Path) -> None:
    assert of_findings([SENT], {SEEN}, attended=True)[Proof.ARRIVAL] is Standing.PROVEN
    assert of_findings([], {SEEN}, attended=True)[Proof.ARRIVAL] is Standing.NOT_YET
    one = state(tmp_path)
    found(one, "test_mail", SENT)
    one.confirmed = frozenset({SEEN})
    assert proofs.of_state(one)[Proof.ARRIVAL].sentence == "Postal says that it was sent, and you saw it"


def test_a_rotation_keeps_proofs_of_the_same_from_server_and_organisation(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.kind = Flow.ROTATE
    found(one, "credential", granted())
    when = datetime(2026, 11, 20, tzinfo=UTC)
    one.kept_proofs = {"from": Proven(proofs.about(one), when), "key": Proven(proofs.about(one), when)}
    shown = proofs.of_state(one)
    assert shown[Proof.FROM].standing is Standing.PROVEN
    assert "2026-11-20" in shown[Proof.FROM].sentence
    found(one, "credential", granted("other/server"))
    assert proofs.of_state(one)[Proof.FROM].standing is Standing.NOT_YET


def test_a_set_up_keeps_nothing_of_an_earlier_run(tmp_path: Path) -> None:
    one = state(tmp_path)
    found(one, "credential", granted())
    one.kept_proofs = {"from": Proven(proofs.about(one), datetime(2026, 11, 20, tzinfo=UTC))}
    assert proofs.of_state(one)[Proof.FROM].standing is Standing.NOT_YET


def test_glitchtip_sends_mail_is_said_when_all_five_are_proven_and_not_before(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.confirmed = frozenset({ARRIVED})
    steps = [granted(), ACCEPTED, aligned(), SPF, PTR, container(Code.CONTAINER_EQUAL, "web")]
    for finding in steps:
        assert not proofs.all_proven(proofs.of_state(one))
        found(one, "done", finding)
    assert proofs.all_proven(proofs.of_state(one))


def test_services_that_wait_for_the_restart_are_named(tmp_path: Path) -> None:
    one = state(tmp_path)
    found(one, "done", *(container(Code.CONTAINER_BEFORE_RESTART, name) for name in ("web", "worker")))
    shown = proofs.of_state(one)[Proof.GLITCHTIP]
    assert shown.standing is Standing.NOT_YET
    assert shown.sentence == "web, worker were not recreated since the writing"
