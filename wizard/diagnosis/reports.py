"""What an operator writes in their own words, without an error or a log -> the sign of a symptom.

Such a report proves nothing: every cause that it leads to is possible and no more, and the first step is the one that
shows where the mail stops. It counts only where nothing else in a text was recognised.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.diagnosis import report_topics, reports_elsewhere
from wizard.diagnosis.exceptions import OTHERS_NEAR
from wizard.diagnosis.model import Sign

_UNDENIED: Final = r"(?:(?!not |never )[\w'-]{1,20} ){0,3}"
_IN_SPAM: Final = (
    r"(?<!not )(?<!n't )(?<!never )(?<!not being )(?<!n't being )\b(?:"
    r"(?:go|goes|going|gone|went|land\w{0,3}|arriv\w{1,3}|ends? up|ended up|ending up|delivered|sent|sorted|filtered"
    rf"|moved|put|found|is|are|was|were) {_UNDENIED}(?:in|to|into|as) (?:[\w'-]{{1,20}} ){{0,2}}(?:spam|junk)"
    r"(?: folder)?"
    rf"|(?:mark|flag|classif|treat|categori[sz])\w{{0,4}} {_UNDENIED}as (?:spam|junk)"
    r")\b"
)
"""How it is said that a mail was put into spam."""
_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("refused", r"(?:smtp |e?mail )?(?:connection|connect) (?:was )?refused"),
    (
        "choice-connect",
        r"(?:smtp |e?mail )?(?:connection |connect )?(?:timed? ?-?out|timeouts?|timeout errors?|closed)",
    ),
    ("choice-login", r"(?:smtp |e?mail )?(?:auth|authentication|login) (?:failed|failure|fails|error)"),
    ("choice-login", r"(?:smtp |e?mail )?(?:error |code |status )*53[05]"),
    (
        "choice-undelivered",
        r"(?:e?mails? )?(?:is |was )?(?:sent |accepted )?(?:successfully )?(?:but )?not (?:received|delivered)",
    ),
    (
        "choice-undelivered",
        r"(?:e?mails? )?(?:not arriv\w{1,4}|never (?:arriv\w{1,4}|received)|(?:does not|doesn't|do not|don't) arrive)",
    ),
    ("choice-spam", rf"(?:e?mails? )?{_IN_SPAM}"),
    ("choice-start", r"(?:glitchtip|container|web|worker) (?:does not|doesn't|won't|will not) start"),
)
"""A few words, and nothing else; more of them must name mail."""
_LONGEST_PHRASE: Final = 80

_NOT: Final = r"(?:not|never|no longer|cannot|(?:ca|do|does|did|wo|is|are|could)n?'?t|unable to|fails? to|failing to)"
_WORDS: Final = r"(?:[\w'-]{1,20} ){0,3}"
_OF_THE_WORKER: Final = r"(?:invit(?:e|es|ation|ations)|alerts?|notifications?)"
_MAIL: Final = r"(?:e-?mails?|mails?|smtp|password resets?|mailversand)"
_ARRIVES: Final = r"(?:arriv|reach|receiv|deliver|com(?:e|ing)\b|sent\b|send|get|got)\w{0,6}"
_REPORTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        (
            "choice-alerts",
            (
                rf"\b(?:reset|test)\b.{{0,40}}\b(?:arriv\w{{1,4}}|works?|sent|fine|ok|received|delivered)\b"
                rf".{{0,60}}\b{_OF_THE_WORKER}\b.{{0,30}}\b{_NOT}\b"
            ),
        ),
        ("choice-alerts", rf"\b{_OF_THE_WORKER}\b.{{0,40}}\b{_NOT} {_WORDS}(?:{_ARRIVES}|work)"),
        ("choice-alerts", rf"\b{_NOT} {_WORDS}(?:send|get|got|receiv|e?mail)\w{{0,5}} {_WORDS}{_OF_THE_WORKER}\b"),
        ("choice-alerts", rf"\b(?:no|none|nobody)\b.{{0,30}}\b(?:gets?|got|receive[ds]?) {_WORDS}{_OF_THE_WORKER}\b"),
        ("choice-alerts", rf"\bno {_OF_THE_WORKER} (?:e-?mails?|mails?|(?:is |are )?{_ARRIVES})"),
        ("choice-queued", rf"\b(?:{_MAIL}|messages?)\b.{{0,40}}\b(?:stuck|pending|waiting|queued)\b"),
        ("choice-queued", rf"\bpending (?:{_MAIL}|messages?)\b"),
        ("choice-hardfail", r"\bhard[ -]?fail"),
        ("choice-softfail", r"\bsoft[ -]?fail"),
        ("choice-held", rf"\b(?:{_MAIL}|messages?|postal)\b.{{0,40}}\bheld\b"),
        ("choice-unsent", rf"\b{_NOT} {_WORDS}(?:send|deliver|get|receiv)\w{{0,5}} {_WORDS}(?:any )?{_MAIL}\b"),
        ("choice-unsent", rf"\b{_MAIL}\b.{{0,40}}\b{_NOT} {_WORDS}(?:{_ARRIVES}|going out|go out|work\w{{0,3}})"),
        ("choice-unsent", rf"\bmessages? .{{0,20}}\b{_NOT} {_WORDS}(?:sent|send|deliver|arriv)"),
        ("choice-unsent", rf"\b{_MAIL}\b.{{0,60}}\bstopped (?:working|sending)\b"),
        ("choice-unsent", rf"\bno (?:more )?{_MAIL}\b(?! (?:problem|issue|error|server|account))"),
        ("choice-unsent", rf"\b{_MAIL} {_WORDS}(?:broken|fails?|failing|failed|stopped|down|error|problem)\b"),
        ("choice-unsent", rf"\b{_MAIL}\b.{{0,40}}\bbut not (?:from|in|with|by) glitchtip\b"),
        ("choice-unsent", rf"\b{_MAIL}\b.{{0,60}}\bnothing (?:ever )?(?:arriv|c[ao]me)\w{{0,4}}\b"),
        (
            "choice-delayed",
            rf"\b{_MAIL}\b.{{0,40}}\b(?:delayed|(?:very|too|so) late|takes? .{{0,20}}(?:minutes|hours)|slow)\b",
        ),
        ("choice-spam", _IN_SPAM),
    )
)
"""Whole English sentences, in lower case; the first row that one of them fits counts."""

_ABOUT_IT: Final = re.compile(
    rf"\b(?:{_MAIL}|{report_topics.NAMES}|{_OF_THE_WORKER}|messages?|postal|(?:soft|hard)[ -]?fail\w{{0,9}})\b"
    rf"|{_IN_SPAM}"
)
"""What a report has to be about."""
_LONGEST: Final = 900
_NOT_PROSE: Final = re.compile(
    r"[{}<>|\\=]|::|\w\(|\btraceback\b|\d:\d\d:\d\d|\b[45]\d\d[ -]|\b\w{1,40}error\b|\bfile \""
    r"|^[ \t]{0,20}[\w.-]{1,60}: [\w\"'/-]{1,200}[ \t]{0,20}$",
    re.IGNORECASE | re.MULTILINE,
)
"""What logs, replies and files have, and sentences have not."""
# A code block's fence becomes three of these, too.
_APOSTROPHES: Final = dict.fromkeys(map(ord, "\N{RIGHT SINGLE QUOTATION MARK}\N{ACUTE ACCENT}`"), "'")
_SETTING: Final = re.compile(r"^[ \t-]{0,20}[A-Z][A-Z0-9_]{2,60} ?[=:].{0,400}$|^'''\w{0,20}$", re.MULTILINE)
"""A line of an environment, beside the words; it is read elsewhere."""
_SENTENCES: Final = re.compile(r"[.!?;](?:\s+|$)|[。\uff01\uff1f]|\n{2,}")


def sign(text: str) -> list[Sign]:
    """Return the sign of what *text* reports; none where it does not read like an operator's own words about mail."""
    words = " ".join(text[: 2 * _LONGEST_PHRASE].lower().split()).rstrip(".!?")
    if len(words) <= _LONGEST_PHRASE and not OTHERS_NEAR.search(words):
        by_worker = re.search(rf"\b{_OF_THE_WORKER}\b", words) is not None
        look = re.search if re.search(r"\b(?:smtp|e?mails?|postal)\b", words) is not None else re.fullmatch
        found = [Sign(key) for key, phrase in _PHRASES if look(phrase, words)][:1]
        if found and not (by_worker and found[0].key == "choice-undelivered"):
            return found
    return _report(text)


def _report(text: str) -> list[Sign]:
    if len(text) > 2 * _LONGEST:
        return []
    prose = _SETTING.sub("", text.translate(_APOSTROPHES)).strip()
    if len(prose) > _LONGEST or _NOT_PROSE.search(prose) is not None:
        return []
    sentences = [" ".join(each.lower().split()) for each in _SENTENCES.split(prose)]
    whole = " ".join(sentences)
    if _ABOUT_IT.search(whole) is not None:
        for key, pattern in (*report_topics.TOPICS, *_REPORTS):
            if any(pattern.search(sentence) is not None for sentence in (*sentences, whole)):
                return [Sign(key)]
    return next((found for sentence in sentences if (found := reports_elsewhere.signs(sentence))), [])
