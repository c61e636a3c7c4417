"""Base of the encoders that pass messages; each subclass writes the convolution of a layer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.nn import JumpingKnowledge

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import NodeEncoder
from grnpyg.models.encoders.message_edges import (
    EdgeNames,
    Edges,
    edge_types,
    edges_into,
    message_edges,
    require_edges,
)
from grnpyg.models.encoders.node_inputs import Inputs, NodeInputs
from grnpyg.models.layers import Probability, Width
from grnpyg.models.width_groups import Cut, Group, linear_cuts

Norm = Literal["none", "layer", "batch"]
Jumping = Literal["last", "cat", "max", "mean"]
Count = Annotated[int, Field(ge=1)]
Units = dict[str, tuple[int | None, int | None]]
HIDDEN = "hidden_channels"


class MessagePassingEncoder(NodeEncoder):
    """h_0 = inputs, h_l = dropout(relu(norm(conv_l(h_{l-1})) [+ h_{l-1}])), z = W jump(h_1, ..., h_L) + b.

    TFs and genes have separate W and b. A node type that receives no messages keeps its h.

    A subclass writes `convolution`. If units of its layers can be removed, it also names their parameters in
    `units`; then `hidden_channels` can be pruned. Units are coupled across the two node types, and across
    layers that are joined by a residual or by the maximum or mean of layers. With `norm="layer"` a unit that
    is zero still affects the others, so removing it is not equal to masking it: pruning is not offered then.

    Args:
        data: the graph.
        heads: blocks of `hidden_channels` in a hidden layer; more than one only with attention.
        inputs: `id` embedding, expression `features`, `both` added, `knowledge` (features and the numbers
            of knowledge sources), or `all` added; see `NodeInputs`.
        hidden_channels: width of a hidden layer, or of one head if there are heads.
        out_channels: width of z.
        num_layers: convolutions one after another.
        norm: `none`, `layer` or `batch` normalisation after each convolution.
        residual: add a layer's input to its output.
        dropout: probability of dropping a unit of the inputs or of a layer in training.
        jumping_knowledge: z reads the `last` layer, or all layers by `cat`, `max` or `mean`
            (Xu et al., arXiv 1806.03536).
        edges: message types: `regulates` (TF to gene), its `reverse`, `encoded_by` (a TF and its own gene,
            both ways), `coexpressed` (gene to gene), `similar_genes` and `similar_tfs` (by knowledge
            sources).
        neighbours: of `coexpressed`, the genes that each gene hears from; of similar nodes, those by each
            source.

    Raises:
        InputError: the graph lacks the requested features or co-expression, or a message type is given twice.

    Attributes:
        units: parameter of the convolution -> the dimension of the units that it computes, and the dimension
            of the units of the previous layer that it reads.
        some_receivers: whether the convolution can compute only some of the nodes.
    """

    widths: ClassVar[tuple[str, ...]] = (HIDDEN, "out_channels")
    units: ClassVar[Units] = {}
    some_receivers: ClassVar[bool] = True

    def __init__(
        self,
        data: HeteroData,
        heads: int = 1,
        *,
        inputs: Inputs = "both",
        hidden_channels: Width = 64,
        out_channels: Width = 64,
        num_layers: Count = 2,
        norm: Norm = "none",
        residual: bool = False,
        dropout: Probability = 0.0,
        jumping_knowledge: Jumping = "last",
        edges: EdgeNames = ("regulates", "reverse", "encoded_by"),
        neighbours: Count = 10,
    ) -> None:
        super().__init__(out_channels)
        self.edge_types = edge_types(edges)
        require_edges(data, self.edge_types)
        self.neighbours = neighbours
        self.hidden_channels, self.heads, self.channels = hidden_channels, heads, heads * hidden_channels
        self.norm, self.residual, self.jumping_knowledge = norm, residual, jumping_knowledge
        receivers = sorted({receiver for _, _, receiver in self.edge_types})
        # a type that keeps its h passes it on, as a residual does
        self.coupled = residual or len(receivers) < 2
        layer_norm = {"none": nn.Identity, "layer": nn.LayerNorm, "batch": nn.BatchNorm1d}[norm]
        self.inputs = NodeInputs(data, inputs, self.channels)
        self.convs = nn.ModuleList([self.convolution() for _ in range(num_layers)])
        self.norms = nn.ModuleList(
            [
                nn.ModuleDict({kind: layer_norm(self.channels) for kind in receivers})
                for _ in range(num_layers)
            ]
        )
        self.dropouts = nn.ModuleList([nn.Dropout(dropout) for _ in range(num_layers + 1)])
        read = self.channels * (num_layers if jumping_knowledge == "cat" else 1)
        self.out = nn.ModuleDict({kind: nn.Linear(read, out_channels) for kind in (TF, GENE)})

    @abstractmethod
    def convolution(self) -> nn.Module:
        """One layer over `self.edge_types`, `self.channels` in and out.

        It is called with h of all senders and h of the receivers, both by node type, the edge_index of each
        edge type, and the result of `messages`. It returns h by node type. The receivers are all nodes or, in
        the last layer, the requested ones.
        """

    def messages(self, x: dict[str, Tensor], edges: Edges) -> dict[str, Edges]:
        """Further inputs of every convolution, one row per edge, computed once for all layers.

        Default: nothing.
        """
        return {}

    @classmethod
    def neighbours_needed(cls, options: dict[str, Any]) -> int:
        """See `NodeEncoder.neighbours_needed`."""
        return int(options["neighbours"]) if "coexpressed" in options["edges"] else 0

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """See `NodeEncoder.forward`."""
        return self._encode(data, None)

    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        """Only the nodes asked for pass through the last layer; see `NodeEncoder.encode_pairs`.

        Batch normalisation needs all nodes, so with it all of them do.
        """
        if self.norm == "batch" or not self.some_receivers:
            return super().encode_pairs(data, edge_label_index)
        (tfs, tf), (genes, gene) = (ids.unique(return_inverse=True) for ids in edge_label_index)
        z = self._encode(data, {TF: tfs, GENE: genes})
        return z[TF].index_select(0, tf), z[GENE].index_select(0, gene)

    def _encode(self, data: HeteroData, wanted: dict[str, Tensor] | None) -> dict[str, Tensor]:
        """z of the wanted nodes of each type, ids ascending, or of all."""
        edges = message_edges(data, self.edge_types, self.neighbours)
        x = {kind: self._drop(0, h) for kind, h in self.inputs(data).items()}
        messages = self.messages(x, edges)
        layers: list[dict[str, Tensor]] = []
        for layer, (conv, norms) in enumerate(zip(self.convs, self.norms, strict=True), start=1):
            to = x
            if wanted is not None and layer == len(self.convs):
                # the others are not read
                to, *layers = (
                    {kind: h[kind].index_select(0, ids) for kind, ids in wanted.items()} for h in (x, *layers)
                )
                edges, messages = edges_into(wanted, x, edges, messages)
            new, x = conv(x, to, edges, **messages), dict(to)
            assert isinstance(norms, nn.ModuleDict)
            for kind, norm in norms.items():
                h = norm(new[kind])
                x[kind] = self._drop(layer, (h + to[kind] if self.residual else h).relu())
            layers.append(x)
        return {kind: self.out[kind](self._jump([h[kind] for h in layers])) for kind in x}

    def _drop(self, layer: int, h: Tensor) -> Tensor:
        """Dropout; pruning reads its output, whose last dimension holds the units of one head."""
        dropped: Tensor = self.dropouts[layer](h.unflatten(1, (self.heads, self.hidden_channels)))
        return dropped.flatten(1)

    def _jump(self, layers: list[Tensor]) -> Tensor:
        if self.jumping_knowledge == "last":
            return layers[-1]
        if self.jumping_knowledge == "mean":
            return torch.stack(layers).mean(0)
        jumped: Tensor = JumpingKnowledge(self.jumping_knowledge)(layers)
        return jumped

    def groups(self) -> tuple[Group, ...]:
        """Hidden units where masking can equal cutting, see the class; column i of z of both node types."""
        makes = tuple(cut for kind in (TF, GENE) for cut in linear_cuts(f"out.{kind}"))
        columns = Group("out_channels", makes, layers=(f"out.{TF}", f"out.{GENE}"), z={TF: 0, GENE: 0})
        return (*self._hidden_groups(), columns)

    def _hidden_groups(self) -> tuple[Group, ...]:
        if not self.units or self.norm == "layer":
            return ()
        last = len(self.convs)
        if self.coupled:
            joined = [range(last + 1)]
        elif self.jumping_knowledge in ("max", "mean"):
            joined = [range(1), range(1, last + 1)]
        else:
            joined = [range(layer, layer + 1) for layer in range(last + 1)]
        return tuple(
            Group(
                HIDDEN,
                tuple(cut for layer in layers for cut in self._makes(layer)),
                tuple(cut for layer in layers for cut in self._reads(layer)),
                tuple(f"dropouts.{layer}" for layer in layers),
            )
            for layers in joined
        )

    def _makes(self, layer: int) -> Iterable[Cut]:
        """The slices that compute h of a layer; layer 0 is the inputs."""
        if layer == 0:
            for name, dim in self.inputs.units().items():
                yield from self._cuts(f"inputs.{name}", dim)
            return
        for name, (made, _) in self._units_of(layer).items():
            yield from self._cuts(name, made)
        norms = f"norms.{layer - 1}"
        for name, tensor in self.norms[layer - 1].state_dict().items():
            if tensor.dim():  # batch normalisation also counts its batches
                yield from self._cuts(f"{norms}.{name}", 0)

    def _reads(self, layer: int) -> Iterable[Cut]:
        """The slices that read h of a layer: the next convolution, and z."""
        last = len(self.convs)
        if layer < last:
            for name, (_, read) in self._units_of(layer + 1).items():
                yield from self._cuts(name, read)
        if layer == last or (layer and self.jumping_knowledge != "last"):
            first = self.channels * (layer - 1) if self.jumping_knowledge == "cat" else 0
            for kind in (TF, GENE):
                for start in range(first, first + self.channels, self.hidden_channels):
                    yield Cut(f"out.{kind}.weight", 1, start)

    def _units_of(self, layer: int) -> Units:
        found = {}
        for name, _ in self.convs[layer - 1].named_parameters():
            endings = [ending for ending in self.units if f".{name}".endswith(f".{ending}")]
            if endings:
                found[f"convs.{layer - 1}.{name}"] = self.units[max(endings, key=len)]
        return found

    def _cuts(self, tensor: str, dim: int | None) -> Iterable[Cut]:
        """One cut for each head's block of units."""
        if dim is not None:
            for start in range(0, self.state_dict()[tensor].size(dim), self.hidden_channels):
                yield Cut(tensor, dim, start)
