"""The stages of the SMTP check in the order of the dialogue, each reported as soon as it is judged."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from typing import TYPE_CHECKING, Final, Literal, NoReturn

from wizard.checks.smtp import addresses, delivery, greeting, login, message, tls
from wizard.checks.smtp.connect import Reach
from wizard.checks.smtp.dialogue import MECHANISMS, BrokenError, Dialogue, HandshakeError, Reply
from wizard.checks.smtp.stop import StopError
from wizard.glitchtip import compose
from wizard.model.codes import Check, Code
from wizard.model.details import Delivery, Login
from wizard.model.draft import POSTAL_PORT
from wizard.model.finding import Finding, Verdict, granted
from wizard.model.validation import bare_host, is_loopback
from wizard.postal import server as postal
from wizard.system.threads import aside, in_daemon

if TYPE_CHECKING:
    from email.message import Message

    from wizard.checks.smtp.limits import Apart, Limits
    from wizard.model.draft import Draft
    from wizard.model.session import Listener, Session


_WORTH_ASKING: Final = 0.5
"""Seconds from DATA to 354 from which on EMAIL_TIMEOUT is looked up: it counts whole seconds."""


class Stages:
    """One check, from the first question to QUIT."""

    def __init__(
        self,
        draft: Draft,
        session: Session,
        on_event: Listener,
        *,
        send: bool,
        code: str,
        until: str | None,
        limits: Limits,
        apart: Apart,
    ) -> None:
        self.findings: list[Finding] = []
        self._draft = draft
        self._session = session
        self._on_event = on_event
        self._send = send
        self._code = code
        self._until = until
        self._limits = limits
        self._apart = apart
        self._asking: asyncio.Task[None] | None = None
        self._loopback = False
        """Whether the host is loopback and GlitchTip's containers cannot reach it: no mail is sent then."""
        self._host = bare_host(draft.server.host)
        self._port = draft.server.port or POSTAL_PORT
        self._at = f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"
        self._username = draft.credential.username
        self._stage = Check.RESOLVE
        self._peer = postal.Peer("nobody")
        self._granted: str | None = None
        self._reach: Reach | None = None
        self._coming: list[asyncio.Task[None]] = []
        """Verdicts that are still on their way beside the dialogue."""
        self._talk: Dialogue | None = None
        # Neither of these two costs a turn: both are done while the network is waited for.
        self._naming = asyncio.create_task(addresses.own_name())
        self._loading: asyncio.Task[ssl.SSLContext] | None = None
        if draft.server.tls == "starttls":
            self._loading = asyncio.create_task(in_daemon(tls.context, limits.to_rcpt))
        self._talking_to = ""
        self._name = ""
        """What is said in EHLO, and the domain of the Message-ID."""
        self._ehlo = Reply(-1, "")
        self._mail: Message | None = None
        """The test mail; None where none is to be sent."""
        self._started = time.perf_counter()

    @property
    def _dialogue(self) -> Dialogue:
        assert self._talk is not None
        return self._talk

    def report(self, finding: Finding) -> None:
        """Keep a finding and report it. One finding a check id and subject: the first one counts."""
        if not any((kept.check, kept.subject) == (finding.check, finding.subject) for kept in self.findings):
            self.findings.append(finding)
            self._on_event(finding)

    async def _go_through(self, clock: asyncio.Timeout) -> None:
        await self._connect()
        await self._greet()
        await self._secure()
        if self._until == "tls":
            later = (Code.AUTH_NOT_ASKED, Code.USERNAME_NOT_ASKED, Code.RECIPIENT_NOT_ASKED, Code.SENDER_NOT_ASKED)
            await self._end("Not asked yet.", *later)
        self._stage = Check.AUTH
        await self._log_in()
        await self._hand_over()
        clock.reschedule(asyncio.get_running_loop().time() + self._limits.data)
        await self._deliver()

    async def _connect(self) -> None:
        if not self._host:
            where = "Give server.host: the SMTP Server Address on Postal's Help page."
            raise StopError("Not asked: server.host is not given.", remedy=where)
        resolved = await addresses.resolve(self._host, self._session, self._limits.resolve)
        if is_loopback(self._host):
            # Asking about containers may take a while: the dialogue continues meanwhile, up to the test mail.
            self._asking = asyncio.create_task(self._judge_loopback(resolved.finding))
            self._coming.append(self._asking)
        else:
            self.report(resolved.finding)
        if not resolved.addresses:
            raise StopError("Not reached: the host has no known address.")
        self._stage = Check.CONNECT
        self._reach = Reach(
            resolved.addresses,
            self._port,
            self.report,
            self._on_event,
            seconds=self._limits.connect,
            silent=self._limits.silent,
        )
        self._name = await self._naming
        first = await self._reach.first()
        if first is None:
            raise StopError("Not reached: no address of the host accepts a connection.")
        self._stage = Check.GREETING
        self._talk = Dialogue(first[1], self._host, self._name, (first[0], self._port), self._on_event)
        self._coming.append(asyncio.create_task(self._reach.judge()))
        self._talking_to = first[0]

    async def _judge_loopback(self, otherwise: Finding) -> None:
        apart = await self._apart(self._draft, self._session)
        self._loopback = bool(apart)
        self.report(addresses.itself(self._host, apart).timed(otherwise.seconds) if apart else otherwise)

    async def _greet(self) -> None:
        self._stage = Check.GREETING
        banner = await self._dialogue.greet(self._limits.wake)
        if banner.code != 220:
            self.report(greeting.unfit(self._at, banner, woken=self._dialogue.woken))
            await self._end("Not reached: no mail server greeted.")
        ehlo = await self._dialogue.ehlo()
        if not 200 <= ehlo.code <= 299:
            self.report(greeting.refused(self._at, ehlo))
            await self._end("Not reached: EHLO was refused.")
        self._peer = postal.fingerprint(banner.text, ehlo.text)
        self._ehlo = ehlo
        self.report(greeting.greeted(self._at, self._peer, banner, ehlo))

    async def _secure(self) -> None:
        self._stage = Check.TLS
        offered = self._dialogue.offers("starttls")
        if self._loading is None:
            assert self._reach is not None
            used = [address for address in self._reach.addresses if address in {*self._reach.works, self._talking_to}]
            private = [address for address in used if addresses.is_private(address)]
            public = [address for address in used if address not in private]
            self.report(tls.plain(self._at, self._host, self._port, public, private, offered=offered))
            return
        before_login = "Not reached: STARTTLS was chosen and comes first; no login goes out in plain text."
        if not offered:
            self.report(tls.not_offered(self._at, self._ehlo.shown[:10], self._peer.trace))
            await self._end(before_login)
        try:
            reply = await self._dialogue.starttls(await self._loading)
        except HandshakeError as failed:
            if isinstance(failed.error, ssl.SSLCertVerificationError):
                self.report(tls.untrusted(self._at, self._host, failed.error))
            else:
                self.report(tls.broken(self._at, failed))
            raise StopError(before_login) from None
        sock = self._dialogue.tls
        if sock is None:
            self.report(tls.refused(self._at, reply))
            await self._end(before_login)
        assert sock is not None
        self._coming.append(asyncio.create_task(self._verify(tls.certificate_of(sock), tls.chain_of(sock))))

    async def _verify(self, certificate: tls.Certificate, chain: list[bytes]) -> None:
        opinion = None
        with contextlib.suppress(OSError):  # no thread, or no time: then it is not known
            opinion = await in_daemon(lambda: tls.second_opinion(chain, self._host), self._limits.to_rcpt)
        self.report(tls.verified(self._at, certificate, opinion, self._host))

    async def _log_in(self) -> None:
        if self._dialogue.tls is not None:
            await self._dialogue.ehlo()
        key, username = self._session.key, self._username
        if key is None or not username:
            for check in (Check.AUTH, Check.USERNAME):
                self.report(login.missing(check, username, key))
            return
        bad = login.unusable(username, key)
        if bad is not None:
            self.report(bad)
            await self._end("Not reached: the login cannot be sent.")
        offered = self._dialogue.mechanisms
        mechanism = next((mechanism for mechanism in MECHANISMS if mechanism in offered), None)
        if mechanism is None:
            self.report(login.not_offered(username, offered, starttls=self._dialogue.offers("starttls")))
            await self._end("Not reached: the server offers no login.")
        assert mechanism is not None
        reply = await self._dialogue.log_in(mechanism, username, key)
        finding = login.judged(username, key, mechanism, reply, self._peer)
        self.report(finding)
        if reply.code != 235:
            await self._end("Not reached: the login was not granted.")
        self._granted = granted([finding])
        if self._granted is None:
            words = "This is not Postal: the user name that its CRAM-MD5 expects is not known."
            self.report(Finding.skip(Code.USERNAME_NOT_APPLICABLE, username, words))
        else:
            login_detail = Login(self._granted, username, mechanism)
            self.report(login.predicted(login_detail, key, cram_md5="CRAM-MD5" in offered))

    async def _hand_over(self) -> None:
        """Prove the recipient by MAIL and RCPT; return only where the test mail is to follow."""
        self._stage = Check.RECIPIENT
        to, from_ = self._subject(Check.RECIPIENT), self._draft.app.from_
        if not to:
            where = "Give test_mail.recipient: an address whose mailbox you can read."
            words = "No recipient given (test_mail.recipient)."
            self.report(Finding.skip(Code.RECIPIENT_NO_VALUE, "", words, remedy=where))
            code = Code.SENDER_NO_VALUE if self._send else Code.SENDER_NOT_ASKED
            await self._end("No mail was sent: no recipient given.", code, remedy=where)
        try:
            bare = message.envelope(to)
        except message.BadAddressError as error:
            self.report(delivery.unusable(Code.RECIPIENT_INVALID_ADDRESS, to, "recipient", error))
            await self._end("No mail was sent: the recipient cannot be used.")
        try:
            sender = message.envelope(from_)
        except message.BadAddressError as error:
            if self._send:
                self.report(delivery.unusable(Code.SENDER_INVALID_ADDRESS, self._subject(Check.SENDER), "From", error))
            await self._end("Not reached: the From cannot be used.")
        if self._asking is not None:
            await asyncio.shield(self._asking)
        verb: Literal["MAIL", "RCPT"] = "MAIL"
        if self._send:
            self._mail = message.build_message(self._draft, self._code, self._name)
        # smtplib's sendmail tells the size where the server asks for it, which may then refuse at MAIL already.
        size = None if self._mail is None else len(message.as_bytes(self._mail))
        reply = await self._dialogue.mail(sender, size)
        if reply.code == 250:
            verb, reply = "RCPT", await self._dialogue.rcpt(bare)
        finding = delivery.recipient(to, verb, reply, self._granted, self._peer)
        self.report(finding)
        if finding.verdict is not Verdict.PASS:
            await self._end("Not reached: the recipient was not accepted.")
        if self._loopback or not self._send:
            with contextlib.suppress(BrokenError):  # the verdict is known; RSET only tidies up
                await self._dialogue.rset()
            why = (
                ""
                if not self._loopback
                else f", because in GlitchTip's containers {self._host} is the container itself"
            )
            await self._end(f"No mail was sent{why}, so the From is not proven.", Code.SENDER_NOT_ASKED)

    async def _deliver(self) -> None:
        self._stage = Check.SENDER
        subject = self._subject(Check.SENDER)
        mail = self._mail
        assert mail is not None
        reply = await self._dialogue.data(message.as_bytes(mail))
        to_354 = self._dialogue.seconds_to_354
        if reply.code != 250:
            verb: Literal["DATA", "message"] = "DATA" if to_354 is None else "message"
            self.report(delivery.refused(subject, verb, reply, self._granted, self._peer))
            return
        seconds = time.perf_counter() - self._started
        sent = Delivery(str(mail["Message-ID"]), seconds, to_354 or 0.0)
        timeout = await self._email_timeout() if sent.seconds_to_354 > _WORTH_ASKING else None
        self.report(delivery.sent(subject, reply, sent, self._peer, timeout))

    async def _email_timeout(self) -> float | None:
        """Look up GlitchTip's EMAIL_TIMEOUT, where it can matter: otherwise the verdict is given at once."""
        try:
            return await aside(compose.email_timeout, self._draft, self._session)
        except OSError:  # no thread or file left: the mail was accepted all the same
            return None

    async def _leave(self) -> None:
        with contextlib.suppress(BrokenError):  # every verdict is known already
            await self._dialogue.leave()

    async def _end(self, why: str, *codes: Code, remedy: str = "") -> NoReturn:
        """Say QUIT, and leave what follows as skipped because of *why*: ``not_reached``, or one of *codes*."""
        await self._leave()
        raise StopError(why, *codes, remedy=remedy)

    def _subject(self, check: Check) -> str:
        match check:
            case Check.AUTH | Check.USERNAME:
                return self._username
            case Check.RECIPIENT:
                return self._draft.test_mail.recipient.strip() if self._draft.test_mail else ""
            case Check.SENDER:
                return self._draft.app.from_address or self._draft.app.from_
            case Check.RESOLVE | Check.CONNECT:
                return self._host
        return self._at
