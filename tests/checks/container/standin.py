"""A ``docker`` for PATH that knows what the wizard asks of it, and runs it in a virtual environment.

A service's environment is what compose makes of docker-compose.yml and .env at ``up -d``: nothing of the test's own
gets in. Each call's arguments, environment and standard input are recorded.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dotenv
import yaml

from tests.checks.container import glitchtip

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPOSE: Final = """\
x-environment: &mail
  SECRET_KEY: ${SECRET_KEY}
  GLITCHTIP_DOMAIN: ${GLITCHTIP_DOMAIN}
  EMAIL_URL: ${EMAIL_URL}
  DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}
  EMAIL_TIMEOUT: "5"

services:
  postgres:
    image: postgres:17
  web:
    image: glitchtip/glitchtip:v5
    environment: *mail
  worker:
    image: glitchtip/glitchtip:v5
    command: ./bin/run-celery-with-beat.sh
    environment: *mail
"""

DOCKER: Final = r'''
import base64, hashlib, json, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
with open(HERE + "/state.json") as file:
    state = json.load(file)


def fail(text, code=1):
    sys.stderr.write(text + "\n")
    sys.exit(code)


def hang():
    # As docker does: another program, which holds the same pipes.
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with open(HERE + "/pids", "a") as file:
        file.write("%d %d\n" % (os.getpid(), child.pid))
    child.wait()



def identity(service):
    """Return the container's ID as it is now: `up -d` creates containers anew."""
    with open(HERE + "/created.json") as file:
        times = json.load(file)["times"]
    return hashlib.sha256((service + times[service]).encode()).hexdigest()


def inspected(service):
    """Return what the daemon knows of the container, with all that the wizard is not to ask for."""
    with open(HERE + "/created.json") as file:
        created = json.load(file)
    status, code = state["states"].get(service, ["running" if service in state["running"] else "exited", 0])
    labels = {
        "com.docker.compose.project": "glitchtip", "com.docker.compose.service": service,
        "com.docker.compose.project.working_dir": os.path.dirname(created["file"]),
        "com.docker.compose.project.config_files": created["file"], "com.docker.compose.oneoff": "False",
        "traefik.basicauth": "c4nary-label",
    }
    return {
        "Id": identity(service), "Name": "/glitchtip-%s-1" % service, "Created": created["times"][service],
        "State": {"Status": status, "ExitCode": code, "Restarting": status == "restarting"},
        "Config": {"Image": created["images"][service], "Labels": labels,
                   "Env": ["%s=%s" % pair for pair in created["environments"][service].items()]},
        "HostConfig": {"NetworkMode": created["networks"][service]},
    }


def formatted(template, container):
    """Evaluate the little of Go's templates that is asked for."""
    def value(path):
        found = container
        for part in path.strip(".").split("."):
            found = found[part]
        return json.dumps(found)
    def label(match):
        return json.dumps(container["Config"]["Labels"].get(match[1], ""))
    guarded = r'\{\{if \.Config\.Labels\}\}\{\{json \(index \.Config\.Labels "([\w.]+)"\)\}\}\{\{else\}\}""\{\{end\}\}'
    text = re.sub(guarded, label, template)
    return re.sub(r"\{\{json (\.[\w.]+)\}\}", lambda match: value(match[1]), text)


def service_of(wanted):
    for service in services():
        if identity(service) == wanted:
            return service
    fail("Error response from daemon: No such container: " + wanted)


def services():
    with open(HERE + "/created.json") as file:
        return [name for name in json.load(file)["times"] if name not in state["missing"]]


arguments = sys.argv[1:]
given = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
with open(HERE + "/calls", "a") as file:
    call = {"argv": sys.argv, "environ": dict(os.environ), "stdin": base64.b64encode(given).decode()}
    file.write(json.dumps(call) + "\n")

verb = arguments.pop(0)
if state["hang"] == verb:
    hang()
if not state["permitted"]:
    fail("permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock")
if not state["daemon"]:
    fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
if verb == "ps":
    assert arguments == ["--all", "--quiet", "--no-trunc"], arguments
    print("\n".join(map(identity, services())))
elif verb == "inspect":
    assert arguments[:3] == ["--type", "container", "--format"], arguments
    for wanted in arguments[4:]:
        print(formatted(arguments[3], inspected(service_of(wanted))))
elif verb == "logs":
    assert arguments[0] == "--tail", arguments
    for line in state["logs"].get(service_of(arguments[2]), []):
        print(line)
