"""Every dialogue recorded with Postal itself, said again to the stand-in: the replies must be the same."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import ssl
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import State

RECORDED: Final = Path(__file__).with_name("dialogues")
KEY: Final = "s3cr3t/p@ss:w%rd+#"
PASSWORDS: Final = (KEY, quote(KEY, safe=""), KEY.upper(), f"{KEY} ", f"{KEY}  ", f" {KEY}", "wrong", "bad", "nope")

NOT_REPLAYED: Final = {
    "60-health-server.txt": "Postal's health server is not part of the stand-in",
    "71-sink-dns-ok.txt": "what Postal's worker said to a recipient's server; the stand-in delivers into its sink",
    "71-sink-never-dns-checked.txt": "the same",
    "73-legacy-api.txt": "HTTP: replayed in test_api.py",
    "77-legacy-api-development-mode.txt": "HTTP: replayed in test_api.py",
    "90-django-tls-rig.txt": "what Django made of URLs: no dialogue is in it",
}
GOOD: Final = State(
    "recorded",
    "The Postal that was recorded.",
    hostname="smtp.postal.example.test",
    organisation="acme",
    server="app",
    key=KEY,
    verified=("example.test",),
    return_path_domain="rp.postal.example.test",
    route_domain="routes.postal.example.test",
)
DELAY: Final = 0.2
BY_IP: Final = replace(GOOD, smtp_ips=("127.0.0.0/8",))
STATES: Final = {
    "36-message-too-large": replace(GOOD, max_message_size=1),
    "40-tls-starttls-unverified": replace(GOOD, tls="self-signed"),
    "41-tls-starttls-verified-selfsigned": replace(GOOD, tls="self-signed"),
    "42-tls-starttls-own-ca": replace(GOOD, tls="good"),
    "43-tls-plain-still-allowed": replace(GOOD, tls="good"),
    "50-suspended-server": replace(GOOD, suspended=True),
    "51-smtp-ip-no-auth": BY_IP,
    "52-smtp-ip-bad-from": BY_IP,
    "53-smtp-ip-with-wrong-auth": BY_IP,
    "54-sender-header-allowed": replace(GOOD, allow_sender=True),
    "95-reverse-dns-blackhole-DATA-delay": replace(GOOD, data_delay=DELAY),
    "95-same-with-client-timeout-10": replace(GOOD, data_delay=DELAY),
    "swaks-starttls": replace(GOOD, tls="self-signed"),
}


@dataclass(frozen=True, slots=True)
class Step:
    who: str
    """C, S, tls, closed or ended (the last with Python's words)."""
    text: str = ""


def steps(path: Path) -> list[Step]:
    read = read_swaks if path.name.startswith("swaks") else read_plain
    return [step for line in path.read_text(encoding="utf-8").splitlines() if (step := read(line)) is not None]


def read_plain(line: str) -> Step | None:
    if line[:3] in {"C: ", "S: "}:
        return Step(line[0], line[3:])
    if line.startswith("** TLS established"):
        return Step("tls")
    if line.startswith("** connection closed"):
        return Step("closed")
    return Step("ended", line[3:]) if line.startswith("=> ") else None


def read_swaks(line: str) -> Step | None:
    if line[:4] in {"<-  ", "<** ", "<~  "}:
        return Step("S", line[4:])
    if line[:4] in {" -> ", " ~> "}:
        return Step("C", line[4:])
    if line.startswith("=== TLS started"):
        return Step("tls")
    return Step("closed") if line.startswith("=== Connection closed") else None


RECORDINGS: Final = sorted(path for path in RECORDED.glob("*.txt") if path.name not in NOT_REPLAYED)


def test_every_recording_is_replayed_or_has_its_reason() -> None:
    assert len(RECORDINGS) + len(NOT_REPLAYED) == 86
    assert {path.name for path in RECORDED.glob("*.txt")} >= set(NOT_REPLAYED)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
async def test_the_stand_in_replies_as_postal_did(path: Path) -> None:
    state = STATES.get(path.stem, GOOD)
    async with Postal(state) as postal:
        await Replay(steps(path), postal).run()


class Replay:
    """The client's side of one recording."""

    def __init__(self, told: list[Step], postal: Postal) -> None:
        self.told = told
        self.postal = postal
        self.recorded_challenge = self.challenge = ""
        self.compared = 0

    async def run(self) -> None:
        host, port = self.postal.address
        ended = self.told[-1].text
        if "WRONG_VERSION_NUMBER" in ended:
            with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
                await asyncio.open_connection(host, port, ssl=unverified())
            return
        self.reader, self.writer = await asyncio.open_connection(host, port)
        try:
            await self.talk(ended)
        finally:
            self.writer.transport.abort()
        assert self.compared > 1

    async def talk(self, ended: str) -> None:
        for index, step in enumerate(self.told):
            if step.who == "C" and "UnicodeEncodeError" in ended and index == len(self.told) - 2:
                break  # the client could not say it
            await self.take(step)
        if "CERTIFICATE_VERIFY_FAILED" in ended:
            with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
                await self.writer.start_tls(ssl.create_default_context(), server_hostname="localhost")
        if "TimeoutError" in ended:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(self.reader.read(1), 0.3)

    async def take(self, step: Step) -> None:
        if step.who == "S":
            asked = time.monotonic()
            line = (await asyncio.wait_for(self.reader.readline(), 5)).decode()
            assert line.endswith("\r\n")
            assert self.normal(line[:-2], ours=True) == self.normal(step.text, ours=False)
            if self.postal.state.data_delay and line.startswith("354"):
                assert time.monotonic() - asked > DELAY * 0.9
            self.compared += 1
        elif step.who == "C":
            self.writer.write(self.said(step.text))
        elif step.who == "tls":
            await self.writer.start_tls(unverified(), server_hostname="localhost")
        elif step.who == "closed":
            assert await asyncio.wait_for(self.reader.read(), 5) == b""

    def normal(self, reply: str, *, ours: bool) -> str:
        """Trace ids and challenges differ from run to run: their shape is compared."""
        if (found := re.fullmatch(r"334 (P\S{20,})", reply)) is not None:
            challenge = base64.b64decode(found[1]).decode()
            if ours:
                self.challenge = challenge
            else:
                self.recorded_challenge = challenge
            return re.sub(r"^<[0-9a-f]{20}@", "<NONCE@", challenge)
        return re.sub(r"Postal/[A-Z0-9]{8}$", "Postal/TRACE", reply)

    def said(self, text: str) -> bytes:
        if text.endswith("lines ..."):
            return b"x" * 70 + b"\r\n" + (b"x" * 70 + b"\r\n") * int(text.split()[1])
        if "\\n" in text:  # bare line feeds, as they were sent
            return text.replace("\\n", "\n").encode()
        if self.challenge:
            text, self.challenge = self.answered(text), ""
        return text.encode() + b"\r\n"

    def answered(self, recorded: str) -> str:
        """Answer our challenge with the user name and password with which the recorded one was answered."""
        user, _, digest = base64.b64decode(recorded if recorded != "*" else "").decode().rpartition(" ")
        for password in PASSWORDS:
            if digest == digest_of(password, self.recorded_challenge):
                digest = digest_of(password, self.challenge)
                return base64.b64encode(f"{user} {digest}".encode()).decode()
        assert recorded == "*", "the recorded password is not among those known"
        return recorded


def digest_of(password: str, challenge: str) -> str:
    return hmac.new(password.encode(), challenge.encode(), hashlib.md5).hexdigest()


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
