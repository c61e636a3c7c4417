"""Of OmniPath's links only those from a TF to its gene are edges."""

from __future__ import annotations

from pathlib import Path

import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.regulons.regulon import read_regulon

HEADER = "source\ttarget\tsource_genesymbol\ttarget_genesymbol\t{}\n"
ROW = "P1\tP2\t{}\t{}\t{}\n"


def write(folder: Path, column: str, values: tuple[str, str]) -> Path:
    rows = ROW.format("STAT1", "IRF1", values[0]) + ROW.format("JAK1", "STAT1", values[1])
    (folder / "o.tsv").write_text(HEADER.format(column) + rows)
    return folder / "o.tsv"


@pytest.mark.parametrize(
    ("column", "values"),
    [("type", ("transcriptional", "post_translational")), ("is_directed", ("1", "0"))],
)
def test_other_links_are_left_out_and_said(tmp_path, column, values):
    with warned() as warnings:
        table = read_regulon(write(tmp_path, column, values)).table
    assert table["source"].tolist() == ["STAT1"]
    assert any("1 rows are no transcriptional regulation" in line for line in warnings)


def test_a_table_of_signalling_is_refused(tmp_path):
    path = write(tmp_path, "type", ("post_translational", "post_translational"))
    with pytest.raises(InputError, match="all 2 rows are no transcriptional regulation"):
        read_regulon(path)
