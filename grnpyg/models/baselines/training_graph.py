"""The training edges in the form PyG's models need: one node numbering, batches, negatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from grnpyg.data.graph import ENCODED_BY, num_nodes
from grnpyg.splits.link_split import LinkSplit

ROUNDS = 50  # of redrawing negatives that are edges


@dataclass(frozen=True)
class TrainingGraph:
    """The training edges of a split, without anything held out.

    TF i is node i of the homogeneous view, gene j is node `num_tfs + j`.

    Attributes:
        sizes: (number of TFs, number of genes).
        edges: (2, E) training edges, TF ids over gene ids.
        own: (2, O) every TF with its own gene, which is not a candidate pair.
    """

    sizes: tuple[int, int]
    edges: Tensor
    own: Tensor

    @classmethod
    def of(cls, split: LinkSplit) -> TrainingGraph:
        """The training edges of a split."""
        return cls(num_nodes(split.graph), split.positives["train"], split.graph[ENCODED_BY].edge_index)

    @property
    def num_nodes(self) -> int:
        """TFs and genes together."""
        return sum(self.sizes)

    def homogeneous(self, pairs: Tensor) -> Tensor:
        """(2, n) TF and gene ids as node ids of the homogeneous view."""
        return torch.stack([pairs[0], pairs[1] + self.sizes[0]])

    def edge_index(self, *, own: bool = False) -> Tensor:
        """(2, 2 E) training edges in both directions, and with `own` the links of a TF to its own gene."""
        pairs = self.homogeneous(torch.cat([self.edges, self.own], dim=1) if own else self.edges)
        return torch.cat([pairs, pairs.flip(0)], dim=1)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[Tensor]:
        """All training edges in random order, (2, size) at a time, the last batch smaller."""
        order = torch.randperm(self.edges.size(1), generator=generator)
        yield from self.edges.index_select(1, order).split(size, dim=1)

    def negatives(self, num: int, generator: torch.Generator) -> Tensor:
        """(2, num) TF x gene pairs, uniform over the nodes with a training edge; see `corrupt`."""
        tfs, genes = (self.edges[end].unique() for end in (0, 1))
        start = tfs[torch.randint(tfs.numel(), (num,), generator=generator)]
        pairs = torch.stack([start, genes[torch.randint(genes.numel(), (num,), generator=generator)]])
        return self._drawn_again(pairs, (0, 1), generator)

    def corrupt(self, pairs: Tensor, end: int, generator: torch.Generator) -> Tensor:
        """Replace the TF (`end` 0) or the gene (1) of pairs by a random node of the same type, (2, n).

        The node is drawn uniformly from those with a training edge. A pair that is a training edge, or a TF
        with its own gene, is redrawn; if nearly every pair is an edge, some remain. Held-out edges are
        unknown here, so like any unlabelled pair they may be drawn.
        """
        pool = self.edges[end].unique()
        result = pairs.clone()
        result[end] = pool[torch.randint(pool.numel(), (pairs.size(1),), generator=generator)]
        return self._drawn_again(result, (end,), generator)

    def _drawn_again(self, pairs: Tensor, ends: tuple[int, ...], generator: torch.Generator) -> Tensor:
        refused = self._codes(torch.cat([self.edges, self.own], dim=1))
        for _ in range(ROUNDS):
            wrong = torch.isin(self._codes(pairs), refused).nonzero().squeeze(1)
            if not wrong.numel():
                break
            for end in ends:
                pool = self.edges[end].unique()
                pairs[end, wrong] = pool[torch.randint(pool.numel(), (wrong.numel(),), generator=generator)]
        return pairs

    def _codes(self, pairs: Tensor) -> Tensor:
        return pairs[0] * self.sizes[1] + pairs[1]

    def with_means(self, table: Tensor, edge_index: Tensor) -> Tensor:
        """Give every node without a training edge the mean vector of its node type; (num_nodes, d).

        The initial vector of such a node is noise. With the mean of all TFs or all genes, its pairs are
        ranked by their other end.
        """
        linked = torch.zeros(self.num_nodes, dtype=torch.bool)
        linked[edge_index.flatten()] = True
        table = table.clone()
        for own, seen in zip(table.split(self.sizes), linked.split(self.sizes), strict=True):
            if seen.any():
                own[~seen] = own[seen].mean(dim=0)
        return table
