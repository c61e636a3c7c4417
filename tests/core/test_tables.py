"""A TSV of pairs is safe in a spreadsheet, and every name survives it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from grnpyg.core.spreadsheet import bare
from grnpyg.core.tables import write_table
from grnpyg.data.regulons.regulon import read_regulon
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table

NAMES = ["NA", "nan", "None", "=cmd|' /C calc'!A0", "+A1", "-G", "@x", "'x", "TP53"]


@pytest.mark.parametrize("suffix", [".tsv", ".parquet"])
def test_names_survive_and_none_is_a_formula(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"edges{suffix}"
    table = pd.DataFrame({"tf": NAMES, "target": NAMES, "importance": -0.5})
    write_table(table, path)
    if suffix == ".parquet":
        assert pd.read_parquet(path)["tf"].tolist() == NAMES
        return
    back = parse_table(read_text(path), path)
    assert not any(name.startswith(("=", "+", "-", "@")) for name in back["tf"])
    assert [bare(name) for name in back["tf"]] == NAMES
    assert back["importance"].astype(float).tolist() == [-0.5] * len(NAMES)


def test_the_pairs_of_a_tsv_are_labels_with_the_same_names(tmp_path: Path) -> None:
    path, names = tmp_path / "edges.tsv", ["=A1", "-G", "'x", "@x", "nan", "TP53"]
    table = pd.DataFrame({"TF": names, "target": names[1:] + names[:1], "importance": 0.5})
    write_table(table, path)
    regulon = read_regulon(path)
    assert sorted(regulon.sources_all) == sorted(names)
    assert sorted(regulon.targets_all) == sorted(names)
