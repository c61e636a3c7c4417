"""What the losses share that set each positive against the negatives of its own TF or gene."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.utils import scatter


def log_sum_exp(values: Tensor, group: Tensor, num_groups: int) -> Tensor:
    """log of the sum of e^value in every group, (n,), (n,) -> (num_groups,); -inf for an empty group."""
    top: Tensor = scatter(values.detach(), group, dim_size=num_groups, reduce="max")  # 0 where empty
    total: Tensor = scatter((values - top[group]).exp(), group, dim_size=num_groups, reduce="sum")
    return top + total.log()


def against_own_negatives(
    logits: Tensor, label: Tensor, group: Tensor, of_negatives: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """-log( e^s / (e^s + sum of e^n over the negatives n of the positive's group) ) of every such positive s.

    Args:
        logits: (num_pairs,).
        label: (num_pairs,).
        group: (num_pairs,) id of the TF or gene that positives and negatives share.
        of_negatives: (num_pairs,) logits in place of `logits` where a pair is a negative.

    Returns:
        (m,) the loss and (m,) the group of each positive whose group has a negative.
    """
    positive, negative = label > 0.5, label < 0.5
    counted = torch.zeros(int(group.max()) + 1, dtype=torch.bool, device=group.device)
    counted[group[negative]] = True
    positive = positive & counted[group]
    of_negatives = logits if of_negatives is None else of_negatives
    against = log_sum_exp(of_negatives[negative], group[negative], counted.numel())
    own = logits[positive]
    return torch.logaddexp(own, against[group[positive]]) - own, group[positive]
