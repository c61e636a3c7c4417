"""A config, whatever it asks for, to a run directory: training, then the pruning steps one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grnpyg.compress.prune import prune
from grnpyg.core.config import ExperimentConfig
from grnpyg.resolve import config_hash, known_hashes, teacher_configs
from grnpyg.runs import Run
from grnpyg.runs.place import find_run, is_damaged
from grnpyg.training.prepare import Prepared
from grnpyg.training.ranks import require_shareable
from grnpyg.training.train import TrainOptions, train


def run_experiment(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Callable[[], Prepared] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """The run of a config; what it builds on is made, or taken where it is there, in the same folder.

    It builds on the runs of its teachers and, where it is pruned, on that before the last step. `overwrite`
    is meant for the last step. If the training was interrupted, its own run is returned.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: gives data and split of the config; asked only when they are needed.
        say: gets a line for the user now and then.

    Raises:
        InputError: see `train` and `prune`.
    """
    if options.ranks is not None:
        require_shareable(config, options.ranks)  # before a teacher is trained
    if not config.prune:
        if not _is_there(config, options):
            for teacher in teacher_configs(config):
                say(f"first the teacher, {config_hash(teacher)}:")
                taught = replace(options, keep_optimizer=False, overwrite=False, run_dir=None)
                made = run_experiment(teacher, replace(taught, runs=options.place(config)[0].parent), say=say)
                if made.manifest.status != "complete":
                    return made
        return train(config, options, prepared=prepared, say=say)
    *earlier, step = config.prune
    before = config.model_copy(update={"prune": tuple(earlier)})
    target, parent = (find_run(options.runs, known_hashes(some)) for some in (config, before))
    there = parent.exists() and not (options.mend and is_damaged(parent))
    whole = target.exists() and not (options.mend and is_damaged(target))
    if whole and not parent.exists() and not options.overwrite and not options.keep_optimizer:
        return replace(Run.load(target), reused=True)
    keep = options.keep_optimizer or step.optimizer == "carried"
    # a parent that kept nothing of its optimiser is trained again, to the same weights
    again = keep and there and Run.load(parent).moments is None and not earlier
    base = run_experiment(
        before, replace(options, keep_optimizer=keep, overwrite=again), prepared=prepared, say=say
    )
    if base.manifest.status != "complete":
        return base
    return prune(base, step, options, say=say)


def _is_there(config: ExperimentConfig, options: TrainOptions) -> bool:
    """Whether the run of a config is handed back as it is, so that its teachers are not needed."""
    found = options.place(config)[2]
    return not options.overwrite and found.exists() and not (options.mend and is_damaged(found))
