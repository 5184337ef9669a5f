"""Runs inside GlitchTip's container, by its own Python, from standard input; never imported by the program.

``wizard.glitchtip.probe`` reads this file as text, puts its question in the place of ``ASKED`` and gives it to
``python -`` there. So it uses the standard library alone and what Python 3.8 to 3.14 have in common. It
prints one line of JSON. A setting never leaves the container: what does is the HMAC of each of its parts, under a key
that is used once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    Environment = dict[bytes, bytes]

ASKED = "{}"
_SECONDS = 18
"""Killing ``docker exec`` ends nothing in here, so the script ends itself."""
_LOOK_UP = 6
_CONNECT = 4
_MOST_ADDRESSES = 6
_CONNECTING = 11
"""Seconds after which no further address is tried."""
_SCHEMES = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
"""django-environ's ``Env.EMAIL_SCHEMES``."""
_TRUE = ("true", "on", "ok", "y", "yes", "1")
"""django-environ's ``Env.BOOLEAN_TRUE_STRINGS``."""
_NAMES = ("DEFAULT_FROM_EMAIL", "GLITCHTIP_DOMAIN")


def environment() -> tuple[Environment, str]:
    """Return the environment of the process that serves, and what it was read from.

    Put into the container by ``exec``, a process has a parent outside, which shows as 0. Only then is 1 the process
    that was started here. An entry point may have given its child more, so the line of first children is followed.
    """
    own = dict(os.environb)
    if os.getppid() != 0:
        return own, "exec"
    children = _children()
    found, source, process = own, "exec", 1
    for _ in range(32):
        try:
            raw = Path(f"/proc/{process}/environ").read_bytes()
            pairs = [pair.partition(b"=") for pair in raw.split(b"\0") if pair]
        except OSError:
            pairs = []
        # A process that changed its title wrote over this memory, and PATH was at its beginning.
        if any(key == b"PATH" for key, _, _ in pairs):
            found, source = {key: value for key, _, value in pairs}, f"process {process}"
        if process not in children:
            break
        process = min(children[process])
    return found, source


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
        except (OSError, ValueError, IndexError):
            continue
    return children


