"""A config, whatever it asks for, to a run directory: training, then the pruning steps one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grnpyg.compress.prune import prune
from grnpyg.config import ExperimentConfig
from grnpyg.runs import Run
from grnpyg.training.prepare import Prepared
from grnpyg.training.train import TrainOptions, train


def run_experiment(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Callable[[], Prepared] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """The run of a config; what it builds on is made, or taken where it is there, in the same folder.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: gives data and split of the config; asked only when they are needed.
        say: gets a line for the user now and then.

    Raises:
        InputError: see `train` and `prune`.
    """
    if not config.prune:
        return train(config, options, prepared=prepared, say=say)
    *earlier, step = config.prune
    before = config.model_copy(update={"prune": tuple(earlier)})
    keep = options.keep_optimizer or step.optimizer == "carried"
    parent = run_experiment(before, replace(options, keep_optimizer=keep), prepared=prepared, say=say)
    return prune(parent, step, options, say=say)
