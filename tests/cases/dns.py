"""Run DNS cases: ``python -m tests.cases.dns FOLDER``.

A case is three files of one stem: ``.zone`` (a zone file), ``.answers.toml`` (an answers file), ``.expect`` (what the
checks should say). Each zone is served in this process beside a Postal installation; what is not pass is printed under
what was expected. Exit code 1 if a case could not be run or nothing was found wrong in it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.checks.dns.fake import fake
from tests.checks.dns.zone_server import Zones
from wizard.checks.dns.run import check
from wizard.model.answers import loads
from wizard.model.finding import Verdict
from wizard.model.session import Session

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding

INSTALLATION: Final = """$ORIGIN postal.test.
$TTL 60
@ IN SOA ns1.rig.test. host.rig.test. 1 3600 600 86400 60
@ IN NS ns1.rig.test.
@ IN A 192.0.2.25
smtp IN A 192.0.2.25
mx IN A 192.0.2.25
spf IN TXT "v=spf1 ip4:192.0.2.25 ~all"
rp IN A 192.0.2.25
rp IN MX 10 mx
rp IN TXT "v=spf1 a mx include:spf.postal.test ~all"
"""
NAME_SERVERS: Final = """$ORIGIN rig.test.
$TTL 60
@ IN SOA ns1.rig.test. host.rig.test. 1 3600 600 86400 60
@ IN NS ns1
ns1 IN A 127.0.0.1
ns2 IN A 127.0.0.1
"""
REVERSE: Final = """$ORIGIN 2.0.192.in-addr.arpa.
$TTL 60
@ IN SOA ns1.rig.test. host.rig.test. 1 3600 600 86400 60
@ IN NS ns1.rig.test.
25 IN PTR postal.test.
"""


async def findings_of(zone: str, draft: Draft) -> list[Finding]:
    """Judge *draft* by *zone* and the installation."""
    async with fake(Zones([zone, INSTALLATION, NAME_SERVERS, REVERSE])) as server:
        return await check(draft, Session(resolver=server.address, authoritative_port=server.address[1]))


def show(folder: Path) -> bool:
    """Print every case of *folder*; tell whether something was found wrong in each."""
    good = True
    zones = sorted(folder.glob("*.zone"))
    for path in zones:
        draft = loads(path.with_suffix(".answers.toml").read_text("utf-8"))
        found = asyncio.run(findings_of(path.read_text("utf-8"), draft))
        wrong = [one for one in found if one.verdict in {Verdict.WARN, Verdict.FAIL}]
        print(f"\n{path.stem}: expected: {path.with_suffix('.expect').read_text('utf-8').strip()}")
        for one in sorted(wrong, key=lambda one: one.verdict is not Verdict.FAIL):
            print(f"  {one.verdict.word:4} {one.code}: {one.summary}")
            print(*(f"         {line}" for line in one.evidence[:8]), sep="\n")
            print(f"       → {one.remedy}")
        good &= bool(wrong)
    print(f"\n{len(zones)} cases")
    return good and bool(zones)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(not show(Path(sys.argv[1])))
