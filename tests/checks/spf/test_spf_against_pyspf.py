"""The same verdict as pyspf on the same zone. Names in capitals are those of ``test_spf_deviations.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from tests.checks.spf.spf_oracle import pyspf, spf
from tests.checks.spf.spf_zone import HELO, answer, judged, settle, zone
from tests.effort import examples
from wizard.checks.spf import macro as spf_macro

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.checks.spf.types import Reply
    from wizard.model.spf import Key

# The generated zones. Few names and few addresses, so that terms match, miss and hit holes about equally often.

NAMES: Final = ["example.com", "a.example.com", "b.example.com", "c.example.com", "mail.example.com", "x.example.net"]
FOURS: Final = ["192.0.2.1", "192.0.2.77", "198.51.100.5", "203.0.113.9"]
SIXES: Final = ["2001:db8::1", "2001:db8:0:1::77", "2001:db8:ffff::5"]
POINTERS: Final = {
    "192.0.2.1": "1.2.0.192.in-addr.arpa",
    "2001:db8::1": "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
}
FAULTS: Final = [
    "ip4:192.0.2.1/33", "ip4:192.0.2.1/032", "ip4:192.0.2", "ip4", "ip4:", "ip4:192.0.2.1//32", "ip4:192.0.02.1",
    "ip6:2001:db8::1/129", "ip6:::1::", "ip6", "ip6:192.0.2.1", "a:example", "a:example.", "a:192.0.2.1", "a:", "a/33",
    "a//129", "a/24/64", "a:b.example.com:25", "a:b.example.-com", "mx:", "mx/", "include", "include:", "include:a",
    "include:a.example.com/24", "exists", "exists:", "exists:a.example.com/24", "ptr/24", "ptr:", "all.", "-all:x",
    "all/8", "moo", "=all", "1up=x", "redirect=", "redirect:a.example.com", "exp=", "exp=a", "ipv4:192.0.2.1", "a,",
    "ip4:192.0.2.1,", "foo=%x", "a:%{z}.example.com", "a:%{c}.example.com", "exists:%(i).example.com", "*all", "-",
    "mx:a.example.com:b", "v=spf1:", "ip4:192.0.2.1:25", "a::a.example.com/",
]  # fmt: skip

names = st.sampled_from(NAMES)
qualifiers = st.sampled_from(["", "", "", "+", "-", "~", "?"])
lengths4 = st.sampled_from(["", "", "/32", "/24", "/0"])
lengths6 = st.sampled_from(["", "", "//128", "//64", "//0"])


@st.composite
def macros(draw: st.DrawFn) -> str:
    letter = draw(st.sampled_from("slodivhSLODIVH"))
    transform = draw(st.sampled_from(["", "1", "2", "3", "r", "1r", "2r"]))
    # Other delimiters only where pyspf rejoins by dots as well: see REJOINED.
    delimiters = draw(st.sampled_from(["", ".", "-", "+", "-+", ".-"])) if letter in "slSL" else ""
    return f"%{{{letter}{transform}{delimiters}}}"


@st.composite
def specs(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 9))
    if kind < 6:
        return draw(names)
    if kind == 6:
        return "%{" + draw(st.sampled_from(["d", "o", "h", "d2", "D"])) + "}"
    if kind == 7:
        return f"{draw(st.sampled_from('abc'))}.%{{{draw(st.sampled_from(['d2', 'o', 'o2']))}}}"
    return f"{draw(macros())}.{draw(st.sampled_from(['', '%%', '%_x.', '%-.']))}{draw(names)}"


@st.composite
def terms(draw: st.DrawFn, here: str) -> str:
    kind = draw(st.sampled_from(["a", "mx", "a:", "mx:", "include:", "include:", "exists:", "ptr", "ip4", "ip6", "x="]))
    sign = draw(qualifiers)
    if kind in {"a", "mx"}:
        return sign + draw(st.sampled_from([kind, kind.upper()])) + draw(lengths4) + draw(lengths6)
    if kind in {"a:", "mx:"}:
        return sign + kind + draw(specs()) + draw(lengths4) + draw(lengths6)
    if kind == "include:":  # an include of itself is a fault for pyspf even where it is not reached: see EARLY
        return sign + kind + draw(names.filter(lambda name: name != here))
    if kind == "exists:":
        return sign + kind + draw(specs())
    if kind == "ptr":
        return sign + draw(st.sampled_from(["ptr", "ptr:example.com", "ptr:example.net"]))
    if kind == "x=":
        return draw(st.sampled_from(["exp=c.example.com", "moo.cow-far_out=man:dog/cat"]))
    if kind == "ip4":
        return f"{sign}{draw(st.sampled_from(['ip4', 'IP4']))}:{draw(st.sampled_from(FOURS))}{draw(lengths4)}"
    return f"{sign}ip6:{draw(st.sampled_from(SIXES))}{draw(lengths6)[1:]}"


@st.composite
def records(draw: st.DrawFn, here: str) -> str:
    few = [draw(terms(here)) for _ in range(draw(st.integers(0, 5)))]
    kept = list(dict.fromkeys(term for term in few if "=" in term))  # the same unknown modifier twice: see TWICE
    few = [term for term in few if "=" not in term] + kept
    if draw(st.integers(0, 24)) == 0:
        few.insert(draw(st.integers(0, len(few))), draw(st.sampled_from(FAULTS)))
    end = draw(st.sampled_from(["", "all", "-all", "~all", "?all", "redirect", "redirect"]))
    if end == "redirect":
        few.append("redirect=" + draw(names))
    elif end:
        few.append(end)
    return draw(st.sampled_from(["v=spf1", "V=SPF1"])) + " " + draw(st.sampled_from([" ", "  "])).join(few)


@st.composite
def zones(draw: st.DrawFn) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    holes = st.sampled_from([True] * 9 + [False])
    for name in NAMES:
        if name == "example.com" or draw(holes):
            texts = [draw(records(name))]
            texts += draw(st.sampled_from([*[[]] * 12, ["other text", "v=spf10 -all"], ["v=spf1 -all"]]))
            entries[f"{name} TXT"] = texts
        if draw(holes):
            entries[f"{name} A"] = draw(st.lists(st.sampled_from(FOURS), min_size=draw(st.integers(0, 1)), max_size=3))
        if draw(holes):
            entries[f"{name} AAAA"] = draw(
                st.lists(st.sampled_from(SIXES), min_size=draw(st.integers(0, 1)), max_size=3)
            )
        if draw(holes):
            size = draw(st.sampled_from([0, 1, 2, 2, 3, 10, 11]))
            entries[f"{name} MX"] = [(draw(st.integers(0, 3)), draw(names)) for _ in range(size)]
        if draw(st.integers(0, 14)) == 0:  # not of the names that PTR records point to: see POINTER_ERRORS
            entries[f"{name} {draw(st.sampled_from(['TXT', 'MX']))}"] = None
    for pointer in POINTERS.values():
        if draw(holes):
            entries[f"{pointer} PTR"] = draw(st.lists(names, min_size=1, max_size=3))
    return entries


def excused(query: Any, replies: Mapping[Key, Reply]) -> str:
    """Name the listed deviation that explains another verdict of pyspf's; empty if none does."""
    redirects = any(
        b"redirect=" in value for (_, kind), reply in replies.items() if kind == "TXT" for value in reply.values
    )
    if query.verdict == "permerror" and query.lookups > 10 and redirects:
        return "EAGER"
    return ""


