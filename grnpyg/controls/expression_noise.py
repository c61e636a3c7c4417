"""Expression replaced by noise: the remaining score does not come from expression."""

from __future__ import annotations

import copy

import torch
from torch_geometric.data import HeteroData

from grnpyg.controls.base import Control, controls
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import COEXPRESSED, GENE, TF


@controls.register("expression_noise")
class ExpressionNoise(Control):
    """Replace the features of every measured node by normal noise, the same for a gene as TF and as target.

    Noise still distinguishes the nodes, as expression does. Co-expression matrices become those of noise,
    and co-expressed genes become those of other measured genes.
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
        if COEXPRESSED in data.edge_types:
            measured = data[GENE].has_expression.nonzero().squeeze(1)
            other = torch.arange(data[GENE].has_expression.numel())
            order = torch.randperm(measured.numel(), generator=torch_generator(seed, "control", "neighbours"))
            other[measured] = measured[order]
            result[COEXPRESSED].edge_index = other[data[COEXPRESSED].edge_index]
        return result


COEXPRESSION = ("pearson", "spearman")
