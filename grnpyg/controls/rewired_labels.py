"""Labels rewired with all degrees kept: the remaining score comes from degree."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch_geometric.data import HeteroData

from grnpyg.controls.base import Control, controls
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import GENE, REGULATES, TF
from grnpyg.splits.messages import with_messages

TRADES_PER_TF = 20


@controls.register("rewired_labels")
class RewiredLabels(Control):
    """Trade the known edges between TFs by the curveball algorithm (Strona 2014, Nat. Commun. 5:4114).

    Every TF keeps its number of targets and every gene its number of regulators; self-loops do not arise.
    Weights of the edges are dropped.
    """

    def before_split(self, data: HeteroData, seed: int) -> HeteroData:
        """See `Control.before_split`."""
        edges = data[REGULATES].edge_index.numpy()
        rng = numpy_generator(seed, "control", "rewire")
        gene_id = {name: i for i, name in enumerate(data[GENE].name)}
        own = [gene_id.get(name, -1) for name in data[TF].name]
        targets = [set(edges[1, edges[0] == tf].tolist()) for tf in range(len(own))]
        regulating = np.array([tf for tf, genes in enumerate(targets) if genes])
        if len(regulating) > 1:
            for _ in range(TRADES_PER_TF * len(regulating)):
                first, second = rng.choice(regulating, 2, replace=False)
                _trade(targets, own, int(first), int(second), rng)
        pairs = [(tf, gene) for tf, genes in enumerate(targets) for gene in sorted(genes)]
        return with_messages(_unweighted(data), torch.tensor(pairs).t().contiguous())


def _trade(targets: list[set[int]], own: list[int], a: int, b: int, rng: np.random.Generator) -> None:
    """Redistribute the targets that only one of the two TFs has; neither gets its own gene."""
    only_a, only_b = targets[a] - targets[b] - {own[b]}, targets[b] - targets[a] - {own[a]}
    pool = np.array(sorted(only_a | only_b))
    rng.shuffle(pool)
    given_a = set(pool[: len(only_a)].tolist())
    targets[a] = (targets[a] - only_a) | given_a
    targets[b] = (targets[b] - only_b) | (set(pool.tolist()) - given_a)


def _unweighted(data: HeteroData) -> HeteroData:
    result = copy.copy(data)
    if "edge_weight" in result[REGULATES]:
        del result[REGULATES].edge_weight
    return result
