"""The losses against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.models.losses import BinaryCrossEntropy, Focal, InfoNCE, Margin, SquaredError, losses

LOGITS, LABEL = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([1.0, 0.0, 1.0])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def gradient(loss: object, logits: Tensor, label: Tensor) -> Tensor:
    leaf = logits.clone().requires_grad_()
    return torch.autograd.grad(loss(leaf, label), leaf)[0]  # type: ignore[operator]


def test_binary_cross_entropy() -> None:
    expected = -(math.log(sigmoid(2)) + math.log(1 - sigmoid(-1)) + math.log(sigmoid(0.5))) / 3
    assert float(BinaryCrossEntropy()(LOGITS, LABEL)) == pytest.approx(expected)


def test_squared_error_and_its_vanishing_gradient() -> None:
    p = [sigmoid(x) for x in (2, -1, 0.5)]
    expected = ((p[0] - 1) ** 2 + p[1] ** 2 + (p[2] - 1) ** 2) / 6
    assert float(SquaredError()(LOGITS, LABEL)) == pytest.approx(expected)
    by_hand = [(q - y) * q * (1 - q) / 3 for q, y in zip(p, (1, 0, 1), strict=True)]
    assert gradient(SquaredError(), LOGITS, LABEL).tolist() == pytest.approx(by_hand)
    wrong = torch.tensor([-200.0, 40.0])  # saturated on the wrong side: never learned from again
    assert not gradient(SquaredError(), wrong, torch.tensor([1.0, 0.0])).any()


def test_focal() -> None:
    p = [sigmoid(2), 1 - sigmoid(-1), sigmoid(0.5)]
    expected = -sum((1 - q) ** 2 * math.log(q) for q in p) / 3
    assert float(Focal(gamma=2)(LOGITS, LABEL)) == pytest.approx(expected)
    plain = F.binary_cross_entropy_with_logits(LOGITS, LABEL)
    assert float(Focal(gamma=0)(LOGITS, LABEL)) == pytest.approx(float(plain))


def test_info_nce_has_the_batch_as_its_negatives() -> None:
    def of(positive: float) -> float:
        return -math.log(math.exp(positive) / (math.exp(positive) + math.exp(-1)))

    assert float(InfoNCE()(LOGITS, LABEL)) == pytest.approx((of(2) + of(0.5)) / 2)


def test_margin() -> None:
    assert float(Margin(margin=2.0)(LOGITS, LABEL)) == pytest.approx((0 + 0.5) / 2)


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("loss", [InfoNCE(), Margin()])
def test_a_batch_of_one_class_gives_nothing_to_compare(loss: object, label: float) -> None:
    labels = torch.full((3,), label)
    assert float(loss(LOGITS, labels)) == 0  # type: ignore[operator]
    assert not gradient(loss, LOGITS, labels).any()


def test_bad_options_name_the_loss() -> None:
    with pytest.raises(InputError, match="loss focal"):
        losses.build("focal", gamma=-1)
    with pytest.raises(InputError, match="Known: bce, focal, info_nce, margin, squared_error"):
        losses.build("hinge")
