"""Signs for a missing name, totals, footers and lines taken out with a # are no genes and no edges."""

from pathlib import Path

import pytest

from grnpyg.core.errors import warned
from grnpyg.data.regulons.regulon import Regulon, read_regulon

EDGES = "STAT1\tIRF1\nSTAT1\tMYC\nJUN\tFOS\n"


def read(folder: Path, further: str) -> tuple[Regulon, list[str]]:
    path = folder / "regulons.tsv"
    path.write_text("source\ttarget\n" + EDGES + further)
    with warned() as warnings:
        return read_regulon(path), list(warnings)


@pytest.mark.parametrize("sign", ["-", ".", "---", "NULL", "None", "<NA>", "#N/A", "#REF!", "?"])
def test_a_sign_for_a_missing_name_is_no_gene(tmp_path, sign):
    regulon, warnings = read(tmp_path, f"JUN\t{sign}\nMYC\tFOS\n")
    assert regulon.counts.missing == 1
    assert len(regulon.table) == 4
    assert sign not in regulon.targets_all
    assert any(f"{sign!r} hold no name of a gene" in line for line in warnings)


@pytest.mark.parametrize("row", ["Total\t", "Total\t3", "Grand Total\t", "sum\t3"])
def test_a_row_of_totals_is_no_edge(tmp_path, row):
    regulon, warnings = read(tmp_path, f"{row}\n")
    assert regulon.sources_all == ("JUN", "STAT1")
    assert len(regulon.table) == 3
    assert any("1 rows are totals, not edges" in line for line in warnings)


def test_an_edge_taken_out_with_a_mark_stays_out(tmp_path):
    regulon, warnings = read(tmp_path, "#MYC\tFOS\n# part 2\t\n")
    assert regulon.sources_all == ("JUN", "STAT1")
    assert len(regulon.table) == 3
    assert any("2 lines that begin with # among the rows are left out: #MYC" in line for line in warnings)


def test_the_footer_of_a_database_is_no_tf(tmp_path):
    regulon, _ = read(tmp_path, "(3 rows)\t\n")
    assert regulon.sources_all == ("JUN", "STAT1")


def test_a_tf_without_genes_stays_a_candidate(tmp_path):
    regulon, _ = read(tmp_path, "MYC\t\n")
    assert regulon.sources_all == ("JUN", "MYC", "STAT1")
