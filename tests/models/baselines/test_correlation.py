from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grnpyg.core.errors import InputError
from grnpyg.data.graph import TF, num_nodes
from grnpyg.models.baselines import Baseline, Pearson, Spearman, needed_coexpression
from grnpyg.splits import LabelledPairs, LinkSplit

both = pytest.mark.parametrize(("baseline", "kind"), [(Pearson, "pearson"), (Spearman, "spearman")])


@pytest.fixture
def pairs(split: LinkSplit) -> LabelledPairs:
    return LabelledPairs.join(split.positives["train"], split.positives["train"][:, :0])


@both
def test_the_score_is_the_size_of_the_stored_correlation(
    baseline: type[Baseline], kind: str, split: LinkSplit, pairs: LabelledPairs
) -> None:
    stored = torch.zeros(num_nodes(split.graph))
    stored[0, 1], stored[2, 3], stored[5, 19] = -0.75, 0.5, 1.0
    split.graph[TF][kind] = stored
    model = baseline()
    model.fit(split, pairs)
    assert model.score(torch.tensor([[0, 2, 5, 1], [1, 3, 19, 0]])).tolist() == [0.75, 0.5, 1.0, 0.0]
    assert model.score_all(torch.tensor([2, 0]), torch.tensor([3, 1])).tolist() == [[0.5, 0.0], [0.0, 0.75]]
    assert np.shares_memory(model.table, stored.numpy())  # no second table
    assert stored[0, 1] == -0.75
    table = np.abs(stored.numpy().astype(np.float64))
    everything = model.score_all(*map(torch.arange, table.shape))
    np.testing.assert_array_equal(everything, table, strict=True)


@both
def test_labels_make_no_difference(
    baseline: type[Baseline], kind: str, split: LinkSplit, pairs: LabelledPairs
) -> None:
    split.graph[TF][kind] = torch.linspace(-1, 1, 120).reshape(6, 20)
    first, second = baseline(), baseline()
    first.fit(split, pairs)
    blind = {part: edges[:, :1] for part, edges in split.positives.items()}
    second.fit(replace(split, positives=blind), LabelledPairs.join(*[pairs.positives[:, :1]] * 2))
    everything = torch.arange(6), torch.arange(20)
    assert np.array_equal(first.score_all(*everything), second.score_all(*everything))


@both
def test_without_correlations_it_says_what_to_do(
    baseline: type[Baseline], kind: str, split: LinkSplit, pairs: LabelledPairs
) -> None:
    with pytest.raises(InputError, match=rf"no {kind} correlations.*data\.expression.*'{kind}'"):
        baseline().fit(split, pairs)


def test_what_a_list_of_baselines_needs() -> None:
    assert needed_coexpression(["degree_product", "additive"]) == ()
    assert needed_coexpression(["spearman", "random", "pearson", "spearman"]) == ("pearson", "spearman")
