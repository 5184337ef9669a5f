"""The RFC 7208 test-suite of openspf.org, as pyspf's source distribution carries it: every case."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.checks.spf import rfc7208
from wizard.checks.spf.evaluate import evaluate
from wizard.checks.spf.survey import prefetch
from wizard.checks.spf.types import Reply

if TYPE_CHECKING:
    from wizard.model.spf import Evaluation, Key

CASES: Final = 203

NOT_COMPARED: Final[dict[str, str]] = {}
"""Cases left out, with the reason. Explanation texts are compared nowhere: they have no part in the verdict."""


@pytest.fixture(scope="session")
def suite() -> list[dict[str, Any]]:
    try:
        text = rfc7208.text()
    except rfc7208.UnfetchedError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    return [scenario for scenario in yaml.safe_load_all(text) if scenario]


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
