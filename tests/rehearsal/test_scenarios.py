"""Every scenario does what its sentence says, seen with smtplib as GlitchTip would see it."""

from __future__ import annotations

import asyncio
import json
import smtplib
import socket
import ssl
import time
from dataclasses import replace
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from wizard.rehearsal import files, scenarios
from wizard.rehearsal.dns import zone
from wizard.rehearsal.postal.sink import Sink
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import GROUPS, STATES, Outcome, State, state

if TYPE_CHECKING:
    from pathlib import Path

RECIPIENT = "you@example.net"


def message(given: State) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = given.from_, RECIPIENT, "[GlitchTip] Test"
    mail["Message-ID"] = "<test@shop.example>"
    mail.set_content("code 123\n.a line that begins with a dot\n")
    return mail


def send(where: tuple[str, int], given: State, ca_pem: bytes = b"", *, login: bool = True) -> None:
    """Send one mail as Django does."""
    with smtplib.SMTP(*where, timeout=5) as smtp:
        if given.starttls:
            context = ssl.create_default_context(cadata=ca_pem.decode() or None)
            context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
            smtp.starttls(context=context)
        if login:
            smtp.login(f"{given.organisation}/{given.server}", given.key)
        smtp.send_message(message(given))


async def sent(given: State, *, login: bool = True) -> Postal:
    """Return the server, stopped, after a mail was sent to it; what smtplib raised comes through."""
    async with Postal(given) as postal:
        await asyncio.to_thread(send, postal.address, given, postal.ca_pem, login=login)
    return postal


ACCEPTED = {
    "good": "Sent",
    "localhost": "Sent",
    "bare-worker": "Sent",
    "starttls": "Sent",
    "infisical": "Sent",
    "rotation": "Sent",
    "no-new-key": "Sent",
    "never-checked": "Sent",
    "exported-copy": "Sent",
    "infisical-read-only": "Sent",
    "infisical-address": "Sent",
    "infisical-approval": "Sent",
    "inline-mail": "Sent",
    "old-containers": "Sent",
    "starttls-not-set": "Sent",
    "development": "Held",
    "held-credential": "Held",
    "suppressed": "Held",
    "send-limit": "Held",
    "no-worker": "Pending",
    "port-25-blocked": "SoftFail",
    "hard-fail": "HardFail",
}
REFUSED: dict[str, tuple[type[Exception], str]] = {
    "wrong-key": (smtplib.SMTPAuthenticationError, r"\(535, b'Invalid credential'\)"),
    "api-key": (smtplib.SMTPAuthenticationError, r"\(535, b'Invalid credential'\)"),
    "smtp-ip": (smtplib.SMTPAuthenticationError, r"\(535, b'Invalid credential'\)"),
    "suspended": (smtplib.SMTPRecipientsRefused, r"\(535, b'Mail server has been suspended'\)"),
    "unverified": (smtplib.SMTPDataError, r"\(530, b'From/Sender name is not valid'\)"),
    "subdomain": (smtplib.SMTPDataError, r"\(530, b'From/Sender name is not valid'\)"),
    "too-large": (smtplib.SMTPDataError, r"\(552, b'Message too large \(maximum size 0MB\)'\)"),
    "busy": (smtplib.SMTPConnectError, r"\(421, "),
    "no-tls": (smtplib.SMTPNotSupportedError, "STARTTLS extension not supported"),
    "self-signed": (ssl.SSLCertVerificationError, "self-signed certificate"),
    "expired": (ssl.SSLCertVerificationError, "certificate has expired"),
    "wrong-name": (ssl.SSLCertVerificationError, "certificate is not valid for '127.0.0.1'"),
}
ELSEWHERE = {"proxy-protocol", "slow-reverse-dns", "not-postal"}
"""Tried below, each in a test of its own."""


@pytest.mark.parametrize("name", ACCEPTED)
async def test_the_mail_is_accepted_and_its_status_is_told(name: str) -> None:
    postal = await sent(state(name))
    (mail,) = postal.mails
    assert (mail.status, mail.rcpt_to, mail.mail_from) == (ACCEPTED[name], RECIPIENT, "glitchtip@shop.example")
    assert mail.with_tls == name.startswith("starttls")
    assert b"\r\n.a line that begins with a dot\r\n" in mail.raw


@pytest.mark.parametrize("name", REFUSED)
async def test_the_mail_is_refused_where_the_sentence_says(name: str) -> None:
    kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        await sent(state(name))


