"""Dual encoder (bi-encoder, two-tower): the similarity of two independent encodings."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.models.groups import DEGREE, VECTORS
from grnpyg.models.heads.base import Head, PairShape, heads
from grnpyg.models.layers import Probability, Width, he_linear
from grnpyg.models.width_groups import Cut, Group, ReadOfZ, linear_cuts, mlp_group


@heads.register("dual")
class DualHead(Head):
    """logit = sim(f(z_tf), g(z_gene)) / tau + bias, with f and g two-layer towers.

    Each tower's output is one vector per node, so all pairs are scored by one matrix product.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each tower's output.
        similarity: `cosine` or `dot`.
        temperature: tau; the start value if it is learned.
        learn_temperature: learn log tau.
        bias: `none`; `global`, one number; or `per_node`, one per TF and per gene, which adds an additive
            degree model to the similarity.
        dropout: probability of dropping a hidden unit in training.
    """

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")
    representation: ClassVar[tuple[str, ...]] = ("tower.tf", "tower.gene")

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        similarity: Literal["cosine", "dot"] = "cosine",
        temperature: float = 0.05,
        learn_temperature: bool = False,
        bias: Literal["none", "global", "per_node"] = "none",
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__()
        self.z_channels = {TF: shape.tf_channels, GENE: shape.gene_channels}
        if temperature <= 0:
            raise InputError(f"temperature {temperature} must be above 0", where="head dual")
        self.similarity = similarity
        self.tower = nn.ModuleDict(
            {
                kind: nn.Sequential(
                    he_linear(in_channels, hidden_channels),
                    nn.ReLU(),
                    nn.Dropout(dropout),
                    he_linear(hidden_channels, out_channels),
                )
                for kind, in_channels in self.z_channels.items()
            }
        )
        log_temperature = torch.tensor(temperature).log()
        self.log_temperature: Tensor
        if learn_temperature:
            self.log_temperature = nn.Parameter(log_temperature)
        else:
            self.register_buffer("log_temperature", log_temperature, persistent=False)
        sizes = {"none": (), "global": (1,), "per_node": (shape.num_tfs, shape.num_genes)}[bias]
        self.bias = nn.ParameterList([nn.Parameter(torch.zeros(size)) for size in sizes])

    @staticmethod
    def normalise(u: Tensor, similarity: str) -> Tensor:
        """The factors of the product: unit vectors for `cosine`, unscaled vectors for `dot`."""
        u = u.float()  # under bf16 the temperature would magnify the rounding of the similarity
        return F.normalize(u, dim=-1) if similarity == "cosine" else u

    def embed(self, kind: str, z: Tensor) -> Tensor:
        """The vectors whose product is the similarity, (n, channels) -> (n, out_channels)."""
        return self.normalise(self.tower[kind](z), self.similarity)

    def groups(self) -> tuple[Group, ...]:
        """A hidden layer for each tower; output i of one tower meets output i of the other."""
        makes = tuple(cut for kind in (TF, GENE) for cut in linear_cuts(f"tower.{kind}.3"))
        layers = tuple(f"tower.{kind}.3" for kind in (TF, GENE))
        return (*self.hidden_groups(), Group("out_channels", makes, layers=layers))

    def hidden_groups(self) -> tuple[Group, ...]:
        """The hidden layers of the two towers."""
        return tuple(mlp_group(f"tower.{kind}", "hidden_channels", 0, 3) for kind in (TF, GENE))

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """The first layer of each tower."""
        return tuple(
            ReadOfZ(Cut(f"tower.{kind}.0.weight", 1), (kind,), channels)
            for kind, channels in self.z_channels.items()
        )

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        return self._product(self.embed(TF, z_tf), self.embed(GENE, z_gene), edge_label_index)

    def _product(self, u_tf: Tensor, u_gene: Tensor, pairs: Tensor) -> Tensor:
        """Logits (num_pairs,) of embedded ends, (num_pairs, out_channels) each."""
        similarity = (u_tf * u_gene).sum(-1)  # (num_pairs,)
        return similarity / self.log_temperature.exp() + self._bias(pairs[0], pairs[1])

    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        """A bias of each node is degree; see `Head.terms`."""
        logits = self(z_tf, z_gene, edge_label_index)
        if len(self.bias) < 2:
            return {VECTORS: logits}
        degree = self.bias[0][edge_label_index[0]] + self.bias[1][edge_label_index[1]]
        return {DEGREE: degree, VECTORS: logits - degree}

    def many_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every node goes through its tower once; see `Head.many_pairs`."""
        u_tf, u_gene = self.embed(TF, z_tf), self.embed(GENE, z_gene)
        return lambda pairs: self._product(u_tf[pairs[0]], u_gene[pairs[1]], pairs)

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """One matrix product; see `Head.score_all`."""
        return DualHead.all_pairs(self, z_tf, z_gene)(tf_index)

    def all_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """Every gene goes through its tower once; see `Head.all_pairs`."""
        genes = torch.arange(z_gene.size(0), device=z_gene.device)
        of_genes = self.embed(GENE, z_gene).t()  # (out_channels, num_genes)

        def scored(tf_index: Tensor) -> Tensor:
            logits = self.embed(TF, z_tf[tf_index]) @ of_genes  # (n, num_genes)
            logits /= self.log_temperature.exp()  # in place: a block of pairs is larger than the cache
            return logits if not self.bias else logits + self._bias(tf_index.unsqueeze(1), genes)

        return scored

    def _bias(self, tf: Tensor, gene: Tensor) -> Tensor | float:
        bias: list[Tensor] = list(self.bias)
        if len(bias) == 2:
            return bias[0][tf] + bias[1][gene]
        return bias[0] if bias else 0.0
