"""Uniform negatives: every unlabelled candidate pair is equally likely."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.utils import negative_sampling

from grnpyg.core.seeding import forked, torch_generator
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.splits.link_split import LinkSplit


@negatives.register("uniform")
class UniformNegatives(NegativeSampler):
    """Draw by PyG's `negative_sampling` from the TFs x genes of the subset's universe.

    A product of two node degrees reaches AUROC .9 and more against such negatives, so compare every score
    with the degree baselines.
    """

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """See `NegativeSampler.draw`."""
        universe = split.universe(subset)
        inside = torch.isin(excluded[0], universe[0]) & torch.isin(excluded[1], universe[1])
        # the ids are ascending, so this is the position of each id in it
        rows = torch.stack([torch.searchsorted(universe[end], excluded[end, inside]) for end in (0, 1)])
        sizes = (universe[0].numel(), universe[1].numel())
        if num > (sizes[0] * sizes[1] - rows.size(1)) / 2:  # PyG would list the first ones in order
            drawn = torch.empty(2, 0, dtype=torch.long)
        else:
            with forked(seed, "negatives", "uniform"):
                drawn = negative_sampling(rows, num_nodes=sizes, num_neg_samples=num, method="sparse")
        if drawn.size(1) < num:
            drawn = torch.cat([drawn, _complete(drawn, rows, sizes, num - drawn.size(1), seed)], dim=1)
        return torch.stack([universe[0][drawn[0]], universe[1][drawn[1]]])


def _complete(drawn: Tensor, excluded: Tensor, sizes: tuple[int, int], num: int, seed: int) -> Tensor:
    """Draw the rest from the list of what is left: in a nearly full universe PyG returns too few."""
    free = torch.ones(sizes, dtype=torch.bool)
    free[excluded[0], excluded[1]] = False
    free[drawn[0], drawn[1]] = False
    left = free.nonzero().t()
    order = torch.randperm(left.size(1), generator=torch_generator(seed, "negatives", "complete"))
    return left[:, order[:num]]
