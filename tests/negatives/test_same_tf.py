from __future__ import annotations

from collections import Counter

import pandas as pd
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from negatives.tables import drawn_pairs, everything_as_training, excluded, free_codes, hub_split
from strategies import graphs
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF, build_graph, pair_codes
from grnpyg.evaluation.negatives_report import reached
from grnpyg.metrics.classification import auroc
from grnpyg.negatives import SameTFNegatives, evaluation_sets

SAME_TF = SameTFNegatives()
HUBS = hub_split()


@settings(deadline=None, max_examples=60)
@given(graphs(), st.integers(0, 5), st.integers(1, 4), st.floats(0, 1, exclude_max=True))
def test_each_tf_gets_its_share_or_all_that_it_has(
    data: HeteroData, seed: int, whole: int, rest: float
) -> None:
    split = everything_as_training(data)
    degree = Counter(split.positives["train"][0].tolist())
    num_genes = data[GENE].num_nodes
    free = Counter(code // num_genes for code in free_codes(split, "train"))
    extra = int(rest * degree.total())
    drawn = Counter(
        tf for tf, _ in drawn_pairs(SAME_TF, split, "train", whole * degree.total() + extra, seed)
    )
    for tf in degree:
        least, most = whole * degree[tf], whole * degree[tf] + min(extra, degree[tf])
        assert min(least, free[tf]) <= drawn[tf] <= min(most, free[tf])
    if all(free[tf] >= (whole + 1) * degree[tf] for tf in degree):
        assert drawn.total() == whole * degree.total() + extra


def test_no_other_tf_steps_in_for_one_without_free_genes() -> None:
    pairs = [("hub", f"g{i}") for i in range(9)] + [("small", "g0"), ("other", "g9")]
    split = everything_as_training(build_graph(pd.DataFrame(pairs, columns=["source", "target"])))
    names = split.graph["tf"].name
    drawn = [(names[tf], gene) for tf, gene in drawn_pairs(SAME_TF, split, "train", len(pairs), 0)]
    assert Counter(tf for tf, _ in drawn) == {"hub": 1, "small": 1, "other": 1}
    assert ("hub", split.graph["gene"].name.index("g9")) in drawn


def test_every_free_gene_of_the_tf_is_equally_likely() -> None:
    """Chi-squared over many draws, TF by TF."""
    draws, counts = 300, Counter[int]()
    positives = HUBS.positives["test"]
    degree = Counter(positives[0].tolist())
    num_genes = HUBS.graph[GENE].num_nodes
    free: dict[int, list[int]] = {}
    for code in free_codes(HUBS, "test"):
        free.setdefault(code // num_genes, []).append(code)
    for seed in range(draws):
        pairs = SAME_TF.draw(HUBS, "test", excluded(HUBS), positives.size(1), seed)
        counts.update(pair_codes(HUBS.graph, pairs).tolist())
    statistic, freedom = 0.0, 0
    for tf, num in degree.items():
        expected = draws * num / len(free[tf])
        statistic += sum((counts[code] - expected) ** 2 / expected for code in free[tf])
        freedom += len(free[tf]) - 1
    assert abs(statistic - freedom) < 6 * (2 * freedom) ** 0.5


def test_the_tf_tells_nothing_and_the_gene_still_does() -> None:
    sets = evaluation_sets(HUBS, SAME_TF, 3, 0)
    facts = reached(HUBS, "test", sets["test"])
    assert facts.ratio == 3
    assert abs(facts.auroc["tf_degree"] - 0.5) < 1e-9
    assert facts.auroc["gene_degree"] > 0.55
    label = sets["test"].edge_label.numpy()
    noise = torch.rand(HUBS.graph[TF].num_nodes, generator=torch.Generator().manual_seed(0))
    assert abs(auroc(label, noise[sets["test"].edge_label_index[0]].numpy()) - 0.5) < 1e-9


def test_pairs_that_were_taken_are_left_out() -> None:
    first = SAME_TF.sample(HUBS, "train", 2, 0)
    second = SAME_TF.sample(HUBS, "train", 2, 0, taken=first)
    assert not torch.isin(pair_codes(HUBS.graph, second), pair_codes(HUBS.graph, first)).any()
