"""Tables of cell metadata are read as label tables are; numbers in them become numbers."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression

CELLS = ["c1", "c2", "c3"]
LINES = ["cell,type,age,id", "c1,T,3,07", "c2,B,2.5,x", "c3,NA,,y"]


def read(text: str | bytes) -> tuple[pd.DataFrame, list[str]]:
    Path("o.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    frames = {"obs": pd.DataFrame(index=CELLS), "var": pd.DataFrame(index=["A", "B"])}
    with warned() as lines:
        adata = read_expression(ad.AnnData(np.ones((3, 2), dtype=np.float32), **frames), obs="o.csv")
    return adata.obs, lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [[], ["# made today, by x", ""]])
def test_values(encoding: str, end: str, before: list[str]) -> None:
    obs, said = read(end.join([*before, *LINES]).encode(encoding))
    assert list(obs["type"])[:2] == ["T", "B"]
    assert pd.isna(obs["type"].iloc[2])
    assert obs["age"].tolist()[:2] == [3.0, 2.5]
    assert np.isnan(obs["age"].iloc[2])
    assert list(obs["id"]) == ["07", "x", "y"]
    assert len(said) == bool(before)


def test_western_text_is_said() -> None:
    obs, said = read("\n".join(LINES).replace("T", "na\u00efve").encode("latin-1"))
    assert obs["type"].iloc[0] == "na\u00efve"
    assert "o.csv: is not UTF-8, first in line 2" in said[0]


def test_tables_of_r_without_a_corner_and_rows_of_numbers() -> None:
    obs, said = read("\n".join(["type\tn", *(f'"{cell}"\t"T"\t{i}' for i, cell in enumerate(CELLS))]))
    assert obs["n"].tolist() == [0, 1, 2]
    assert "as R writes tables" in said[0]


def test_stray_marks_and_ragged_rows() -> None:
    obs, _ = read('cell,note\nc1,"see\nc2,fine\nc3,"too\n')
    assert list(obs["note"]) == ["see", "fine", "too"]
    with pytest.raises(InputError, match=r"o\.csv: is not a regular table: line 4 has 3 fields instead of 2"):
        read("#x\ncell,type\nc1,T\nc2,T,B\n")
    with pytest.raises(InputError, match=r"o\.csv: is binary"):
        read(b"cell,type\0\0\nc1,T\n")
