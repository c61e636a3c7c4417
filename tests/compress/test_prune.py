"""Pruned runs: ordinary, repeatable, resumable, and what fine-tuning starts from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch

from grnpyg import experiment as experiment_module
from grnpyg.compress import finetune as finetune_module
from grnpyg.compress.curve import LEVELS, curve
from grnpyg.compress.prune import compact, prune
from grnpyg.compress.report import Reference, compression
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.files import sha256
from grnpyg.core.locks import locked
from grnpyg.evaluation.evaluate import EvalOptions, evaluate
from grnpyg.experiment import run_experiment
from grnpyg.models.pruned_widths import model_specs
from grnpyg.networks.predict import predict
from grnpyg.resolve import config_hash, prune_step
from grnpyg.runs import Run
from grnpyg.testing.rules import equal
from grnpyg.training.fit import FitResult
from grnpyg.training.moments import moments_of, set_moments
from grnpyg.training.optim.row_adam import RowAdam
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
QUICK = {"evaluation": {"negatives": ["uniform"], "baselines": ["degree_product", "additive"]}}
SAME = ("predictions.parquet", "model.safetensors", "split.safetensors", "graph.safetensors")


@pytest.fixture(scope="module")
def parent(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A trained run that also keeps what Adam remembers."""
    torch.set_num_threads(1)
    return train(
        experiment(max_epochs=3, **QUICK), TrainOptions(tmp_path_factory.mktemp("runs"), keep_optimizer=True)
    )


def content(run: Run) -> dict[str, str]:
    return {name: sha256(run.path / name) for name in SAME}


def test_a_pruned_run_is_an_ordinary_run(parent: Run, tmp_path: Path) -> None:
    before = content(parent)
    step = prune_step(ratio=0.5, what="all", finetune_epochs=2)
    pruned = prune(parent, step, TrainOptions(tmp_path))
    assert content(parent) == before
    assert pruned.path == tmp_path / config_hash(pruned.config)
    assert pruned.manifest.status == "complete"
    assert pruned.manifest.pruned_from.config_hash == config_hash(parent.config)
    assert (pruned.manifest.encoder["embedding_dim"], pruned.manifest.head["out_channels"]) == (8, 4)
    assert pruned.model.num_parameters()["total"] == pruned.manifest.parameters.total
    assert pruned.model.num_parameters()["total"] < 0.6 * parent.model.num_parameters()["total"]
    result = evaluate(pruned, "test", EvalOptions(resamples=0)).to_dict()
    figures = compression(pruned)
    assert result["regimes"]["uniform"]["auroc"] == pytest.approx(figures["auroc"])
    own = evaluate(parent, "test", EvalOptions(resamples=0)).to_dict()
    assert own["regimes"]["uniform"]["auroc"] == pytest.approx(figures["auroc_before"])
    for row, regimes in own["baselines"].items():  # the rows beside the model are the same
        assert result["baselines"][row]["uniform"]["auroc"] == regimes["uniform"]["auroc"]
    assert len(predict(pruned, top=7)) == 7
    again = prune(pruned, prune_step(ratio=0.5, what="all"), TrainOptions(tmp_path))
    assert again.manifest.encoder["embedding_dim"] == 4
    assert again.config.prune == (step, prune_step(ratio=0.5, what="all"))
    assert model_specs(Run.load(again.path).config)[1]["hidden_channels"] == 4
    assert again.model.score(again.graph, again.split.positives["test"]).isfinite().all()


def test_nothing_removed_scores_the_same(parent: Run, tmp_path: Path) -> None:
    for what in ("hidden", "embedding", "all"):
        pruned = prune(parent, prune_step(ratio=0.0, what=what), TrainOptions(tmp_path))
        assert pruned.predictions.equals(parent.predictions)
        figures = compression(pruned)
        assert figures["retention_auroc"] == 1
        assert figures["parameters"] == figures["parameters_before"]
        assert figures["score_spearman"] == pytest.approx(1)
        assert figures["per_tf_auroc"] == pytest.approx(
            evaluate(parent, "test", EvalOptions(ranking=True, resamples=0))
            .subsets["test"]
            .ranking.metrics["model"]["per_tf_auroc"]
        )


