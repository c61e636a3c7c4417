"""Zero weights, contradicting signs, chosen columns, a smallest weight, and what a list of TFs is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError, warned
from grnpyg.data.load import load_grn
from grnpyg.data.regulons.regulon import Regulon, read_regulon, restrict


def table(text: str, name: str = "labels.tsv") -> Path:
    path = Path(name)
    path.write_text(text.replace(" ", "\t"))
    return path


@pytest.fixture
def regulon() -> Regulon:
    return read_regulon(table("source target\nA X\nA Y\nB X\nC Z\n"))


def test_a_row_of_weight_0_is_no_edge_and_is_said() -> None:
    with warned() as lines:
        read = read_regulon(table("source target weight\nA X 1\nA Y 0\nB X 0.0\nB Y -2\n"))
    assert read.table[["source", "target"]].to_numpy().tolist() == [["A", "X"], ["B", "Y"]]
    assert (read.counts.negatives, read.counts.edges) == (2, 2)
    assert lines == ["labels.tsv: 2 rows have the weight 0: they are no edges"]


def test_a_sign_of_0_is_an_edge_of_unknown_sign() -> None:
    with warned() as lines:
        read = read_regulon(table("source target mor\nA X 0\nA Y 1\n"))
    assert (read.counts.edges, lines) == (2, [])


def test_contradicting_signs_are_counted() -> None:
    with warned() as lines:
        read = read_regulon(table("source target mor\nA X 1\nA X -1\nA Y 1\nA Y 1\nB X -1\n"))
    assert read.table["sign"].tolist() == [0, 1, -1]
    assert lines == ["labels.tsv: 1 pairs have rows of both signs: their sign counts as unknown"]


def test_columns_are_chosen_by_name() -> None:
    path = table("Regulator_name Symbol source\nA X first\nB Y second\n")
    read = read_regulon(path, chosen={"source": "Regulator_name", "target": "Symbol"})
    assert read.table["source"].tolist() == ["A", "B"]
    with pytest.raises(InputError, match=r"unknown column 'Gen'.*Known: Regulator_name, Symbol, source"):
        read_regulon(path, chosen={"source": "Regulator_name", "target": "Gen"})
    with pytest.raises(InputError, match="unknown kind of column 'tf'"):
        read_regulon(path, chosen={"tf": "Symbol"})


def test_a_smallest_weight_leaves_weak_rows_out() -> None:
    read = read_regulon(table("TF target importance\nA X 3\nA Y 0.5\nB X -4\n"), min_weight=1)
    assert (read.counts.edges, read.counts.weak) == (2, 1)
    assert "of small weight 1" in " ".join(read.counts.lines())


def test_a_list_of_tfs_requires_filters_or_widens(regulon: Regulon) -> None:
    with pytest.raises(InputError, match=r"1 of 3 sources .*: C\. Leave them out with --tfs-action filter"):
        restrict(regulon, {"A", "B"}, "require")
    with warned() as lines:
        kept = restrict(regulon, {"A", "B"}, "filter")
    assert (kept.sources_all, kept.counts.edges, len(kept.table)) == (("A", "B"), 3, 3)
    assert lines == ["labels.tsv: 1 TFs are not in the list, and their 1 edges are left out: C"]
    wide = restrict(regulon, {"A", "Q"}, "widen")
    assert wide.sources_all == ("A", "B", "C", "Q")
    assert len(wide.table) == 4
    assert kept.targets_all == ("X", "Y")  # Z was named for C alone
    with pytest.raises(InputError, match=r"none of its 3 TFs is in the list, which has Q"):
        restrict(regulon, {"Q"}, "filter")


def test_choices_that_would_have_no_effect_are_refused() -> None:
    path = table("source target\nA X\nB Y\n")
    with pytest.raises(InputError, match=r"no column of weights to compare with data\.min_weight"):
        read_regulon(path, min_weight=1)
    with pytest.raises(InputError, match="has no named columns to choose"):
        read_regulon(table("A about X Y\n", "labels.gmt"), chosen={"source": "TF"})
    with pytest.raises(InputError, match="has no named columns to choose"):
        read_regulon({"A": ["X", "Y"]}, chosen={"source": "TF"})
    with pytest.raises(InputError, match=r"tfs_action: filter needs a list of TFs\. Give one with --tfs"):
        load_grn(DataConfig(labels=str(path), expression=None, tfs_action="filter"), FeatureConfig(), 0)
