"""What is run inside GlitchTip's container, by its own Python, from standard input: no copy, and no ``nc``.

The probe imports nothing but the standard library and tells one line of JSON. A setting never leaves the container:
what does is the HMAC of each of its parts, under a key that is used once.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PYTHONS: Final = ("python", "python3")
"""GlitchTip's image has both (python:3.x-slim); an image built on Debian's own Python has the second alone."""

FROM: Final = "DEFAULT_FROM_EMAIL"
PARTS: Final = ("user name", "key", "host", "port")
"""The parts of EMAIL_URL that are compared: two spellings of the same settings are the same settings."""

_PROBE: Final = r"""
import hashlib, hmac, json, os, signal, socket, sys, threading, time
from urllib.parse import unquote, urlsplit

signal.alarm(18)  # killing `docker exec` ends nothing in here
asked = json.loads(ASKED)
told = {"python": sys.version.split()[0], "files": {}}


def environment():
    own = dict(os.environb)
    # Put into the container by `exec`, a process has a parent outside, which shows as 0. Only then is 1 the process
    # that was started here. An entry point may have given its child more, so the line of first children is followed.
    if os.getppid() != 0:
        return own, "exec"
    children, found, source = {}, own, "exec"
    for name in os.listdir("/proc"):
        try:
            with open("/proc/%s/stat" % name) as file:
                children.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(name))
        except (OSError, ValueError, IndexError):
            continue
    process = 1
    for _ in range(32):
        try:
            with open("/proc/%d/environ" % process, "rb") as file:
                pairs = [pair.partition(b"=") for pair in file.read().split(b"\0") if pair]
            # A process that changed its title wrote over this memory, and PATH stood at its beginning.
            if any(key == b"PATH" for key, _, _ in pairs):
                found, source = {key: value for key, _, value in pairs}, "process %d" % process
        except OSError:
            pass
        if process not in children:
            break
        process = min(children[process])
    return found, source


def value(name):
    # As django-environ's FileAwareMapping: the file has precedence; GlitchTip asks for EMAIL_URL itself first.
    given, file_name = found.get(name.encode()), found.get(name.encode() + b"_FILE")
    if not file_name:
        return given
    if name == "EMAIL_URL" and not given:
        told["files"][name] = "ignored"
        return given
    try:
        with open(file_name, "rb") as file:
            read = file.read(65536)
    except OSError:
        told["files"][name] = "unreadable"
        return None
    told["files"][name] = "newline" if read.endswith(b"\n") else "read"
    return read


