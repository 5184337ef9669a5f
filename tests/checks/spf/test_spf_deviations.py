"""Where pyspf leaves RFC 7208, the RFC is followed: every such place that is known, with both verdicts.

The differential test keeps each out of its zones, or excuses it, by the name it has here.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.checks.spf.spf_oracle import pyspf
from tests.checks.spf.spf_zone import HELO, judged, zone

POINTER: Final = "1.2.0.192.in-addr.arpa"
ONE_TERM: Final = [f"a:h{number}.example.com" for number in range(10)]
ADDRESSES: Final = {f"h{number}.example.com A": "203.0.113.9" for number in range(11)}
LONG: Final = ".".join(["a23456789"] * 30)
DEVIATIONS: Final[dict[str, tuple[str, dict[str, Any], tuple[str, str]]]] = {
    "EAGER": (
        "a redirect counts as a term when it is followed (4.6.4), not when it is read",
        {"example.com TXT": f"v=spf1 {' '.join(ONE_TERM)} ip4:192.0.2.1 redirect=b.example.com"} | ADDRESSES,
        ("pass", "permerror"),
    ),
    "EARLY": (
        "an include that is not reached does no harm (4.6.2), be it of itself",
        {"example.com TXT": "v=spf1 ip4:192.0.2.1 include:example.com -all"},
        ("pass", "permerror"),
    ),
    "EARLY_P": (
        "%{p} looks names up where its term is reached, not where the record is read",
        {
            "example.com TXT": "v=spf1 a:x.example.com ip4:192.0.2.1 exists:%{p}.example.com",
            f"{POINTER} PTR": ["y.example.com", "z.example.com"],
        },
        ("pass", "permerror"),
    ),
    "POINTER_ERRORS": (
        "an error in looking up a PTR or its names is no match (5.5)",
        {"example.com TXT": "v=spf1 ptr -all", f"{POINTER} PTR": None},
        ("fail", "temperror"),
    ),
    "POINTER_ERRORS_A": (
        "a name whose address cannot be looked up is skipped (5.5)",
        {
            "example.com TXT": "v=spf1 ptr -all",
            f"{POINTER} PTR": ["x.example.com", "y.example.com"],
            "x.example.com A": None,
            "y.example.com A": "192.0.2.1",
        },
        ("pass", "temperror"),
    ),
    "CASE": (
        "modifier names are case-insensitive (RFC 5234 2.3)",
        {"example.com TXT": "v=spf1 Redirect=b.example.com", "b.example.com TXT": "v=spf1 -all"},
        ("fail", "neutral"),
    ),
    "TWICE": (
        "an unknown modifier is ignored no matter how often it stands there (6)",
        {"example.com TXT": "v=spf1 moo=1 moo=2 -all"},
        ("fail", "permerror"),
    ),
    "REJOINED": (
        "parts are rejoined by dots, whatever split them (7.3)",
        {"example.com TXT": "v=spf1 exists:%{h-}.x -all", "a.b.x A": "127.0.0.2"},
        ("pass", "fail"),
    ),
    "REVERSED": (
        "the r of a macro is case-insensitive (RFC 5234 2.3)",
        {"example.com TXT": "v=spf1 exists:%{dR}.x.net -all", "com.example.x.net A": "127.0.0.2"},
        ("pass", "fail"),
    ),
    "ZERO": (
        "a macro cannot keep 0 parts (7.1)",
        {"example.com TXT": "v=spf1 exists:%{d0}.x.net -all"},
        ("permerror", "fail"),
    ),
    "DELIMITERS": (
        "only . - + , / _ = delimit (7.1)",
        {"example.com TXT": "v=spf1 exists:%{d!}.x.net -all"},
        ("permerror", "fail"),
    ),
    "UNCLOSED": (
        "%{ must be closed (7.1)",
        {"example.com TXT": "v=spf1 exists:%{d.x.net -all"},
        ("permerror", "fail"),
    ),
    "PERCENT": (
        "%% may stand at the end (7.1)",
        {"example.com TXT": "v=spf1 moo=100%% -all"},
        ("fail", "permerror"),
    ),
    "VISIBLE": (
        "a name in a record has visible ASCII characters alone (7.1)",
        {"example.com TXT": "v=spf1 a:x\ty.example.com -all"},
        ("permerror", "fail"),
    ),
    "LONG": (
        "labels are dropped from the left until the name fits (7.3)",
        {"example.com TXT": f"v=spf1 exists:{'a' * 60}.{LONG}.net -all", f"{LONG[-249:]}.net A": "127.0.0.2"},
        ("pass", "fail"),
    ),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_where_pyspf_leaves_the_rfc_the_rfc_is_followed(name: str) -> None:
    reason, entries, wanted = DEVIATIONS[name]
    helo = "a-b" if name == "REJOINED" else HELO
    query = pyspf(zone(entries), "192.0.2.1", helo=helo)
    assert (judged(entries, "192.0.2.1", helo=helo).result, query.verdict) == wanted, reason
