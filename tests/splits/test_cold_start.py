from __future__ import annotations

import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, REGULATES, TF
from grnpyg.metrics.classification import auroc
from grnpyg.models.baselines import baselines
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import ColdStartSplit, LinkSplit, leakage
from grnpyg.testing import small_graph

CELLS = {"test_cold_tf": (True, False), "test_cold_gene": (False, True), "test_cold_both": (True, True)}


def split_or_reject(data: HeteroData, seed: int, **options: object) -> LinkSplit:
    try:
        return ColdStartSplit(**options).split(data, seed)
    except InputError as error:
        if "empty" in str(error) or "are left" in str(error):
            reject()
        raise


def trained(split: LinkSplit) -> list[set[int]]:
    return [set(split.positives["train"][end].tolist()) for end in (0, 1)]


@settings(deadline=None, max_examples=60)
@given(st.integers(6, 12), st.integers(24, 60), st.integers(0, 99), st.sampled_from([0.2, 0.4]))
@pytest.mark.slow
def test_a_cell_holds_exactly_the_edges_whose_cold_ends_were_never_trained(
    num_tfs: int, num_genes: int, seed: int, ratio: float
) -> None:
    data = small_graph(num_tfs, num_genes, seed=seed)
    split = split_or_reject(data, seed, tf_ratio=ratio, gene_ratio=ratio, val_ratio=0.2, test_ratio=0.2)
    leakage.check(split)
    tfs, genes = trained(split)
    edges = {tuple(pair) for pair in data[REGULATES].edge_index.t().tolist()}
    seen = set()
    for part, (cold_tf, cold_gene) in CELLS.items():
        cell = {tuple(pair) for pair in split.positives[part].t().tolist()}
        assert cell == {
            (t, g) for t, g in edges if (t not in tfs) == cold_tf and (g not in genes) == cold_gene
        }
        seen |= cell
    warm = {(t, g) for t, g in edges if t in tfs and g in genes}
    parts = [split.positives[name].t().tolist() for name in ("train", "validation", "test")]
    assert sorted(warm) == sorted(tuple(pair) for part in parts for pair in part)
    assert seen | warm == edges
    assert split.set_aside.numel() == 0


def test_the_held_out_share_is_at_least_the_one_asked_for() -> None:
    data = small_graph(10, 40)
    split = ColdStartSplit(tf_ratio=0.2, gene_ratio=0.3).split(data, seed=0)
    assert split.cold(TF).numel() >= 2
    assert split.cold(GENE).numel() >= 12


def test_over_all_folds_every_node_is_cold_once_at_least() -> None:
    data = small_graph(9, 30)
    cold: dict[str, set[int]] = {TF: set(), GENE: set()}
    for fold in range(3):
        split = ColdStartSplit(folds=3, fold=fold).split(data, seed=1)
        for kind, ids in cold.items():
            ids |= set(split.cold(kind).tolist())
    assert {kind: len(ids) for kind, ids in cold.items()} == {TF: 9, GENE: 30}


def test_negatives_of_a_cell_stay_in_its_universe() -> None:
    split = ColdStartSplit().split(small_graph(12, 60), seed=0)
    sets = evaluation_sets(split, negatives.build("uniform"), 1.0, seed=0)
    assert list(sets) == ["validation", "test", *CELLS]
    tfs, genes = trained(split)
    for part, (cold_tf, cold_gene) in CELLS.items():
        for tf, gene in sets[part].negatives.t().tolist():
            assert (tf not in tfs) == cold_tf
            assert (gene not in genes) == cold_gene


@pytest.mark.parametrize("name", ["degree_product", "tf_degree", "gene_degree", "additive"])
def test_degree_knows_nothing_of_pairs_with_both_ends_cold(name: str) -> None:
    split = ColdStartSplit().split(small_graph(12, 60), seed=0)
    sampler = negatives.build("uniform")
    sets = evaluation_sets(split, sampler, 1.0, seed=0)
    baseline = baselines.build(name)
    baseline.fit(split, training_pairs(split, sampler, 1.0, sets, 0, 0))
    both = sets["test_cold_both"]
    assert auroc(both.edge_label.numpy(), baseline.score(both.edge_label_index)) == 0.5


def test_the_universe_of_a_part_is_the_warm_one_unless_it_has_its_own() -> None:
    split = ColdStartSplit().split(small_graph(12, 60), seed=0)
    assert torch.equal(split.universe("test")[0], split.warm[TF])
    assert torch.equal(split.universe("test_cold_tf")[0], split.cold(TF))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tf_ratio": 0.0}, "must lie between 0 and 1"),
        ({"gene_ratio": 1.0}, "must lie between 0 and 1"),
        ({"folds": 1}, "does not exist"),
        ({"folds": 3, "fold": 3}, "does not exist"),
    ],
)
def test_bad_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ColdStartSplit(**options)  # type: ignore[arg-type]  # the wrong values are the point


def test_a_graph_that_is_too_small_is_refused() -> None:
    with pytest.raises(InputError, match=r"empty|are left"):
        ColdStartSplit(tf_ratio=0.5, gene_ratio=0.9).split(small_graph(3, 5), seed=0)
