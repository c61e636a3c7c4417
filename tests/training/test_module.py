"""What decides when training stops, which weights are kept, and that the short cuts change nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.models.predictor import build_model
from grnpyg.runs import Run
from grnpyg.training import sparse_module
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
SATURATED = {
    "head": {
        "name": "dual",
        "hidden_channels": 16,
        "out_channels": 8,
        "similarity": "dot",
        "temperature": 0.0001,
    },
    "loss": "squared_error",
    "max_epochs": 6,
    "patience": 6,
    "lr": 0.01,
}


def _train(config: ExperimentConfig, runs: Path) -> Run:
    return train(config, TrainOptions(runs))


def test_pairs_without_gradient_may_be_skipped(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saturated model: backward over the pairs that have a gradient gives what backward over all gives."""
    shares = []
    original = sparse_module.SparseLinkPredictionModule.training_step

    def watched(self: sparse_module.SparseLinkPredictionModule, batch: object, batch_idx: int) -> None:
        original(self, batch, batch_idx)  # type: ignore[arg-type]
        shares.append(self._active)

    monkeypatch.setattr(sparse_module.SparseLinkPredictionModule, "training_step", watched)
    config = experiment(**SATURATED)
    skipped = _train(config, tmp_path / "skipped")
    assert min(shares) < sparse_module.WORTH_SKIPPING, "the model is not saturated: the test tests nothing"
    monkeypatch.setattr(sparse_module, "WORTH_SKIPPING", 0.0)
    plain = _train(config, tmp_path / "plain")
    losses = [run.epochs["loss"] for run in (skipped, plain)]
    assert losses[0].to_numpy() == pytest.approx(losses[1].to_numpy(), rel=1e-3)


def test_dropout_and_messages_rule_skipping_out(experiment: Experiment) -> None:
    from grnpyg.testing import small_graph

    graph = small_graph()
    for dropout, expected in ((0.0, True), (0.2, False)):
        head = {"name": "dual", "hidden_channels": 4, "out_channels": 4, "dropout": dropout}
        model = build_model(graph, {"name": "lookup", "embedding_dim": 4}, head, 0)
        assert sparse_module.separable(model) is expected
    model.encoder.uses_messages = True  # type: ignore[misc]
    assert not sparse_module.separable(model)


def test_it_stops_at_checks_only(experiment: Experiment, tmp_path: Path) -> None:
    """Checks at epochs 1, 6, 11, ...: with patience 1 it ends at one of them, never between."""
    values = {"max_epochs": 40, "patience": 1, "lr": 0.05}
    config = experiment(**values)
    config = config.model_copy(update={"training": config.training.model_copy(update={"check_every": 5})})
    run = _train(config, tmp_path)
    epochs = run.manifest.epochs
    assert epochs < 40
    assert epochs % 5 == 1
    history = run.epochs["val_ap"]
    checks = history[::5].to_list()
    assert checks[-1] <= max(checks[:-1])
    assert all(b > max(checks[: i + 1]) for i, b in enumerate(checks[1:-1]))


def test_the_kept_weights_are_the_best_or_the_last(experiment: Experiment, tmp_path: Path) -> None:
    """The two runs are the same training; each shows the other's weights as a row of its own."""
    runs = {}
    for keep in ("best", "last"):
        config = experiment(max_epochs=10, patience=10, lr=0.05)
        training = config.training.model_copy(update={"keep": keep, "monitor": "auroc"})
        runs[keep] = _train(config.model_copy(update={"training": training}), tmp_path)

    def value(keep: str, method: str, subset: str) -> float:
        table = runs[keep].metrics(subset, methods=[method])
        return float(table.loc[table["metric"] == "auroc", "value"].iloc[0])

    for subset in ("validation", "test"):
        assert value("best", "model", subset) == value("last", "model_best", subset)
        assert value("last", "model", subset) == value("best", "model_last", subset)
    history = runs["best"].epochs
    assert runs["best"].manifest.best_epoch == 1 + history["val_auroc"].idxmax()
    assert value("best", "model", "validation") == pytest.approx(history["val_auroc"].max(), abs=1e-6)
    assert value("last", "model", "validation") == pytest.approx(history["val_auroc"].iloc[-1], abs=1e-6)


def test_weight_decay_moves_every_row_so_nothing_is_sparse(experiment: Experiment, tmp_path: Path) -> None:
    config = experiment(max_epochs=2)
    decayed = config.training.model_copy(update={"weight_decay": 0.1})
    run = _train(config.model_copy(update={"training": decayed}), tmp_path)
    plain = _train(config, tmp_path)
    norms = [float(r.model.encoder.embedding["gene"].weight.detach().norm()) for r in (run, plain)]  # type: ignore[operator,union-attr,index]
    assert norms[0] < norms[1]


def test_a_split_seed_varies_the_training_alone(experiment: Experiment, tmp_path: Path) -> None:
    runs = [_train(experiment(max_epochs=1, seed=seed, split_seed=5), tmp_path) for seed in (1, 2)]
    assert len({str(run.manifest.split.evaluation_sha256) for run in runs}) == 1
    assert torch.equal(runs[0].split.positives["train"], runs[1].split.positives["train"])
    assert not torch.equal(*(next(iter(run.model.head.parameters())).detach() for run in runs))
