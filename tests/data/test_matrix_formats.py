"""Edges as matrices of 0 and 1, in text and Parquet: which axis has the TFs, what is refused, and sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.formats import parquet
from grnpyg.data.regulons.regulon import Regulon, read_regulon

TFS = ["STAT1", "IRF1", "SPI1"]
GENES = ["ACTB", "CD74", "TAP1", "LYZ", "CD3D", "NKG7", "GZMB"]


def edges(regulon: Regulon) -> set[str]:
    return set(regulon.table["source"] + ">" + regulon.table["target"])


@pytest.fixture
def prior() -> pd.DataFrame:
    """Genes by TFs; every gene has one TF, and STAT1 has two more."""
    frame = pd.DataFrame(0.0, index=GENES, columns=TFS)
    for number, gene in enumerate(GENES):
        frame.loc[gene, TFS[number % 3]] = 1.0
    frame.loc[["CD74", "TAP1"], "STAT1"] = 1.0
    return frame


def expected(prior: pd.DataFrame) -> set[str]:
    return {f"{tf}>{gene}" for tf in prior.columns for gene in prior.index if prior.loc[gene, tf]}


@pytest.mark.parametrize("sep", ["\t", ","])
@pytest.mark.parametrize("tfs", ["columns", "rows"])
def test_a_prior_of_0_and_1_either_way_round(sep: str, tfs: str, prior: pd.DataFrame) -> None:
    shown = prior if tfs == "columns" else prior.T
    shown.astype(int).to_csv("prior.tsv", sep=sep)
    with warned() as lines:
        regulon = read_regulon("prior.tsv")
    assert (edges(regulon), lines) == (expected(prior), [])
    assert f"TFs in {tfs}" in regulon.lines()[0]


def test_names_of_no_known_tfs_are_told_apart_by_their_number(prior: pd.DataFrame) -> None:
    plants = prior.set_axis([f"AT1G{i}" for i in range(7)]).set_axis(["LFY", "AP2", "WUS"], axis=1)
    for shown in (plants, plants.T):
        shown.to_csv("prior.tsv", sep="\t")
        with warned() as lines:
            assert (edges(read_regulon("prior.tsv")), lines) == (expected(plants), [])


def test_an_unclear_matrix_is_said_and_the_advice_to_transpose_works() -> None:
    matrix = pd.DataFrame(np.eye(4, 3), ["x1", "x2", "x3", "x4"], ["y1", "y2", "y3"])
    matrix.to_csv("prior.tsv", sep="\t")
    with warned() as lines:
        first = read_regulon("prior.tsv")
    assert "not clear whether the 4 rows or the 3 columns" in lines[0]
    assert lines[0].endswith("transpose the matrix")
    matrix.T.to_csv("prior.tsv", sep="\t")
    with warned():
        second = read_regulon("prior.tsv")
    assert (first.sources_all, second.targets_all) == (("y1", "y2", "y3"), ("y1", "y2", "y3"))


def test_a_matrix_of_booleans_with_numbered_rows(prior: pd.DataFrame) -> None:
    (prior != 0).rename_axis("gene").reset_index().to_csv("prior.csv")
    assert edges(read_regulon("prior.csv")) == expected(prior)


def test_a_matrix_with_signs(prior: pd.DataFrame) -> None:
    prior.loc["ACTB", "STAT1"] = -1
    prior.to_csv("prior.tsv", sep="\t")
    table = read_regulon("prior.tsv").table.set_index(["source", "target"])
    assert table.loc[("STAT1", "ACTB"), "sign"] == -1


def test_expression_given_as_labels_is_refused(prior: pd.DataFrame) -> None:
    (prior * 2.5).to_csv("cells.tsv", sep="\t")
    with pytest.raises(InputError, match=r"table of numbers .* holds 2\.5"):
        read_regulon("cells.tsv")


@pytest.mark.parametrize("name", ["base.parquet", "base.csv"])
def test_the_base_grn_of_celloracle(name: str, prior: pd.DataFrame) -> None:
    peaks = pd.concat([prior, prior.iloc[:2]]).rename_axis("gene_short_name").reset_index()
    peaks.insert(0, "peak_id", [f"chr1_{i}_{i + 500}" for i in range(len(peaks))])
    if name.endswith("csv"):
        peaks.to_csv(name)
    else:
        peaks.to_parquet(name)
    regulon = read_regulon(name)
    assert edges(regulon) == expected(prior)
    assert "Read as a base GRN of CellOracle: genes in rows and TFs in columns, 7 by 3" in regulon.lines()[0]


def test_a_base_grn_in_categories_and_booleans(prior: pd.DataFrame) -> None:
    peaks = (prior != 0).rename_axis("gene_short_name").reset_index()
    peaks.insert(0, "peak_id", [f"chr1_{i}_{i + 500}" for i in range(len(peaks))])
    peaks["gene_short_name"] = peaks["gene_short_name"].astype("category")
    peaks.to_parquet("base.parquet")
    assert edges(read_regulon("base.parquet")) == expected(prior)


def test_a_table_in_parquet_is_read_like_one_in_text() -> None:
    frame = pd.DataFrame({"TF": ["STAT1", "IRF1"], "target": ["CD74", None], "importance": [2.5, 1.0]})
    frame.to_parquet("net.parquet")
    regulon = read_regulon("net.parquet")
    assert edges(regulon) == {"STAT1>CD74"}
    assert regulon.table["weight"].tolist() == [2.5]
    chosen = read_regulon("net.parquet", chosen={"weight": "importance", "source": "TF"})
    assert edges(chosen) == {"STAT1>CD74"}


def test_parquet_bombs_and_damage_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(
        pa.table({"tf": pa.array(["A" * 1000]).take(pa.array([0] * 5000)), "gene": ["B"] * 5000}), "a"
    )
    for limit, what in (("MOST_ROWS", "rows"), ("MOST_CELLS", "cells"), ("MOST_BYTES", "bytes unpacked")):
        with monkeypatch.context() as patch:
            patch.setattr(parquet, limit, 10)
            with pytest.raises(InputError, match=rf"Parquet file has [\d,]+ {what}, more than the 10"):
                read_regulon("a")
    whole = Path("a").read_bytes()
    for damaged in (whole[:50], whole[:-20], whole[:60] + bytes(30) + whole[90:], b"PAR1"):
        Path("a").write_bytes(damaged)
        with pytest.raises(InputError, match="Parquet"):
            read_regulon("a")


def test_a_long_name_in_many_rows_is_held_once() -> None:
    name = pa.DictionaryArray.from_arrays(pa.array([0] * 40_000), ["A" * 1_000_000])  # 40 GB as text
    pq.write_table(pa.table({"tf": name, "gene": [f"G{i}" for i in range(40_000)]}), "a", store_schema=False)
    assert Path("a").stat().st_size < 10_000_000
    rows = parquet.rows_from_parquet(Path("a"))
    assert len({id(tf) for tf in rows.table["source"]}) == 1


def test_parquet_without_edges_is_refused() -> None:
    pd.DataFrame({"cell": ["a"], "type": ["b"]}).to_parquet("obs.parquet")
    with pytest.raises(InputError, match="no source column; found the columns cell, type"):
        read_regulon("obs.parquet")
    pd.DataFrame({"tf": [["a"]], "target": [["b"]]}).to_parquet("lists.parquet")
    with pytest.raises(InputError, match="no source column"):
        read_regulon("lists.parquet")


def test_target_genes_of_chip_atlas() -> None:
    Path("STAT1.tsv").write_text(
        "Target_genes\tSTAT1|Average\tSRX1|K-562\tSTRING\nIRF1\t500.5\t501\t0\nCD74\t0\t0\t900\nTAP1\t2\t4\t0\n"
    )
    regulon = read_regulon("STAT1.tsv")
    assert edges(regulon) == {"STAT1>IRF1", "STAT1>TAP1"}
    assert regulon.table["weight"].tolist() == [500.5, 2.0]
    assert "Read as ChIP-Atlas: target genes of STAT1" in regulon.lines()[0]
