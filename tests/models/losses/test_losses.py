"""The losses against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.models.losses import (
    BPR,
    BinaryCrossEntropy,
    DegreeDebiased,
    EpochPairs,
    Focal,
    InfoNCE,
    Listwise,
    Margin,
    SquaredError,
    TwoWayInfoNCE,
    losses,
)

LOGITS, LABEL = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 0.0, 1.0])
PAIRS = torch.tensor([[0, 0, 1], [0, 1, 1]])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def gradient(loss: object, logits: Tensor, label: Tensor) -> Tensor:
    leaf = logits.clone().requires_grad_()
    return torch.autograd.grad(loss(leaf, label, PAIRS[:, : len(leaf)]), leaf)[0]  # type: ignore[operator]


def test_binary_cross_entropy() -> None:
    expected = -(math.log(sigmoid(2)) + math.log(1 - sigmoid(-1)) + math.log(sigmoid(0.5))) / 3
    assert float(BinaryCrossEntropy()(LOGITS, LABEL, PAIRS)) == pytest.approx(expected)


def test_squared_error_and_its_vanishing_gradient() -> None:
    p = [sigmoid(x) for x in (2, -1, 0.5)]
    expected = ((p[0] - 1) ** 2 + p[1] ** 2 + (p[2] - 1) ** 2) / 6
    assert float(SquaredError()(LOGITS, LABEL, PAIRS)) == pytest.approx(expected)
    by_hand = [(q - y) * q * (1 - q) / 3 for q, y in zip(p, (1, 0, 1), strict=True)]
    assert gradient(SquaredError(), LOGITS, LABEL).tolist() == pytest.approx(by_hand)
    wrong = torch.tensor([-200.0, 40.0])  # saturated on the wrong side: never learned from again
    assert not gradient(SquaredError(), wrong, torch.tensor([1.0, 0.0])).any()


def test_focal() -> None:
    p = [sigmoid(2), 1 - sigmoid(-1), sigmoid(0.5)]
    expected = -sum((1 - q) ** 2 * math.log(q) for q in p) / 3
    assert float(Focal(gamma=2)(LOGITS, LABEL, PAIRS)) == pytest.approx(expected)
    plain = F.binary_cross_entropy_with_logits(LOGITS, LABEL)
    assert float(Focal(gamma=0)(LOGITS, LABEL, PAIRS)) == pytest.approx(float(plain))


def test_info_nce_has_the_batch_as_its_negatives() -> None:
    def of(positive: float) -> float:
        return -math.log(math.exp(positive) / (math.exp(positive) + math.exp(-1)))

    assert float(InfoNCE()(LOGITS, LABEL, PAIRS)) == pytest.approx((of(2) + of(0.5)) / 2)


def test_margin() -> None:
    assert float(Margin(margin=2.0)(LOGITS, LABEL, PAIRS)) == pytest.approx((0 + 0.5) / 2)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_bpr_compares_pairs_of_one_tf() -> None:
    """TF 0 has the positive 2 and the negative -1; the positive of TF 1 has no negative to be above of."""
    assert float(BPR()(LOGITS, LABEL, PAIRS)) == pytest.approx(softplus(-1 - 2))


def test_listwise_counts_every_tf_alike() -> None:
    """Two positives of TF 0 and one of TF 1, each against the one negative of its TF."""
    logits = torch.tensor([2.0, 1.0, -1.0, 0.5, 0.0])
    label = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0])
    pairs = torch.tensor([[0, 0, 0, 1, 1], [0, 1, 2, 0, 1]])
    first = (softplus(-1 - 2) + softplus(-1 - 1)) / 2
    assert float(Listwise()(logits, label, pairs)) == pytest.approx((first + softplus(0 - 0.5)) / 2)


def test_two_way_info_nce_looks_along_rows_and_columns() -> None:
    """The positive of TF 0 has a negative of its TF, that of TF 1 one of its gene."""
    loss = TwoWayInfoNCE(corrected=False)
    assert float(loss(LOGITS, LABEL, PAIRS)) == pytest.approx((softplus(-1 - 2) + softplus(-1 - 0.5)) / 2)


def test_the_correction_estimates_the_sum_over_all_genes() -> None:
    """Genes drawn by a sampler that prefers some: the corrected sum is that over every gene, on average."""
    generator = torch.Generator().manual_seed(0)
    genes, draws = 50, 20_000
    logits_of = torch.randn(genes, generator=generator)
    share = torch.rand(genes, generator=generator) ** 2 + 0.01
    drawn = torch.multinomial(share, draws, replacement=True, generator=generator)
    index = torch.stack([torch.zeros_like(drawn), drawn])
    loss = TwoWayInfoNCE(in_batch=0)
    loss.begin(EpochPairs(index[:, :0], index, torch.zeros(draws), 1, genes))
    pairs = torch.cat([torch.tensor([[0], [0]]), index], dim=1)
    logits = torch.cat([torch.zeros(1), logits_of[drawn]])
    label = torch.cat([torch.ones(1), torch.zeros(draws)])
    of_tf = loss._one_way(logits, label, pairs, 0)
    expected = torch.logaddexp(torch.zeros(()), logits_of.logsumexp(0))
    assert float(of_tf) == pytest.approx(float(expected), abs=0.02)
    loss.corrected = False
    assert float(loss._one_way(logits, label, pairs, 0)) > float(expected) + 1


def test_degree_is_given_in_training_and_not_in_the_score() -> None:
    edges = torch.tensor([[0, 0, 1], [0, 1, 1]])  # degrees of TFs 2 and 1, of genes 1 and 2
    loss = DegreeDebiased()
    loss.begin(EpochPairs(edges, PAIRS, LABEL, 2, 2))
    offset = torch.tensor([3.0 * 2, 3.0 * 3, 2.0 * 3]).log()
    expected = F.binary_cross_entropy_with_logits(LOGITS + offset - offset.mean(), LABEL)
    assert float(loss(LOGITS, LABEL, PAIRS)) == pytest.approx(float(expected))
    plain = DegreeDebiased(strength=0.0)
    plain.begin(EpochPairs(edges, PAIRS, LABEL, 2, 2))
    assert float(plain(LOGITS, LABEL, PAIRS)) == pytest.approx(
        float(F.binary_cross_entropy_with_logits(LOGITS, LABEL))
    )


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("loss", [InfoNCE(), Margin(), BPR(), Listwise(), TwoWayInfoNCE()])
def test_a_batch_of_one_class_gives_nothing_to_compare(loss: object, label: float) -> None:
    labels = torch.full((3,), label)
    assert float(loss(LOGITS, labels, PAIRS)) == 0  # type: ignore[operator]
    assert not gradient(loss, LOGITS, labels).any()


def test_bad_options_name_the_loss() -> None:
    with pytest.raises(InputError, match="loss focal"):
        losses.build("focal", gamma=-1)
    with pytest.raises(
        InputError, match="Known: bce, bpr, degree_debiased, focal, info_nce, listwise, margin"
    ):
        losses.build("hinge")