elif verb == "exec":
    assert arguments.pop(0) == "-i", arguments
    wanted, command, *words = arguments
    service = service_of(wanted)
    status = inspected(service)["State"]["Status"]
    if status != "running" or service in state["crashing"]:
        fail("Error response from daemon: container %s is not running" % wanted)
    if command not in state["pythons"]:
        fail('OCI runtime exec failed: exec failed: unable to start container process: exec: "%s": executable file '
             "not found in $PATH: unknown" % command, 127)
    with open(HERE + "/created.json") as file:
        created = json.load(file)
    environment = created["environments"][service]
    sys.stdout.flush()
    if state["says"]:
        with open(HERE + "/says", "rb") as file:
            sys.stdout.buffer.write(file.read())
        sys.stdout.flush()
    own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
    # With a process namespace of its own, as a real container has: an `exec` gets there from outside.
    enter = ["nsenter", "-t", str(state["namespace"]), "-U", "-p", "-m", "--preserve-credentials"]
    words = [*(enter if state["namespace"] else []), sys.executable, *words]
    inside = subprocess.Popen(words, stdin=subprocess.PIPE, env={**own, **environment},
                              cwd=os.path.dirname(created["file"]) + "/code")
    inside.communicate(given)
    sys.exit(inside.returncode)
else:
    fail("unknown command: " + verb)
'''


@dataclass
class Host:
    """A host with docker: where compose's files lie, and what the stand-in should be like."""

    directory: Path
    bin: Path
    state: dict[str, Any]

    @classmethod
    def made(cls, directory: Path, environment: Mapping[str, str], compose: str = COMPOSE) -> Host:
        """Lay everything down and start GlitchTip's services."""
        binaries = directory.parent / f"{directory.name}-docker"
        directory.mkdir()
        binaries.mkdir()
        glitchtip.write(directory / "code")
        (directory / "docker-compose.yml").write_text(compose)
        # -I: the wizard's environment is not this interpreter's business.
        docker = binaries / "docker"
        docker.write_text(f"#!{sys.executable} -I\n{DOCKER}")
        docker.chmod(0o755)
        state = {
            "permitted": True, "daemon": True, "hang": "", "says": False, "logs": {}, "namespace": 0, "states": {},
            "missing": [], "crashing": [], "running": ["postgres", "web", "worker"], "pythons": ["python", "python3"],
        }  # fmt: skip
        host = cls(directory, binaries, state)
        host.becomes()
        host.env_file(environment)
        host.up()
        return host

    def becomes(self, **state: Any) -> None:
        """Change what the stand-in is like."""
        self.state |= state
        (self.bin / "state.json").write_text(json.dumps(self.state))

    def says(self, output: bytes) -> None:
        """Let every ``exec`` say *output* before anything else."""
        (self.bin / "says").write_bytes(output)
        self.becomes(says=True)

    def env_file(self, environment: Mapping[str, str]) -> None:
        """Write .env."""
        lines = (f"{key}={value!r}" if " " in value else f"{key}={value}" for key, value in environment.items())
        (self.directory / ".env").write_text("\n".join(lines) + "\n")

    def up(self) -> None:
        """Create the containers anew, as ``docker compose up -d`` does."""
        file = self.directory / "docker-compose.yml"
        environments, images, networks = _evaluated(file)
        times = dict.fromkeys(environments, datetime.now(UTC).isoformat())
        created = {"file": str(file), "environments": environments, "images": images, "networks": networks}
        (self.bin / "created.json").write_text(json.dumps({**created, "times": times}))
        (self.bin / "calls").unlink(missing_ok=True)

    def calls(self) -> list[dict[str, Any]]:
        """Return what docker was asked since ``up``."""
        path = self.bin / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def left(self) -> list[int]:
        """Return the processes of hanging calls that are still there; a killed one may need a moment to be gone."""
        path = self.bin / "pids"
        pids = [int(pid) for line in path.read_text().splitlines() for pid in line.split()] if path.exists() else []
        assert pids, "nothing was ever hanging"
        until = time.monotonic() + 0.5
        while any(map(_is_there, pids)) and time.monotonic() < until:
            time.sleep(0.01)
        return [pid for pid in pids if _is_there(pid)]


def _evaluated(path: Path) -> tuple[dict[str, dict[str, str]], dict[str, str], dict[str, str]]:
    """Return environments, images and networks: .env beside the file, the shell before it, ${X}, ${X:-default}, $$."""
    known = dotenv.dotenv_values(path.with_name(".env"), interpolate=False)

    def value(text: object) -> str:
        def one(match: re.Match[str]) -> str:
            return "$" if match[0] == "$$" else known.get(match[1]) or match[3] or ""

        return re.sub(r"\$\$|\$\{(\w+)(:-([^}]*))?\}", one, str(text))

    environments, images, networks = {}, {}, {}
    for name, service in yaml.safe_load(path.read_text())["services"].items():
        images[name] = service.get("image", "")
        networks[name] = service.get("network_mode", "glitchtip_default")
        rows = service.get("environment") or {}
        if isinstance(rows, list):
            rows = dict(row.split("=", 1) if "=" in row else (row, f"${{{row}}}") for row in rows)
        environments[name] = {key: value(text) for key, text in rows.items()}
    return environments, images, networks


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
