"""What Postal's Setup page says, beside what its own code answered in the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wizard.checks.dns.postal_rules import Item, Page, dkim_box, mx_box, return_path_box, spf_box

FACTS = Path(__file__).parent / "postal_dns"
CASES: list[dict[str, Any]] = json.loads((FACTS / "dnscases.json").read_text("utf-8"))
ORACLE: dict[str, dict[str, Any]] = {
    one["case"]: one for one in map(json.loads, (FACTS / "dnscheck-oracle.jsonl").read_text("utf-8").splitlines())
}
DOMAIN = "example.test"
NAME = "postal-XXXXXX._domainkey.example.test"
DKIM = "v=DKIM1; t=s; h=sha256; p=MIGfMA0;"
VERIFY = "postal-verification Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf"


def filled(text: str) -> str:
    return text.replace("{VERIFY}", VERIFY).replace("{DKIMNAME}", NAME).replace("{DKIM}", DKIM)


def pair(item: Item) -> list[str | None]:
    return [item.status, item.error]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_page_is_postals_own(case: dict[str, Any]) -> None:
    txt = {filled(name): [filled(text) for text in texts] for name, texts in case.get("txt", {}).items()}
    page = Page(
        spf_box(txt.get(DOMAIN, []), "spf.postal.example.test"),
        dkim_box(NAME, txt.get(NAME, []), DKIM),
        mx_box(
            DOMAIN,
            [host for _, host in case.get("mx", {}).get(DOMAIN, [])],
            ("mx1.postal.example.test", "mx2.postal.example.test"),
        ),
        return_path_box(f"psrp.{DOMAIN}", case.get("cname", {}).get(f"psrp.{DOMAIN}", []), "rp.postal.example.test"),
    )
    truth = ORACLE[case["case"]]
    assert pair(page.spf) == truth["spf"]
    assert pair(page.dkim) == truth["dkim"]
    assert pair(page.mx) == truth["mx"]
    assert pair(page.return_path) == truth["return_path"]
    assert page.ok is truth["dns_ok"]


def test_every_case_has_its_answer() -> None:
    assert len(CASES) == len(ORACLE) == 18
