"""The glass before the terminal: whatever is drawn, the terminal shows the same with it as without, for fewer bytes."""

from __future__ import annotations

import pyte
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screens.terminal.cell_diff import Glass
from tests.effort import examples

COLUMNS, ROWS = 30, 6
TEXT = st.text(alphabet="ab  ─•é x", max_size=40)
STYLE = st.sampled_from(["", "0", "39;49", "1;39;49", "4", "7", "32;49", "30;47", "1;31;40", "38;2;1;2;3"])
SPOT = st.tuples(st.integers(1, ROWS), st.integers(1, COLUMNS))
FRAME = st.lists(st.tuples(SPOT, st.lists(st.tuples(STYLE, TEXT), min_size=1, max_size=4)), min_size=1, max_size=8)


def drawn(frame: list[tuple[tuple[int, int], list[tuple[str, str]]]]) -> str:
    """Spell *frame* as Textual does: a place, then pieces of text, each reset behind."""
    out = ""
    for (row, column), pieces in frame:
        out += f"\x1b[{row};{column}H"
        for style, text in pieces:
            out += f"\x1b[{style}m{text}\x1b[0m"
    return out


def fits(frame: list[tuple[tuple[int, int], list[tuple[str, str]]]]) -> bool:
    """Whether nothing runs over the right edge: Textual clips every line."""
    return all(column - 1 + sum(len(text) for _, text in pieces) <= COLUMNS for (_, column), pieces in frame)


def looks(screen: pyte.Screen) -> list[list[tuple[str, object, object, bool, bool, bool]]]:
    """Return what can be seen: a blank has no colour of its own."""
    return [
        [
            (
                cell.data,
                cell.fg if cell.data != " " else "",
                cell.bg,
                cell.bold and cell.data != " ",
                cell.underscore,
                cell.reverse,
            )
            for cell in (screen.buffer[y][x] for x in range(COLUMNS))
        ]
        for y in range(ROWS)
    ]  # fmt: skip


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(COLUMNS, ROWS)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen, pyte.Stream(screen)


@given(st.lists(FRAME.filter(fits), min_size=1, max_size=6), st.booleans())
@settings(max_examples=examples(120), deadline=None)
@example([[((1, 1), [("1", "a" * 30)])], [((1, 5), [("", " " * 20)])], [((1, 1), [("7", " " * 30)])]], False)
def test_the_terminal_shows_the_same(
    frames: list[list[tuple[tuple[int, int], list[tuple[str, str]]]]], blank: bool
) -> None:
    glass = Glass()
    glass.forget(COLUMNS, ROWS, blank=blank)
    (plain, plainly), (through, thriftily) = terminal(), terminal()
    if not blank:
        thriftily.feed("\x1b[H" + "\r\n".join("#" * COLUMNS for _ in range(ROWS)) + "\x1b[H")
        plainly.feed("\x1b[H" + "\r\n".join("#" * COLUMNS for _ in range(ROWS)) + "\x1b[H")
    for frame in frames:
        data = drawn(frame)
        plainly.feed(data)
        thriftily.feed(glass.sent(data))
        assert looks(through) == looks(plain)


def test_the_same_frame_again_costs_a_cursor_move_at_most() -> None:
    glass = Glass()
    glass.forget(80, 24, blank=True)
    frame = "".join(f"\x1b[{row};1H\x1b[39;49m{'text of a row':<80}\x1b[0m" for row in range(1, 25)) + "\x1b[1;1H"
    first = glass.sent(frame)
    assert len(first) < 600
    assert glass.sent(frame) == ""


def test_one_cell_costs_one_cell() -> None:
    glass = Glass()
    glass.forget(80, 24, blank=True)
    glass.sent("\x1b[3;1H\x1b[39;49mWARN  something is here\x1b[0m")
    assert glass.sent("\x1b[3;1H\x1b[39;49mWARN  something is hear\x1b[0m") == "\x1b[3;22Har"


def test_after_a_resize_everything_is_sent_again() -> None:
    glass = Glass()
    glass.forget(80, 24, blank=True)
    frame = "\x1b[1;1H\x1b[39;49mHost\x1b[0m"
    glass.sent(frame)
    glass.forget(90, 30)
    assert "Host" in glass.sent(frame)


def test_modes_and_the_clipboard_pass_untouched() -> None:
    glass = Glass()
    glass.forget(80, 24, blank=True)
    glass.sent("\x1b[1;1Habc")
    for data in ("\x1b[?25l", "\x1b]52;c;YWJj\x07", "\x1b[?2004h", "\x07"):
        assert glass.sent(data) == data
    assert "a" not in glass.sent("\x1b[1;1Habc")


def test_what_it_does_not_know_is_passed_on_and_makes_it_forget() -> None:
    glass = Glass()
    glass.forget(20, 2, blank=True)
    glass.sent("\x1b[1;1Habc")
    assert glass.sent("\x1b(0lqqk") == "\x1b(0lqqk"
    assert "abc" in glass.sent("\x1b[1;1Habc")


def test_a_row_with_wide_characters_is_drawn_whole_when_anything_in_it_changes() -> None:
    glass = Glass()
    glass.forget(COLUMNS, ROWS, blank=True)
    screen, stream = terminal()
    for text in ("漢字 is wide", "漢字 was wide", "a字 was wide"):
        row = f"\x1b[2;1H\x1b[39;49m{text}{' ' * 14}\x1b[0m"
        stream.feed(glass.sent(row))
        assert screen.display[1].rstrip() == text
