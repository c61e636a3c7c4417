"""Control characters and halves of characters in names: one line, before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.regulons.regulon import read_regulon

ODD = ["A\ud800", "A\x0bB", "A\x01", "A\x1b[31m", "A\u2028B", "A\x85B", "A\x7fB"]


def read(name: str, kind: str) -> object:
    if kind == "json":
        Path("l.json").write_text(json.dumps({"TF1": [name, "B"]}))
        return read_regulon("l.json")
    if kind == "table":
        Path("l.tsv").write_bytes(f"source\ttarget\nTF1\t{name}\nTF1\tB\n".encode(errors="surrogatepass"))
        return read_regulon("l.tsv")
    if kind == "memory":
        return read_regulon(pd.DataFrame({"source": ["TF1", "TF1"], "target": [name, "B"]}))
    genes, cells = ([name, "B"], ["x", "y"]) if kind == "genes" else (["A", "B"], [name, "y"])
    frames = {"obs": pd.DataFrame(index=cells), "var": pd.DataFrame(index=genes)}
    return read_expression(ad.AnnData(np.eye(2, dtype=np.float32), **frames))


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["table", "json", "genes", "cells", "memory"])
def test_names_are_refused_in_one_printable_line(name: str, kind: str) -> None:
    if kind == "table" and "\ud800" in name:
        with warned() as lines:  # no file of UTF-8 holds one
            read(name, kind)
        assert "is not UTF-8, first in line 2" in lines[0]
        return
    with pytest.raises(InputError, match=r"1 names hold (a control|half of a) character") as caught:
        read(name, kind)
    assert str(caught.value).isprintable()


def test_a_comment_may_hold_anything() -> None:
    Path("l.tsv").write_text("source\ttarget\tnote\nTF1\tA\tx\x0by\x01\u2028\nTF1\tB\tz\n")
    assert read_regulon("l.tsv").counts.edges == 2
