"""Distillation: a pupil learns the scores of a teacher that knows no more than it may."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.launch import Launch
from grnpyg.evaluation.methods import model_of
from grnpyg.experiment import run_experiment
from grnpyg.resolve import config_hash, make_config, teacher_configs
from grnpyg.runs import Run
from grnpyg.training import TrainOptions, train
from grnpyg.training.teacher import kl, margin_mse

Experiment = Callable[..., ExperimentConfig]
CROSS = {"head": {"name": "cross", "hidden_channels": 16, "out_channels": 8}}


def taught(config: ExperimentConfig, **teacher: Any) -> ExperimentConfig:
    values = config.model_dump(mode="json")
    values["training"]["teacher"] = {"changes": CROSS, **teacher}
    return make_config(values)


def all_scores(run: Run) -> Any:
    tfs, genes = (torch.arange(run.graph[kind].num_nodes) for kind in ("tf", "gene"))
    return model_of(run, known_edges=False).score_all(tfs, genes)


def test_margins_are_those_of_every_positive_with_every_negative() -> None:
    generator = torch.Generator().manual_seed(0)
    scores, wanted = torch.randn(2, 9, generator=generator)
    label = torch.tensor([1.0, 0, 0, 1, 0, 1, 0, 0, 0])
    positive, negative = (np.flatnonzero(label == value) for value in (1, 0))
    off = scores - wanted
    expected = np.mean([float(off[p] - off[n]) ** 2 for p, n in product(positive, negative)])
    assert float(margin_mse(scores, wanted, label)) == pytest.approx(expected, rel=1e-5)
    assert float(margin_mse(scores, wanted, torch.ones(9))) == 0


def test_the_divergence_is_zero_at_the_teacher_and_above_it_elsewhere() -> None:
    wanted = torch.linspace(-4, 4, 9)
    assert float(kl(wanted, wanted)) == pytest.approx(0, abs=1e-6)
    assert float(kl(wanted + 0.5, wanted)) > 0.001


@pytest.mark.parametrize("loss", ["margin_mse", "kl"])
def test_a_pupil_comes_to_score_as_its_teacher_does(
    experiment: Experiment, tmp_path: Path, loss: str
) -> None:
    """The teacher is trained first, in the same folder; with weight 1 its scores are all that is learned."""
    plain = experiment(max_epochs=30, patience=30, lr=0.02)
    config = taught(plain, loss=loss, weight=1.0)
    pupil, alone = (run_experiment(some, TrainOptions(tmp_path)) for some in (config, plain))
    (teacher,) = teacher_configs(config)
    wanted = all_scores(Run.load(tmp_path / config_hash(teacher)))
    agreement = [spearmanr(all_scores(run).ravel(), wanted.ravel()).statistic for run in (pupil, alone)]
    assert agreement[0] > 0.6
    assert agreement[0] > agreement[1] + 0.1


def test_the_same_bits_again_and_no_teacher_needed_for_a_run_that_is_there(
    experiment: Experiment, tmp_path: Path
) -> None:
    config = taught(experiment(max_epochs=2), seeds=[1, 2])
    first = run_experiment(config, TrainOptions(tmp_path / "one"))
    second = run_experiment(config, TrainOptions(tmp_path / "two"))
    assert first.manifest.files["model.safetensors"] == second.manifest.files["model.safetensors"]
    teachers = [Run.load(tmp_path / "one" / config_hash(teacher)) for teacher in teacher_configs(config)]
    assert first.manifest.notes == tuple(
        f"taught by {run.path.name}, weights {run.manifest.files['model.safetensors']}" for run in teachers
    )
    assert len(list((tmp_path / "one").glob("*/manifest.json"))) == 3
    alone = tmp_path / "alone"
    alone.mkdir()
    first.path.rename(alone / first.path.name)
    assert run_experiment(config, TrainOptions(alone)).reused
    assert len(list(alone.glob("*/manifest.json"))) == 1


def test_without_its_teacher_nothing_is_trained(experiment: Experiment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the run of the teacher is not there"):
        train(taught(experiment(max_epochs=2)), TrainOptions(tmp_path))


def test_a_teacher_that_was_split_otherwise_may_know_what_is_held_out(
    experiment: Experiment, tmp_path: Path
) -> None:
    """A run under its hash that was made from another split: edges are compared, not names."""
    config = taught(experiment(max_epochs=2))
    (teacher,) = teacher_configs(config)
    other = train(teacher.model_copy(update={"seed": 99}), TrainOptions(tmp_path / "other"))
    (tmp_path / "runs").mkdir()
    other.path.rename(tmp_path / "runs" / config_hash(teacher))
    with pytest.raises(InputError, match="another split: it may know edges that are held out"):
        train(config, TrainOptions(tmp_path / "runs"))


def test_a_closed_form_gives_no_logits_to_learn(experiment: Experiment, tmp_path: Path) -> None:
    values = experiment(max_epochs=2).model_dump(mode="json")
    values["training"]["teacher"] = {"changes": {"baseline": "degree_product"}}
    with pytest.raises(InputError, match="degree_product, whose scores are no logits"):
        run_experiment(make_config(values), TrainOptions(tmp_path))


def test_several_processes_are_refused_before_a_teacher_is_trained(
    experiment: Experiment, tmp_path: Path
) -> None:
    ranks: Any = SimpleNamespace(launch=Launch("torchrun", 0, 2, 1, 2), first=True)
    with pytest.raises(InputError, match="trained by one process"):
        run_experiment(taught(experiment(max_epochs=2)), TrainOptions(tmp_path, ranks=ranks))
    assert not list(tmp_path.iterdir())


def test_a_pruned_pupil_is_taught_again(experiment: Experiment, tmp_path: Path) -> None:
    config = taught(experiment(max_epochs=2), weight=1.0)
    step = {"ratio": 0.5, "finetune_epochs": 2}
    pruned = make_config(config.model_dump(mode="json") | {"prune": [step]})
    run = run_experiment(pruned, TrainOptions(tmp_path))
    assert run.manifest.pruned_from is not None
    assert len(list(tmp_path.glob("*/manifest.json"))) == 3  # teacher, pupil, pruned pupil
