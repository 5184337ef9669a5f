"""Turns and seconds of the SMTP check beside plain smtplib and swaks, at 0, 50 and 200 ms of latency.

Run it: ``python tests/bench/smtp_bench.py``. The latency is a forwarder's on loopback: one latency for the connect,
half of one for each way of what is said. The floor of a dialogue is (turns + 1.5) x latency.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import smtplib
import ssl
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.checks.smtp import message as delivery
from wizard.checks.smtp import run as smtp
from wizard.model.draft import App, Credential, Draft, Server, TestMail, Tls
from wizard.model.finding import Finding
from wizard.model.secret import Secret
from wizard.model.session import Event, Exchange, Session
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LATENCIES = (0.0, 0.05, 0.2)
BUDGET = 1.05
"""Times the floor, up to "accepted", at the longest latency."""


@contextlib.asynccontextmanager
async def forwarder(port: int, latency: float) -> AsyncIterator[int]:
    """Forward a free port to *port*, with *latency* seconds for the connect and for a way there and back."""

    tasks: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                loop.call_later(latency / 2, writer.write, chunk)
        loop.call_later(latency / 2, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await asyncio.sleep(latency)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def draft(port: int, username: str, tls: Tls) -> Draft:
    return Draft(
        app=App(from_="GlitchTip <glitchtip@shop.example>"),
        server=Server("localhost" if tls == "starttls" else "127.0.0.1", port, tls),
        credential=Credential(username),
        test_mail=TestMail("you@example.net"),
    )


async def check(port: int, key: str, username: str, tls: Tls) -> tuple[int, float]:
    """Return the turns and the seconds up to "accepted"."""
    start = time.perf_counter()
    accepted: list[float] = []
    turns = 0

    def on_event(event: Event) -> None:
        nonlocal turns
        if isinstance(event, Exchange) and event.verb not in {"connect", "banner", "QUIT"}:
            turns += 1
        if isinstance(event, Finding) and event.check == "sender" and event.verdict == "pass":
            accepted.append(time.perf_counter() - start)

    await smtp.check(draft(port, username, tls), Session(key=Secret(key)), on_event, send=True)
    return turns, accepted[0]


async def django(port: int, key: str, username: str, tls: Tls) -> tuple[int, float]:
    """Return the turns, and the seconds of Django's calls of smtplib, QUIT included."""
    turns = 0

    class Counted(smtplib.SMTP):
        def getreply(self) -> tuple[int, bytes]:
            nonlocal turns
            turns += 1
            return super().getreply()

    def send() -> None:
        told = draft(port, username, tls)
        with Counted(told.server.host, port, local_hostname="localhost") as client:
            if tls == "starttls":
                client.starttls(context=ssl.create_default_context())
            client.login(username, key)
            message = delivery.as_bytes(delivery.build_message(told, "ABC234"))
            client.sendmail("glitchtip@shop.example", ["you@example.net"], message)

    start = time.perf_counter()
    await asyncio.to_thread(send)
    return turns - 1 + (tls == "starttls"), time.perf_counter() - start


async def swaks(port: int, key: str, username: str, tls: Tls) -> tuple[int, float]:
    """Return the turns and the seconds of swaks by PLAIN, QUIT included."""
    command = [
        "swaks", "--server", f"localhost:{port}", "--from", "glitchtip@shop.example", "--to", "you@example.net",
        "--auth", "PLAIN", "--auth-user", username, "--auth-password", key, "--silent", "3",
    ]  # fmt: skip
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, *(["--tls"] if tls == "starttls" else []))
    if await process.wait():
        raise RuntimeError("swaks failed")
    return 7 + 3 * (tls == "starttls"), time.perf_counter() - start


Client = Callable[[int, str, str, Tls], Awaitable[tuple[int, float]]]


async def main() -> int:
    clients: dict[str, Client] = {"check, to accepted": check, "smtplib, to QUIT": django}
    if shutil.which("swaks"):
        clients["swaks, to QUIT"] = swaks
    over = 0
    print(
        f"{'latency':>8}  {'TLS':<9} {'user name':<15} {'client':<20} {'turns':>5} {'seconds':>8} {'floor':>8}  ratio"
    )
    with tempfile.TemporaryDirectory() as directory:
        for tls in ("none", "starttls"):
            async with Postal(State("bench", "", tls="good" if tls == "starttls" else "off")) as postal:
                if postal.ca_pem:
                    trusted = Path(directory) / "ca.pem"
                    trusted.write_bytes(postal.ca_pem)
                    os.environ["SSL_CERT_FILE"] = str(trusted)
                for latency in LATENCIES:
                    async with forwarder(postal.address[1], latency) as port:
                        for username in ("shop/apps", "glitchtip@app"):
                            for name, client in clients.items():
                                turns, seconds = await client(port, postal.state.key, username, tls)
                                floor = (turns + 1.5) * latency
                                ratio = seconds / floor if floor else float("nan")
                                over += client is check and latency == LATENCIES[-1] and ratio > BUDGET
                                print(
                                    f"{latency * 1000:>5.0f} ms  {tls:<9} {username:<15} {name:<20} {turns:>5} "
                                    f"{seconds:>8.3f} {floor:>8.3f}  {ratio:.3f}"
                                )
    print(f"{over} over {BUDGET} x floor")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