def test_the_figures_are_those_of_the_models(parent: Run, tmp_path: Path) -> None:
    figures = compression(prune(parent, prune_step(ratio=0.75, what="all"), TrainOptions(tmp_path)))
    # two towers 16 -> 16 -> 8, and 4 -> 4 -> 2 after it; 25 TFs and 150 genes have vectors
    assert figures["macs_per_pair_before"] == 2 * (16 * 16 + 16 * 8)
    assert figures["macs_per_pair"] == 2 * (4 * 4 + 4 * 2)
    graph = parent.graph
    nodes = graph["tf"].num_nodes + graph["gene"].num_nodes
    assert figures["embedding_parameters_before"] == 16 * nodes
    assert figures["embedding_parameters"] == 4 * nodes
    assert figures["parameters"] == 4 * nodes + 2 * (4 * 4 + 4 + 4 * 2 + 2)
    assert figures["weight_bytes"] == 4 * figures["parameters"]
    assert figures["latency_ratio"] > 0


def test_the_same_step_gives_the_same_bits_and_is_done_once(parent: Run, tmp_path: Path) -> None:
    step = prune_step(ratio=0.4, importance="random", finetune_epochs=2)
    first, second = (prune(parent, step, TrainOptions(tmp_path / name)) for name in "ab")
    assert content(first) == content(second)
    again = prune(parent, step, TrainOptions(tmp_path / "a"))
    assert again.reused
    assert not prune(parent, step, TrainOptions(tmp_path / "a", overwrite=True)).reused


def test_a_config_alone_leads_to_the_same_run(parent: Run, tmp_path: Path) -> None:
    pruned = prune(
        parent, prune_step(ratio=0.4, finetune_epochs=1, optimizer="carried"), TrainOptions(tmp_path)
    )
    alone = run_experiment(pruned.config, TrainOptions(tmp_path / "elsewhere"))
    assert content(alone) == content(pruned)
    assert (tmp_path / "elsewhere" / config_hash(parent.config)).is_dir()
    assert run_experiment(pruned.config, TrainOptions(tmp_path / "elsewhere")).reused


