"""check_head is checked: each head here breaks one promise and must be caught for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from grnpyg.models.heads import CrossHead, DualHead, Head, PairShape
from grnpyg.testing import check_head


class WrongShape(CrossHead):
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        return super().forward(z_tf, z_gene, edge_label_index).unsqueeze(1)


class Squeezed(CrossHead):
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        return super().forward(z_tf, z_gene, edge_label_index).squeeze()


class BatchDependent(DualHead):
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        logits = super().forward(z_tf, z_gene, edge_label_index)
        return logits - logits.mean()


class OrderDependent(DualHead):
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        logits = super().forward(z_tf, z_gene, edge_label_index)
        return logits + torch.arange(logits.numel())


class ForgetsTheBias(DualHead):
    """Its bias starts at 0, so at the start values alone nothing would show."""

    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: PairShape) -> None:
        super().__init__(shape, bias="per_node")

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        return self.embed("tf", z_tf[tf_index]) @ self.embed("gene", z_gene).t() / self.log_temperature.exp()


class IgnoresTheIndex(DualHead):
    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        return super().score_all(z_tf, z_gene, torch.arange(tf_index.numel()), block=block)


class WithoutGradient(DualHead):
    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        with torch.no_grad():
            return super().score_all(z_tf, z_gene, tf_index, block=block)


class OtherGradient(DualHead):
    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        logits = super().score_all(z_tf, z_gene, tf_index, block=block)
        return logits.detach() + 0.5 * (logits - logits.detach())


class DropsTheLastBlock(CrossHead):
    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        logits = super().score_all(z_tf, z_gene, tf_index, block=block)
        return logits if block >= logits.numel() else logits[:-1]


class Probability(DualHead):
    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        return torch.sigmoid(super().forward(z_tf, z_gene, edge_label_index))


class VectorsWithoutBias(ForgetsTheBias):
    """`score_all` of the dual head is right; the vectors lack the two columns."""

    score_all = DualHead.score_all
    all_pairs = DualHead.all_pairs

    def retrieval_vectors(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor]:
        of_tf, of_gene = super(ForgetsTheBias, self).retrieval_vectors(z_tf, z_gene)
        return of_tf[:, :-2], of_gene[:, :-2]


class VectorsOfOneEnd(DualHead):
    def retrieval_vectors(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor]:
        of_tf, _ = super().retrieval_vectors(z_tf, z_gene)
        return of_tf, of_tf


class RoundsTooMuch(CrossHead):
    def many_pairs_bf16(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        exact = self.many_pairs(z_tf, z_gene)
        return lambda pairs: exact(pairs).round()


class Counts(CrossHead):
    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: PairShape) -> None:
        super().__init__(shape)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        self.calls += 1
        return super().forward(z_tf, z_gene, edge_label_index)


class MissesTheBias(DualHead):
    widths: ClassVar[tuple[str, ...]] = ()

    def __init__(self, shape: PairShape) -> None:
        super().__init__(shape, bias="per_node")

    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        return {"vectors": super().terms(z_tf, z_gene, edge_label_index)["vectors"]}


class UnknownGroup(DualHead):
    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        return {"likeness": self(z_tf, z_gene, edge_label_index)}


MUTANTS: dict[type[Head], str] = {
    WrongShape: r"shape \(35, 1\)",
    Squeezed: "one pair",
    BatchDependent: "other pairs of the batch|one pair",
    OrderDependent: "order of the pairs",
    ForgetsTheBias: "score_all.*other values",
    IgnoresTheIndex: r"score_all of TFs \[3, 0, 3\].*other values",
    WithoutGradient: "score_all.*cut off the gradient",
    OtherGradient: "score_all.*other gradients",
    DropsTheLastBlock: "score_all.*in blocks of",
    Counts: "changes the state",
    VectorsWithoutBias: "product of retrieval_vectors is not score_all",
    VectorsOfOneEnd: "retrieval_vectors have the shapes",
    RoundsTooMuch: "many_pairs_bf16 differs from forward",
    MissesTheBias: "terms do not add up",
    UnknownGroup: "likeness.*not in",
    Probability: "score_all.*other values",  # score_all still gives logits
}


@pytest.mark.parametrize(
    ("mutant", "broken"), MUTANTS.items(), ids=lambda item: getattr(item, "__name__", "")
)
def test_a_broken_promise_is_caught(mutant: type[Head], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_head(mutant)


def test_a_child_of_the_dual_head_that_writes_score_all_is_scored_by_it() -> None:
    """All pairs of a run go through `all_pairs`, which the dual head writes itself."""
    torch.manual_seed(0)
    head, (z_tf, z_gene) = IgnoresTheIndex(PairShape(4, 4, 4, 3, 5)), torch.randn(2, 5, 4)
    some = torch.tensor([2, 0])
    assert torch.equal(head.all_pairs(z_tf, z_gene)(some), head.score_all(z_tf, z_gene, some))


def test_a_child_of_the_dual_head_that_writes_forward_is_scored_by_it() -> None:
    torch.manual_seed(0)
    head, (z_tf, z_gene) = OrderDependent(PairShape(4, 4, 4, 3, 5)), torch.randn(2, 5, 4)
    pairs = torch.tensor([[2, 0], [1, 4]])
    assert torch.equal(head.many_pairs(z_tf, z_gene)(pairs), head(z_tf[pairs[0]], z_gene[pairs[1]], pairs))


def test_a_child_that_writes_forward_or_score_all_has_no_vectors_of_its_parent() -> None:
    """They would retrieve by another score than the one that the head gives."""
    z_tf, z_gene = torch.randn(2, 5, 4)
    for child in (OrderDependent, IgnoresTheIndex):
        assert child(PairShape(4, 4, 4, 5, 5)).retrieval_vectors(z_tf, z_gene) is None
    assert DualHead(PairShape(4, 4, 4, 5, 5)).retrieval_vectors(z_tf, z_gene) is not None