def digest(text):
    if text is None:
        return None
    return hmac.new(bytes.fromhex(asked["once"]), text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def text(name):
    raw = value(name)
    return None if raw is None else raw.decode("utf-8", "surrogateescape")


def truth(name):
    return (text(name) or "").lower() in ("true", "on", "ok", "y", "yes", "1")


def mode(tls, ssl):
    return "both" if tls and ssl else "starttls" if tls else "implicit" if ssl else "none"


def settings():
    url = text("EMAIL_URL")
    told["set"] = bool(url)
    told["digests"] = {"DEFAULT_FROM_EMAIL": digest(text("DEFAULT_FROM_EMAIL"))}
    tls, ssl = truth("EMAIL_USE_TLS"), truth("EMAIL_USE_SSL")
    if not url:
        if text("EMAIL_HOST"):
            told["scheme"], told["tls"] = "variables", mode(tls, ssl)
            told["digests"].update({
                "user name": digest(text("EMAIL_HOST_USER") or ""),
                "key": digest(text("EMAIL_HOST_PASSWORD") or ""),
                "host": digest(text("EMAIL_HOST").lower().rstrip(".")),
                "port": digest(text("EMAIL_PORT") or "25"),
            })
        return
    try:
        parts = urlsplit(url)
        port = parts.port or 25
    except ValueError:
        told["scheme"] = "unreadable"
        return
    schemes = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
    told["scheme"] = parts.scheme if parts.scheme in schemes else "unknown"
    tls, ssl = tls or parts.scheme in ("smtps", "smtp+tls"), ssl or parts.scheme == "smtp+ssl"
    told["tls"] = mode(tls, ssl)
    told["digests"].update({
        "user name": digest(unquote(parts.username or "")),
        "key": digest(unquote(parts.password or "")),
        "host": digest((parts.hostname or "").rstrip(".")),
        "port": digest(str(port)),
    })


def connect():
    addresses = []

    def look_up():
        try:
            addresses.extend(socket.getaddrinfo(asked["host"], asked["port"], type=socket.SOCK_STREAM))
        except Exception as error:
            told["error"], told["errno"] = type(error).__name__, getattr(error, "errno", None)

    told["stage"] = "resolve"
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(6)
    if not addresses:
        told.setdefault("error", "TimeoutError")
        return
    told["stage"] = "connect"
    peer, last = None, None
    for family, kind, protocol, _, address in addresses[:6]:
        if time.monotonic() - started > 11:
            break
        peer = socket.socket(family, kind, protocol)
        peer.settimeout(4)
        try:
            peer.connect(address)
            break
        except OSError as error:
            peer.close()
            peer, last = None, error
    if peer is None:
        raise last
    with peer:
        told["address"] = peer.getpeername()[0]
        told["stage"] = "greeting"
        told["banner"] = peer.recv(400).decode("utf-8", "replace")[:200]
        if not told["banner"].startswith("220"):
            raise EOFError
        told["stage"] = "ehlo"
        peer.sendall(b"EHLO %s\r\n" % (socket.gethostname().encode("ascii", "replace")))
        told["ehlo"] = peer.recv(2000).decode("utf-8", "replace")[:200]
        told["stage"] = "done"
        peer.sendall(b"QUIT\r\n")


found, told["source"] = environment()
settings()
others = ("DEFAULT_FROM_EMAIL", "GLITCHTIP_DOMAIN")
told["names"] = sorted(
    key.decode("utf-8", "replace")[:40] for key in found if key.startswith(b"EMAIL_") or key.decode("latin-1") in others
)[:40]
started = time.monotonic()
try:
    connect()
except Exception as error:
    told["error"], told["errno"] = type(error).__name__, getattr(error, "errno", None)
told["seconds"] = round(time.monotonic() - started, 3)
sys.stdout.write("\n" + asked["mark"] + " " + json.dumps(told) + "\n")
sys.stdout.flush()
os._exit(0)  # a resolver that never answers holds its thread
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One asking of one container."""

    host: str
    port: int
    once: str = field(default_factory=lambda: secrets.token_hex(32))
    """The key of the HMACs, in hexadecimal: made for this asking, and forgotten with it."""
    mark: str = field(default_factory=lambda: f"POSTAL-WIZARD-{secrets.token_hex(8)}")
    """What the answer's line begins with. Nothing that an image prints by itself can know it."""

    @property
    def script(self) -> bytes:
        """What goes to the container's Python on standard input."""
        asked = json.dumps({"once": self.once, "mark": self.mark, "host": self.host, "port": self.port})
        return f"ASKED = {asked!a}\n{_PROBE}".encode()


@dataclass(frozen=True, slots=True)
class Told:
    """The answer, reduced to the types it should have: a container may say anything."""

    python: str = "?"
    source: str = "?"
    """``exec``, or the process whose environment was read."""
    names: tuple[str, ...] = ()
    """The mail settings that are set there; never their values."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By setting: ``read`` from its _FILE, with a ``newline`` at its end, ``unreadable`` or ``ignored``."""
    is_set: bool = False
    """Whether EMAIL_URL is set and not empty: GlitchTip's own question (settings.py)."""
    scheme: str = ""
    """EMAIL_URL's, if django-environ knows it; ``unknown``, ``unreadable``, or ``variables`` where EMAIL_HOST stands
    in its place."""
    tls: str = "none"
    """none, starttls, implicit or both."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """HMAC by part; a part that is not set is missing."""
    stage: str = ""
    """How far the connection came: resolve, connect, greeting, ehlo or done."""
    error: str = ""
    """The exception's class where it came no further."""
    errno: int | None = None
    address: str = ""
    banner: str = ""
    ehlo: str = ""
    seconds: float = 0.0


def read(stdout: bytes, question: Question) -> Told | None:
    """Return what the probe told, None where it did not come to that."""
    mark = question.mark.encode() + b" "
    line = next((line for line in reversed(stdout.splitlines()) if line.startswith(mark)), None)
    if line is None:
        return None
    try:
        told = json.loads(line[len(mark) :])
    except (ValueError, RecursionError):
        return None
    return _told(told) if isinstance(told, dict) else None


def _told(told: dict[str, Any]) -> Told:
    def text(name: str, default: str = "") -> str:
        value = told.get(name, default)
        return value if isinstance(value, str) else default

    def texts(name: str) -> dict[str, str]:
        value = told.get(name)
        pairs = value.items() if isinstance(value, dict) else ()
        return {key: said for key, said in pairs if isinstance(said, str)}

    names, errno, seconds = told.get("names"), told.get("errno"), told.get("seconds")
    return Told(
        python=text("python", "?"),
        source=text("source", "?"),
        names=tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else (),
        files=texts("files"),
        is_set=told.get("set") is True,
        scheme=text("scheme"),
        tls=text("tls", "none"),
        digests=texts("digests"),
        stage=text("stage"),
        error=text("error"),
        errno=errno if isinstance(errno, int) else None,
        address=text("address"),
        banner=text("banner"),
        ehlo=text("ehlo"),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )
