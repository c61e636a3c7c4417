"""Which edges carry messages: replacing them, and keeping them apart from those that are being scored."""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import REGULATED_BY, REGULATES, num_nodes, pair_codes
from grnpyg.errors import InputError
from grnpyg.seeding import torch_generator
from grnpyg.splits.leakage import COLD_IN_UNIVERSE
from grnpyg.splits.link_split import LinkSplit


def with_messages(data: HeteroData, edges: Tensor) -> HeteroData:
    """A shallow copy of the graph whose `regulates` edges, and their reverse, are `edges` (2, E)."""
    result = copy.copy(data)
    weight = data[REGULATES].get("edge_weight")
    if weight is not None:
        codes, order = pair_codes(data, data[REGULATES].edge_index).sort()
        at = torch.searchsorted(codes, pair_codes(data, edges))
        result[REGULATES].edge_weight = weight[order[at]]
    result[REGULATES].edge_index = edges
    result[REGULATED_BY].edge_index = edges.flip(0)
    return result


def without_pairs(data: HeteroData, edge_label_index: Tensor) -> HeteroData:
    """A shallow copy of the graph without the message edges of these pairs, in either direction.

    A model that passes messages along the edge it is asked about learns to read the answer off the graph
    (SpotTarget, arXiv 2306.00899), so a training batch is always scored on this graph.
    """
    codes = pair_codes(data, data[REGULATES].edge_index)
    num_tfs, num_genes = num_nodes(data)
    # sorted, with an end mark above every code; much cheaper than isin, which sorts the edges too
    scored = F.pad(pair_codes(data, edge_label_index).sort().values, (0, 1), value=num_tfs * num_genes)
    keep = scored[torch.searchsorted(scored, codes)] != codes
    result = copy.copy(data)
    edges = data[REGULATES].edge_index[:, keep]
    result[REGULATES].edge_index, result[REGULATED_BY].edge_index = edges, edges.flip(0)
    if "edge_weight" in data[REGULATES]:
        result[REGULATES].edge_weight = data[REGULATES].edge_weight[keep]
    return result


def num_folds(ratio: float) -> int:
    """How many folds of about that share, 0 < ratio <= 0.5, there are."""
    return max(2, round(1 / ratio))


def fold(split: LinkSplit, number: int, folds: int, seed: int) -> LinkSplit:
    """The split in which the positives of one fold are scored and the others carry messages.

    A positive whose end has no other message edge is scored in no fold: held-out positives have training
    edges at both ends, and so have those that stand for them. Every other one is in exactly one fold. In a
    split with cold nodes in its universe (`cold-in-universe`) held-out positives may lack them, and all are
    scored: else a node without an edge would be met in negatives alone.
    Negatives that are drawn for the result are those of the fold's positives; of training negatives that the
    split brings along each fold has its share.

    Args:
        split: a whole split.
        number: the fold, from 0.
        folds: how many, 2 or more.
        seed: decides who is in which fold.

    Raises:
        InputError: no positive of the fold keeps a message edge at both ends.
    """
    train = split.positives["train"]
    order = torch.randperm(train.size(1), generator=torch_generator(seed, "folds"))
    mine = torch.zeros(train.size(1), dtype=torch.bool)
    mine[order[number::folds]] = True
    rest = train[:, ~mine]
    linked = torch.isin(train[0], rest[0]) & torch.isin(train[1], rest[1])
    if COLD_IN_UNIVERSE in split.leaks:
        linked = torch.ones_like(linked)
    if not bool((mine & linked).any()):
        raise InputError(
            f"no edge of fold {number + 1} of {folds} leaves both of its ends another one",
            where="training.disjoint_train_ratio",
            fix="use a smaller one, or a regulon with more edges",
        )
    return replace(
        split,
        graph=with_messages(split.graph, rest),
        positives={**split.positives, "train": train[:, mine & linked]},
        negatives=_with_share(split.negatives, number, folds, seed),
        set_aside=torch.cat([split.set_aside, train[:, ~(mine & linked)]], dim=1),
    )


def _with_share(negatives: dict[str, Tensor], number: int, folds: int, seed: int) -> dict[str, Tensor]:
    if "train" not in negatives:
        return negatives
    order = torch.randperm(negatives["train"].size(1), generator=torch_generator(seed, "folds", "negatives"))
    return {**negatives, "train": negatives["train"][:, order[number::folds].sort().values]}
