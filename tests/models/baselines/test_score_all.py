from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import grnpyg.models.baselines.base
from grnpyg.models.baselines import NamespaceMatch
from grnpyg.splits import LabelledPairs, LinkSplit


class Recorded(NamespaceMatch):
    """Its score is 100 x TF + gene, and it counts the pairs that it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def score(self, edge_label_index: Tensor) -> np.ndarray:
        self.asked.append(edge_label_index.size(1))
        tf, gene = edge_label_index.numpy()
        return 100.0 * tf + gene


@pytest.mark.parametrize(
    ("block", "asked"),
    [(1 << 18, [15]), (15, [15]), (14, [10, 5]), (10, [10, 5]), (5, [5] * 3), (2, [5] * 3)],
)
def test_blocks_of_tfs_cover_the_product(
    block: int, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block holds at most so many pairs, but one TF at least."""
    monkeypatch.setattr(grnpyg.models.baselines.base, "BLOCK", block)
    model, tfs, genes = Recorded(), torch.tensor([4, 0, 2]), torch.tensor([9, 1, 1, 0, 7])
    table = model.score_all(tfs, genes)
    assert table.tolist() == [[100 * tf + gene for gene in genes.tolist()] for tf in tfs.tolist()]
    assert model.asked == asked


def test_no_tf_or_no_gene_gives_an_empty_table() -> None:
    none, some = torch.empty(0, dtype=torch.long), torch.arange(3)
    for tf_index, gene_index in ((none, some), (some, none), (none, none)):
        assert Recorded().score_all(tf_index, gene_index).shape == (tf_index.numel(), gene_index.numel())


def test_a_fitted_baseline_without_its_own_fast_path(split: LinkSplit) -> None:
    model = NamespaceMatch()
    model.fit(split, LabelledPairs.join(split.positives["train"], split.positives["train"][:, :0]))
    pairs = torch.cartesian_prod(torch.arange(6), torch.arange(20)).t()
    table = model.score_all(torch.arange(6), torch.arange(20))
    assert table.ravel().tolist() == model.score(pairs).tolist()
