"""Networks of other tools as methods: read, matched by name, missing pairs tied at the bottom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import grnpyg as gp
from grnpyg.core.errors import InputError, warned
from grnpyg.data.graph import build_graph
from grnpyg.data.pair_scores import read_pair_scores
from grnpyg.evaluation.pair_list import PairList

EDGES = {"source": list("AABB"), "target": list("xyxz")}
GRAPH = build_graph(pd.DataFrame(EDGES))  # TFs A, B; genes x, y, z
EVERY = torch.cartesian_prod(torch.arange(2), torch.arange(3)).t()


def scored(table: pd.DataFrame | Path, columns: dict[str, str] | None = None) -> list[float]:
    """Scores of A>x, A>y, A>z, B>x, B>y, B>z."""
    one = PairList(table, columns=columns)
    one.match(GRAPH)
    assert (one.score_all(torch.arange(2), torch.arange(3)).ravel() == one.score(EVERY)).all()
    return one.score(EVERY).tolist()


def table(**weights: float) -> pd.DataFrame:
    return pd.DataFrame([(*pair, w) for pair, w in weights.items()], columns=["TF", "target", "importance"])


def test_a_pair_has_the_rank_of_its_score_and_a_missing_one_lies_below_all() -> None:
    assert scored(table(Ax=3.5, Bz=-8, By=0.0, Cx=99)) == [3, 0, 0, 0, 2, 1]
    assert scored(table(Ax=1.0, Ay=1.0, Bx=2.0)) == [1, 1, 0, 2, 0, 0]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("grnboost2.tsv", "TF\ttarget\timportance\nA\tx\t9.5\nB\ty\t0.5\n", "score: importance"),
        ("genie3.csv", "regulatoryGene,targetGene,weight\nA,x,0.09\nB,y,0.005\n", "score: weight"),
        (
            "celloracle.csv",
            "source,target,coef_mean,coef_abs,p,-logp\nA,x,-0.9,0.9,1e-9,9\nB,y,0.1,0.1,1e-2,2\n",
            "score: magnitude of coef_mean",
        ),
        ("genernib.csv", ",source,target,weight\n0,A,x,-0.9\n1,B,y,0.2\n", "score: magnitude of weight"),
        ("bare.tsv", "A\tx\t9\nB\ty\t1\n", "score: weight"),
        ("sets.gmt", "A\t\tx\nB\t\ty\n", "no scores: all listed pairs are alike"),
    ],
)
def test_tables_as_tools_write_them(name: str, text: str, kind: str) -> None:
    Path(name).write_text(text)
    one = PairList(name)
    assert one.scores.kind == kind
    assert scored(Path(name)) == ([1, 0, 0, 0, 1, 0] if "no scores" in kind else [2, 0, 0, 0, 1, 0])


def test_parquet_and_the_h5ad_of_genernib() -> None:
    from anndata import AnnData

    frame = pd.DataFrame({"source": ["A", "B"], "target": ["x", "y"], "weight": [0.9, 0.2]})
    frame.to_parquet("net.parquet")
    words = frame.assign(weight=frame["weight"].astype(str))  # as its documentation asks for
    about = {"method_id": "grnboost2", "dataset_id": "norman"}
    AnnData(uns={**about, "prediction": words}).write_h5ad("net.h5ad")
    assert scored(Path("net.parquet")) == scored(Path("net.h5ad")) == [2, 0, 0, 0, 1, 0]
    AnnData(uns=about).write_h5ad("other.h5ad")
    with pytest.raises(InputError, match=r"other.h5ad: holds no network as geneRNIB writes it"):
        PairList("other.h5ad")


def test_logits_keep_their_order_and_the_sign_of_an_effect_is_none() -> None:
    """Most logits of a network are negative: by their magnitude the least likely pair would come first."""
    assert scored(table(Ax=2.0, Ay=-7.0, Bx=-1.0)) == [3, 1, 0, 2, 0, 0]
    effects = table(Ax=2.0, Ay=-7.0, Bx=-1.0).rename(columns={"importance": "weight"})
    assert scored(effects) == [2, 3, 0, 1, 0, 0]


def test_columns_are_chosen_where_names_do_not_tell() -> None:
    frame = pd.DataFrame({"reg": ["A"], "gene": ["x"], "logp": [3.0], "beta": [1.0]})
    chosen = {"source": "reg", "target": "gene", "weight": "logp"}
    assert PairList(frame, columns=chosen).scores.kind == "score: logp"
    with pytest.raises(InputError, match=r"unknown column 'p'"):
        PairList(frame, columns=chosen | {"weight": "p"})


def test_a_pair_that_is_there_twice_keeps_its_best_score() -> None:
    double = pd.concat([table(Ax=1.0, Ay=5.0), table(Ax=9.0)])
    with warned() as lines:
        assert scored(double) == [2, 1, 0, 0, 0, 0]
    assert any("1 rows repeat a pair" in line for line in lines)


def test_names_are_settled_as_those_of_labels() -> None:
    """A version of Ensembl, another case and a former name do not make another gene."""
    graph = build_graph(pd.DataFrame({"source": ["MYC", "TP53"], "target": ["SEPTIN2", "ENSG00000141510"]}))
    frame = pd.DataFrame(
        {"TF": ["MYC", "TP53"], "target": ["SEPT2", "ENSG00000141510.17"], "importance": [2, 1]}
    )
    with warned():
        one = PairList(frame)
        one.match(graph)
    assert len(one.codes) == 2


def test_a_list_without_any_of_our_pairs_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"none of its 1 pairs joins a TF and a gene") as found:
        scored(table(Qq=1.0))
    assert "\n" not in str(found.value)
    with pytest.raises(InputError, match="names no pair of two different genes"):
        PairList(table(AA=1.0))


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)), st.floats(0.1, 50), st.floats(-5, 5))
def test_only_the_order_of_the_scores_counts(order: list[int], scale: float, shift: float) -> None:
    pairs = [(tf, gene) for tf in "AB" for gene in "xyz"]
    frame = pd.DataFrame(pairs, columns=["TF", "target"]).assign(importance=np.array(order, float))
    moved = frame.assign(importance=frame["importance"] * scale + shift).sample(frac=1, random_state=1)
    assert scored(frame) == scored(moved) == [float(place + 1) for place in order]


def test_a_list_stands_beside_other_methods_in_python() -> None:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame(
        {
            "source": [f"T{i}" for i in rng.integers(0, 12, 300)],
            "target": [f"g{i}" for i in rng.integers(0, 40, 300)],
        }
    ).drop_duplicates()
    split = gp.split(gp.build_grn(None, pairs), negatives=["uniform"], seed=0)
    perfect = pairs.rename(columns={"source": "TF"}).assign(importance=1.0)
    half = perfect.iloc[::2]
    methods = {"perfect": gp.PairList(perfect), "half": gp.PairList(half)}
    result = gp.evaluate(methods, split, resamples=0, ranking=True)
    frame = result.to_frame().set_index(["setting", "method"])
    assert frame.loc[("uniform", "perfect"), "auroc"] == 1
    assert 0.6 < frame.loc[("uniform", "half"), "auroc"] < 0.9
    assert frame.loc[("ranking", "perfect"), "per_tf_auroc"] == 1
    listed = result.about["lists"]["half"]["listed"]["test"]["uniform"]
    assert listed["negatives"] == 0 < listed["positives"] < 1
    assert 2 * frame.loc[("uniform", "half"), "auroc"] - 1 == pytest.approx(listed["positives"])  # ties: half


def test_the_score_column_known_is_read_where_it_is_asked_for() -> None:
    frame = table(Ax=2.0, By=1.0).assign(known=[True, False])
    assert read_pair_scores(frame, known=True).table["known"].tolist() == [True, False]
    with pytest.raises(InputError, match="unknown column 'known'"):
        read_pair_scores(table(Ax=1.0), known=True)
