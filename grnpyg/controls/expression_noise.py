"""Expression replaced by noise: the remaining score does not come from expression."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.controls.base import Control, controls
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, TF, expression_edges


@controls.register("expression_noise")
class ExpressionNoise(Control):
    """Replace the features of every measured node by normal noise, the same for a gene as TF and as target.

    Noise still distinguishes the nodes, as expression does. Co-expression matrices become those of noise;
    co-expressed genes, and similar ones by the knowledge source `cells`, become those of other genes.
    """

    def before_training(self, data: HeteroData, seed: int) -> HeteroData:
        """See `Control.before_training`."""
        width = data[GENE].x.size(1)
        if not width:
            raise InputError("the graph has no expression to replace", where="control expression_noise")
        result = copy.copy(data)
        names = sorted({*data[TF].name, *data[GENE].name})
        noise = torch.randn(len(names), width, generator=torch_generator(seed, "control", "noise"))
        rows = {name: row for row, name in enumerate(names)}
        for kind in (TF, GENE):
            at = torch.tensor([rows[name] for name in data[kind].name])
            result[kind].x = noise[at] * data[kind].has_expression.unsqueeze(1)
        for key in [key for key in data[TF].keys() if key in COEXPRESSION]:  # noqa: SIM118 (not a dict)
            shape = data[TF][key].shape
            result[TF][key] = torch.randn(shape, generator=torch_generator(seed, "control", key)).tanh()
        other = {kind: _other(data, kind, seed) for kind in (TF, GENE)}
        for sender, edge, receiver in expression_edges(data):
            ends = zip((sender, receiver), data[sender, edge, receiver].edge_index, strict=True)
            moved = torch.stack([other[kind][ids] for kind, ids in ends])
            result[sender, edge, receiver].edge_index = moved
        return result


def _other(data: HeteroData, kind: str, seed: int) -> Tensor:
    """(num_nodes,) another measured node for every measured one."""
    measured = data[kind].has_expression.nonzero().squeeze(1)
    purpose = ("neighbours",) if kind == GENE else ("neighbours", kind)
    order = torch.randperm(measured.numel(), generator=torch_generator(seed, "control", *purpose))
    other = torch.arange(data[kind].has_expression.numel())
    other[measured] = measured[order]
    return other


COEXPRESSION = ("pearson", "spearman")
