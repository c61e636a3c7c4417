from __future__ import annotations

import torch

from grnpyg.metrics.classification import auroc, average_precision
from grnpyg.models.baselines import Oracle
from grnpyg.negatives import UniformNegatives, evaluation_sets
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph


def oracle_for(split: LinkSplit) -> Oracle:
    model = Oracle()
    model.fit(split, LabelledPairs.join(split.positives["train"], split.positives["train"][:, :0]))
    return model


def test_it_is_right_on_every_clean_set(split: LinkSplit) -> None:
    for pairs in evaluation_sets(split, UniformNegatives(), 1.0, 0).values():
        score = oracle_for(split).score(pairs.edge_label_index)
        assert auroc(pairs.edge_label.numpy(), score) == 1.0
        assert average_precision(pairs.edge_label.numpy(), score) == 1.0


def test_it_knows_the_edges_of_all_parts_and_those_set_aside() -> None:
    graph = small_graph(20, 60)
    split = TransductiveSplit(isolated="set_aside").split(graph, seed=0)
    assert split.set_aside.size(1) > 0
    scores = oracle_for(split).score_all(torch.arange(20), torch.arange(60))
    known = torch.zeros(20, 60)
    known[tuple(graph["tf", "regulates", "gene"].edge_index)] = 1
    assert scores.tolist() == known.tolist()


def test_a_known_edge_among_the_negatives_shows(split: LinkSplit) -> None:
    pairs = evaluation_sets(split, UniformNegatives(), 1.0, 0)["test"]
    broken = LabelledPairs.join(
        pairs.positives, torch.cat([pairs.negatives, split.positives["train"][:, :1]], 1)
    )
    assert auroc(broken.edge_label.numpy(), oracle_for(split).score(broken.edge_label_index)) < 1.0
