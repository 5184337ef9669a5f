"""A test network on loopback: two NSD with different data on 127.0.0.1 and 127.0.0.2, and unbound as the resolver."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dns.message
import dns.query
import pytest

from tests.checks.dns import zones
from tests.checks.dns.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = ("nsd", "unbound")
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Network:
    resolver: tuple[str, int]
    authoritative_port: int
    root: Path
    name_servers: tuple[subprocess.Popen[bytes], ...] = ()

    def publish(self, domain: str, texts: tuple[str, str]) -> None:
        """Put new zone files in place, one for each name server, and wait until both serve them."""
        for address, text, process in zip(("127.0.0.1", "127.0.0.2"), texts, self.name_servers, strict=True):
            conf = (self.root / f"nsd-{address}" / "nsd.conf").read_text(encoding="utf-8")
            number = (
                conf.split("zone:\n").index(next(part for part in conf.split("zone:\n") if f'"{domain}"' in part)) - 1
            )
            (self.root / f"nsd-{address}" / f"{number}.zone").write_text(text, encoding="utf-8")
            process.send_signal(signal.SIGHUP)
            serial = int(text.split(" SOA ")[1].split()[2])
            query = dns.message.make_query(domain, "SOA")
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError, dns.exception.Timeout):
                    answer = dns.query.udp(query, address, timeout=0.2, port=self.authoritative_port)
                    if answer.answer and answer.answer[0][0].serial == serial:
                        break
            else:
                raise RuntimeError(f"{address} does not serve the new {domain}")


def free_port() -> int:
    """Find a port that is free on both addresses for UDP and TCP; servers that cannot take port 0 get it."""
    for _ in range(50):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                for address, kind in (
                    ("127.0.0.2", socket.SOCK_DGRAM),
                    ("127.0.0.1", socket.SOCK_STREAM),
                    ("127.0.0.2", socket.SOCK_STREAM),
                ):
                    stack.enter_context(socket.socket(socket.AF_INET, kind)).bind((address, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free on 127.0.0.1 and 127.0.0.2")


def nsd_conf(root: Path, address: str, port: int, served: dict[str, str]) -> Path:
    """Write NSD's configuration and zone files into *root*."""
    root.mkdir()
    lines = [
        "server:",
        f"  ip-address: {address}@{port}",
        '  username: ""',
        '  chroot: ""',
        f'  zonesdir: "{root}"',
        f'  pidfile: "{root}/nsd.pid"',
        f'  zonelistfile: "{root}/zone.list"',
        f'  xfrdfile: "{root}/xfrd.state"',
        '  database: ""',
        "  server-count: 1",
        "  rrl-ratelimit: 0",
        f'  xfrdir: "{root}"',
        "remote-control:",
        "  control-enable: no",
    ]
    for number, (name, text) in enumerate(served.items()):
        (root / f"{number}.zone").write_text(text, encoding="utf-8")
        lines += ["zone:", f'  name: "{name}"', f'  zonefile: "{number}.zone"']
    path = root / "nsd.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def unbound_conf(root: Path, port: int, stubs: list[str], authoritative_port: int) -> Path:
    root.mkdir()
    lines = [
        "server:",
        "  interface: 127.0.0.1",
        f"  port: {port}",
        '  username: ""',
        '  chroot: ""',
        f'  directory: "{root}"',
        f'  pidfile: "{root}/unbound.pid"',
        "  use-syslog: no",
        f'  logfile: "{root}/unbound.log"',
        "  do-daemonize: no",
        "  do-not-query-localhost: no",
        "  num-threads: 1",
        '  module-config: "iterator"',
        "  do-ip6: no",
        "  qname-minimisation: no",
        "  outgoing-range: 256",
        "  num-queries-per-thread: 512",
        "remote-control:",
        "  control-enable: no",
    ]
    for stub in stubs:
        lines.insert(1, f'  local-zone: "{stub.rstrip(".")}." nodefault')
    for stub in stubs:
        lines += [
            "stub-zone:",
            f'  name: "{stub}"',
            f"  stub-addr: 127.0.0.1@{authoritative_port}",
            f"  stub-addr: 127.0.0.2@{authoritative_port}",
        ]
    path = root / "unbound.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@contextlib.contextmanager
def running(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a daemon in the foreground and end it by its pid."""
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(address: str, port: int, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
    query = dns.message.make_query(name, "SOA")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, dns.exception.Timeout):
            if dns.query.udp(query, address, timeout=0.2, port=port).answer:
                return
    raise RuntimeError(f"{address}:{port} did not come up: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def server_path(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip("apt-get install -y nsd unbound")
    return found


@contextlib.contextmanager
def network(root: Path, first: dict[str, str], second: dict[str, str], stubs: list[str]) -> Iterator[Network]:
    """Start both name servers and the resolver with the given zone files."""
    nsd, unbound = server_path("nsd"), server_path("unbound")
    port, resolver_port = free_port(), free_port()
    processes = []
    with contextlib.ExitStack() as stack:
        for address, served in (("127.0.0.1", first), ("127.0.0.2", second)):
            conf = nsd_conf(root / f"nsd-{address}", address, port, served)
            log = root / f"{address}.log"
            process = stack.enter_context(running(nsd, "-d", "-c", str(conf), log=log))
            wait_for(address, port, next(iter(served)), process, log)
            processes.append(process)
        conf = unbound_conf(root / "unbound", resolver_port, stubs, port)
        log = root / "unbound.log"
        process = stack.enter_context(running(unbound, "-d", "-p", "-c", str(conf), log=log))
        wait_for("127.0.0.1", resolver_port, next(iter(first)), process, log)
        yield Network(("127.0.0.1", resolver_port), port, root, tuple(processes))


@pytest.fixture(scope="session")
def many_zones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Serve every case of ``cases.CASES``, and the installation."""
    first = {name: zones.zone_text(name, {"all": records}, 1) for name, records in zones.SHARED.items()}
    second = dict(first)
    for at, case in enumerate(CASES):
        domain = zones.domain_of(at)
        records = zones.GOOD | case.records
        first[domain] = zones.zone_text(domain, records, 2)
        second[domain] = zones.zone_text(domain, records | (case.second or {}), 1 if case.second else 2)
    for domain in zones.CHANGING:
        first[domain] = second[domain] = zones.zone_text(domain, zones.GOOD | {"dkim": None}, 1)
    root = tmp_path_factory.mktemp("dns")
    with network(root, first, second, [*first, "."]) as found:
        yield found
