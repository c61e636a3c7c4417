"""Statistics of a model's units on training pairs, computed on demand: activations, gradients, weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import REGULATES, pair_codes
from grnpyg.models.importances.hooks import outputs_of
from grnpyg.models.known_edges import FOLDS
from grnpyg.models.losses import EpochPairs, Loss
from grnpyg.models.predictor import PairModel, evaluating
from grnpyg.models.width_groups import Group, unit_rows
from grnpyg.splits import LabelledPairs
from grnpyg.splits.folds import fold_numbers
from grnpyg.splits.messages import with_messages, without_pairs

MAX_PAIRS = 1 << 16


class Profile:
    """Statistics of the units of some groups, dropout off.

    Args:
        model: the predictor; not changed.
        graph: the training graph.
        pairs: training pairs, shuffled; the first 65,536 are used.
        loss: the training loss.
        groups: group and width, with names as they are in the model.
        batch_size: pairs of one gradient.
        seed: of the random importance.
    """

    def __init__(
        self,
        model: PairModel,
        graph: HeteroData,
        pairs: LabelledPairs,
        loss: Loss,
        groups: Sequence[tuple[Group, int]],
        *,
        batch_size: int = 256,
        seed: int = 0,
    ) -> None:
        self.model, self.graph, self.loss, self.groups = model, graph, loss, groups
        self.index, self.label = pairs.edge_label_index[:, :MAX_PAIRS], pairs.edge_label[:MAX_PAIRS]
        self.batch_size, self.seed = batch_size, seed
        loss.begin(EpochPairs.of(graph, self.index, self.label))
        self._state = model.state_dict()

    def norms(self, group: Group, width: int) -> list[Tensor]:
        """(width,) L2 norm of a unit's slice of each weight matrix, biases and norms left out."""
        matrices = [c for c in (*group.makes, *group.reads) if self._state[c.tensor].dim() > 1]
        return [unit_rows(self._state[cut.tensor], cut, width).float().norm(dim=1) for cut in matrices]

    def activity(self, group: Group) -> Tensor:
        """(width,) share of the pairs on which a unit is not zero, mean over the group's layers."""
        return torch.stack([self._activations[layer][0] for layer in group.layers]).mean(0)

    def variance(self, group: Group) -> Tensor:
        """(width,) variance of a unit over the pairs, mean over the group's layers."""
        return torch.stack([self._activations[layer][1] for layer in group.layers]).mean(0)

    def taylor(self, group: Group) -> Tensor:
        """(width,) squared first-order change of a batch's loss without a unit, mean over the batches."""
        return self._taylor[group.makes[0].tensor]

    def generator(self, group: Group) -> torch.Generator:
        """Random numbers of a group."""
        return torch_generator(self.seed, "prune", group.makes[0].tensor)

    @cached_property
    def _parts(self) -> list[tuple[HeteroData, Tensor, Tensor]]:
        """Graph, (2, n) pairs and (n,) labels, together all pairs.

        A structure term reads the pairs of each fold on the graph without it, as in training; its features of
        a graph cost too much for a graph without the pairs of each batch.
        """
        if self.model.structure is None:
            return [(self.graph, self.index, self.label)]
        edges = self.graph[REGULATES].edge_index
        of_edge = fold_numbers(edges.size(1), FOLDS, self.seed)
        known, order = pair_codes(self.graph, edges).sort()
        codes = pair_codes(self.graph, self.index)
        at = torch.searchsorted(known, codes).clamp(max=max(0, known.numel() - 1))
        of = torch.where(known[at] == codes, of_edge[order[at]], torch.arange(codes.numel()) % FOLDS)
        parts = []
        for number in of.unique():
            rest, mine = with_messages(self.graph, edges[:, of_edge != number]), of == number
            parts.append((rest, self.index[:, mine], self.label[mine]))
        return parts

    @cached_property
    def _activations(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Layer -> share of rows that are not zero, variance; both (width,)."""
        layers = sorted({layer for group, _ in self.groups for layer in group.layers})
        totals: dict[str, list[Tensor]] = {}
        rows = dict.fromkeys(layers, 0)
        with torch.no_grad(), evaluating(self.model):
            blocks = [(graph, some) for graph, pairs, _ in self._parts for some in pairs.split(4096, dim=1)]
            for graph, block in blocks:
                with outputs_of(self.model, layers) as outputs:
                    self.model(graph, block)
                for layer in layers:
                    out = torch.cat(outputs[layer]).double()
                    sums = [(out != 0).sum(0).double(), out.sum(0), (out * out).sum(0)]
                    old = totals.get(layer)
                    totals[layer] = sums if old is None else [a + b for a, b in zip(old, sums, strict=True)]
                    rows[layer] += out.size(0)
        means = {layer: [total / rows[layer] for total in totals[layer]] for layer in layers}
        return {layer: (active, square - mean**2) for layer, (active, mean, square) in means.items()}

    @cached_property
    def _taylor(self) -> dict[str, Tensor]:
        """First tensor of a group -> squared sums of gradient times weight, mean over the batches."""
        sums = {group.makes[0].tensor: torch.zeros(width, dtype=torch.double) for group, width in self.groups}
        parameters = dict(self.model.named_parameters())
        batches = [
            (graph, pairs, label)
            for graph, index, labels in self._parts
            for pairs, label in zip(
                index.split(self.batch_size, dim=1), labels.split(self.batch_size), strict=True
            )
        ]
        apart = self.model.structure is None and self.model.encoder.uses_messages
        with evaluating(self.model):
            for graph, pairs, label in batches:
                self.model.zero_grad()
                on = without_pairs(graph, pairs) if apart else graph
                self.loss(self.model(on, pairs), label, pairs).backward()
                for group, width in self.groups:
                    change = torch.zeros(width, dtype=torch.double)
                    for cut in group.makes:
                        parameter = parameters.get(cut.tensor)  # None: a buffer
                        if parameter is not None and parameter.grad is not None:
                            product = parameter.grad.to_dense() * parameter.detach()
                            change += unit_rows(product, cut, width).sum(1).double()
                    sums[group.makes[0].tensor] += change**2
        self.model.zero_grad()
        return {name: total / len(batches) for name, total in sums.items()}
