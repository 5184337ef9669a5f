"""The DNS checks against checkdmarc on the same good zone: questions, seconds and ratios at 0, 50 and 200 ms.

Run as ``python -m tests.bench.dns_bench``; wants ``apt-get install -y nsd unbound``. checkdmarc lives in an environment
of its own, made on first use in the user's cache directory. Latency is added once to each answer by a forwarder.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path
from typing import Final

from tests.checks.dns import zones
from tests.checks.dns.conftest import Network, free_port, network
from tests.checks.dns.fake import delayed

CHECKDMARC: Final = "checkdmarc==6.0.4"
LATENCIES: Final = (0.0, 0.05, 0.2)
RUNS: Final = 15
"""The fastest is taken, of both programs: what else the machine does only adds to a run."""
RUNS_OF_OTHERS: Final = 3
DOMAIN: Final = "good.test"
ORDINARY: Final[zones.Records] = {
    "spf": zones.spf("v=spf1 a mx include:spf.postal.test include:other.{domain} ~all"),
    "other": zones.txt("other", "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all"),
    "a": ["@ A 198.51.100.7", "@ AAAA 2001:db8:1::7"],
    "mx": [
        "@ MX 10 mx1",
        "@ MX 20 mx2",
        "mx1 A 198.51.100.8",
        "mx2 A 198.51.100.9",
        "mx1 AAAA 2001:db8:1::8",
        "mx2 AAAA 2001:db8:1::9",
    ],
}
"""What an ordinary company's zone has besides, so that both have the questions to ask that they ask in real life."""
OURS: Final = """
import asyncio, json, sys, time
from tests.checks.dns.test_zones import draft_of
from tests.checks.dns.zones import Case
from wizard.checks.dns.run import check
from wizard.model.session import Session
case = Case("good", draft={"mx": ("mx1.good.test", "mx2.good.test"), "sending_ips": ("192.0.2.25",)})
session = Session(resolver=("127.0.0.1", int(sys.argv[1])), authoritative_port=int(sys.argv[2]))
start = time.perf_counter()
findings = asyncio.run(check(draft_of(case, sys.argv[3]), session))
print(json.dumps([time.perf_counter() - start, sorted({one.verdict.value for one in findings})]))
"""
THEIRS: Final = """
import json, sys, time
import checkdmarc, dns.resolver
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], int(sys.argv[1])
start = time.perf_counter()
checkdmarc.check_domains([sys.argv[3]], skip_tls=True, resolver=resolver)
print(json.dumps([time.perf_counter() - start, []]))
"""


def environment() -> Path | None:
    """Return the Python that has checkdmarc; None where it cannot be installed."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "postal-wizard-bench"
    python = root / "bin" / "python"
    if not python.exists():
        venv.create(root, with_pip=True)
    have = subprocess.run([python, "-c", "import checkdmarc"], capture_output=True, check=False)
    if have.returncode:
        got = subprocess.run([python, "-m", "pip", "install", "-q", CHECKDMARC], capture_output=True, check=False)
        if got.returncode:
            return None
    return python


async def timed(python: Path, code: str, resolver: int, authoritative: int) -> tuple[float, list[str]]:
    process = await asyncio.create_subprocess_exec(
        python, "-c", code, str(resolver), str(authoritative), DOMAIN,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await process.communicate()
    seconds, verdicts = json.loads(out.splitlines()[-1])
    return float(seconds), verdicts


async def measure(net: Network, other: Path | None) -> bool:
    """Print the table; tell whether every bound held."""
    held = True
    print(f"{'':12}{'latency':>8}{'resolver':>10}{'each server':>12}{'seconds':>9}{'x latency':>10}{'ratio':>7}")
    for latency in LATENCIES:
        resolver, authoritative = free_port(), free_port()
        pairs = [
            (("127.0.0.1", resolver), net.resolver),
            *(((at, authoritative), (at, net.authoritative_port)) for at in ("127.0.0.1", "127.0.0.2")),
        ]
        async with delayed(pairs, latency) as asked:
            ours = []
            for _ in range(RUNS):
                asked.clear()
                seconds, verdicts = await timed(Path(sys.executable), OURS, resolver, authoritative)
                assert verdicts == ["pass"], verdicts
                ours.append(seconds)
            mine = min(ours)
            to = Counter(server for server, _, _ in asked.elements())
            each = max(to[(at, net.authoritative_port)] for at in ("127.0.0.1", "127.0.0.2"))
            row("postal-wizard", latency, to[net.resolver], each, mine, 1.0)
            held &= to[net.resolver] <= 22 and each <= 4
            held &= latency != 0.05 or mine <= 1.3 * 3 * latency
            if other is None:
                continue
            theirs = math.inf
            for _ in range(RUNS_OF_OTHERS):
                asked.clear()
                theirs = min(theirs, (await timed(other, THEIRS, resolver, authoritative))[0])
            row("checkdmarc", latency, asked.total(), 0, theirs, theirs / mine)
            held &= latency != 0.05 or theirs / mine >= 9
    return held


def row(who: str, latency: float, resolver: int, each: int, seconds: float, ratio: float) -> None:
    turns = f"{seconds / latency:.1f}" if latency else ""
    print(f"{who:13}{latency * 1000:4.0f} ms{resolver:10}{each:12}{seconds:9.3f}{turns:>10}{ratio:7.1f}")


def main() -> int:
    other = environment()
    if other is None:
        print(f"{CHECKDMARC} could not be installed: no comparison")
    served = {name: zones.zone_text(name, {"all": records}, 1) for name, records in zones.SHARED.items()}
    served[DOMAIN] = zones.zone_text(DOMAIN, zones.GOOD | ORDINARY, 1)
    with tempfile.TemporaryDirectory() as root, network(Path(root), served, served, [*served, "."]) as net:
        held = asyncio.run(measure(net, other))
    print("every bound held" if held else "A BOUND WAS BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
