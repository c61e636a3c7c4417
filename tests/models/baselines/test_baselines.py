from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder
from torch_geometric.data import HeteroData

from grnpyg.data.graph import REGULATES, build_graph
from grnpyg.metrics.classification import auroc
from grnpyg.models.baselines import Additive, DegreeProduct, NamespaceMatch, TFDegree
from grnpyg.negatives import UniformNegatives, evaluation_sets, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.splits.messages import with_messages
from grnpyg.testing import small_graph

ALL = torch.cartesian_prod(torch.arange(6), torch.arange(20)).t()


@pytest.fixture
def pairs(split: LinkSplit) -> LabelledPairs:
    sampler = UniformNegatives()
    return training_pairs(split, sampler, 1.0, evaluation_sets(split, sampler, 1.0, 0), 0, epoch=0)


def test_degrees_are_those_of_the_training_edges(split: LinkSplit, pairs: LabelledPairs) -> None:
    tf_degree, product = TFDegree(), DegreeProduct()
    tf_degree.fit(split, pairs)
    product.fit(split, pairs)
    tfs, genes = (Counter(split.positives["train"][end].tolist()) for end in (0, 1))
    assert tf_degree.score(ALL).tolist() == [tfs[tf] for tf, _ in ALL.t().tolist()]
    assert product.score(ALL).tolist() == [
        (tfs[tf] + 0.25) * (genes[gene] + 0.25) for tf, gene in ALL.t().tolist()
    ]


def test_degree_ignores_the_drawn_negatives(split: LinkSplit, pairs: LabelledPairs) -> None:
    with_pairs, without = DegreeProduct(), DegreeProduct()
    with_pairs.fit(split, pairs)
    without.fit(split, LabelledPairs.join(pairs.positives[:, :1], pairs.negatives[:, :1]))
    assert np.array_equal(with_pairs.score(ALL), without.score(ALL))


def test_additive_has_no_interaction(split: LinkSplit, pairs: LabelledPairs) -> None:
    """For any two TFs and two genes the cross difference is 0."""
    model = Additive()
    model.fit(split, pairs)
    table = model.score(ALL).reshape(6, 20)
    cross = (
        table[:, None, :, None] - table[:, None, None, :] - table[None, :, :, None] + table[None, :, None, :]
    )
    assert np.abs(cross).max() < 1e-9
    assert np.ptp(table, axis=0).max() > 0.1  # but both ends matter
    assert np.ptp(table, axis=1).max() > 0.1


def test_additive_equals_logistic_regression_on_one_hot_ids(split: LinkSplit, pairs: LabelledPairs) -> None:
    model = Additive()
    model.fit(split, pairs)
    encoder = OneHotEncoder(categories=[range(6), range(20)])
    reference = LogisticRegression(C=1.0, max_iter=1000)
    reference.fit(encoder.fit_transform(pairs.edge_label_index.t().numpy()), pairs.edge_label.numpy())
    expected = reference.decision_function(encoder.transform(ALL.t().numpy()))
    assert np.allclose(model.score(ALL), expected, atol=1e-3)


def test_additive_gives_logits_around_zero_and_degrees_do_not_claim_to(
    split: LinkSplit, pairs: LabelledPairs
) -> None:
    model = Additive()
    model.fit(split, pairs)
    scores = model.score(pairs.edge_label_index)
    label = pairs.edge_label.numpy()
    assert Additive.gives_logits
    assert not TFDegree.gives_logits
    assert not DegreeProduct.gives_logits
    assert np.mean((scores > 0) == (label > 0.5)) > 0.6
    assert abs(np.mean(1 / (1 + np.exp(-scores))) - label.mean()) < 0.02  # a fitted intercept is calibrated


def test_degree_scores_high_against_uniform_negatives_of_a_skewed_graph() -> None:
    """Why the rows stand beside every number: no pair is looked at, yet AUROC is far above .5."""
    data = small_graph(20, 200, num_features=0)
    edges = data["tf", "regulates", "gene"].edge_index
    skewed = edges[:, (edges[0] < 4) | (edges[1] % 10 == 0) | (torch.arange(edges.size(1)) % 9 == 0)]
    split = TransductiveSplit().split(with_messages(data, skewed), seed=0)
    sets = evaluation_sets(split, UniformNegatives(), 1.0, 0)
    model = DegreeProduct()
    model.fit(split, LabelledPairs.join(split.positives["train"], skewed[:, :0]))
    test = sets["test"]
    assert auroc(test.edge_label.numpy(), model.score(test.edge_label_index)) > 0.7


def test_additive_adds_nothing_for_a_node_it_was_not_trained_on(
    split: LinkSplit, pairs: LabelledPairs
) -> None:
    gene = int(split.warm["gene"][-1])
    seen = pairs.edge_label_index[1] != gene
    model = Additive()
    model.fit(split, LabelledPairs(pairs.edge_label_index[:, seen], pairs.edge_label[seen]))
    unseen = model.score(torch.tensor([[0, 1], [gene, gene]]))
    assert np.allclose(unseen, model.model.coef_[0][:2] + model.model.intercept_[0])


def test_namespace_match_sees_the_seam_of_two_tables() -> None:
    """Half of the network in UniProt accessions, half in symbols: no edge crosses, negatives do."""
    edges = [("P04637", "P38936"), ("P04637", "Q00987"), ("TP63", "KRT5"), ("TP63", "PERP")]
    graph = build_graph(pd.DataFrame(edges, columns=["source", "target"]))
    row = NamespaceMatch()
    row.fit(_split_of(graph), LabelledPairs.join(graph[REGULATES].edge_index, graph[REGULATES].edge_index))
    assert row.score(graph[REGULATES].edge_index).tolist() == [1, 1, 1, 1]
    crossing = torch.tensor([[0, 1], [graph["gene"].name.index("KRT5"), graph["gene"].name.index("P38936")]])
    assert row.score(crossing).tolist() == [0, 0]


def _split_of(graph: HeteroData) -> LinkSplit:
    edges, none = graph[REGULATES].edge_index, torch.empty(2, 0, dtype=torch.long)
    warm = {kind: torch.arange(graph[kind].num_nodes) for kind in ("tf", "gene")}
    return LinkSplit(graph, {"train": edges, "validation": none, "test": none}, warm, 0, none)
