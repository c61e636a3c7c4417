"""Splits to draw on, and what a draw may hold, looked up pair by pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, build_graph, pair_codes
from grnpyg.negatives import NegativeSampler
from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.splits.messages import with_messages


def everything_as_training(data: HeteroData) -> LinkSplit:
    edges = data[REGULATES].edge_index
    none = edges[:, :0]
    parts = {"train": edges, "validation": none, "test": none}
    warm = {TF: edges[0].unique(), GENE: edges[1].unique()}
    return LinkSplit(with_messages(data, edges), parts, warm, 0, none)


def hub_split() -> LinkSplit:
    """150 TFs x 600 genes with skewed degrees at both ends; the first 20 TFs are genes as well."""
    rng = numpy_generator(0, "hub_split")
    weight = [1 / np.arange(1, size + 1) ** power for size, power in ((150, 0.8), (600, 0.5))]
    ends = [rng.choice(w.size, 6000, p=w / w.sum()) for w in weight]
    tfs = [f"g{i}" if i < 20 else f"t{i}" for i in range(150)]
    pairs = dict.fromkeys((tfs[i], f"g{j}") for i, j in zip(*ends, strict=True) if tfs[i] != f"g{j}")
    edges = pd.DataFrame(list(pairs)[:1500], columns=["source", "target"])
    return TransductiveSplit().split(build_graph(edges), seed=0)


def excluded(split: LinkSplit) -> Tensor:
    return torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1)


def free_codes(split: LinkSplit, part: str) -> set[int]:
    """Candidates of the part that are not excluded, one by one."""
    tf, gene = split.universe(part)
    taken = set(pair_codes(split.graph, excluded(split)).tolist())
    num_genes = int(split.graph[GENE].num_nodes)
    return {t * num_genes + g for t in tf.tolist() for g in gene.tolist()} - taken


def drawn_pairs(
    sampler: NegativeSampler, split: LinkSplit, part: str, num: int, seed: int
) -> list[tuple[int, int]]:
    """A draw without the checks of `sample`, which refuses an empty one; checked to be distinct and free."""
    pairs = sampler.draw(split, part, excluded(split), num, seed)
    codes = pair_codes(split.graph, pairs).tolist()
    assert len(codes) == len(set(codes)) <= num
    assert set(codes) <= free_codes(split, part)
    return [(tf, gene) for tf, gene in pairs.t().tolist()]
