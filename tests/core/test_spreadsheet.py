"""Words in tables for people: never computed by a spreadsheet, and read again as what they were."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.core.spreadsheet import bare, shielded, shielded_table

UGLY = ["=cmd|' /C calc'!A0", "+A1", "-G", "@x", "\tx", "\rx", "'x", "''", "'=x", "NA", "nan", "None", ""]


@given(st.text(alphabet="=+-@'\t\r\nAN0.e", max_size=6) | st.text(max_size=6))
def test_every_word_survives(word: str) -> None:
    assert bare(str(shielded(word))) == word


@given(st.text(alphabet="=+-@\t\rA0.e", min_size=1, max_size=6))
def test_what_begins_as_a_formula_does_is_a_number_or_shielded(word: str) -> None:
    shown = str(shielded(word))
    if shown.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(shown)


@pytest.mark.parametrize("number", ["-0.3", "+1", "-1e-05", "-.5", "-3."])
def test_a_number_in_text_stays_a_number(number: str) -> None:
    assert shielded(number) == number


@pytest.mark.parametrize("dtype", [object, "string"])
def test_a_table_and_its_headings(dtype: str) -> None:
    table = pd.DataFrame({"=name": pd.Series(UGLY, dtype=dtype), "value": -0.5})
    shown = shielded_table(table)
    assert list(shown) == ["'=name", "value"]
    assert shown["value"].eq(-0.5).all()
    assert [bare(word) for word in shown["'=name"]] == UGLY
    assert list(table["=name"]) == UGLY, "the table itself is left as it was"
