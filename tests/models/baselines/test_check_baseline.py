"""check_baseline is checked: each baseline here breaks one promise and must be caught for it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import TF, num_nodes
from grnpyg.models.baselines import DegreeProduct, Oracle, Pearson
from grnpyg.splits import LinkSplit
from grnpyg.testing import check_baseline, small_graph


class Transposed(DegreeProduct):
    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Any:
        return super().score_all(tf_index, gene_index).T


class IgnoresTheIndex(DegreeProduct):
    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Any:
        return super().score_all(torch.arange(tf_index.numel()), gene_index)


class OtherScale(DegreeProduct):
    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Any:
        return super().score_all(tf_index, gene_index) + 1


class DrawsGlobally(DegreeProduct):
    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Any:
        np.random.rand()  # noqa: NPY002
        return super().score_all(tf_index, gene_index)


class SecretOracle(Oracle):
    sees_held_out: ClassVar[bool] = False


class OwnsUpButIsWrong(DegreeProduct):
    """The flag is no way round the rule about held-out edges."""

    sees_held_out: ClassVar[bool] = True

    def fit(self, split: LinkSplit, pairs: Any) -> None:
        super().fit(split, pairs)
        self.tf += np.bincount(split.known[0].numpy(), minlength=self.tf.size)


class DoesWithout(Pearson):
    def fit(self, split: LinkSplit, pairs: Any) -> None:
        self.table = np.zeros(num_nodes(split.graph))


MUTANTS = {
    Transposed: "score_all of .* has shape",
    IgnoresTheIndex: "score_all and score differ",
    OtherScale: "score_all and score differ",
    DrawsGlobally: "score_all moves the global generator of numpy",
    SecretOracle: "depend on held-out edges",
    OwnsUpButIsWrong: "does not score above every other pair",
    DoesWithout: "without pearson in the graph, fit raises no InputError",
}


@pytest.mark.parametrize(
    ("mutant", "broken"), MUTANTS.items(), ids=lambda item: getattr(item, "__name__", "")
)
def test_a_broken_promise_is_caught(mutant: type[Any], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_baseline(mutant)


def test_a_graph_of_ones_own_brings_its_correlations() -> None:
    data = small_graph(9, 12, seed=3)
    with pytest.raises(InputError, match="no pearson correlations"):
        check_baseline("pearson", data)
    data[TF].pearson = torch.linspace(-1, 1, 108).reshape(9, 12)
    check_baseline("pearson", data)
