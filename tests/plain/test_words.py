"""What is typed for an offer: its key, or words where it has none; never its id."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from tests.setup.offers import STATES
from tests.setup.test_doors import made
from wizard.plain.app import _Plain
from wizard.plain.prompts import Prompts
from wizard.setup import order
from wizard.system.output import Out

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("key", STATES)
def test_each_offer_that_is_listed_is_found_by_what_the_line_begins_with(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state, offer in made(key, tmp_path, monkeypatch).values():
        if offer.choice or offer.direct or offer.on_leave:
            continue
        shown = io.StringIO()
        out = Out(io.StringIO(), shown)
        plain = _Plain(state, out, Prompts(out, io.StringIO()))
        plain._list([offer])
        line = shown.getvalue()
        typed = line.removesuffix(f" {offer.name}\n").strip()
        assert re.fullmatch(r"[a-z]|f\d|[a-z]+( [a-z]+)*", typed), line
        found = plain._named(order.step(key), typed)
        assert found is not None
        assert found.key == offer.key
