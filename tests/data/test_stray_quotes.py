"""A quotation mark without its partner swallows no rows: as many are read as are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.regulons.regulon import read_regulon


@pytest.mark.parametrize("mark", ['"see note', '5" probe', '"'])
@pytest.mark.parametrize("separator", ["\t", ","])
def test_rows_of_labels(mark: str, separator: str) -> None:
    rows = [["source", "target", "comment"]]
    rows += [["TF1", f"G{number}", mark if number in (3, 40) else "fine"] for number in range(60)]
    Path("labels.txt").write_text("".join(f"{separator.join(row)}\n" for row in rows))
    read = read_regulon("labels.txt")
    assert (read.counts.rows, read.counts.edges) == (60, 60)


def test_quoted_fields_stay_whole() -> None:
    Path("labels.csv").write_text(
        '"source","target","comment"\n"TF1","G1","a, b"\n"TF1","G2","the ""best"""\n'
    )
    assert read_regulon("labels.csv").table["target"].tolist() == ["G1", "G2"]


def test_genes_of_a_matrix() -> None:
    names = [f'"G{number}' if number in (0, 20) else f"G{number}" for number in range(40)]
    lines = ["gene,c1,c2", *(f"{name},{number},1" for number, name in enumerate(names))]
    Path("cells.csv").write_text("\n".join(lines))
    with warned() as lines:
        adata = read_expression("cells.csv", genes_in="rows")
    assert list(adata.var_names) == [f"G{number}" for number in range(40)]
    assert lines == [
        "cells.csv: a quotation mark in line 2 has no partner in its line: no mark of the file quotes a "
        "field. If a field spans several lines, write it on one"
    ]
    assert np.asarray(adata.X)[0].tolist() == list(range(40))


def test_a_matrix_without_names_of_its_rows_is_refused() -> None:
    Path("cells.txt").write_text("STAT1\tIRF1\tMYC\n3\t0\t1\n0\t2\t5\n")
    with pytest.raises(InputError, match="first column is the gene 'STAT1', so its rows have no names"):
        read_expression("cells.txt", known_genes={"STAT1", "IRF1", "MYC"})
    Path("cells.txt").write_text("OTHER\tIRF1\tMYC\n3\t0\t1\n0\t2\t5\n3\t1\t1\n")
    with pytest.raises(InputError, match=r"first column, 'OTHER', holds numbers \(3, 0, 3\)"):
        read_expression("cells.txt", known_genes={"STAT1", "IRF1", "MYC"})
    Path("cells.txt").write_text("OTHER\tIRF1\tMYC\n0.5\t0\t1\n1.25\t2\t5\n")
    with pytest.raises(InputError, match=r"first column, 'OTHER', holds numbers \(0\.5, 1\.25\)"):
        read_expression("cells.txt", known_genes={"STAT1", "IRF1", "MYC"})


@pytest.mark.parametrize("text", ['{"A": ' + "[" * 100_000, '{"A": [' + "1" * 5000 + "]}"])
def test_hostile_json_is_refused_in_one_line(text: str) -> None:
    Path("labels.json").write_text(text)
    with pytest.raises(InputError, match=r"labels\.json: is not valid JSON"):
        read_regulon("labels.json")


def test_numbers_that_are_names_of_genes_or_cells_are_read() -> None:
    Path("genes.txt").write_text("entrez\tc1\tc2\n7157\t3\t0\n4609\t1\t5\n")
    assert list(read_expression("genes.txt", known_genes={"7157", "4609"}).var_names) == ["7157", "4609"]
    Path("cells.txt").write_text("cell\tIRF1\tMYC\n1\t3\t0\n2\t1\t5\n")
    assert list(read_expression("cells.txt", known_genes={"IRF1", "MYC"}).obs_names) == ["1", "2"]