def test_every_scenario_is_tried() -> None:
    in_dns_only = {one.name for one in STATES if one.zone != "good" or one.dns_delay} - {"unverified"}
    assert set(ACCEPTED) | set(REFUSED) | ELSEWHERE | in_dns_only == {one.name for one in STATES}


def test_names_are_single_words_and_sentences_end() -> None:
    assert len({one.name for one in STATES}) == len(STATES) > 20
    assert all(" " not in one.name and one.sentence.endswith(".") for one in STATES)
    assert all(one.lesson and not one.lesson.endswith(".") for one in STATES)


def test_every_scenario_is_in_one_group_and_fits_a_line_of_the_menu() -> None:
    grouped = [one for group in GROUPS for one in group.scenarios]
    assert [one.name for one in grouped] == [one.name for one in STATES]
    assert all(len(f"10  {one.name}, {one.lesson}") < 80 for one in grouped)


def test_whatever_fails_can_be_fixed() -> None:
    without = {one.name for one in STATES if not one.changes}
    # In the last one the remedy is the wizard's own: it offers to write the copy too.
    assert without == {"good", "starttls", "infisical", "rotation", "dns-slow", "exported-copy"}
    for one in STATES:
        for change in one.changes:
            replace(one, **dict(change.state))  # type: ignore[arg-type]  # a field that does not exist is a TypeError
            assert change.fix.turns or change.fix.at
            assert change.fix.name.startswith("pretend I ")
            assert change.fix.done.endswith(".")


async def test_smtp_ip_admits_this_machine_without_auth() -> None:
    postal = await sent(state("smtp-ip"), login=False)
    assert len(postal.mails) == 1


async def test_a_refused_mail_is_not_kept() -> None:
    given = state("unverified")
    async with Postal(given) as postal:
        with pytest.raises(smtplib.SMTPDataError):
            await asyncio.to_thread(send, postal.address, given)
        assert postal.mails == []


class TestProxyProtocol:
    async def test_is_silent_until_spoken_to_and_then_refuses(self) -> None:
        async with Postal(state("proxy-protocol")) as postal:
            reader, writer = await asyncio.open_connection(*postal.address)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.2)
            writer.write(b"EHLO here\r\n")
            assert await asyncio.wait_for(reader.read(), 3) == b"502 Proxy Error\r\n"
            writer.close()

    async def test_greets_after_a_proxy_line(self) -> None:
        async with Postal(state("proxy-protocol")) as postal:
            reader, writer = await asyncio.open_connection(*postal.address)
            writer.write(b"PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\n")
            assert (await reader.readline()).startswith(b"220 smtp.postal.shop.example ESMTP Postal/")
            writer.close()


class TestSlowReverseDns:
    async def test_delays_the_354_and_everybody_else(self) -> None:
        given = replace(state("slow-reverse-dns"), data_delay=0.5)

        def greeted(where: tuple[str, int]) -> float:
            begun = time.monotonic()
            with socket.create_connection(where, 3) as connection:
                connection.recv(100)
            return time.monotonic() - begun

        async with Postal(given) as postal:
            mail = asyncio.create_task(asyncio.to_thread(send, postal.address, given))
            begun = time.monotonic()
            while not postal._turn.locked():
                await asyncio.sleep(0.01)
                assert time.monotonic() - begun < 3
            waited = await asyncio.to_thread(greeted, postal.address)
            await mail
        assert time.monotonic() - begun >= 0.5
        assert waited > 0.2
        assert len(postal.mails) == 1

    def test_takes_nine_seconds_unless_told_otherwise(self) -> None:
        assert state("slow-reverse-dns").data_delay == 9


async def test_not_postal_speaks_with_enhanced_codes() -> None:
    given = state("not-postal")

    def look(where: tuple[str, int]) -> tuple[bytes, bytes, bool]:
        with smtplib.SMTP(timeout=5) as smtp:
            _, banner = smtp.connect(*where)
            smtp.ehlo()
            _, granted = smtp.login("any", given.key)
            return banner, granted, smtp.has_extn("size")

    async with Postal(given) as postal:
        banner, granted, size = await asyncio.to_thread(look, postal.address)
    assert b"Postal" not in banner
    assert granted.startswith(b"2.7.0")
    assert size


