"""Inputs of a node before any message: an id embedding, projected expression or knowledge, or sums."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, NUMBERS, TF, num_nodes
from grnpyg.models.layers import he_linear

Inputs = Literal["id", "features", "both", "knowledge", "all"]

START = 0.1  # standard deviation of an id embedding's start values, as in LightGCN


class NodeInputs(nn.Module):
    """id: E[node]; features: W [x | measured] + b; both: their sum. E, W and b differ by node type.

    knowledge: W [x | measured | numbers] + b, where the numbers are those of the knowledge sources; it also
    does without expression. all: the sum of knowledge and id.

    A node without expression has zeros in x, which is also the mean of a standardised feature. The column
    `measured` (`has_expression`) tells the two apart, so that unmeasured nodes get a separate start vector.

    Args:
        data: the graph.
        inputs: `id`, `features`, `both`, `knowledge` or `all`. With `features` and `knowledge` a node
            without a training edge, or unseen in training, is encoded like any other.
        channels: width of the result.

    Raises:
        InputError: the graph lacks the requested features.
    """

    def __init__(self, data: HeteroData, inputs: Inputs, channels: int) -> None:
        super().__init__()
        widths = {kind: int(data[kind].num_features) for kind in (TF, GENE)}
        self.numbers = inputs in ("knowledge", "all")
        if self.numbers:
            for kind in (TF, GENE):
                if NUMBERS not in data[kind]:
                    fix = "name one that has some, for example `--knowledge go`, or set encoder.inputs to id"
                    raise InputError(
                        f"the encoder's inputs ({inputs}) need numbers of a knowledge source", fix=fix
                    )
                widths[kind] += int(data[kind][NUMBERS].size(1))
        elif inputs != "id" and min(widths.values()) == 0:
            raise InputError(
                f"the encoder's inputs ({inputs}) need expression features, but the graph has none",
                fix="give --data, or set encoder.inputs to id",
            )
        self.embedding, self.project = nn.ModuleDict(), nn.ModuleDict()
        for kind, size in zip((TF, GENE), num_nodes(data), strict=True):
            if inputs not in ("features", "knowledge"):
                table = nn.Embedding(size, channels)
                nn.init.normal_(table.weight, std=START)
                self.embedding[kind] = table
            if inputs != "id":
                self.project[kind] = he_linear(widths[kind] + 1, channels)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """Node type -> (num_nodes, channels)."""
        found = {}
        for kind in (TF, GENE):
            parts: list[Tensor] = []
            if kind in self.embedding:
                parts.append(self.embedding.get_parameter(f"{kind}.weight"))
            if kind in self.project:
                x, measured = data[kind].x, data[kind].has_expression
                columns = [x, measured.unsqueeze(1).to(x.dtype)]
                columns += [data[kind][NUMBERS].to(x.dtype)] if self.numbers else []
                parts.append(self.project[kind](torch.cat(columns, dim=1)))
            found[kind] = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return found

    def units(self) -> dict[str, int]:
        """Parameter -> the dimension that holds the columns of the result."""
        return {name: int(name.startswith("embedding")) for name, _ in self.named_parameters()}
