"""Ways to meet a peer whose fault is known: the rehearsal's Postal, a liar, names, certificates, Postfix."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.checks.smtp import certificates, hostile
from tests.checks.smtp.hostile import KEY, Peer, draft
from tests.checks.smtp.names import Answer, Names
from tests.checks.smtp.outcome import LIMITS, Outcome, observed
from wizard.model.details import Delivery
from wizard.model.draft import App, Credential, TestMail
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.postal import api as postal_api
from wizard.rehearsal.postal.api import Api
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import State, state

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    import trustme

    from tests.checks.smtp.certificates import Fault
    from tests.checks.smtp.hostile import Trick
    from tests.checks.smtp.postfix import Postfix
    from wizard.model.draft import Tls


@dataclass(frozen=True)
class Bench:
    """What the cases share. They run one after another: which CA is trusted holds for the whole process."""

    folder: Path
    ca: trustme.CA
    patch: pytest.MonkeyPatch
    postfix: Postfix | None

    def trust(self, pem: bytes) -> None:
        path = self.folder / "trusted.pem"
        path.write_bytes(pem)
        self.patch.setenv("SSL_CERT_FILE", str(path))


Run: TypeAlias = Callable[[Bench], Awaitable[Outcome]]


@dataclass(frozen=True)
class Case:
    """What is wrong, and how to see it."""

    true: str
    """Key of the cause that must stand first once log and findings are there."""
    run: Run
    alone: str = ""
    """What findings alone can tell, where that is less."""


def postal(
    given: str | State,
    *,
    key: str | None = None,
    user: str = "shop/apps",
    to: str = "you@example.net",
    host: str | None = None,
    trusted: bool = True,
    log: bool = True,
    **changes: Any,
) -> Run:
    """The rehearsal's Postal; an empty *key* is none at all."""

    async def run(bench: Bench) -> Outcome:
        one = replace(state(given) if isinstance(given, str) else given, **changes)
        async with Postal(one) as running:
            bench.trust(running.ca_pem if trusted and running.ca_pem else bench.ca.cert_pem.bytes())
            told = draft(
                running.address[1],
                "starttls" if one.starttls else "none",
                host or "",
                app=App(from_=one.from_),
                credential=Credential(user),
                test_mail=TestMail(to),
            )
            used = one.key if key is None else key
            return await observed(told, Session(key=Secret(used) if used else None), log=log)

    return run


def held(scenario: str) -> Run:
    """The rehearsal's Postal and its API: the mail is accepted, and then its last delivery says why it did not go."""

    async def run(bench: Bench) -> Outcome:
        one = state(scenario)
        async with Postal(one) as running:
            told = draft(running.address[1], app=App(from_=one.from_), credential=Credential("shop/apps"))
            found = (await observed(told, Session(key=Secret(one.key)), log=False)).findings
            (sender,) = [one.detail for one in found if isinstance(one.detail, Delivery)]
            api = Api(one, running.sink)
            host, port = await api.start()
            try:
                message = await postal_api.find(f"http://{host}:{port}", Secret(one.api_key), sender.message_id)
            finally:
                await api.stop()
        # A message that only waits has no delivery; its page then says this.
        return Outcome(found, f"{message.status}: {message.details or 'No delivery attempts yet.'}")

    return run


def peer(
    at: str = "never",
    say: str | Trick | None = None,
    *,
    tls: Tls = "none",
    key: str = KEY,
    advertise: bool = True,
    tls_first: bool = False,
    log: bool = True,
    **replies: str,
) -> Run:
    """A peer that is as Postal but at one stage."""

    async def run(bench: Bench) -> Outcome:
        context = None
        if tls == "starttls" or tls_first:
            context = hostile.server_context(bench.ca.issue_cert("localhost"))
            bench.trust(bench.ca.cert_pem.bytes())
        trick = hostile.saying(f"{say}\r\n") if isinstance(say, str) else say
        async with Peer(
            at, trick, context=context, advertise=advertise, tls_first=tls_first, replies=replies
        ) as running:
            return await observed(draft(running.port, tls), Session(key=Secret(key) if key else None), log=log)

    return run


def names(a: Answer, aaaa: Answer) -> Run:
    """A host name with these answers; smtplib is not asked, it would use the machine's own resolver."""

    async def run(bench: Bench) -> Outcome:
        async with Names(a, aaaa) as running:
            session = Session(key=Secret(KEY), resolver=running.address)
            return await observed(draft(25, host="smtp.postal.example.test"), session, log=False)

    return run


async def nobody(bench: Bench) -> Outcome:
    """A port where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    return await observed(draft(port), Session(key=Secret(KEY)))


async def dropped(bench: Bench) -> Outcome:
    """A port whose queue is full: the kernel drops what comes next, as a firewall does."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        return await observed(draft(listener.getsockname()[1]), Session(key=Secret(KEY)))


def certificate(fault: Fault) -> Run:
    """A certificate with one fault, whose CA is trusted."""

    async def run(bench: Bench) -> Outcome:
        chain = certificates.make(fault)
        bench.trust(chain.trust(bench.folder / "ca.pem").read_bytes())
        async with Peer(context=chain.server(bench.folder / "server.pem")) as running:
            return await observed(draft(running.port, "starttls"), Session(key=Secret(KEY)))

    return run


def postfix(
    variant: str, user: str = "", key: str = "", *, tls: Tls = "none", to: str = "you@example.net", hold: bool = False
) -> Run:
    """Debian's Postfix in this variant; *hold*: beside a connection that stays open."""

    async def run(bench: Bench) -> Outcome:
        assert bench.postfix is not None
        if tls == "starttls":
            bench.trust(bench.postfix.trusted.get(variant, bench.postfix.trusted["none"]).read_bytes())
        port = bench.postfix.ports[variant]
        told = draft(port, tls, credential=Credential(user), test_mail=TestMail(to))
        session = Session(key=Secret(key) if key else None)
        if not hold:
            return await observed(told, session)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as held_open:
            assert held_open.recv(200)
            return await observed(told, session, limits=LIMITS)

    return run
