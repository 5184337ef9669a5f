"""What reads text from outside, one function a kind: it takes any bytes and raises nothing but what it declares.

Each function is an oracle too: what it returns for people is inert, and what was edited is read back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import dns.name

from wizard.checks import received
from wizard.checks.config import run as config
from wizard.checks.dns import resolver, wire
from wizard.checks.smtp.client import BrokenError, Observed
from wizard.diagnosis import as_json, as_text, diagnose
from wizard.email_url import url as email_url
from wizard.email_url.explain import explain, explain_text
from wizard.glitchtip import compose, docker, inside_scripts, probe
from wizard.glitchtip.compose_yaml import ComposeError
from wizard.model import answers
from wizard.model.draft import App, Domain, Draft, EnvTarget, InfisicalTarget, Server
from wizard.model.secret import Secret
from wizard.model.session import MessageIds, Session
from wizard.postal import api, held, page_merge, pages, refusals, replies, server
from wizard.state import kept_proofs, keyring, known_values, previous_values
from wizard.state.journal import Journal
from wizard.targets import Refused
from wizard.targets.env_file import backups, python_dotenv
from wizard.targets.env_file import text as env_text
from wizard.targets.infisical import cli_settings, reading
from wizard.targets.infisical import http as infisical_http
from wizard.targets.infisical.api import InfisicalApi
from wizard.targets.infisical.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.finding import Finding

VALUES: Final = {"EMAIL_URL": "smtp://shop%2Fapps:key@192.0.2.25:25", "DEFAULT_FROM_EMAIL": "a@shop.example"}
DRAFT: Final = Draft(
    App(from_="GlitchTip <glitchtip@acme.example>"),
    Server("192.0.2.25", 25),
    domain=Domain(name="acme.example", dkim_selector="postal-kRSMYn", return_path_target="rp.postal.mailhost.example"),
)
FOLDER: Final = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/mail", "id")
_ACTING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
QUESTIONS: Final = ("TXT", "MX", "A", "AAAA", "PTR", "SOA", "CNAME", "NS")


def inert(texts: Iterable[str]) -> None:
    """Raise AssertionError where something that is shown could act on a terminal."""
    for text in texts:
        acting = [letter for letter in text if letter != "\n" and unicodedata.category(letter) in _ACTING]
        assert not acting, repr(text)


def sayings(findings: Iterable[Finding]) -> Iterable[str]:
    for one in findings:
        yield from (one.summary, one.remedy, str(one.subject), *one.evidence)


@cache
def home() -> Path:
    """Return a directory of this process, in memory where there is one."""
    memory = Path("/dev/shm")  # a private directory is made below it
    return Path(tempfile.mkdtemp(prefix="postal-wizard-fuzz-", dir=memory if memory.is_dir() else None))


@cache
def loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def put(name: str, data: bytes) -> Path:
    path = home() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def env(data: bytes) -> None:
    """A `.env`: edited as python-dotenv reads it, or refused; put back to the byte."""
    python_dotenv.last_values(data)
    with contextlib.suppress(Refused):
        edited = env_text.edit(data, VALUES).raw
        python_dotenv.confirm(data, edited, VALUES)
        assert env_text.edit(edited, VALUES).raw == edited
    with contextlib.suppress(Refused):
        env_text.put_back(data, b"EMAIL_URL=a\n", ("EMAIL_URL",))


def project(data: bytes) -> None:
    """A compose file and the `.env` beside it, behind a NUL: read, judged, and said."""
    first, _, second = data.partition(b"\0")
    put("project/docker-compose.yml", first)
    put("project/.env", second)
    session = Session(directory=home() / "project")
    draft = replace(DRAFT, target=EnvTarget())
    with contextlib.suppress(ComposeError):
        compose.read(draft, session)
    with mock.patch.dict("os.environ", {"PATH": ""}):
        inert(sayings(loop().run_until_complete(config.check(draft, session, replacing=True))))


def packet(data: bytes) -> None:
    """A DNS answer to each kind of question."""
    name = dns.name.from_text("psrp.acme.example")
    for kind in QUESTIONS:
        query = wire._Query(name, kind, recursive=True)  # the place where bytes become a message
        own = query.wire[:2] + data
        if query.is_answered_by(own):
            message = query.read(own)
            if message is not None:
                answer = resolver.read(message, "psrp.acme.example", kind)
                inert([answer.words, *answer.chain, answer.zone])


def pasted(data: bytes) -> None:
    """Postal's pages."""
    page = pages.read(text_of(data))
    merged = page_merge.merge(page, DRAFT, key=Secret("aB3dE5gH7jK9mN1pQ3sT5vW7"))
    inert(merged.sentences)
    answers.loads(answers.dumps(merged.draft))


def headers(data: bytes) -> None:
    """The headers of a received mail."""
    text = text_of(data)
    for sent in ("", "<176426.27429.91975@vm>"):
        inert(sayings(received.judge(text, DRAFT, sent)))
        received.signature(text, DRAFT, sent)


def log(data: bytes) -> None:
    """A log, or whatever was pasted as one."""
    diagnosis = diagnose(data)
    inert([as_text(diagnosis)])
    json.dumps(as_json(diagnosis))


def url(data: bytes) -> None:
    """An EMAIL_URL."""
    text = text_of(data)
    inert(explain_text(explain(text)))
    with contextlib.suppress(email_url.CredentialError):
        parts = email_url.parse(text)
        with contextlib.suppress(email_url.CredentialError):
            email_url.build(parts.username, parts.key.reveal(), parts.host, parts.port)
    inert([email_url.masked(text)])