class Settings:
    """GlitchTip's mail settings as its own code reads them (glitchtip/settings.py; django-environ's FileAwareEnv)."""

    def __init__(self, found: Environment, once: str) -> None:
        self._found = found
        self._once = bytes.fromhex(once)
        self.files: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        """Return the variable; its ``_FILE`` has precedence, and GlitchTip asks for EMAIL_URL itself first."""
        given, file_name = self._found.get(name.encode()), self._found.get(name.encode() + b"_FILE")
        if not file_name:
            return _decoded(given)
        if name == "EMAIL_URL" and not given:
            self.files[name] = "ignored"
            return _decoded(given)
        try:
            with Path(os.fsdecode(file_name)).open("rb") as file:
                read = file.read(65536)
        except OSError:
            self.files[name] = "unreadable"
            return None
        self.files[name] = "newline" if read.endswith(b"\n") else "read"
        return _decoded(read)

    def digest(self, text: str | None) -> str | None:
        """Return the HMAC of *text*, None for None."""
        if text is None:
            return None
        return hmac.new(self._once, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()

    def outcome(self) -> dict[str, Any]:
        """Return what may leave the container."""
        url = self.text("EMAIL_URL")
        answer: dict[str, Any] = {"set": bool(url)}
        tls, ssl = self._truth("EMAIL_USE_TLS"), self._truth("EMAIL_USE_SSL")
        parts = self._url(answer, url, tls, ssl) if url else self._variables(answer, tls, ssl)
        parts["DEFAULT_FROM_EMAIL"] = self.text("DEFAULT_FROM_EMAIL")
        answer["digests"] = {name: self.digest(text) for name, text in parts.items()}
        answer["files"] = self.files
        return answer

    def _url(self, answer: dict[str, Any], url: str, tls: bool, ssl: bool) -> dict[str, str | None]:
        try:
            parts = urlsplit(url)
            port = parts.port or 25
        except ValueError:
            answer["scheme"] = "unreadable"
            return {}
        answer["scheme"] = parts.scheme if parts.scheme in _SCHEMES else "unknown"
        answer["tls"] = _mode(tls or parts.scheme in ("smtps", "smtp+tls"), ssl or parts.scheme == "smtp+ssl")
        return {
            "user name": unquote(parts.username or ""),
            "key": unquote(parts.password or ""),
            "host": (parts.hostname or "").rstrip("."),
            "port": str(port),
        }

    def _variables(self, answer: dict[str, Any], tls: bool, ssl: bool) -> dict[str, str | None]:
        host = self.text("EMAIL_HOST")
        if not host:
            return {}
        answer["scheme"], answer["tls"] = "variables", _mode(tls, ssl)
        return {
            "user name": self.text("EMAIL_HOST_USER") or "",
            "key": self.text("EMAIL_HOST_PASSWORD") or "",
            "host": host.lower().rstrip("."),
            "port": self.text("EMAIL_PORT") or "25",
        }

    def _truth(self, name: str) -> bool:
        text = (self.text(name) or "").lower().strip()
        try:
            return int(text) != 0
        except ValueError:
            return text in _TRUE


def _decoded(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "surrogateescape")


def _mode(tls: bool, ssl: bool) -> str:
    return "both" if tls and ssl else "starttls" if tls else "implicit" if ssl else "none"


def names(found: Environment) -> list[str]:
    """Return which mail settings are set; never their values."""
    known = sorted(key.decode("utf-8", "replace") for key in found)
    return [name[:40] for name in known if name.startswith("EMAIL_") or name in _NAMES][:40]


def connect(outcome: dict[str, Any], host: str, port: int) -> None:
    """Go to the mail server as far as EHLO, and note each stage in *outcome*. Raises what the network raises."""
    started = time.monotonic()
    outcome["stage"] = "resolve"
    addresses = _addresses(outcome, host, port)
    if not addresses:
        outcome.setdefault("error", "TimeoutError")
        return
    outcome["stage"] = "connect"
    peer: socket.socket | None = None
    last: OSError | None = None
    for family, kind, protocol, _, address in addresses[:_MOST_ADDRESSES]:
        if time.monotonic() - started > _CONNECTING:
            break
        peer = socket.socket(family, kind, protocol)
        peer.settimeout(_CONNECT)
        try:
            peer.connect(address)
            break
        except OSError as error:
            peer.close()
            peer, last = None, error
    if peer is None:
        raise last or OSError()
    with peer:
        outcome["address"] = peer.getpeername()[0]
        outcome["stage"] = "greeting"
        outcome["banner"] = peer.recv(400).decode("utf-8", "replace")[:200]
        if not outcome["banner"].startswith("220"):
            raise EOFError
        outcome["stage"] = "ehlo"
        peer.sendall(b"EHLO %s\r\n" % (socket.gethostname().encode("ascii", "replace")))
        peer.recv(2000)
        outcome["stage"] = "done"
        peer.sendall(b"QUIT\r\n")


def _addresses(outcome: dict[str, Any], host: str, port: int) -> list[tuple[Any, ...]]:
    """Look up *host* in a thread: a resolver that never answers is outside every time-out of a socket."""
    addresses: list[tuple[Any, ...]] = []

    def look_up() -> None:
        try:
            addresses.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            outcome["error"], outcome["errno"] = type(error).__name__, getattr(error, "errno", None)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_LOOK_UP)
    return addresses


def main() -> None:
    """Answer the question in ``ASKED``."""
    signal.alarm(_SECONDS)
    asked = json.loads(ASKED)
    found, source = environment()
    outcome: dict[str, Any] = {"python": sys.version.split()[0], "source": source, "names": names(found)}
    outcome.update(Settings(found, asked["once"]).outcome())
    started = time.monotonic()
    if asked.get("host"):
        try:
            connect(outcome, asked["host"], asked["port"])
        except Exception as error:
            outcome["error"], outcome["errno"] = type(error).__name__, getattr(error, "errno", None)
    outcome["seconds"] = round(time.monotonic() - started, 3)
    sys.stdout.write("\n" + asked["mark"] + " " + json.dumps(outcome) + "\n")
    sys.stdout.flush()
    os._exit(0)  # a resolver that never answers holds its thread


if __name__ == "__main__":
    main()
