"""check_encoder is checked: each encoder here breaks one promise and must be caught for it."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.nn import SAGEConv

from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF
from grnpyg.models.encoders import LookupEncoder, MLPEncoder, NodeEncoder
from grnpyg.testing import check_encoder


class GoodSage(NodeEncoder):
    """Lazy SAGE layers, dropout and running statistics, done right."""

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels",)

    def __init__(self, data: HeteroData, *, hidden_channels: int = 8) -> None:
        super().__init__(hidden_channels)
        self.to_gene = SAGEConv((-1, -1), hidden_channels)
        self.to_tf = SAGEConv((-1, -1), hidden_channels)
        self.norm, self.dropout = nn.LayerNorm(hidden_channels), nn.Dropout(0.5)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        tf, gene = data[TF].x, data[GENE].x
        z = {
            TF: self.to_tf((gene, tf), data[REGULATED_BY].edge_index),
            GENE: self.to_gene((tf, gene), data[REGULATES].edge_index),
        }
        return {kind: self.dropout(self.norm(value)) for kind, value in z.items()}


class SecretReader(GoodSage):
    uses_messages: ClassVar[bool] = False


class DegreeInInit(LookupEncoder):
    uses_messages: ClassVar[bool] = True

    def __init__(self, data: HeteroData, *, embedding_dim: int = 4) -> None:
        super().__init__(data, embedding_dim=embedding_dim)
        self.degree = torch.bincount(data[REGULATES].edge_index[1], minlength=data[GENE].num_nodes)

    def _rows(self, data: HeteroData, kind: str, index: Tensor | None) -> Tensor:
        rows = super()._rows(data, kind, index)
        scale = self.degree if index is None else self.degree[index]
        return rows * scale.unsqueeze(1) if kind == GENE else rows


class CachedEdges(GoodSage):
    cache: Any = None

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        if self.cache is None:
            self.cache = data
        return super().forward(self.cache)


class WrongWidth(MLPEncoder):
    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: HeteroData, *, out_channels: int = 8) -> None:
        super().__init__(data, out_channels=out_channels)
        self.out_channels = {TF: out_channels, GENE: out_channels + 1}


class NoGenes(MLPEncoder):
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        return {TF: super().forward(data)[TF]}


class TooManyLatent(LookupEncoder):
    def __init__(self, data: HeteroData, *, embedding_dim: int = 4) -> None:
        super().__init__(data, embedding_dim=embedding_dim)
        self.latent_channels = 100


class OtherPath(LookupEncoder):
    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        z_tf, z_gene = super().encode_pairs(data, edge_label_index)
        return z_tf, z_gene * 1.1


class DetachedPath(LookupEncoder):
    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        z_tf, z_gene = super().encode_pairs(data, edge_label_index)
        return z_tf.detach() + 0 * z_tf, z_gene


class DropoutLeftOn(MLPEncoder):
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        return {k: nn.functional.dropout(z, 0.5, training=True) for k, z in super().forward(data).items()}


class SeedsGlobally(MLPEncoder):
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        torch.manual_seed(0)
        return super().forward(data)


class StaysInEvaluation(MLPEncoder):
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        self.mlp.eval()
        return super().forward(data)


class ChangesTheGraph(MLPEncoder):
    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        data[GENE].x = data[GENE].x + 1
        return super().forward(data)


class FixedStart(LookupEncoder):
    def __init__(self, data: HeteroData, *, embedding_dim: int = 4) -> None:
        super().__init__(data, embedding_dim=embedding_dim)
        nn.init.ones_(self.embedding[TF].weight)
        nn.init.ones_(self.embedding[GENE].weight)


class StartOfItsOwn(LookupEncoder):
    calls: ClassVar[list[int]] = []

    def __init__(self, data: HeteroData, *, embedding_dim: int = 4) -> None:
        super().__init__(data, embedding_dim=embedding_dim)
        self.calls.append(0)
        nn.init.constant_(self.embedding[TF].weight, len(self.calls))


class IdleWidth(LookupEncoder):
    widths: ClassVar[tuple[str, ...]] = ("depth",)

    def __init__(self, data: HeteroData, *, depth: int = 2) -> None:
        super().__init__(data, embedding_dim=4)


class NoSuchWidth(LookupEncoder):
    widths: ClassVar[tuple[str, ...]] = ("hidden",)


class OutsideState(MLPEncoder):
    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: HeteroData, *, out_channels: int = 8) -> None:
        super().__init__(data, out_channels=out_channels)
        self.shift = torch.randn(out_channels)  # neither a parameter nor a buffer

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        return {kind: z + self.shift for kind, z in super().forward(data).items()}

    encode_pairs = NodeEncoder.encode_pairs


class Unused(LookupEncoder):
    def __init__(self, data: HeteroData, *, embedding_dim: int = 4) -> None:
        super().__init__(data, embedding_dim=embedding_dim)
        self.extra = nn.Linear(3, 3)


class NotFinite(LookupEncoder):
    def _rows(self, data: HeteroData, kind: str, index: Tensor | None) -> Tensor:
        return super()._rows(data, kind, index) / 0


MUTANTS: dict[type[NodeEncoder], str] = {
    SecretReader: "uses_messages is False",
    DegreeInInit: "seen in __init__",
    CachedEdges: "seen in __init__ or in an earlier call",
    WrongWidth: "z of gene has shape",
    NoGenes: "gene",
    TooManyLatent: "latent_channels is 100",
    OtherPath: "encode_pairs.*other values",
    DetachedPath: "encode_pairs.*other gradients",
    DropoutLeftOn: "moves the global generator|differ",
    SeedsGlobally: "global generator of torch",
    StaysInEvaluation: "switches between training and evaluation",
    ChangesTheGraph: "two calls in evaluation mode differ|changes the graph",
    FixedStart: "another seed gives the same start values",
    StartOfItsOwn: "the same seed gives other start values",
    IdleWidth: "does not grow with depth",
    NoSuchWidth: "widths names 'hidden'",
    OutsideState: "state_dict",
    Unused: "extra.weight gets no gradient",
    NotFinite: "not finite",
}


@pytest.mark.parametrize(
    ("mutant", "broken"), MUTANTS.items(), ids=lambda item: getattr(item, "__name__", "")
)
def test_a_broken_promise_is_caught(mutant: type[NodeEncoder], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_encoder(mutant)


class GoodBatchNorm(GoodSage):
    def __init__(self, data: HeteroData, *, hidden_channels: int = 8) -> None:
        super().__init__(data, hidden_channels=hidden_channels)
        self.norm = nn.BatchNorm1d(hidden_channels)


def test_running_statistics_are_untouched_until_training() -> None:
    check_encoder(GoodBatchNorm)


def test_a_good_encoder_that_passes_messages_is_not_accused() -> None:
    check_encoder(GoodSage)
    check_encoder(GoodSage, hidden_channels=3)
