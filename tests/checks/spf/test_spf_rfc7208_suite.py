"""The RFC 7208 test-suite of openspf.org, as pyspf's source distribution carries it: every case."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from wizard.checks.spf.evaluate import Evaluation, Key, Reply, evaluate, prefetch

if TYPE_CHECKING:
    from pathlib import Path

RELEASE: Final = "2.0.14"
MEMBER: Final = f"pyspf-{RELEASE}/test/rfc7208-tests.yml"
SHA256: Final = "901f561a6e2b1c1590a40a61b1ac7601226fd7045a7aae591a4d25421358d6f9"
CASES: Final = 203

NOT_COMPARED: Final[dict[str, str]] = {}
"""Cases left out, with the reason. Explanation texts are compared nowhere: they have no part in the verdict."""


def _python_with_pip() -> str:
    """Return this interpreter, or the one its environment was made from: an environment may be without pip."""
    return sys.executable if importlib.util.find_spec("pip") else str(getattr(sys, "_base_executable", sys.executable))


@pytest.fixture(scope="session")
def suite(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    cache = pytestconfig.cache
    kept = cache.mkdir("pyspf") if cache else tmp_path_factory.mktemp("pyspf")
    path = kept / f"rfc7208-tests-{RELEASE}.yml"
    if not path.exists():
        path.write_bytes(fetched(kept))
    text = path.read_bytes()
    assert hashlib.sha256(text).hexdigest() == SHA256, f"{path} is not the suite that was reviewed: delete it"
    return [scenario for scenario in yaml.safe_load_all(text) if scenario]


def fetched(folder: Path) -> bytes:
    wanted = f"pyspf=={RELEASE}"
    command = [
        _python_with_pip(),
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        "pyspf",
        "-d",
        str(folder),
        wanted,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    archives = sorted(folder.glob("pyspf-*.tar.gz"))
    if ran.returncode or not archives:
        shown = f"`{' '.join(command)}` gave {ran.returncode}: {ran.stderr.strip()[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(shown)
        pytest.skip(shown)
    with tarfile.open(archives[0]) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return member.read()


class Zone:
    """A zone of the suite, answering as a resolver would; without TXT records, its SPF records stand for them."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self.names = {name.lower(): entries for name, entries in data.items()}

    def reply(self, key: Key, hops: int = 0) -> Reply:
        name, kind = key
        found: list[Any] = []
        entries = self.names.get(name)
        if entries is None or hops > 8:
            return Reply("error" if hops else "nxdomain")
        for entry in entries:
            if entry == "TIMEOUT":
                if not found:
                    return Reply("error")
            elif "CNAME" in entry:
                return self.reply((plain(entry["CNAME"]), kind), hops + 1)
            else:
                found += [value(kind, entry[kind]) for _ in range(kind in entry) if entry[kind] != "NONE"]
        if kind == "TXT" and not any("TXT" in entry for entry in entries if entry != "TIMEOUT"):
            found = [value("TXT", entry["SPF"]) for entry in entries if entry != "TIMEOUT" and "SPF" in entry]
        return Reply("answer", tuple(found)) if found else Reply("empty")


def plain(host: str) -> str:
    return host.removesuffix(".").lower()


def value(kind: str, data: Any) -> Any:
    if kind == "TXT":
        return "".join([data] if isinstance(data, str) else data).encode()
    if kind == "MX":
        return (data[0], plain(data[1]))
    return plain(data) if kind == "PTR" else str(data)


def judged(zone: Zone, case: dict[str, Any], *, ahead: bool) -> Evaluation:
    """Evaluate as the program does: with *ahead*, survey first."""
    sender, helo, ip = case["mailfrom"], case["helo"], case["host"]
    domain = sender.rpartition("@")[2] if sender else helo
    replies: dict[Key, Reply] = {}
    while ahead and (wanted := prefetch(domain, [ip], sender=sender, helo=helo, replies=replies)):
        replies |= {key: zone.reply(key) for key in wanted}
    for _ in range(40):
        evaluation = evaluate(domain, ip, sender=sender, helo=helo, replies=replies)
        if not evaluation.needed:
            return evaluation
        replies |= {key: zone.reply(key) for key in evaluation.needed}
    pytest.fail(f"{domain}: more than 40 rounds")


@pytest.mark.parametrize("ahead", [False, True], ids=["asking as it goes", "surveyed first"])
def test_every_case_of_the_suite_has_the_verdict_it_wants(suite: list[dict[str, Any]], ahead: bool) -> None:
    wrong: dict[str, str] = {}
    compared = 0
    for scenario in suite:
        zone = Zone(scenario["zonedata"])
        for name, case in scenario["tests"].items():
            if name in NOT_COMPARED:
                continue
            compared += 1
            evaluation = judged(zone, case, ahead=ahead)
            allowed = [case["result"]] if isinstance(case["result"], str) else case["result"]
            if evaluation.result not in allowed:
                wrong[name] = f"{evaluation.result} ({evaluation.problem or evaluation.match}), wanted {allowed}"
    assert wrong == {}
    assert compared == CASES - len(NOT_COMPARED)
