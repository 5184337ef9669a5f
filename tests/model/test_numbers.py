"""Numbers out of foreign JSON: none of them ends the program."""

from __future__ import annotations

import json

import pytest

from wizard.model.numbers import as_float


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400, '"7"', "null", "[]", "{}"])
def test_what_no_float_holds_is_0(text: str) -> None:
    assert as_float(json.loads(text)) == 0.0


@pytest.mark.parametrize(("text", "number"), [("7", 7.0), ("-1.5", -1.5), ("true", 1.0), ("0", 0.0)])
def test_a_number_is_kept(text: str, number: float) -> None:
    assert as_float(json.loads(text)) == number
