"""Names that mean one gene become one node: former names, marks changed by R, letter case, versions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn
from grnpyg.data.matching.aliases import current_names, species_of
from grnpyg.data.matching.spelling import key

HUMAN = ["STAT1", "IRF1", "GBP1", "CD8A", "MYC", "SPI1", "CD19", "IL6", "LYZ", "CD3E", "TP53", "JUN", "FOS"]
FLY = ["tin", "bap", "eve", "ftz", "dpp", "wg", "hh", "en"]
Edges = list[tuple[str, str]]


def read(edges: Edges, genes: list[str] | None = None, **data: object) -> GRN:
    cells = None
    if genes is not None:
        counts = np.random.default_rng(0).poisson(3, (30, len(genes))).astype(np.float32)
        types = pd.DataFrame({"cell_type": ["a", "b"] * 15}, index=[f"c{i}" for i in range(30)])
        cells = AnnData(counts, obs=types, var=pd.DataFrame(index=genes))
    given = {"expression": None, **data}
    table = pd.DataFrame(edges, columns=["source", "target"])
    return load_grn(DataConfig.model_validate(given), FeatureConfig(), 0, expression=cells, regulons=table)


def known(tf: str, genes: list[str] = HUMAN) -> Edges:
    """A table whose names are mostly those of the expression, so that its species is known."""
    return [(tf, gene) for gene in genes if gene != tf]


def says(grn: GRN, *words: str) -> bool:
    return any(all(word in line for word in words) for line in grn.report.warnings)


@pytest.mark.parametrize(("label", "gene"), [("MLL2", "KMT2D"), ("KMT2D", "MLL2"), ("OCT4", "POU5F1")])
def test_a_former_name_finds_the_gene_in_either_direction(label: str, gene: str) -> None:
    grn = read([*known("STAT1"), ("STAT1", label), (label, "MYC")], [*HUMAN, gene])
    assert gene in grn.graph["tf"].name
    assert gene in grn.graph["gene"].name
    assert bool(grn.graph["tf"].has_expression.all())
    assert says(grn, "1 former or other names", "HGNC", f"{label} ", gene, "--no-aliases")
    assert grn.report.identifiers["renamed"]["aliases"] == {label: gene}
    assert any("1 by the human table" in line for line in grn.report.sentences)
    json.dumps(grn.report.to_dict())


def test_no_aliases_leaves_former_names_alone() -> None:
    grn = read([*known("STAT1"), ("MLL2", "MYC")], [*HUMAN, "KMT2D"], aliases=False)
    assert "MLL2" in grn.graph["tf"].name
    assert "renamed" not in grn.report.identifiers


def test_former_and_current_name_of_one_gene_are_one_node() -> None:
    edges = [*known("STAT1"), ("MLL2", "MYC"), ("KMT2D", "MYC"), ("KMT2D", "JUN")]
    for genes in ([*HUMAN, "KMT2D"], HUMAN, None):
        grn = read(edges, genes)
        assert grn.graph["tf"].name == ["KMT2D", "STAT1"]
        assert grn.report.counts["duplicates_merged"] == 1


@pytest.mark.parametrize("action", ["require", "filter"])
def test_a_list_of_tfs_may_have_the_other_name(action: str, tmp_path: Path) -> None:
    (tmp_path / "tfs.txt").write_text("STAT1\nKMT2D\nMYC\n")
    edges = [*known("STAT1"), ("MLL2", "MYC")]
    given = {"tfs": str(tmp_path / "tfs.txt"), "tfs_action": action}
    assert read(edges, [*HUMAN, "KMT2D"], **given).graph["tf"].name == ["KMT2D", "STAT1"]
    if action == "require":
        with pytest.raises(InputError, match="MLL2"):
            read(edges, [*HUMAN, "KMT2D"], aliases=False, **given)


def test_a_gene_that_is_measured_under_its_own_name_keeps_it() -> None:
    grn = read([*known("STAT1"), ("MLL2", "MYC")], [*HUMAN, "MLL2", "KMT2D"])
    assert "MLL2" in grn.graph["tf"].name
    assert current_names(["OLD"], ["A", "B"], {"OLD": "C", "A": "C", "B": "C"}) == {}  # two older names


def test_tables_of_names_serve_only_their_species() -> None:
    assert species_of(HUMAN) == "human"
    assert species_of(name.capitalize() for name in HUMAN) == "mouse"
    assert species_of(FLY) is None
    assert species_of([]) is None
    edges = [("RAP1", gene) for gene in FLY] + [("tin", "TERF2IP")]  # RAP1 of yeast is no TERF2IP
    assert "RAP1" in read(edges, [*FLY, "TERF2IP"]).graph["tf"].name


@pytest.mark.parametrize(
    ("label", "gene"),
    [("HLA.A", "HLA-A"), ("HLA-A", "HLA.A"), ("X1.8D", "1-8D"), ("E.spl.", "E(spl)"), ("A_B", "A-B")],
)
def test_marks_changed_by_r_do_not_hide_a_gene(label: str, gene: str) -> None:
    grn = read([*known("tin", FLY), ("tin", label)], [*FLY, gene])
    assert gene in grn.graph["gene"].name
    assert label not in grn.graph["gene"].name
    assert says(grn, "only in marks", f"{label} is read as {gene}")


def test_a_few_names_in_another_case_are_matched_and_many_are_not() -> None:
    grn = read([*known("STAT1"), ("STAT1", "C9ORF72")], [*HUMAN, "C9orf72"])
    assert "C9orf72" in grn.graph["gene"].name
    assert says(grn, "in letter case", "C9ORF72 is read as C9orf72")
    mouse = [name.capitalize() for name in HUMAN[6:]]
    grn = read(known("STAT1"), [*HUMAN[:6], *mouse])
    assert not grn.graph["gene"].has_expression.all()
    assert says(grn, "in another letter case", "CD19 against Cd19", "two species")


def test_spellings_that_the_expression_tells_apart_are_different_genes() -> None:
    grn = read([*known("tin", FLY), ("tin", "H"), ("tin", "h"), ("h", "wg")], [*FLY, "h", "H"])
    assert {"h", "H"} <= set(grn.graph["gene"].name)
    assert grn.report.warnings == ()


@pytest.mark.parametrize("genes", [[*HUMAN], None])
def test_spellings_of_one_gene_are_one_node(genes: list[str] | None) -> None:
    edges = [*known("MYC"), ("STAT1", "IL6"), ("STAT1", "LYZ"), ("Stat1", "CD19"), ("Stat1", "LYZ")]
    grn = read(edges, genes)
    assert grn.graph["tf"].name == ["MYC", "STAT1"]
    assert says(grn, "in letter case", "Stat1 is read as STAT1")
    assert grn.report.counts["duplicates_merged"] == 1


def test_twins_with_the_same_edges_are_one_gene_in_any_species() -> None:
    twice = [(tf, gene) for tf in ("su.h", "Su-H") for gene in FLY]
    grn = read([*twice, ("tin", "wg")])
    assert grn.graph["tf"].name == ["Su-H", "tin"]
    apart = [("h", gene) for gene in FLY[:4]] + [("H", gene) for gene in FLY[4:]]
    grn = read(apart)
    assert grn.graph["tf"].name == ["H", "h"]
    assert says(grn, "stay different genes", "H and h", "write them alike")


def test_versions_of_one_ensembl_id_are_one_node() -> None:
    ids = [f"ENSG0000000000{number}" for number in range(5)]
    edges = [(f"{ids[0]}.1", ids[1]), (f"{ids[0]}.2", ids[1]), (ids[0], ids[2]), (f"{ids[3]}.7", ids[2])]
    grn = read(edges)
    assert grn.graph["tf"].name == [ids[0], f"{ids[3]}.7"]
    assert says(grn, "2 names differ", "Ensembl version")
    grn = read(edges, ids)
    assert grn.graph["tf"].name == [ids[0], ids[3]]


def test_names_of_other_kinds_are_counted_by_kind() -> None:
    others = ["hsa-miR-21-5p", "RP11-34P13.7", "AC012345.1", "LOC100129", "NM_000546.5", "1007_s_at"]
    plain = ["NKX2-1", "HLA-A", "MIR21", "H2-K1", "CT45A1", "LOCR", "A1BG-AS1", "CTD-2"]
    grn = read([*known("STAT1"), *(("STAT1", name) for name in [*others, *plain])], HUMAN)
    (line,) = [line for line in grn.report.warnings if "other kinds" in line]
    assert all(name in line for name in others)
    assert not any(f" {name}" in line for name in plain)
    assert "2 clones" in line
    grn = read([*known("STAT1"), ("STAT1", "LOC100129")], [*HUMAN, "LOC100129"])
    assert grn.report.warnings == ()


def test_data_sets_of_the_catalogue_keep_their_names(tmp_path: Path) -> None:
    features = FeatureConfig(kind="pca", n_components=1)
    assert "renamed" not in load_grn(DataConfig(), features, 0).report.identifiers
    forced = load_grn(DataConfig(aliases=True), features, 0).report
    assert forced.identifiers["renamed"]["aliases"]["CXCL8"] == "IL8"
    assert not forced.identifiers["renamed"]["spelling"]


def test_keys_hold_what_spellings_share() -> None:
    assert key("HLA-A") == key("HLA.A") == key("hla_a")
    assert key("ENSG00000139618.17") == key("ENSG00000139618")
    assert key("TNF\u03b1") != key("TNF\u03b2")
    assert key("X") == "x"
