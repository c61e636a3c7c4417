"""Names with invisible characters are mended, dates are said, and labels of other genes are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import DataWarning, InputError
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn
from grnpyg.data.names.marks import mended

HIDDEN = ["STAT1\u200b", "\ufeffMYC", "NKX2\u20131", "IRF\u00ad1", "GATA1\u00a0"]
PLAIN = ["STAT1", "MYC", "NKX2-1", "IRF1", "GATA1"]


def cells(genes: list[str]) -> AnnData:
    counts = np.random.default_rng(0).poisson(3, (30, len(genes))).astype(np.float32)
    types = pd.DataFrame({"cell_type": ["a", "b"] * 15}, index=[f"c{i}" for i in range(30)])
    return AnnData(counts, obs=types, var=pd.DataFrame(index=genes))


def read(edges: list[tuple[str, str]], genes: list[str]) -> GRN:
    table = pd.DataFrame(edges, columns=["source", "target"])
    return load_grn(DataConfig(), FeatureConfig(), 0, expression=cells(genes), regulons=table)


@pytest.mark.parametrize("hidden_in_labels", [True, False])
def test_hidden_characters_are_mended_on_either_side(hidden_in_labels: bool) -> None:
    labels, genes = (HIDDEN, PLAIN) if hidden_in_labels else (PLAIN, HIDDEN)
    grn = read(
        [(name, f"G{number}") for number, name in enumerate(labels)], [*genes, "G0", "G1", "G2", "G3", "G4"]
    )
    assert sorted(grn.graph["tf"].name) == sorted(PLAIN)
    assert bool(grn.graph["tf"].has_expression.all())
    (line,) = grn.report.warnings
    number = 4 if hidden_in_labels else 5  # tables are read without white space around the names
    assert f"{number} names hold invisible characters or typographic dashes" in line


def test_one_gene_with_and_without_a_hidden_character_is_one_node() -> None:
    grn = read([("STAT1", "X"), ("STAT1\u200b", "Y"), ("STAT1\u200b", "X")], ["STAT1", "X", "Y"])
    assert grn.graph["tf"].name == ["STAT1"]
    assert grn.report.counts["edges"] == 2


@pytest.mark.parametrize(
    "date", ["1-Mar", "2-Sep", "Mar-01", "2026-09-07", "1-Dec-19", "01. Mrz", "3/1/2026", "01.03.26", "4-Oct"]
)
def test_dates_made_by_excel_are_said_by_name(date: str) -> None:
    grn = read([("STAT1", "X"), ("STAT1", date)], ["STAT1", "X", "Y"])
    assert any("look like dates made by Excel" in line and date in line for line in grn.report.warnings)


def test_names_with_marks_and_numbers_are_no_dates() -> None:
    names = ["Oct-4", "OCT-4", "NKX2-1", "1-8D", "H3.3", "AC002066.1", "Marc1", "5/6", "1.1.1"]
    assert read([("STAT1", name) for name in names], ["STAT1", *names]).report.warnings == ()


def test_few_names_in_common_are_refused_and_less_than_half_is_said() -> None:
    edges = [(f"TF{number}", f"G{number}") for number in range(40)]
    with pytest.raises(InputError, match=r"only 2 of 40 TFs, 2 of 40 target genes and both ends of 2 of 40"):
        read(edges, ["TF1", "G1", "TF2", "G2", "Other"])
    few = [name for number in range(10) for name in (f"TF{number}", f"G{number}")]
    grn = read(edges, few)
    assert "only 10 of 40 TFs" in grn.report.warnings[0]
    with pytest.raises(InputError, match="both ends of 0 of 40 edges"):
        read(edges, [*(f"TF{number}" for number in range(20)), *(f"G{number}" for number in range(20, 40))])


def test_plain_names_are_left_alone() -> None:
    path = Path("labels.tsv")
    path.write_text("source\ttarget\nNKX2-1\tHLA-A\nNKX2-1\tMARCHF1\n")
    table = pd.read_csv(path, sep="\t")
    assert read(list(table.itertuples(index=False)), ["NKX2-1", "HLA-A", "MARCHF1"]).report.warnings == ()


def test_two_genes_that_mending_makes_one_are_refused() -> None:
    with pytest.raises(InputError, match="1 gene names occur more than once: STAT1"):
        read([("STAT1", "X")], ["STAT1", "STAT1\u200b", "X"])


def test_entrez_ids_with_decimals_are_whole_numbers() -> None:
    grn = read([("7157.0", "1.0"), ("7157.0", "23.0")], ["7157", "1", "23"])
    assert grn.graph["tf"].name == ["7157"]
    assert any("3 names are numbers with decimals: 1.0 is read as 1" in line for line in grn.report.warnings)


@pytest.mark.parametrize("prefix", ["GRCh38_", "hg19_", "mm10___", "GRCm39_", "gene:", "gene-"])
def test_the_prefix_of_a_reference_is_left_out(prefix: str) -> None:
    grn = read(
        [("STAT1", "MYC"), ("STAT1", "IRF1")], [f"{prefix}{name}" for name in ("STAT1", "MYC", "IRF1")]
    )
    assert bool(grn.graph["gene"].has_expression.all())
    assert any("3 names carry the prefix of a reference" in line for line in grn.report.warnings)


def test_two_references_keep_what_would_be_one_name() -> None:
    genes = ["GRCh38_STAT1", "mm10_STAT1", "GRCh38_MYC", "mm10_Myc"]
    with pytest.warns(DataWarning, match="2 names carry the prefix"):
        assert mended(genes, "x") == {"GRCh38_MYC": "MYC", "mm10_Myc": "Myc"}
    assert mended(["hg19_A", "B", "C"], "x") == {}  # one of three is a name
    assert mended(["gene-1", "gene-2"], "x") == {}  # numbers alone are no names of genes