def answers_file(data: bytes) -> None:
    """An answers file, or a draft."""
    with contextlib.suppress(answers.AnswersError):
        draft = answers.loads(text_of(data))
        assert answers.loads(answers.dumps(draft)) == draft
        answers.missing(draft, for_apply=True)


def state(data: bytes) -> None:
    """Everything that this program keeps for itself, as any other program may have left it."""
    target = EnvTarget()
    entry = Journal(home() / "state", str((home() / ".env").resolve()))
    folder = Journal(home() / "state", previous_values.name_of(FOLDER))
    for journal in (entry, folder):
        journal.ready()
    for name in ("draft.toml", "journal.json", "proofs.json", "postal-values.toml"):
        put(f"state/{entry.directory.name}/{name}", data)
    entry.load()
    put(f"state/{entry.directory.name}/draft.toml", answers.dumps(DRAFT).encode())
    entry.load()
    kept_proofs.recall(entry)
    known_values.recall(target, directory=home(), home=home() / "state")
    put(f"state/{folder.directory.name}/written.json", data)
    previous_values.kept_since(FOLDER, entry)
    backups._load(put(f"state/{entry.directory.name}/env-20261120T120000.json", data))  # no other reader

    async def asked(_name: str) -> keyring.Answer:
        return keyring.Answer(works=True, value=Secret(text_of(data)))

    with mock.patch.object(keyring, "get", asked), mock.patch.object(keyring, "forget", asked):
        loop().run_until_complete(keyring.previous("x"))
    put(f"state/{folder.directory.name}/written.json", _NOTE)
    with mock.patch.object(keyring, "previous", asked):
        loop().run_until_complete(previous_values.recall(FOLDER, entry))
    keyring._answer(data, "get")  # what the child process says


_NOTE: Final = json.dumps({"schema": 1, "salt": "0f" * 32, "keys": {"EMAIL_URL": "0f" * 32}}).encode()


class _Peer:
    """A socket whose bytes are all there already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> Any:
        import io

        return io.BytesIO(self._data)

    def sendall(self, _data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def smtp(data: bytes) -> None:
    """The replies of an SMTP server, each judged at every stage."""
    said: list[str] = []
    talk = Observed(_Peer(data), "h", "vm", lambda _verb, _sent, reply: said.extend([*reply.shown, reply.words]))  # type: ignore[arg-type]  # as much of a socket as is used
    talk.sock = talk._connected  # connected already
    with contextlib.suppress(BrokenError):
        for _ in range(6):
            code, raw = talk.getreply()
            text = raw.decode("utf-8", "surrogateescape")
            for stage in ("banner", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "message"):
                replies.meaning(stage, code, text)
            refusals.refusal(code, text)
            server.fingerprint(text, text)
            server.granted(text)
            held.reason("HardFail", text, text)
            talk.getreply()
    inert(said)


def infisical(data: bytes) -> None:
    """Infisical's answers: a status and a body, to every question of a reading; and `.infisical.json`."""
    status = 200 if not data[:1] or data[0] & 1 else 400 + data[0]
    body = data[1:]

    class Connection:
        custom_headers: Final[dict[str, Secret]] = {}
        token = None
        answers = True

        async def call(self, _method: str, path: str, **_more: Any) -> Any:
            return infisical_http._parsed(FOLDER.url, path, status, _headers(), body)  # behind the wire

        async def close(self) -> None:
            pass

    made = InfisicalApi(FOLDER.url)
    made._connection = Connection()  # type: ignore[assignment]  # no server
    for generation in ("v3", "v4"):
        made.generation = generation
        with contextlib.suppress(Refused):
            loop().run_until_complete(reading.read(made, made.place("p", "e", "/mail"), ("EMAIL_URL",), ("EMAIL_URL",)))
        for call in (made.probe, lambda: made.project("glitchtip"), lambda: made.folder_exists("p", "e", "/mail")):
            with contextlib.suppress(ApiError):
                loop().run_until_complete(call())
    put("infisical/.infisical.json", body)
    inert(cli_settings.discover(home() / "infisical", {}).messages)


def _headers() -> Any:
    import httpx

    return httpx.Headers({"retry-after": "1"})


def postal_api(data: bytes) -> None:
    """What Postal's HTTP API answers to every call of a search."""

    async def call(_client: Any, _method: str, _body: dict[str, Any]) -> Any:
        answer = api._answer(bytearray(data))  # behind the wire
        return answer["data"] if answer["status"] == "success" else None

    with mock.patch.object(api, "_call", call), contextlib.suppress(api.StateUnknownError):
        found = loop().run_until_complete(api._find(mock.Mock(), "<1@vm>", MessageIds()))
        inert([found.status, found.details, found.output])


def container(data: bytes) -> None:
    """What docker and the scripts inside the containers say."""
    docker._container(text_of(data))  # a line of `docker inspect`
    found = inside_scripts.answer(b"mark " + data, "mark")
    if found is not None:
        probe._probed(found)  # behind the mark


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "env": env,
    "compose": project,
    "dns": packet,
    "pages": pasted,
    "headers": headers,
    "logs": log,
    "url": url,
    "answers": answers_file,
    "state": state,
    "smtp": smtp,
    "infisical": infisical,
    "postal_api": postal_api,
    "containers": container,
}
"""By the name of its corpus."""