class TestTls:
    async def test_words_injected_after_starttls_are_forgotten(self) -> None:
        async with Postal(state("starttls")) as postal:
            reader, writer = await asyncio.open_connection(*postal.address)
            await reader.readline()
            writer.write(b"STARTTLS\r\nNOOP")
            assert await reader.readline() == b"220 Ready to start TLS\r\n"
            context = ssl.create_default_context(cadata=postal.ca_pem.decode())
            await writer.start_tls(context, server_hostname="127.0.0.1")
            writer.write(b"QUIT\r\n")
            assert await reader.readline() == b"221 Closing Connection\r\n"
            writer.transport.abort()

    async def test_a_large_mail_comes_through_whole(self) -> None:
        given = state("starttls")

        def send_large(where: tuple[str, int], ca_pem: bytes) -> None:
            with smtplib.SMTP(*where, timeout=10) as smtp:
                smtp.starttls(context=ssl.create_default_context(cadata=ca_pem.decode()))
                smtp.login("shop/apps", given.key)
                body = f"From: glitchtip@shop.example\r\n\r\n{'x' * 900}\r\n" + f"{'y' * 900}\r\n" * 3000
                smtp.sendmail("a@shop.example", RECIPIENT, body)

        async with Postal(given) as postal:
            await asyncio.to_thread(send_large, postal.address, postal.ca_pem)
            assert postal.mails[0].raw.count(b"y" * 900) == 3000


class TestTheSink:
    async def test_keeps_each_mail_as_a_file_of_the_owner_alone(self, tmp_path: Path) -> None:
        given = state("good")
        async with Postal(given, Sink(tmp_path / "sink")) as postal:
            await asyncio.to_thread(send, postal.address, given)
        written = sorted((tmp_path / "sink").iterdir())
        assert [path.name for path in written] == ["0001.eml", "0001.json"]
        assert [path.stat().st_mode & 0o777 for path in written] == [0o600, 0o600]
        assert written[0].read_bytes() == postal.mails[0].raw

    @pytest.mark.parametrize(
        ("status", "files"),
        [
            ("Sent", ["0001.eml", "0001.json"]),
            ("Held", ["0001.json", "held/0001.eml"]),
            ("Pending", ["0001.json"]),
            ("SoftFail", ["0001.json"]),
            ("HardFail", ["0001.json"]),
        ],
    )
    def test_a_mail_is_in_the_mailbox_only_where_it_was_delivered(
        self, status: str, files: list[str], tmp_path: Path
    ) -> None:
        Sink(tmp_path).accept("a@shop.example", RECIPIENT, b"Subject: x\r\n\r\n", Outcome(status), with_tls=False)
        found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
        assert found == files

    @pytest.mark.parametrize(
        ("status", "comes"), [("Held", True), ("Pending", True), ("SoftFail", True), ("HardFail", False)]
    )
    def test_what_postal_still_has_comes_once_it_is_released_and_what_is_lost_does_not(
        self, status: str, comes: bool, tmp_path: Path
    ) -> None:
        sink = Sink(tmp_path)
        sink.accept("a@shop.example", RECIPIENT, b"Subject: x\r\n\r\n", Outcome(status), with_tls=False)
        sink.release(Outcome())
        assert (tmp_path / "0001.eml").exists() == comes
        assert not list(tmp_path.glob("held/*"))
        assert sink.mails[0].status == ("Sent" if comes else status)
        assert json.loads((tmp_path / "0001.json").read_text())["outcome"]["status"] == sink.mails[0].status

    async def test_keeps_one_message_for_each_recipient(self) -> None:
        given = state("good")

        def send_two(where: tuple[str, int]) -> None:
            with smtplib.SMTP(*where, timeout=5) as smtp:
                smtp.login("shop/apps", given.key)
                smtp.sendmail("a@shop.example", [RECIPIENT, "me@example.net"], message(given).as_string())

        async with Postal(given) as postal:
            await asyncio.to_thread(send_two, postal.address)
        assert [(mail.id, mail.rcpt_to) for mail in postal.mails] == [(1, RECIPIENT), (2, "me@example.net")]

    async def test_words_of_the_status_name_the_recipient(self) -> None:
        postal = await sent(state("suppressed"))
        assert postal.mails[0].outcome.details.startswith(f"Recipient ({RECIPIENT}) is on the suppression list")


async def test_stopping_ends_an_open_connection() -> None:
    postal = Postal(state("good"))
    reader, writer = await asyncio.open_connection(*await postal.start())
    await reader.readline()
    await asyncio.wait_for(postal.stop(), 2)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 2)
    writer.transport.abort()


def test_the_files_recipient_and_names_are_reserved_ones() -> None:
    reserved = (".example", "example.net")
    assert files.RECIPIENT.endswith(reserved)
    assert all(name.endswith(reserved) for name in (zone.DOMAIN, zone.POSTAL, scenarios.state("good").hostname))
