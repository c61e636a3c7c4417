"""Models with an output for each kind of training negatives, and the score that combines them."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import num_nodes
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.scorer import TrainedModel
from grnpyg.models.structure import TOP, combined
from grnpyg.negatives import evaluation_sets, negatives
from grnpyg.resolve import make_config
from grnpyg.runs.draws import model_pairs
from grnpyg.splits import LinkSplit, splits
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import perturbed

OUTPUTS = ("uniform", "same_tf", "degree_matched")
FEATURES = ("degree", "ease", "walks", "own_gene")
STRUCTURE: dict[str, Any] = {
    "features": FEATURES,
    "top_features": ("degree",),
    "outputs": OUTPUTS,
    "hidden_channels": 8,
    "dropout": 0.0,
}


def split_of() -> LinkSplit:
    return splits.build("transductive").split(small_graph(12, 60), 0)


def model_for(split: LinkSplit, **changed: Any) -> PairModel:
    model = build_model(split.graph, {"name": "none"}, {"name": "zero"}, 0, {**STRUCTURE, **changed})
    return perturbed(model)


def test_the_mixture_is_bayes_for_equal_shares_of_the_kinds() -> None:
    """Densities are made up; the odds against the mixture of negatives are computed from them directly."""
    positive, negative = torch.rand(50) + 0.1, torch.rand(50, 3) + 0.1
    logits = (positive.unsqueeze(1) / negative).log()
    m = (positive / negative.mean(dim=1)).log()
    expected = torch.log(2 * torch.sigmoid(m)) + logits[:, 0] / 10
    assert torch.allclose(combined(logits, OUTPUTS), expected, atol=1e-6)
    top = torch.randn(50)
    with_top = combined(torch.cat([logits, top.unsqueeze(1)], dim=1), (*OUTPUTS, TOP))
    assert torch.allclose(with_top, expected - logits[:, 0] / 10 + top / 10, atol=1e-6)


def test_pairs_that_every_output_is_sure_of_are_ordered_by_the_top() -> None:
    """Above a logit of 20 the mixture no longer counts: the surer pair comes second if its top is lower."""
    sure, surer = [20.0, 20.0, 20.0, 3.0], [40.0, 40.0, 40.0, 2.0]
    first, second = combined(torch.tensor([sure, surer]), (*OUTPUTS, TOP))
    assert first > second
    doubtful, likelier = combined(torch.tensor([[-4.0] * 3 + [3.0], [-2.0] * 3 + [2.0]]), (*OUTPUTS, TOP))
    assert likelier > doubtful
    assert math.isclose(float(combined(torch.zeros(1, 4), (*OUTPUTS, TOP))), 0.0, abs_tol=1e-6)


def test_every_path_to_a_score_agrees_for_every_output() -> None:
    split = split_of()
    model, pairs = model_for(split).eval(), some_pairs(split.graph)
    num_tfs, num_genes = num_nodes(split.graph)
    columns = [model(split.graph, pairs, torch.full((pairs.size(1),), k)) for k in range(len(model.outputs))]
    assert torch.equal(model(split.graph, pairs), combined(torch.stack(columns, dim=1), model.outputs))
    whole_model = TrainedModel(model, split.graph)
    outputs = whole_model.outputs()
    assert tuple(outputs) == model.outputs
    scorers = [whole_model, *outputs.values()]
    for scorer, column in zip(scorers, (model(split.graph, pairs), *columns), strict=True):
        whole = scorer.score_all(torch.arange(num_tfs), torch.arange(num_genes))
        scored = torch.from_numpy(scorer.score(pairs))
        assert torch.allclose(scored, torch.from_numpy(whole[pairs[0], pairs[1]]), atol=1e-5)
        known = split.positives["train"]
        other = ~torch.isin(pairs[0] * num_genes + pairs[1], known[0] * num_genes + known[1])
        assert torch.allclose(scored[other], column[other], atol=1e-5)


def test_the_second_reader_reads_its_own_features_alone() -> None:
    """The top's logit has no gradient in the other features, and one in its own."""
    split = split_of()
    term = model_for(split).structure
    assert term is not None
    values = term.values(split.graph, some_pairs(split.graph)).requires_grad_()
    term.values = lambda *_: values  # type: ignore[method-assign]
    (gradient,) = torch.autograd.grad(term(split.graph, Tensor())[:, -1].sum(), values)
    own = torch.zeros(values.size(1), dtype=torch.bool)
    own[term.top_columns] = True
    assert own.sum() == 2  # the degrees of both ends
    assert (gradient[:, own] != 0).any()
    assert (gradient[:, ~own] == 0).all()


def test_each_output_learns_from_all_positives_and_its_own_kind_of_negatives() -> None:
    split = split_of()
    config = make_config(
        {
            "encoder": "none",
            "head": "zero",
            "structure": STRUCTURE,
            "training": {"disjoint_train_ratio": 0.25},
            "negatives": {"ratio": 2},
        }
    )
    evaluation = {"uniform": evaluation_sets(split, negatives.build("uniform"), 1.0, 0)}
    sets = model_pairs(config, split, evaluation, epoch=3)
    assert len(sets) == len(OUTPUTS) + 1
    positives = split.positives["train"].size(1)
    for number, pairs in enumerate(sets):
        assert pairs.output is not None
        assert pairs.output.unique().tolist() == [number]
        assert pairs.positives.size(1) == positives
    per_tf = [torch.bincount(pairs.positives[0], minlength=12) for pairs in sets]
    of_negatives = [torch.bincount(pairs.negatives[0], minlength=12) for pairs in sets]
    assert (of_negatives[1] <= 2 * per_tf[1]).all()  # same TF
    assert (of_negatives[0] > 2 * per_tf[0]).any()  # uniform


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"structure": {**STRUCTURE, "outputs": ("same_tf", "uniform")}}, "ame uniform first"),
        ({"structure": {**STRUCTURE, "outputs": ("uniform", "unifrom")}}, "uniform"),
        ({"structure": {**STRUCTURE, "outputs": ("uniform", "uniform")}}, "once"),
        ({"structure": {**STRUCTURE, "outputs": ()}}, "structure.outputs"),
        ({"structure": {**STRUCTURE, "top_features": ("svd",)}}, "structure.top_features"),
        ({"structure": None, "training": {}}, "gives every pair the same score"),
        ({"structure": STRUCTURE, "head": "dual"}, "no vectors that the head dual could read"),
        ({"structure": STRUCTURE, "encoder": "lookup"}, "does not read the vectors of the encoder lookup"),
    ],
)
def test_what_does_not_fit_together_is_refused(values: dict[str, Any], says: str) -> None:
    base = {"encoder": "none", "head": "zero", "training": {"disjoint_train_ratio": 0.25}}
    with pytest.raises(InputError, match=says):
        make_config({**base, **values})
