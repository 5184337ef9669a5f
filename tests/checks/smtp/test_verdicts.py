"""The verdict table, row by row, against the rehearsal's Postal and against peers that differ from it in one thing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Code
from wizard.model.details import Delivery
from wizard.model.draft import App, Credential
from wizard.model.finding import Finding, granted
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import State

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.session import Event

SHORT = smtp.Limits(resolve=0.4, connect=1.0, silent=0.4, wake=0.2, to_rcpt=5.0, data=5.0)


async def against(
    state: State, *, send: bool = False, username: str = "shop/apps", key: str | None = None, from_: str | None = None
) -> tuple[list[Finding], Postal]:
    async with Postal(state) as postal:
        told = draft(
            postal.address[1],
            app=App(from_=from_ or "GlitchTip <glitchtip@shop.example>"),
            credential=Credential(username),
        )
        findings = await smtp.check(told, Session(key=Secret(key or state.key)), send=send, code="ABC234", limits=SHORT)
        return findings, postal


class TestAgainstPostal:
    """The states of the rehearsal, whose replies are those recorded from Postal."""

    async def test_all_is_well_without_sending(self) -> None:
        findings, postal = await against(State("good", ""))
        assert verdicts(findings) == {
            "resolve": "skip", "connect": "pass", "greeting": "pass", "tls": "pass", "auth": "pass",
            "username": "pass", "recipient": "pass", "sender": "skip",
        }  # fmt: skip
        assert postal.mails == []
        assert [finding.check for finding in findings] == list(smtp.IDS)

    async def test_all_is_well_with_a_test_mail(self) -> None:
        findings, postal = await against(State("good", ""), send=True)
        sender = one(findings, "sender")
        assert sender.verdict.value == "pass"
        assert sender.code is Code.SENDER_ACCEPTED
        assert "may still hold it" in sender.summary
        assert len(postal.mails) == 1
        assert isinstance(sender.detail, Delivery)
        assert 0 < sender.detail.seconds_to_354 <= sender.detail.seconds

    async def test_auth_names_the_mail_server_that_the_key_belongs_to(self) -> None:
        findings, _ = await against(State("good", ""))
        assert one(findings, "auth").code is Code.AUTH_GRANTED
        assert granted(findings) == "shop/apps"

    @pytest.mark.parametrize("username", ["shop/apps", "shop_apps", "SHOP/Apps"])
    async def test_a_user_name_of_org_and_server_logs_in_at_the_first_try(self, username: str) -> None:
        findings, _ = await against(State("good", ""), username=username)
        assert one(findings, "username").verdict.value == "pass"
        assert one(findings, "username").code is Code.USERNAME_FIRST_TRY

    @pytest.mark.parametrize("username", ["glitchtip@app", "shop", "shop/other", "other/apps", "shop.apps"])
    async def test_any_other_user_name_is_denied_first(self, username: str) -> None:
        findings, _ = await against(State("good", ""), username=username)
        finding = one(findings, "username")
        assert finding.verdict.value == "warn"
        assert finding.code is Code.USERNAME_DENIED_FIRST
        assert "shop/apps" in finding.remedy
        assert "shop%2Fapps" in finding.remedy
        assert f"no server found matching {username}" in finding.evidence[0]

    async def test_a_blank_behind_the_key_is_granted_and_then_denied(self) -> None:
        findings, _ = await against(State("good", ""), key=State("good", "").key + " ")
        assert verdicts(findings)["auth"] == "pass"
        assert one(findings, "username").verdict.value == "warn"
        assert one(findings, "username").code is Code.USERNAME_KEY_BLANK

    @pytest.mark.parametrize("kind", ["nobody", "API"])
    async def test_a_wrong_key_is_a_fail_and_all_after_it_is_not_reached(self, kind: Any) -> None:
        findings, _ = await against(State("wrong", "", key_is=kind), send=True)
        auth = one(findings, "auth")
        assert auth.verdict.value == "fail"
        assert auth.code is Code.AUTH_INVALID_CREDENTIAL
        assert "Add another credential" in auth.remedy
        assert [verdicts(findings)[check] for check in ("username", "recipient", "sender")] == ["skip"] * 3

    async def test_535_at_rcpt_is_a_suspended_server_and_no_password(self) -> None:
        findings, _ = await against(State("suspended", "", suspended=True), send=True)
        recipient = one(findings, "recipient")
        assert verdicts(findings)["auth"] == "pass"
        assert recipient.verdict.value == "fail"
        assert recipient.code is Code.RECIPIENT_SUSPENDED
        assert "/org/shop/servers/apps/advanced" in recipient.remedy
        assert verdicts(findings)["sender"] == "skip"

    @pytest.mark.parametrize("domain", ["other.example", "sub.shop.example"])
    async def test_530_after_data_is_the_from(self, domain: str) -> None:
        findings, postal = await against(State("good", ""), send=True, from_=f"a@{domain}")
        sender = one(findings, "sender")
        assert verdicts(findings)["recipient"] == "pass"
        assert sender.verdict.value == "fail"
        assert sender.code is Code.SENDER_FROM_NOT_VALID
        assert "/org/shop/servers/apps/domains" in sender.remedy
        assert postal.mails == []

    async def test_no_login_is_refused_at_rcpt(self) -> None:
        async with Postal(State("good", "")) as postal:
            findings = await smtp.check(draft(postal.address[1]), Session(), limits=SHORT)
        assert [verdicts(findings)[check] for check in ("auth", "username")] == ["skip", "skip"]
        assert one(findings, "recipient").code is Code.RECIPIENT_NO_LOGIN

    async def test_an_smtp_ip_credential_needs_no_login(self) -> None:
        async with Postal(State("good", "", smtp_ips=("127.0.0.1/32",))) as postal:
            findings = await smtp.check(draft(postal.address[1]), Session(), limits=SHORT)
        assert verdicts(findings)["recipient"] == "pass"

    async def test_a_postal_that_wants_the_proxy_protocol_is_recognised(self) -> None:
        findings, _ = await against(State("proxy", "", greeting="proxy"))
        assert one(findings, "greeting").verdict.value == "fail"
        assert one(findings, "greeting").code is Code.GREETING_PROXY_PROTOCOL

    async def test_a_server_that_is_busy_is_a_fail(self) -> None:
        findings, _ = await against(State("busy", "", greeting="busy"))
        assert one(findings, "greeting").verdict.value == "fail"

    async def test_another_server_is_a_warn_and_its_user_names_are_not_judged(self) -> None:
        findings, _ = await against(State("other", "", greeting="other"), send=True)
        assert verdicts(findings) == {
            "resolve": "skip", "connect": "pass", "greeting": "warn", "tls": "pass", "auth": "pass",
            "username": "skip", "recipient": "pass", "sender": "pass",
        }  # fmt: skip

    async def test_a_slow_354_is_accepted_with_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wizard.postal.server.SLOW_DATA", 0.1)
        findings, _ = await against(State("slow", "", data_delay=0.3), send=True)
        sender = one(findings, "sender")
        assert sender.verdict.value == "warn"
        assert sender.code is Code.SENDER_ACCEPTED_SLOWLY
        assert "resolver" in sender.remedy

    @pytest.mark.parametrize(("seconds", "verdict"), [(1, "warn"), (60, "pass")])
    async def test_the_time_to_354_is_held_against_glitchtips_own_time_out(
        self, seconds: int, verdict: str, tmp_path: Path
    ) -> None:
        (tmp_path / "compose.yml").write_text(
            "services:\n  web:\n    image: glitchtip/glitchtip:v5\n    network_mode: host\n    environment:\n"
            f'      EMAIL_TIMEOUT: "{seconds}"\n'
        )
        state = State("slow", "", data_delay=0.7)
        async with Postal(state) as postal:
            told = draft(postal.address[1], app=App(from_="GlitchTip <glitchtip@shop.example>"))
            at_hand = Session(key=Secret(state.key), directory=tmp_path)
            findings = await smtp.check(told, at_hand, send=True, limits=SHORT)
        assert one(findings, "sender").verdict.value == verdict

    async def test_until_tls_leaves_before_auth(self) -> None:
        async with Peer() as peer:
            findings = await smtp.check(draft(peer.port), session(), until="tls", limits=SHORT)
            await asyncio.wait_for(peer.left.wait(), 5)
        assert peer.auths == 0
        assert peer.verbs[0] == "EHLO"
        assert peer.verbs == ["EHLO", "QUIT"]
        assert [verdicts(findings)[check] for check in smtp.IDS[4:]] == ["skip"] * 4

    async def test_each_finding_is_heard_as_soon_as_it_is_known(self) -> None:
        on_event: list[Event] = []
        async with Postal(State("good", "")) as postal:
            told = draft(postal.address[1], app=App(from_="a@shop.example"))
            findings = await smtp.check(
                told, Session(key=Secret(postal.state.key)), on_event.append, send=True, limits=SHORT
            )
        told_findings = [event for event in on_event if isinstance(event, Finding)]
        verbs = [event.verb if not isinstance(event, Finding) else event.check for event in on_event]  # type: ignore[union-attr]  # no Progress here
        assert sorted(told_findings, key=lambda finding: smtp.IDS.index(finding.check)) == findings
        # At a loopback host the containers are asked meanwhile: its verdict comes once they have answered.
        assert verbs.index("resolve") < verbs.index("MAIL")
        verbs.remove("resolve")
        assert verbs == [
            "connect", "connect", "banner", "EHLO", "greeting", "tls", "AUTH", "auth", "username",
            "MAIL", "RCPT", "recipient", "DATA", "message", "sender", "QUIT",
        ]  # fmt: skip

    async def test_without_sending_mail_and_rcpt_are_taken_back(self) -> None:
        async with Peer() as peer:
            await smtp.check(draft(peer.port), session(), limits=SHORT)
            await asyncio.wait_for(peer.left.wait(), 5)
        assert peer.verbs == ["EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"]

    async def test_a_test_mail_takes_no_turn_more_than_it_needs(self) -> None:
        async with Peer() as peer:
            await smtp.check(draft(peer.port), session(), send=True, limits=SHORT)
            await asyncio.wait_for(peer.left.wait(), 5)
        assert peer.verbs == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]

    async def test_a_refused_key_that_is_none_of_postals_is_said(self) -> None:
        findings, _ = await against(State("good", ""), key="short-key")
        assert (
            "the key has 9 characters; Postal's own keys have 24 letters and digits" in one(findings, "auth").evidence
        )
