"""A run that 0.1.0 named is found, used as it is, and mentioned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grnpyg.compress.prune import prune
from grnpyg.core.config import ExperimentConfig
from grnpyg.experiment import run_experiment
from grnpyg.resolve import config_hash, earlier_hash, known_hashes, prune_step
from grnpyg.runs import Run
from grnpyg.runs.place import find_run
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
OF_THEN = {"scheme": "sparing"}  # the training negatives of 0.1.0


def renamed(run: Run) -> Path:
    """Give a run the name that it would have had in 0.1.0."""
    name = earlier_hash(run.config)
    assert name is not None
    return run.path.rename(run.path.with_name(name))


def folders(runs: Path) -> set[str]:
    return {path.name for path in runs.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"status": "interrupted"}'])
def test_only_a_complete_run_counts_under_another_hash(tmp_path: Path, manifest: str | None) -> None:
    other = tmp_path / "other"
    other.mkdir()
    if manifest is not None:
        (other / "manifest.json").write_text(manifest)
    assert find_run(tmp_path, ("own", "other")) == tmp_path / "own"
    (other / "manifest.json").write_text('{"status": "complete"}')
    assert find_run(tmp_path, ("own", "other")) == other
    (tmp_path / "own").mkdir()
    assert find_run(tmp_path, ("own", "other")) == tmp_path / "own"


@pytest.mark.slow
def test_training_and_pruning_use_it(experiment: Experiment, tmp_path: Path) -> None:
    config = experiment(max_epochs=0, negatives=OF_THEN)
    options, said = TrainOptions(runs=tmp_path), list[str]()
    parent = renamed(train(config, options))
    again = train(config, options, say=said.append)
    assert (again.path, again.reused) == (parent, True)
    assert said == [f"already trained: {parent} (named by an earlier version); --overwrite does it again"]

    step = prune_step(ratio=0.5)
    pruned = prune(again, step, options)
    small = renamed(pruned)
    said.clear()
    repeated = prune(again, step, options, say=said.append)
    assert (repeated.path, repeated.reused) == (small, True)
    assert said == [f"already pruned: {small} (named by an earlier version); --overwrite does it again"]
    assert run_experiment(pruned.config, options).path == small
    assert folders(tmp_path) == {parent.name, small.name}


@pytest.mark.slow
def test_overwriting_it_writes_a_run_under_the_present_name(experiment: Experiment, tmp_path: Path) -> None:
    config = experiment(max_epochs=0, negatives=OF_THEN)
    old = renamed(train(config, TrainOptions(runs=tmp_path)))
    new = train(config, TrainOptions(runs=tmp_path, overwrite=True))
    assert new.path.name == config_hash(config)
    assert folders(tmp_path) == {old.name, new.path.name}
    assert find_run(tmp_path, known_hashes(config)) == new.path
