"""Tables that look like something else: scores of all pairs, edges turned round, pairs labelled twice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grnpyg.core.errors import InputError, warned
from grnpyg.data.regulons.edge_checks import check_direction
from grnpyg.data.regulons.regulon import Regulon, read_regulon


def scores(share: float, *, tfs: int = 6, genes: int = 40, scale: float = 1.0) -> Path:
    """The scores of a share of all pairs, as GRNBoost2 writes them."""
    rng = np.random.default_rng(0)
    pairs = [(f"T{i}", f"G{j}") for i in range(tfs) for j in range(genes)]
    frame = pd.DataFrame(pairs, columns=["TF", "target"])
    frame["importance"] = scale * rng.gamma(1.0, size=len(pairs))
    frame.sample(round(share * len(pairs)), random_state=0).to_csv("net.tsv", sep="\t", index=False)
    return Path("net.tsv")


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1234.5])
def test_scores_of_all_pairs_are_refused_with_a_threshold_that_works(scale: float) -> None:
    path = scores(1.0, scale=scale)
    with pytest.raises(
        InputError, match=r"240 edges are 100 % of all pairs of its 6 TFs and 40 genes"
    ) as caught:
        read_regulon(path)
    found = re.search(r"--min-weight (\S+) leaves the (\d+) strongest", str(caught.value))
    assert found is not None
    with warned() as lines:
        kept = read_regulon(path, min_weight=float(found[1]))
    assert (kept.counts.edges, lines) == (int(found[2]), [])
    assert 12 <= kept.counts.edges <= 14
    with warned() as lines:
        assert read_regulon(path, min_weight=0).counts.edges == 240
    assert len(lines) == 1


def test_scores_of_most_pairs_are_said() -> None:
    with warned() as lines:
        assert read_regulon(scores(0.7)).counts.edges == 168
    assert "168 edges are 70 % of all pairs" in lines[0]
    assert "--min-weight" in lines[0]


def test_a_dense_table_without_scores_and_a_sparse_one_with_them_are_no_such_thing() -> None:
    with warned() as lines:
        read_regulon(scores(0.3))
        frame = pd.read_csv(scores(1.0), sep="\t").assign(importance=1.0)
        frame.to_csv("net.tsv", sep="\t", index=False)
        read_regulon("net.tsv")
    assert lines == []


def edges(pairs: list[tuple[str, str]], header: str = "tf\tgene\n") -> tuple[Regulon, list[str]]:
    Path("labels.tsv").write_text(header + "".join(f"{a}\t{b}\n" for a, b in pairs))
    with warned() as lines:
        return read_regulon("labels.tsv"), lines


TFS = ["STAT1", "IRF1", "SPI1", "JUN", "FOS"]
TURNED = [(f"GENE{number}", TFS[number % 5]) for number in range(30)]


def test_edges_from_genes_to_tfs_look_reversed_and_the_advice_turns_them() -> None:
    regulon, lines = edges(TURNED)
    assert "30 TFs to 5 genes looks reversed: known TFs are 0 of the sources (0 %) and 5 of" in lines[0]
    chosen = dict(part.split("=") for part in lines[0].split("--columns ")[1].split(","))
    with warned() as after:
        turned = read_regulon("labels.tsv", chosen=chosen)
    assert (turned.sources_all, after) == (regulon.targets_all, [])


def test_advice_to_turn_edges_fits_the_file() -> None:
    _, lines = edges(TURNED, "")  # no columns to choose
    assert lines[1].endswith("swap the names of each edge")
    _, lines = edges([(tf, gene) for gene, tf in TURNED], "Target Gene\tTF\n")
    assert lines[0].endswith('--columns "source=Target Gene,target=TF"')


def test_usual_networks_do_not_look_reversed() -> None:
    assert edges([(tf, f"GENE{number}") for number in range(30) for tf in TFS[:2]])[1] == []
    assert edges([(tf, other) for tf in TFS for other in TFS if tf != other])[1] == []
    check_direction([f"P{i}" for i in range(100)], [f"G{i}" for i in range(40)], {}, "x")
    with warned() as lines:
        check_direction([f"P{i}" for i in range(30)], [f"G{i}" for i in range(9)], {}, "x", tfs=["P1"])
        check_direction([f"P{i}" for i in range(30)], ["G"], {}, "x", tfs=[f"P{i}" for i in range(30)])
    assert len(lines) == 1
    assert lines[0].startswith("x: 30 TFs to 9 genes looks reversed: known TFs are 1 of the sources (3 %)")


def test_a_pair_labelled_0_and_1_is_an_edge_and_is_said() -> None:
    Path("labels.csv").write_text("tf,target,label\nA,B,1\nA,B,0\nA,C,0\nD,B,1\n")
    with warned() as lines:
        regulon = read_regulon("labels.csv")
    assert (regulon.counts.edges, regulon.counts.negatives) == (2, 2)
    assert lines == ["labels.csv: 1 pairs are labelled 0 and 1: they count as edges"]
