"""Hard negatives: the candidates that the model takes for edges, see `MiningConfig`."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.utils import scatter

from grnpyg.splits import LabelledPairs


def hardest(pairs: LabelledPairs, scores: Tensor, share: float, margin: float) -> LabelledPairs:
    """The pairs with the hardest of their negatives alone, in the same order.

    Args:
        pairs: positives and candidates.
        scores: (num_pairs,) of the model.
        share: of each TF's candidates that are kept, rounded up; with several outputs, of each output's.
        margin: a candidate is left out that scores less than this below the mean of the positives of its TF,
            or of all TFs where its TF has none.

    Example:
        >>> pairs = LabelledPairs(torch.tensor([[0, 0, 0], [0, 1, 2]]), torch.tensor([1.0, 0.0, 0.0]))
        >>> hardest(pairs, torch.tensor([3.0, 1.0, 2.5]), 0.5, 1.0).edge_label_index
        tensor([[0, 0],
                [0, 1]])
    """
    group = pairs.edge_label_index[0]
    if pairs.output is not None:
        group = group * (int(pairs.output.max()) + 1) + pairs.output
    _, group = group.unique(return_inverse=True)
    size, positive = int(group.max()) + 1, pairs.edge_label > 0.5
    known = torch.bincount(group[positive], minlength=size)
    limit: Tensor = scatter(scores[positive], group[positive], dim_size=size, reduce="mean")
    limit = torch.where(known > 0, limit, scores[positive].mean()) - margin
    wanted = (torch.bincount(group[~positive], minlength=size) * share).ceil()
    left = (~positive & (scores <= limit[group])).nonzero().squeeze(1)
    left = left[scores[left].argsort(descending=True, stable=True)]
    left = left[group[left].argsort(stable=True)]  # by TF, the highest score first
    of_each = torch.bincount(group[left], minlength=size)
    place = torch.arange(left.numel()) - (of_each.cumsum(0) - of_each)[group[left]]
    kept = positive.clone()
    kept[left[place < wanted[group[left]]]] = True
    output = None if pairs.output is None else pairs.output[kept]
    return LabelledPairs(pairs.edge_label_index[:, kept], pairs.edge_label[kept], output)
