"""A record on its way: on one name server, on all of them, and in the resolver's cache for a while longer."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.checks.dns.conftest import ROOT
from tests.checks.dns.test_zones import draft_of
from tests.checks.dns.zones import GOOD, KEY, SELECTOR, Case, zone_text
from wizard.checks.dns.run import check
from wizard.model.codes import Code
from wizard.model.finding import Verdict, stale_seconds
from wizard.model.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checks.dns.conftest import Network
    from wizard.model.finding import Finding

ONLY = frozenset({"dkim", "alignment"})


async def key_of(network: Network, domain: str) -> Finding:
    session = Session(resolver=network.resolver, authoritative_port=network.authoritative_port)
    findings = await check(draft_of(Case("changing"), domain), session, only=ONLY)
    return next(finding for finding in findings if finding.check == "dkim")


async def test_a_published_key_is_waited_for_as_long_as_the_resolver_holds_the_old_answer(many_zones: Network) -> None:
    domain, without = "later.test", GOOD | {"dkim": None}
    old = zone_text(domain, without, 2, negative_ttl=3)
    many_zones.publish(domain, (old, old))
    before = await key_of(many_zones, domain)
    assert (before.verdict, before.code) == (Verdict.FAIL, Code.DKIM_MISSING)

    new = zone_text(domain, GOOD, 3, negative_ttl=3)
    many_zones.publish(domain, (new, new))
    waiting = await key_of(many_zones, domain)
    assert (waiting.verdict, waiting.code) == (Verdict.WARN, Code.DKIM_STALE)
    left = stale_seconds([waiting])
    assert left is not None
    assert 0 < left <= 3
    assert f"{left:.0f} seconds" in waiting.summary

    await asyncio.sleep(left + 1)  # the resolver's cache has no event to wait for
    assert (await key_of(many_zones, domain)).verdict is Verdict.PASS


async def test_a_key_on_one_name_server_of_two_is_named_with_the_server_that_lacks_it(many_zones: Network) -> None:
    domain = "halfway.test"
    new, old = zone_text(domain, GOOD, 3), zone_text(domain, GOOD | {"dkim": None}, 2)
    many_zones.publish(domain, (new, old))
    half = await key_of(many_zones, domain)
    assert (half.verdict, half.code) == (Verdict.WARN, Code.DKIM_NOT_EVERYWHERE)
    assert "ns2.halfway.test (127.0.0.2)" in half.summary
    assert "ns1.halfway.test" not in half.summary


async def test_a_key_taken_away_is_a_fault_although_the_resolver_still_has_it(many_zones: Network) -> None:
    domain = "gone.test"
    many_zones.publish(domain, (zone_text(domain, GOOD, 2), zone_text(domain, GOOD, 2)))
    assert (await key_of(many_zones, domain)).verdict is Verdict.PASS
    old = zone_text(domain, GOOD | {"dkim": None}, 3)
    many_zones.publish(domain, (old, old))
    gone = await key_of(many_zones, domain)
    assert (gone.verdict, gone.code) == (Verdict.FAIL, Code.DKIM_MISSING)
    assert stale_seconds([gone]) is not None


def test_the_watch_goes_on_until_the_resolver_has_the_new_record_too(many_zones: Network, tmp_path: Path) -> None:
    domain = "watched.test"
    old = zone_text(domain, GOOD | {"dkim": None}, 2, negative_ttl=3)
    many_zones.publish(domain, (old, old))
    answers = tmp_path / "answers.toml"
    answers.write_text(
        f'schema = 1\n[app]\nfrom = "glitchtip@{domain}"\n[server]\nhost = "127.0.0.1"\nport = 25\n'
        f'[domain]\ndkim_selector = "{SELECTOR}"\ndkim_value = "{KEY}"\n',
        encoding="utf-8",
    )
    host, port = many_zones.resolver
    command = (sys.executable, "-m", "wizard", "check", "--answers", str(answers), "--only", "dns", "--json")
    network = ("--resolver", f"{host}:{port}", "--authoritative-port", str(many_zones.authoritative_port))
    verdicts = []
    with subprocess.Popen([*command, *network, "--watch", "0.5"], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            verdicts.append(next(one["verdict"] for one in json.loads(line)["findings"] if one["check"] == "dkim"))
            if len(verdicts) == 1:
                new = zone_text(domain, GOOD, 3, negative_ttl=3)
                many_zones.publish(domain, (new, new))
        assert process.wait(5) == 0
    assert list(dict.fromkeys(verdicts)) == ["fail", "warn", "pass"]
