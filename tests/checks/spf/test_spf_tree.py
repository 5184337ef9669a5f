"""The drawn SPF tree."""

from __future__ import annotations

from typing import Any, Final

from tests.checks.spf.spf_zone import judged
from wizard.checks.spf.tree import MOST_ROWS, WIDTH, Row, lines, rows

ZONE: Final[dict[str, Any]] = {
    "example.com TXT": "v=spf1 a include:other.example include:spf.example.net exp=x.example.com ~all",
    "example.com A": "203.0.113.9",
    "other.example TXT": "v=spf1 ip4:198.51.100.0/24 -all",
    "spf.example.net TXT": "v=spf1 ip4:192.0.2.0/24 redirect=more.example.net",
    "more.example.net TXT": "v=spf1 a:nowhere.example ip6:2001:db8::/32 -all",
}


def row(text: str, ip: str) -> Row:
    found = [row for row in rows(judged(ZONE, ip)) if row.text == text]
    assert len(found) == 1
    return found[0]


def test_the_whole_drawing_for_an_address_inside_an_include() -> None:
    assert lines(judged(ZONE, "192.0.2.25")) == [
        "=> example.com                                                pass",
        "   |- a                                                 1/10  no match",
        "   |- include:other.example                             2/10  no match",
        "   |  |- ip4:198.51.100.0/24                                  no match",
        "   |  `- -all                                                 gives fail",
        "=> |- include:spf.example.net                           3/10  MATCHES",
        "=> |  |- ip4:192.0.2.0/24                                     MATCHES",
        "   |  `- redirect=more.example.net                            not reached",
        "   |- ~all                                                    not reached",
        "   `- exp=x.example.com                                       modifier",
        "   terms 3/10, voids 0/2",
    ]


def test_every_look_up_that_found_nothing_is_named_with_its_term() -> None:
    drawn = lines(judged(ZONE, "2001:db8::1"))
    assert "   terms 5/10, voids 2/2" in drawn
    assert "   nothing found: AAAA of nowhere.example, needed by a:nowhere.example" in drawn


def test_a_redirect_on_the_branch_that_decided_is_followed_rather_than_matching() -> None:
    redirect = row("redirect=more.example.net", "2001:db8::1")
    assert (redirect.state, redirect.count, redirect.on_path) == ("followed", 4, True)


def test_a_term_inside_an_include_that_did_not_pass_is_not_marked() -> None:
    redirect = row("redirect=more.example.net", "203.0.113.1")
    assert (redirect.state, redirect.on_path) == ("followed", False)


def test_nothing_is_marked_where_no_term_matched() -> None:
    drawn = rows(judged({"example.com TXT": "v=spf1 ip4:192.0.2.1"}, "192.0.2.9"))
    assert [row.state for row in drawn] == ["neutral", "no match"]
    assert not any(row.on_path for row in drawn)


def test_the_term_in_error_is_named_and_the_problem_told_below() -> None:
    drawn = lines(judged({"example.com TXT": "v=spf1 include:gone.example -all"}, "192.0.2.9"))
    assert any("include:gone.example" in line and line.endswith("ERROR") for line in drawn)
    assert drawn[0].endswith("permerror")
    assert "leads to gone.example" in " ".join(drawn)


def test_a_hostile_record_is_drawn_short_narrow_and_inert() -> None:
    many = " ".join(f"ip4:203.0.113.{at % 250}" for at in range(3000))
    long = "moo=" + "x" * 3000
    entries = {"example.com TXT": f"v=spf1 {many} {long} ip4:192.0.2.1".encode()}
    drawn = rows(judged(entries, "192.0.2.1"))
    assert drawn[-1].text == "ip4:192.0.2.1"
    assert drawn[-2].text == "... 2942 more terms ..."
    shown = lines(
        judged(entries | {"example.com TXT": b"v=spf1 a:\x1b[31m\xff\xe2\x80\xae " + long.encode()}, "192.0.2.1")
    )
    assert all(line.isascii() and line.isprintable() for line in shown)
    for line in shown + [row.line() for row in drawn]:
        assert len(line) <= WIDTH
    assert len(drawn) == MOST_ROWS + 2
