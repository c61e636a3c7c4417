"""On labels without any rule no method scores: what it scores there, the evaluation has told it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grnpyg.models.baselines import Baseline, baselines
from grnpyg.models.predictor import build_model
from grnpyg.models.scorer import TrainedModel
from grnpyg.resolve import make_config
from grnpyg.testing import check_on_noise
from grnpyg.testing.noise import Noise, ensure_nothing, noise, on_noise
from grnpyg.training.fit import fit

EPOCHS = {"epochs": 3}  # enough to find what is there, and to keep this fast
LONG = ("expression_random_forest", "expression_gradient_boosting")


@cache
def label_sets() -> list[Noise]:
    return [noise(seed) for seed in range(3)]


def options(name: str) -> dict[str, Any]:
    return EPOCHS if "epochs" in baselines.defaults(name) else {}


def is_closed_form(name: str) -> bool:
    return not options(name) and name not in LONG


HONEST = [name for name in baselines.names() if not baselines.get(name).sees_held_out]


@pytest.mark.parametrize(
    "name", [name if is_closed_form(name) else pytest.param(name, marks=pytest.mark.slow) for name in HONEST]
)
def test_no_baseline_scores_on_noise(name: str) -> None:
    check_on_noise(name, label_sets()[: 2 if name in LONG else 3], **options(name))


def test_what_sees_held_out_edges_is_found_out() -> None:
    """The test can fail."""
    cheats = [name for name in baselines.names() if baselines.get(name).sees_held_out]
    assert cheats
    for name in cheats:
        with pytest.raises(AssertionError, match="on random labels"):
            check_on_noise(name, label_sets())


MODELS: dict[str, dict[str, Any]] = {
    "lookup + dual": {"encoder": {"name": "lookup", "embedding_dim": 16}},
    "sage + dual + structure": {
        "encoder": {"name": "sage", "hidden_channels": 16, "inputs": "id"},
        "structure": {"hidden_channels": 16},
        "training": {"disjoint_train_ratio": 0.25},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_no_kind_of_model_scores_on_noise(name: str, tmp_path: Path) -> None:
    """A lookup model reached .585 per TF on random labels while its negatives spared held-out edges."""
    values = MODELS[name]
    training = {"max_epochs": 4, "batch_size": 512, "lr": 0.01, "keep": "last", **values.get("training", {})}
    config = make_config(
        {
            **values,
            "head": {"name": "dual", "hidden_channels": 16, "out_channels": 16, "temperature": 0.2},
            "evaluation": {"negatives": ["uniform", "same_tf"]},
            "training": training,
        }
    )

    def trained(one: Noise) -> TrainedModel:
        model = build_model(one.split.graph, config.encoder, config.head, 0, config.structure_options)
        fit(model, one.split, one.evaluation, config, tmp_path / f"{id(one)}", device="cpu")
        return TrainedModel(model, one.split.graph)

    ensure_nothing(on_noise(trained, label_sets()))


def additive(one: Noise) -> Baseline:
    baseline = baselines.build("additive")
    baseline.fit(one.split, one.pairs)
    return baseline


def test_negatives_that_spare_held_out_edges_tell_where_these_are() -> None:
    """On a dense label set the additive method had a per-TF AUROC of .805, and .566 once draws were blind.

    Of a gene's pairs that are no training edges, those that are never negatives are its held-out edges: a
    gene with few negatives for its edges has many of them. A method that counts both ranks it high.
    """
    per_tf = {}
    for sparing in (True, False):
        dense = [noise(seed, density=0.3, tfs=6, genes=600, ratio=1.8, sparing=sparing) for seed in range(3)]
        per_tf[sparing] = on_noise(additive, dense).auroc["per_tf"]
    assert per_tf[True] > 0.58
    assert abs(per_tf[False] - 0.5) < 0.03
