"""Negatives from inside a batch."""

from __future__ import annotations

import torch

from grnpyg.data.graph import ENCODED_BY, REGULATES, pair_codes
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.testing.graph import small_graph
from grnpyg.training.crossing import Crossing


def split_of_everything() -> LinkSplit:
    graph = small_graph(12, 40)
    edges = graph[REGULATES].edge_index
    warm = {kind: ends.unique() for kind, ends in zip(("tf", "gene"), edges, strict=True)}
    return LinkSplit(graph, {"train": edges}, warm, 0, edges[:, :0])


def test_positives_are_crossed_and_nothing_known_or_drawn_is_added() -> None:
    split = split_of_everything()
    edges = split.graph[REGULATES].edge_index
    drawn = torch.tensor([[0, 1], [5, 6]])
    some = edges[:, :: edges.size(1) // 9][:, :9]
    batch = LabelledPairs.join(some, drawn)
    more = Crossing(split, 4).extend(batch)
    assert torch.equal(more.edge_label_index[:, :11], batch.edge_label_index)
    added = more.edge_label_index[:, 11:]
    assert added.size(1) > 0
    assert not more.edge_label[11:].any()
    codes = pair_codes(split.graph, added)
    assert codes.unique().numel() == codes.numel()
    for others in (edges, split.graph[ENCODED_BY].edge_index, drawn):
        assert not torch.isin(codes, pair_codes(split.graph, others)).any()
    assert torch.isin(added[0], some[0]).all()
    assert torch.isin(added[1], some[1]).all()


def test_each_positive_meets_so_many_others() -> None:
    """Without known edges among them, p positives crossed with k others give p times k pairs."""
    split = split_of_everything()
    split.graph[REGULATES].edge_index = split.graph[REGULATES].edge_index[:, :0]
    split.graph[ENCODED_BY].edge_index = split.graph[ENCODED_BY].edge_index[:, :0]
    ends = torch.arange(6)
    batch = LabelledPairs.join(torch.stack([ends, ends + 10]), torch.zeros(2, 0, dtype=torch.long))
    for others, expected in ((1, 6), (3, 18), (50, 30)):
        added = Crossing(split, others).extend(batch).edge_label_index[:, 6:]
        assert added.size(1) == expected


def test_a_batch_of_one_positive_stays_as_it_is() -> None:
    split = split_of_everything()
    batch = LabelledPairs.join(split.graph[REGULATES].edge_index[:, :1], torch.tensor([[0], [3]]))
    assert Crossing(split, 8).extend(batch) is batch


def test_added_pairs_learn_at_the_output_of_their_positive() -> None:
    split = split_of_everything()
    positives = split.graph[REGULATES].edge_index[:, :8]
    output = torch.arange(8) % 3
    batch = LabelledPairs(positives, torch.ones(8), output)
    more = Crossing(split, 2).extend(batch)
    assert more.output is not None
    for tf, number in zip(more.edge_label_index[0, 8:].tolist(), more.output[8:].tolist(), strict=True):
        assert number in output[positives[0] == tf].tolist()
