"""In training a pair's score does not depend on whether its own edge is in the message graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from encoder_graphs import MESSAGES, coexpressed_graph, small
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.data.graph import REGULATED_BY, REGULATES, pair_codes
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.negatives import evaluation_sets, negatives
from grnpyg.resolve import make_config
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.splits.messages import with_messages
from grnpyg.training.fit import fit

GRAPH = coexpressed_graph(8, 40, seed=1)
SPLIT = TransductiveSplit().split(GRAPH, 0)
EVALUATION = {"uniform": evaluation_sets(SPLIT, negatives.build("uniform"), 1.0, 0)}
EXACT, DISJOINT = {"batch_size": 16}, {"batch_size": 16, "disjoint_train_ratio": 0.34}


def config_of(encoder: str, training: dict[str, Any], epochs: int = 1) -> ExperimentConfig:
    return make_config(
        {
            "encoder": {"name": encoder, **small(encoder)},
            "head": {"name": "dual", "hidden_channels": 6, "out_channels": 4, "similarity": "dot"},
            "training": {**training, "max_epochs": epochs},
            "evaluation": {"negatives": ["uniform"]},
        }
    )


class Watched(PairModel):
    """Keeps what it is asked in training: graph, pairs, logits."""

    def __init__(self, model: PairModel) -> None:
        super().__init__(model.encoder, model.head)
        self.asked: list[tuple[HeteroData, Tensor, Tensor]] = []

    def forward(self, data: HeteroData, edge_label_index: Tensor) -> Tensor:
        logits = super().forward(data, edge_label_index)
        self.asked.append((data, edge_label_index, logits.detach()))
        return logits


def trained(config: ExperimentConfig, split: LinkSplit, folder: Path) -> Watched:
    model = Watched(build_model(GRAPH, config.encoder, config.head, 0))
    evaluation: dict[str, dict[str, LabelledPairs]] = EVALUATION
    fit(model, split, evaluation, config, folder, device="cpu")
    return model


def with_graph(graph: HeteroData) -> LinkSplit:
    """The split with other message edges but the same pairs."""
    return LinkSplit(graph, SPLIT.positives, SPLIT.warm, SPLIT.moved_back, SPLIT.set_aside)


@pytest.mark.parametrize("training", [EXACT, DISJOINT], ids=["exact", "disjoint"])
@pytest.mark.parametrize("encoder", MESSAGES)
def test_flipping_a_pairs_own_edge_leaves_its_score_alone(
    encoder: str, training: dict[str, Any], tmp_path: Path
) -> None:
    config = config_of(encoder, training)
    pairs, logits = trained(config, SPLIT, tmp_path / "whole").asked[0][1:]
    edges = SPLIT.graph[REGULATES].edge_index
    codes, own = pair_codes(GRAPH, edges), pair_codes(GRAPH, pairs)
    (position, *_) = (
        torch.isin(codes, own).nonzero().flatten().tolist()
    )  # an edge that the first batch scores
    (at,) = (own == codes[position]).nonzero().flatten().tolist()
    fewer = with_messages(SPLIT.graph, edges[:, torch.arange(edges.size(1)) != position])
    again, flipped = trained(config, with_graph(fewer), tmp_path / "flipped").asked[0][1:]
    assert torch.equal(again, pairs)
    assert torch.equal(flipped[at], logits[at])
    # on the graph as it is the edge can be seen
    model = build_model(GRAPH, config.encoder, config.head, 0)
    pair = pairs[:, at : at + 1]
    assert not torch.equal(model(SPLIT.graph, pair), model(fewer, pair))


def test_exact_exclusion_keeps_every_other_edge(tmp_path: Path) -> None:
    for graph, pairs, _ in trained(config_of("sage", EXACT), SPLIT, tmp_path).asked:
        scored = torch.isin(pair_codes(GRAPH, SPLIT.graph[REGULATES].edge_index), pair_codes(GRAPH, pairs))
        assert torch.equal(graph[REGULATES].edge_index, SPLIT.graph[REGULATES].edge_index[:, ~scored])
        assert torch.equal(graph[REGULATED_BY].edge_index, graph[REGULATES].edge_index.flip(0))


def test_folds_take_turns_and_each_edge_is_scored_without_carrying_messages(tmp_path: Path) -> None:
    model = trained(config_of("sage", DISJOINT, epochs=4), SPLIT, tmp_path)
    positives = set(pair_codes(GRAPH, SPLIT.positives["train"]).tolist())
    graphs: dict[int, HeteroData] = {id(graph): graph for graph, _, _ in model.asked}
    assert len(graphs) == 3  # the fourth epoch has the first fold again
    shares = []
    for key, graph in graphs.items():
        asked = torch.cat([pairs for data, pairs, _ in model.asked if id(data) == key], dim=1)
        heard = set(pair_codes(GRAPH, graph[REGULATES].edge_index).tolist())
        scored = set(pair_codes(GRAPH, asked).tolist()) & positives
        assert scored
        known = torch.isin(pair_codes(GRAPH, asked), torch.tensor(sorted(positives)))
        assert asked.size(1) == 2 * int(known.sum())  # as many negatives
        assert not heard & scored
        # what is neither has an end without another message edge
        for code in positives - heard - scored:
            tf, gene = divmod(code, int(GRAPH["gene"].num_nodes))
            edges = graph[REGULATES].edge_index
            assert tf not in edges[0].tolist() or gene not in edges[1].tolist()
        assert torch.equal(graph[REGULATED_BY].edge_index, graph[REGULATES].edge_index.flip(0))
        shares.append(scored)
    assert sum(map(len, shares)) == len(set().union(*shares))
