"""What an operator's own words in English name beside the mail: the login, DNS, TLS, a port, the From, the links.

Like every report in words it proves nothing: what it leads to is possible and no more.
"""

from __future__ import annotations

import re
from typing import Final

_FAILS: Final = r"(?<!no )(?<!not )(?:fail\w{0,4}|reject\w{0,3}|refused|denied|invalid|wrong|incorrect|error)"
_NO_PASS: Final = rf"(?:{_FAILS}|(?:not|n't) pass\w{{0,3}}|missing|not found|perm ?error)"

TOPICS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("choice-links", r"\b(?:links?|urls?)\b.{0,60}\b(?:localhost|wrong (?:domain|host|name|url))\b"),
        ("choice-from", r"\bwebmaster@localhost\b"),
        (
            "choice-from",
            (
                r"\b(?:sender|from (?:address|name|header)|default_from_email)\b.{0,20}"
                r"\b(?:wrong|incorrect|ignored|not set)\b"
            ),
        ),
        ("choice-unverified", r"\bdomain\b.{0,30}\b(?:not (?:yet )?verified|unverified|verification fail\w{0,4})\b"),
        ("choice-port-25", r"\bport 25\b.{0,30}\b(?<!not )(?:block\w{0,3}|filtered|closed)\b"),
        ("choice-port-25", r"\bblock\w{0,3}\b.{0,30}\bport 25\b"),
        ("choice-tls", rf"\b(?:certificates?|starttls|tls|ssl)\b.{{0,30}}\b(?:{_FAILS}|expired|self[ -]signed)\b"),
        ("choice-tls", r"\b(?:self[ -]signed|expired|untrusted) certificate\b"),
        ("choice-dkim", rf"\bdkim\b.{{0,30}}\b{_NO_PASS}\b"),
        ("choice-spf", rf"\bspf\b.{{0,30}}\b{_NO_PASS}\b"),
        ("choice-dmarc", rf"\bdmarc\b.{{0,30}}\b{_NO_PASS}\b"),
        ("choice-old", r"\b(?:still|keeps?) (?:using|us(?:es|e)|send(?:s|ing) (?:to|with|through)|has) .{0,20}\bold\b"),
        (
            "choice-login",
            rf"\b(?:auth\w{{0,14}}|smtp login|log ?in (?:to|at) postal|credentials?)\b.{{0,30}}\b{_FAILS}\b",
        ),
        (
            "choice-start",
            (
                r"\b(?:glitchtip|web|worker|containers?)\b.{0,30}\b(?:keeps? (?:restarting|crashing)|crash\w{0,5}"
                r"|restart loop|(?:does|do|did|wo|will) ?(?:n't|not) start)\b.{0,60}\bemail_url\b"
            ),
        ),
    )
)
"""Sentences in lower case; the first row that one of them fits counts, before what is said of mail in general."""
NAMES: Final = r"spf|dkim|dmarc|email_url|webmaster@localhost|port 25|smtp"
"""Words that make a report one about mail."""
