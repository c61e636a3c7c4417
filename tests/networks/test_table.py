"""The network table, cut from blocks of scores, is to the bit what sorting all pairs at once would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import rankdata

from grnpyg.core.errors import InputError
from grnpyg.data.graph import build_graph
from grnpyg.networks import Candidates, Wanted, ranking, scores, table
from grnpyg.networks.scores import Scores
from grnpyg.networks.table import COLUMNS, network_table
from grnpyg.networks.wanted import least_probability

TFS, GENES = [f"T{i}" for i in range(7)], [f"T{i}" for i in range(0, 7, 2)] + [f"g{i}" for i in range(9)]


def graph_of(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    pairs = [(tf, gene) for tf in TFS for gene in sorted(GENES) if tf != gene]
    chosen = rng.choice(len(pairs), 20, replace=False)
    edges = pd.DataFrame([pairs[i] for i in sorted(chosen)], columns=["source", "target"])
    return build_graph(edges, tfs=TFS, genes=sorted(GENES))


def stored(values: np.ndarray) -> Scores:
    found = Scores(values.shape)
    for row in values:  # in parts, as a model gives them
        found.append(row[None])
    return found


def plainly(graph: Any, each: np.ndarray, wanted: Wanted, labels: str) -> pd.DataFrame:
    """The same table by pandas: every pair in one frame, sorted, then cut."""
    tfs, genes = graph["tf"].name, graph["gene"].name
    edges = {(tfs[t], genes[g]) for t, g in graph["tf", "regulates", "gene"].edge_index.t().tolist()}
    importance = each[0] if len(each) == 1 else each.sum(axis=0) / len(each)
    rows = pd.DataFrame(
        [(tf, gene, importance[t, g], (tf, gene) in edges, *each[:, t, g])
         for t, tf in enumerate(tfs) for g, gene in enumerate(genes)],
        columns=["TF", "target", "importance", "known", *range(len(each))],
    )  # fmt: skip
    of_tf, of_gene = (pd.Series([pair[end] for pair in edges]).value_counts() for end in (0, 1))
    rows["product"] = rows["TF"].map(of_tf).fillna(0) * rows["target"].map(of_gene).fillna(0)
    lone = [~rows[end].isin(degree.index) for end, degree in (("TF", of_tf), ("target", of_gene))]
    rows["cold"] = np.select([lone[0] & lone[1], *lone], ["both", "TF", "target"], "")
    rows = rows[rows["TF"] != rows["target"]]
    if wanted.new:
        rows = rows[~rows["known"]]
    within, share = (wanted.per_tf, True) if wanted.per_tf and not wanted.top else (wanted.top, False)
    rows["frequency"] = 0.0
    for run in range(len(each)):
        order = rows.sort_values([run, "TF", "target"], ascending=[False, True, True])
        place = order.groupby("TF").cumcount() if share else pd.Series(range(len(order)), order.index)
        rows["frequency"] += (place < (within or len(edges))).reindex(rows.index) / len(each)
    rows = rows.sort_values(["importance", "TF", "target"], ascending=[False, True, True])
    rows["rank"] = np.arange(1, len(rows) + 1)
    rows["rank_in_tf"] = rows.groupby("TF").cumcount() + 1
    rows["degree_rank"] = rankdata(-rows["product"])
    rows["probability"] = sum(expit(rows[run].astype(float)) for run in range(len(each))) / len(each)
    rows["sd"] = (
        np.std(rows[list(range(len(each)))].to_numpy(float).T, axis=0, ddof=1) if len(each) > 1 else np.nan
    )
    rows["frequency"] = rows["frequency"] if len(each) > 1 else np.nan
    rows["provenance"] = np.where(rows["known"], labels, "")
    rows["sign"] = pd.array(np.zeros(len(rows)), dtype="Int8")
    rows = rows[rows["TF"].isin(wanted.tf or tfs) & rows["target"].isin(wanted.gene or genes)]
    if wanted.min_probability is not None:
        rows = rows[rows["probability"] >= wanted.min_probability]
    if wanted.per_tf:
        rows = rows[rows.groupby("TF").cumcount() < wanted.per_tf]
    return rows.head(wanted.top or len(rows))[list(COLUMNS)].reset_index(drop=True)


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Any:
    """Blocks of two TFs and a store that lets go early, so that a small graph goes through all of it."""
    patch = pytest.MonkeyPatch()
    patch.setattr(scores, "PAIRS", 2 * len(GENES))
    patch.setattr(ranking, "SPARE", 5)
    yield
    patch.undo()


COUNTS = st.none() | st.integers(1, 12)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    runs=st.integers(1, 3),
    levels=st.sampled_from([2, 5, 10**6]),  # few levels: many ties
    wanted=st.builds(
        Wanted,
        top=COUNTS,
        per_tf=COUNTS,
        tf=st.lists(st.sampled_from(TFS), max_size=3),
        gene=st.lists(st.sampled_from(GENES), max_size=4),
        new=st.booleans(),
        min_probability=st.none() | st.just(0.5),
    ),
)
def test_blocks_give_what_sorting_everything_gives(seed: int, runs: int, levels: int, wanted: Wanted) -> None:
    graph, rng = graph_of(seed), np.random.default_rng(seed)
    each = rng.integers(-levels, levels, (runs, len(TFS), len(GENES))).astype(np.float32) / np.float32(levels)
    candidates = Candidates(graph, wanted.new, "set")
    probabilities = [expit] * runs
    filters = [] if wanted.min_probability is None else [least_probability(probabilities, 0.5)]
    found = network_table([stored(own) for own in each], probabilities, candidates, wanted, filters)
    expected = plainly(graph, each if runs == 1 else each.astype(float), wanted, "set")
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False)
    assert found["importance"].dtype == (np.float32 if runs == 1 else np.float64)


def test_memory_holds_what_is_kept_and_not_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--top 10` of 2 million pairs: what is gathered stays within a few blocks."""
    held: list[int] = []
    add = ranking.Best.add

    def watched(self: ranking.Best, codes: Any, each: Any) -> None:
        add(self, codes, each)
        held.append(self._held)

    monkeypatch.setattr(ranking.Best, "add", watched)
    monkeypatch.setattr(scores, "PAIRS", 20_000)
    monkeypatch.setattr(ranking, "SPARE", 1000)
    names = [f"t{i:03}" for i in range(200)]
    edges = pd.DataFrame({"source": names, "target": "g0"})
    graph = build_graph(edges, tfs=names, genes=[f"g{i}" for i in range(10_000)])
    values = np.random.default_rng(0).normal(size=(200, 10_000)).astype(np.float32)
    found = network_table([stored(values)], [expit], Candidates(graph), Wanted(top=10))
    assert max(held) <= 20_000 + 1000 + 20
    assert found["importance"].tolist() == np.sort(values.ravel())[::-1][:10].tolist()


def test_a_score_that_is_nan_is_refused() -> None:
    with pytest.raises(InputError, match="1 of 4 scores are nan"):
        Scores((2, 2)).append(np.array([[1, 2], [np.nan, 0]], np.float32))


@pytest.mark.parametrize(
    "bad", [{"top": 0}, {"per_tf": 0}, {"top": -1}, {"min_probability": 1.5}, {"tf": "STAT1"}]
)
def test_what_cannot_be_asked_for(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Wanted(**bad)


@pytest.mark.parametrize(
    ("name", "says"), [("T9", "near names: T"), ("zzzzzz", "the graph has 7, such as T0")]
)
def test_an_unknown_name_is_refused_with_near_ones(name: str, says: str) -> None:
    with pytest.raises(InputError, match=f"(?i){says}"):
        Wanted(tf=[name]).ids(Candidates(graph_of(0)))


def test_the_columns_are_those_of_the_contract() -> None:
    assert list(table.COLUMNS)[:5] == ["TF", "target", "importance", "probability", "known"]