def test_fine_tuning_that_was_cut_off_goes_on_to_the_same_bits(
    parent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = prune_step(ratio=0.4, finetune_epochs=4, optimizer="carried")
    whole = prune(parent, step, TrainOptions(tmp_path / "whole"))

    class Stop(pl.Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            if trainer.current_epoch == 2:
                raise KeyboardInterrupt

    real = finetune_module.fit
    monkeypatch.setattr(finetune_module, "fit", lambda *a, **kw: real(*a, **kw, callbacks=[Stop()]))
    with pytest.raises(GrnpygError, match=r"interrupted after epoch \d of fine-tuning"):
        prune(parent, step, TrainOptions(tmp_path / "cut"))
    assert not (tmp_path / "cut" / whole.path.name).exists()
    monkeypatch.setattr(finetune_module, "fit", real)
    assert content(prune(parent, step, TrainOptions(tmp_path / "cut"))) == content(whole)
    assert [path.name for path in (tmp_path / "cut").iterdir()] == [whole.path.name]


def test_the_start_of_the_optimiser_is_what_it_says(experiment: Experiment, tmp_path: Path) -> None:
    """Carried: Adam counts on from the training's steps; fresh and warmed up: from the first."""
    head = {"name": "dual", "hidden_channels": 8, "out_channels": 8}
    config = experiment(max_epochs=3, head=head, **QUICK)
    last = config.training.model_copy(update={"keep": "last"})
    keep = TrainOptions(tmp_path, keep_optimizer=True)
    run = train(config.model_copy(update={"training": last}), keep)
    batches = math.ceil(2 * run.split.positives["train"].size(1) / 64)
    losses = {}
    for start, epochs in (("fresh", 0), ("warm_up", 0), ("carried", 3)):
        step = prune_step(ratio=0.4, what="all", finetune_epochs=1, optimizer=start)
        tuned = prune(run, step, keep)
        assert tuned.moments is not None
        steps = {float(t) for key, t in tuned.moments.items() if key.startswith("step/")}
        assert steps == {float((epochs + 1) * batches)}
        losses[start] = tuned.epochs["loss"].iloc[0]
    assert len(set(losses.values())) == 3


def test_moments_go_on_to_the_same_bits() -> None:
    """Adam over two parameters, one a table by row: cut in two and handed over by name, or in one go."""

    def made() -> tuple[torch.nn.ModuleDict, list[torch.optim.Optimizer]]:
        torch.manual_seed(0)
        table = torch.nn.Embedding(6, 3, sparse=True)
        model = torch.nn.ModuleDict({"table": table, "linear": torch.nn.Linear(3, 1)})
        adam = torch.optim.Adam(model["linear"].parameters(), lr=0.01, fused=True)
        return model, [adam, RowAdam([table], lr=0.01)]

    def steps(model: torch.nn.ModuleDict, optimizers: list[torch.optim.Optimizer], rows: list[int]) -> None:
        for row in rows:
            model.zero_grad()
            model["linear"](model["table"](torch.tensor([row, 5]))).square().sum().backward()
            for optimizer in optimizers:
                optimizer.step()
            optimizers[1].flush()  # type: ignore[attr-defined]

    whole, optimizers = made()
    steps(whole, optimizers, [0, 1, 2, 0, 3, 4])
    first, before = made()
    steps(first, before, [0, 1, 2])
    second, after = made()
    second.load_state_dict(first.state_dict())
    set_moments(second, after, moments_of(first, before))
    steps(second, after, [0, 3, 4])
    assert equal(second.state_dict(), whole.state_dict())
    assert equal(moments_of(second, after), moments_of(whole, optimizers))


def test_moments_follow_a_chain_of_steps(parent: Run, tmp_path: Path) -> None:
    keep = TrainOptions(tmp_path, keep_optimizer=True)
    first = prune(parent, prune_step(ratio=0.5, what="all"), keep)
    assert first.moments is not None
    assert first.moments["exp_avg/encoder.embedding.tf.weight"].shape == (25, 8)
    second = prune(
        first, prune_step(ratio=0.5, finetune_epochs=1, optimizer="carried"), TrainOptions(tmp_path)
    )
    assert second.manifest.epochs == 1
    # from the config alone, in another folder, the base is trained with its moments
    alone = run_experiment(second.config, TrainOptions(tmp_path / "elsewhere"))
    assert content(alone) == content(second)


def test_a_parent_that_kept_nothing_is_trained_again(experiment: Experiment, tmp_path: Path) -> None:
    config = experiment(max_epochs=2, **QUICK)
    plain = train(config, TrainOptions(tmp_path))
    step = prune_step(ratio=0.5, finetune_epochs=1, optimizer="carried")
    run = run_experiment(config.model_copy(update={"prune": (step,)}), TrainOptions(tmp_path))
    assert run.manifest.pruned_from.weights_sha256 == plain.manifest.files["model.safetensors"]
    assert Run.load(plain.path).moments is not None


def test_an_interrupted_parent_is_not_pruned_as_if_it_were_whole(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = experiment(max_epochs=2, **QUICK)
    pruned = config.model_copy(update={"prune": (prune_step(ratio=0.5),)})
    real = experiment_module.train

    def interrupted(*arguments: Any, **options: Any) -> Run:
        run = real(*arguments, **options)
        return replace(run, manifest=run.manifest.model_copy(update={"status": "interrupted"}))

    monkeypatch.setattr(experiment_module, "train", interrupted)
    assert run_experiment(pruned, TrainOptions(tmp_path)).config.prune == ()
    assert not (tmp_path / config_hash(pruned)).exists()
    monkeypatch.setattr(experiment_module, "train", real)
    with pytest.raises(InputError, match="the config has pruning steps"):
        train(pruned, TrainOptions(tmp_path))


def test_fine_tuning_of_another_parent_is_not_gone_on_with(
    parent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = prune_step(ratio=0.4, finetune_epochs=3)
    real = finetune_module.fit

    class Stop(pl.Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            if trainer.current_epoch == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(finetune_module, "fit", lambda *a, **kw: real(*a, **kw, callbacks=[Stop()]))
    with pytest.raises(GrnpygError, match="interrupted"):
        prune(parent, step, TrainOptions(tmp_path))
    monkeypatch.setattr(finetune_module, "fit", real)
    files = {**parent.manifest.files, "model.safetensors": "0" * 64}
    other = replace(parent, manifest=parent.manifest.model_copy(update={"files": files}))
    with pytest.raises(InputError, match="its weights changed since the run was interrupted"):
        prune(other, step, TrainOptions(tmp_path))
    assert prune(other, step, TrainOptions(tmp_path, overwrite=True)).manifest.epochs == 3


def test_the_best_weights_may_be_those_before_fine_tuning(
    parent: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that a huge learning rate has thrown about, and a validation that says so."""
    real = finetune_module.fit

    def worse(*arguments: Any, **options: Any) -> FitResult:
        result = real(*arguments, **options)
        return replace(result, epochs=[{**row, "val_ap": 0.0} for row in result.epochs])

    monkeypatch.setattr(finetune_module, "fit", worse)
    tuned = prune(parent, prune_step(ratio=0.0, finetune_epochs=1, finetune_lr=50.0), TrainOptions(tmp_path))
    assert tuned.manifest.best_epoch == 0
    assert tuned.predictions.equals(parent.predictions)


def test_what_stands_in_the_way(parent: Run, experiment: Experiment, tmp_path: Path) -> None:
    plain = train(experiment(max_epochs=1, **QUICK), TrainOptions(tmp_path))
    with pytest.raises(InputError, match=r"does not hold the moments.*--keep-optimizer"):
        prune(plain, prune_step(ratio=0.2, finetune_epochs=1, optimizer="carried"), TrainOptions(tmp_path))
    writing = locked(parent.path.parent / ".partial" / parent.path.name)
    with writing, pytest.raises(InputError, match="another process is writing this run"):
        prune(parent, prune_step(ratio=0.2), TrainOptions(tmp_path))
    for ratio in (-0.1, 1.0, float("nan")):
        with pytest.raises(InputError, match="is not a share from 0 to below 1"):
            prune_step(ratio=ratio)
    done = prune(plain, prune_step(ratio=0.2), TrainOptions(tmp_path / "other"))
    files = {**plain.manifest.files, "model.safetensors": "0" * 64}
    other = replace(plain, manifest=plain.manifest.model_copy(update={"files": files}))
    with pytest.raises(InputError, match="was pruned from other weights"):
        prune(other, prune_step(ratio=0.2), TrainOptions(tmp_path / "other"))
    assert Run.load(done.path).manifest == done.manifest
    assert not (tmp_path / ".partial").exists()


def test_a_curve_has_every_level_and_goes_on_where_it_was(parent: Run, tmp_path: Path) -> None:
    step = prune_step(ratio=0.0, finetune_epochs=1)
    steps = curve(parent, step, TrainOptions(tmp_path))
    first = [next(steps) for _ in range(3)]
    steps.close()
    said: list[str] = []
    rows = list(curve(parent, step, TrainOptions(tmp_path), say=said.append))
    assert [(level.ratio, level.finetune_epochs) for level in rows] == [
        (x, e) for x in LEVELS for e in (0, 1)
    ]
    assert rows[:3] == first
    assert sum("already pruned" in line for line in said) == 3
    parameters = [level.figures["parameters"] for level in rows]
    assert parameters == sorted(parameters, reverse=True)
    assert rows[0].figures["retention_auroc"] == 1
    again = prune(Reference(parent), step.model_copy(update={"ratio": 0.6}), TrainOptions(tmp_path))
    assert again.reused  # the curve's runs are the ones that single steps make


def test_units_that_do_nothing_go_first(parent: Run, tmp_path: Path) -> None:
    """A planted model: eight units that matter, eight that do nothing."""
    model = parent.model
    with torch.no_grad():
        for kind in ("tf", "gene"):
            model.head.tower[kind][0].weight[8:] = 0
            model.head.tower[kind][0].bias[8:] = 0.001
            model.head.tower[kind][3].weight[:, 8:] = 0
    index = parent.evaluation["uniform"]["test"].edge_label_index
    whole = model.score(parent.split.graph, index)
    config = parent.config
    for importance in ("activation_variance", "magnitude", "taylor"):
        step = prune_step(ratio=0.5, importance=importance)
        small, selections = compact(Reference(parent), config.model_copy(update={"prune": (step,)}))
        kept = [selection.kept.tolist() for selection in selections]
        if importance in (
            "random",
            "frequency_norm",
        ):  # idle units are always active, which the paper's counts
            continue
        assert kept == [list(range(8))] * 2
        assert np.allclose(small.score(parent.split.graph, index), whole, atol=1e-5)
    del parent.__dict__["model"]  # the fixture's model as it was
