"""What stands on every screen, at every size, whatever a server or a file put into it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from screens.shell.dialogs import Evidence
from screens.shell.help import glossary_lines, help_lines
from screens.widgets.choice import Buttons
from screens.widgets.field import Field
from screens.widgets.findings import Findings
from screens.widgets.header import marked_steps
from screens.widgets.sections import coloured
from screens.widgets.side_bar import SideBar
from tests.effort import one_in
from wizard.model.codes import Code
from wizard.model.details import Login
from wizard.model.draft import App, Credential, Domain, Draft, EnvTarget, InfisicalTarget, Server, TestMail
from wizard.model.finding import Finding, Record, Verdict
from wizard.model.flow import STEP_KEYS, Flow, Move, To
from wizard.model.session import Exchange, Session
from wizard.setup.flow import FlowState
from wizard.setup.help_pages import LABELS
from wizard.state.journal import Journal
from wizard.system import ascii as ascii_only

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.screens.conftest import Driven, Opener

KEYS = list(STEP_KEYS)
REHEARSAL = "REHEARSAL: nothing leaves this machine"


@pytest.mark.parametrize("key", one_in(2, KEYS))
async def test_the_rehearsal_the_keys_and_the_way_stand_on_every_step(opened: Opener, key: str) -> None:
    async with opened(key) as it:
        rows = it.text.splitlines()
        assert len(rows) == 24
        assert REHEARSAL in it.text
        assert all(len(row) <= 80 for row in rows)
        assert "Ctrl+Q" in rows[-1] or "^Q" in rows[-1]
        assert any(mark in rows[1] for mark in ("Sets up", "◉", "●", "○"))


async def test_the_choices_of_the_start_are_whole_however_much_was_found(
    opened: Opener, demo: Callable[[str], FlowState]
) -> None:
    async with opened(flow=demo("wrong-key")) as it:
        await it.see("more lines: Tab, then Down")
        await it.see("Have Postal's pages at hand")
        await it.until(lambda: it.text.count("╰") == 2)
        assert it.text.splitlines()[-3].startswith("╰")


@pytest.mark.full
async def test_the_rehearsal_stands_on_every_page(opened: Opener) -> None:
    async with opened("sender", "dkim-wrong") as it:
        await it.checked()
        await it.until(lambda: it.app.screen.query_one(Findings).has_focus)
        for keys in (["f1"], ["t"], ["c"], ["enter"], ["p"], ["f4"], ["question_mark"], ["l"], ["x"]):
            await it.press(*keys)
            await it.until(lambda: it.step == "")
            assert REHEARSAL in it.text, keys
            await it.until(lambda: "Esc back" in it.keys)
            await it.press("escape")
            await it.at("sender")


@pytest.mark.full
async def test_every_key_of_a_step_fits_into_the_last_line(opened: Opener) -> None:
    seen = 0
    for key in ("sender", "done", "credential"):
        async with opened(key, "dkim-wrong") as it:
            await it.pilot.pause(0.5)
            for _ in range(5):
                last = it.text.splitlines()[-1]
                assert last.rstrip().endswith(("quit", "^Q")), last
                seen += 1
                await it.press("tab")
    assert seen == 15


@pytest.mark.full
async def test_a_wide_terminal_has_the_checklist_at_its_side(opened: Opener) -> None:
    async with opened("server", size=(140, 40)) as it:
        await it.checked()
        assert it.app.screen.query_one(SideBar).display
        assert "Sending domain verified" in it.text
        await it.pilot.resize_terminal(80, 24)
        await it.pilot.pause()
        assert not it.app.screen.query_one(SideBar).display


async def test_too_small_is_one_line_and_nothing_is_lost(opened: Opener) -> None:
    async with opened("server") as it:
        await it.type("kept.example")
        for size in ((59, 24), (80, 17), (1, 1), (30, 5)):
            await it.pilot.resize_terminal(*size)
            await it.pilot.pause()
            assert "Host" not in it.text
        assert "Enlarge" in it.text
        await it.pilot.resize_terminal(80, 24)
        await it.pilot.pause()
        assert "Enlarge" not in it.text
        assert it.app.screen.query_one("#server-host", Input).value == "kept.example"
        assert it.app.focused is not None


@pytest.mark.parametrize("key", KEYS)
def test_there_is_help_for_every_step_and_field(key: str) -> None:
    lines = help_lines(key, None)
    assert len(lines) > 4
    assert lines[0] != "There is no help for this step."
    assert "F1 opens the glossary" in lines[-1]


@pytest.mark.full
async def test_every_field_has_help_that_comes_first(opened: Opener) -> None:
    seen = 0
    for key in ("server", "credential", "sender", "test_mail", "target"):
        async with opened(key) as it:
            for field in it.app.screen.query(Field):
                assert help_lines(key, field.input.id)[0] == LABELS[field.key.rstrip("_")], field.key
                seen += 1
    assert seen > 15


async def test_f1_shows_the_help_of_the_focused_field(opened: Opener) -> None:
    async with opened("server") as it:
        await it.press("tab", "f1")
        await it.see("smtp_server.default_port")
        await it.press("f1")
        await it.see("A signature in each mail")
        await it.press("escape", "escape")
        await it.at("server")


@pytest.mark.parametrize("key", KEYS)
def test_help_shows_labels_and_never_the_keys_of_answers(key: str) -> None:
    headings = [line for line in help_lines(key, None) if re.fullmatch(r"[a-z_]+\.[a-z_]+", line)]
    assert headings == []


def test_help_names_postals_pages_of_the_mail_server_that_the_key_belongs_to() -> None:
    text = "\n".join(help_lines("sender", None, "acme/shop"))
    assert "Postal, Domains (/org/acme/servers/shop/domains)" in text
    assert "{" not in text
    assert "Postal, your mail server, Domains:" in "\n".join(help_lines("sender", None))


def test_the_glossary_says_each_word_in_two_lines() -> None:
    words = "\n".join(glossary_lines()).strip().split("\n\n")
    assert {word.splitlines()[0] for word in words} >= {
        "CRAM-MD5", "RCPT", "Envelope sender", "Return path", "HELO", "PTR", "Alignment", "Void look-up", "SOA", "Held",
        "Selector", "SPF", "DKIM", "DMARC",
    }  # fmt: skip
    for word in words:
        assert len(word.splitlines()) == 3, word
        assert all(len(line) <= 76 for line in word.splitlines()), word


class TestQuit:
    """Ctrl+Q asks where something would be lost, and only there."""

    async def test_without_anything_unsaved_it_leaves_at_once(self, opened: Opener) -> None:
        async with opened("server") as it:
            await it.press("ctrl+q")
            await it.until(lambda: it.app.return_code == 10)
            assert it.flow.journal.load() is not None

    async def test_a_changed_answer_is_asked_about_and_saved(self, opened: Opener) -> None:
        async with opened("server") as it:
            await it.type("other.example")
            await it.press("ctrl+q")
            await it.see("Leave now?")
            await it.press("n")
            await it.at("server")
            await it.press("ctrl+q", "y")
            await it.until(lambda: it.app.return_code == 10)
            saved = it.flow.journal.load()
            assert saved is not None
            assert saved.draft.server.host == "other.example"

    async def test_a_typed_key_is_asked_about(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("tab")
            await it.type("Another0Key0000000000000")
            await it.press("ctrl+q")
            await it.see("the key is not")
            await it.press("ctrl+q")
            await it.until(lambda: it.app.return_code == 10)


HOSTILE = [
    template.format(number)
    for number in range(10)
    for template in (
        "\x1b[31mred{}\x1b[0m", "\x1b]52;c;ZXZpbA==\x07{}", "\x1b[2J\x1b[H{}", "\x9b31m{}", "[/]{}", "[link=http://evil]{}",
        "[bold]{}[/bold]", "[@click=app.quit]{}", "\u202egnp.{}", "\u2066{}\u2069", "a\u200bb{}", "\ufeff{}",
        "\x00{}\x07\x08", "line\r\nbreak{}", "\u2028{}\u2029", "x" * 4000 + "{}", "\x1bP1$q{}\x1b\\", "\U000e0041{}",
        "\x1b[?1049l{}", "%s %d {{}} ${{HOME}} {} 漢字 e\u0301",
    )
]  # fmt: skip


def hostile_flow(first: int, path: Path, *, infisical: bool) -> FlowState:
    """Return a walk in which everything that can come from outside is hostile: all 200 among the findings."""
    strings = itertools.cycle(HOSTILE[first:] + HOSTILE[:first])

    def one() -> str:
        return next(strings)

    target = (
        InfisicalTarget(one(), one(), one(), one(), one()) if infisical else EnvTarget(one()[:60].replace("\x00", ""))
    )
    draft = Draft(
        App(one(), one()), Server(one(), 25), Credential(one()),
        Domain(one(), one(), one(), one(), one(), one(), one(), (one(),), one(), (one(),)), TestMail(one()), target,
    )  # fmt: skip
    findings = tuple(
        Finding(
            "auth", f"{number} {text}", (Verdict.FAIL, Verdict.PASS)[number % 2], text, (text, f"is {text}"), text, 0.1,
            Record(text, text, text, text), detail=Login(text, text, text),
        )
        for number, text in enumerate(itertools.islice(strings, 200))
    )  # fmt: skip
    flow = FlowState(draft, Session(directory=path, mailbox=one()), Journal(path / "state", one()))
    for key in KEYS:
        flow.found(key, findings, lambda _state: True)
    return flow


def is_inert(text: str) -> bool:
    return all(
        character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        for character in text
    )


@pytest.mark.parametrize("key", one_in(len(KEYS), sorted(KEYS, key="sender".__ne__)))
async def test_hostile_text_is_inert_on_every_screen(key: str, opened: Opener, tmp_path: Path) -> None:
    assert len(set(HOSTILE)) == 200
    looked = 0
    for first in (KEYS.index(key) * 20, KEYS.index(key) * 20 + 9):
        flow = hostile_flow(first, tmp_path, infisical=first % 2 == 0)
        async with opened(key, flow=flow, size=(80, 60)) as it:
            await it.pilot.pause(0.2)
            pages = [["f1"], ["escape"], *([["p"], ["escape"]] if key == "review" else [])]
            for press in ([], ["tab"], ["tab"], *pages):
                if press == ["escape"] and it.step == key:
                    continue  # nothing was opened
                await it.press(*press)
                assert is_inert(it.text), press
                looked += 1
            assert it.app._exception is None
    assert looked >= 8


@pytest.mark.full
async def test_hostile_text_in_pages_is_inert(opened: Opener, tmp_path: Path) -> None:
    flow = hostile_flow(0, tmp_path, infisical=False)
    finding = flow.findings("server")[0]
    looked = 0
    async with opened("server", flow=flow, size=(80, 60)) as it:
        for batch in [tuple(HOSTILE[at : at + 8]) for at in range(0, 200, 8)]:
            hostile = [
                replace(
                    finding, subject=f"{number}", summary=text, evidence=batch, record=Record(text, text, text, text)
                )
                for number, text in enumerate(batch)
            ]
            it.app.push_screen(Evidence(hostile[0], [Exchange("EHLO", text, (text,), 0.1, text) for text in batch]))
            await it.pilot.pause()
            assert is_inert(it.text), batch
            it.app.pop_screen()
            it.app.screen.query_one(Findings).show(hostile)
            await it.pilot.pause()
            assert it.text.count("✗ FAIL Login") == len(batch)
            assert is_inert(it.text), batch
            looked += len(batch)
        assert it.app._exception is None
    assert looked == 200


@pytest.mark.full
async def test_what_postal_s_mail_is_judged_by_stands_before_the_from_s_own_spf(opened: Opener) -> None:
    async with opened("sender", "two-spf") as it:
        await it.checked()
        for _ in ("as found", "after going back and coming again"):
            await it.see("SPF (From)")
            assert it.text.index("SPF (envelope)") < it.text.index("SPF (From)")
            await it.press("escape")
            await it.at("credential")
            await it.go("sender")


async def test_what_is_newly_not_right_is_selected_from_a_row_that_is(opened: Opener) -> None:
    async with opened("sender") as it:
        await it.checked()
        rows = it.app.screen.query_one(Findings)
        rows.focus()
        await it.press("down")
        assert rows.selected is not None
        assert rows.selected.verdict is Verdict.PASS
        wrong = Finding.unknown(Code.ARRIVAL_KEY_INVALID, "postal", "Postal refuses the API key.")
        rows.show([*rows.shown, wrong])
        assert rows.selected is wrong
        await it.press("down")
        rows.show(rows.shown)
        assert rows.selected is not wrong


async def test_the_line_of_folded_rows_says_where_enter_lists_them(opened: Opener) -> None:
    async with opened("sender") as it:
        await it.checked()
        await it.see("more are right Enter here lists them")
        assert it.app.screen.focused is not it.app.screen.query_one(Findings)
        assert "Enter next" in it.keys


def test_a_step_that_was_jumped_to_is_marked_before_the_one_it_returns_to(tmp_path: Path) -> None:
    flow = FlowState(Draft(), Session(tmp_path), Journal(tmp_path / "state", "x"), kind=Flow.TROUBLESHOOT)
    flow.key = "troubleshoot"
    assert [(title, mark) for _, mark, title, _ in marked_steps(flow)] == [("Troubleshoot", "◉")]
    flow.take(Move(To.GOTO, "credential"))
    assert [(title, mark) for _, mark, title, _ in marked_steps(flow)] == [("Credential", "◉"), ("Troubleshoot", "○")]


@pytest.mark.full
async def test_more_than_fits_below_is_counted_and_whole_in_the_palette(opened: Opener) -> None:
    async with opened("sender") as it:
        await it.checked()
        screen = it.app.step_screen
        assert screen is not None
        screen.say_lines([f"Sentence number {number}." for number in range(1, 7)])
        await it.see("3 more lines: Ctrl+P, All that was said")
        assert "Sentence number 6" not in it.text
        await it.command("All that was said")
        await it.see("Sentence number 6")


def test_the_edge_of_a_field_is_no_part_of_its_value_in_ascii() -> None:
    assert ascii_only.spelled("▏127.0.0.1") == "|127.0.0.1"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("p=MIGfMA0GCSqG…", "p=MIGfMA0GCS..."), ("set up · …/demo/r", "set up .../demo/r"), ("…", "."),
        ("日本a…", "???..."),
    ],
)  # fmt: skip
def test_what_is_cut_ends_in_dots_of_the_same_width_in_ascii(text: str, drawn: str) -> None:
    shown = ascii_only.spelled(text, ascii_only.columns)
    assert (shown, len(shown)) == (drawn, sum(map(ascii_only.columns, text)))
    assert ascii_only.spelled("a line of its own…") == "a line of its own..."


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_line_is_blank_between_the_question_and_the_step(opened: Opener, size: tuple[int, int]) -> None:
    async with opened("credential", size=size) as it:
        await it.see("Which key may GlitchTip use?")
        await it.see("Help shows the user name.")
        rows = it.text.splitlines()
        at = next(number for number, row in enumerate(rows) if "Help shows the user name." in row)
        assert rows[at + 1].startswith("╭")


async def test_what_a_key_would_choose_is_marked_without_colours(opened: Opener) -> None:
    async with opened("start") as it:
        await it.until(lambda: reversed_text(it) == ["Set up from the beginning"])
        await it.press("down")
        await it.until(lambda: reversed_text(it) == ["Rotate the credential"])
        await it.press("up", "enter")
        await it.at("server")
        it.app.screen.query_one(Buttons).focus()
        await it.until(lambda: reversed_text(it) == ["none"])


def reversed_text(it: Driven) -> list[str]:
    """Return what is drawn in reverse video above the last line; of a line of a menu what it begins with."""
    strips = it.app.screen._compositor.render_strips()[:-1]
    parts = [[part.text.strip() for part in strip if part.style is not None and part.style.reverse] for strip in strips]
    return [next(filter(None, texts)) for texts in parts if any(texts) and not set("".join(texts)) <= set("▁▂▃▄▅▆▇")]


@pytest.mark.parametrize(
    ("line", "word", "style"),
    [
        ("- EMAIL_URL=consolemail://", "- EMAIL_URL", "$error"),
        ("+ EMAIL_URL=smtp://mail.example.com", "+ EMAIL_URL", "$success"),
        ("FAIL DKIM key: not published", "FAIL", "bold $error"),
        ("-    SPF (From): not checked", "", ""),
        ("  EMAIL_URL=consolemail://   unchanged", "", ""),
    ],
)
def test_a_verdict_and_a_key_that_changes_are_in_colour(line: str, word: str, style: str) -> None:
    content = coloured(line)
    assert content.plain == line
    assert [(line[span.start : span.end], span.style) for span in content.spans] == ([(word, style)] if word else [])