@pytest.mark.parametrize("ahead", [False, True], ids=["asking as it goes", "surveyed first"])
@given(entries=zones(), ip=st.sampled_from(["192.0.2.1", "198.51.100.5", "2001:db8::1", "::ffff:192.0.2.1"]))
@settings(max_examples=examples(250), deadline=None, suppress_health_check=list(HealthCheck))
@example(
    entries={"example.com TXT": "v=spf1 a mx -all", "example.com MX": [(0, "a.example.com")] * 2}, ip="2001:db8::1"
)
def test_verdict_and_counts_are_those_of_pyspf(ahead: bool, entries: dict[str, Any], ip: str) -> None:
    replies = zone(entries)
    query = pyspf(replies, ip)
    evaluation, _ = settle(lambda key: answer(replies, key), ip, ahead=ahead)
    event(f"{evaluation.result}, {'nested' if len(evaluation.path) > 1 else 'flat'}")
    if evaluation.result != query.verdict:
        assert excused(query, replies), (entries, ip, evaluation, query.verdict, query.prob)
        return
    if evaluation.result in {"pass", "fail", "softfail", "neutral"}:
        assert len(evaluation.voids) == query.void_lookups


@given(term=st.text("aimxplinct46:/.,+-~?=0129rd", min_size=1, max_size=14))
@settings(max_examples=examples(300), deadline=None)
@example("a:x.1-2")
@example("ip6:::1.2.3.4/128")
@example("a///0")
def test_any_text_is_a_term_for_both_or_for_neither(term: str) -> None:
    entries = {"example.com TXT": f"v=spf1 ip4:192.0.2.1 {term} ip4:192.0.2.1"}
    assert judged(entries, "192.0.2.1").result == pyspf(zone(entries), "192.0.2.1").verdict


@given(widths=st.lists(st.integers(0, 4), min_size=1, max_size=5), redirect=st.booleans())
@settings(max_examples=examples(60), deadline=None)
@example(widths=[4, 4], redirect=False)
@example(widths=[4, 4, 0], redirect=False)
@example(widths=[4, 3, 0], redirect=False)
def test_terms_are_counted_over_all_records_as_pyspf_counts_them(widths: list[int], redirect: bool) -> None:
    entries: dict[str, Any] = {"a.example.com A": "203.0.113.9"}
    for depth, width in enumerate(widths):
        here = f"r{depth}.example.com" if depth else "example.com"
        onward = ("redirect=" if redirect else "include:") + f"r{depth + 1}.example.com"
        mine = ["v=spf1", *["a:a.example.com"] * width, onward if depth + 1 < len(widths) else "ip4:192.0.2.1"]
        entries[f"{here} TXT"] = " ".join(mine)
    query = pyspf(zone(entries), "192.0.2.1")
    evaluation = judged(entries, "192.0.2.1")
    assert (evaluation.result, evaluation.terms) == (query.verdict, query.lookups)


@given(
    text=st.lists(macros() | st.sampled_from(["a.", "%%", "%_", "%-", "-", "b"]), min_size=1, max_size=4).map("".join),
    local=st.text("ab-+.=_/,& ", min_size=1, max_size=8),
    domain=names,
    ip=st.sampled_from(FOURS + SIXES),
)
@settings(max_examples=examples(300), deadline=None)
def test_macros_expand_as_pyspf_expands_them(text: str, local: str, domain: str, ip: str) -> None:
    sender = f"{local}@Sub.Example.org"
    query = spf.query(i=ip, s=sender, h=HELO)
    query.d = domain
    given_values = spf_macro.values(sender, HELO, spf_macro.address(ip)) | {"d": domain}
    assume(not text.endswith("%%"))  # see PERCENT
    ours = spf_macro.name_of(spf_macro.macro_string(text), given_values)
    assert ours == query.expand(text).lower()
