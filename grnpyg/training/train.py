"""One experiment from config to run directory."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.evaluation.methods import fitted
from grnpyg.models.baselines import Baseline
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.training.fit import FitResult, fit
from grnpyg.training.materialise import Made, Origin, TrainOptions, Work, has_optimizer, materialise
from grnpyg.training.prepare import Prepared, inputs, prepare
from grnpyg.training.record import manifest

__all__ = ["TrainOptions", "train"]


def train(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Callable[[], Prepared] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train one model and write its run directory, `options.runs / config_hash(config)`.

    A run that exists already is returned. An interrupted one needs `resume` or `overwrite`. A config with
    pruning steps is for `run_experiment`.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: returns data and split of this config where the caller has them; called only if needed.
        say: gets a line for the user now and then.

    Raises:
        InputError: the data, the config or an earlier run stand in the way.
        KeyboardInterrupt: Ctrl-C before the first epoch was over; later the best weights are kept as a run
            whose manifest says `interrupted`.

    Example:
        >>> run = train(make_config({"head": "cross"}), TrainOptions(Path("runs")))
        >>> run.manifest.parameters.total
    """
    if config.prune:
        raise InputError("the config has pruning steps", fix="use grnpyg.experiment.run_experiment")
    origin = {"inputs": inputs(config)}

    def make(scratch: Path, origin: Origin) -> Made:
        started = time.perf_counter()
        ready = prepare(config) if prepared is None else prepared()
        for line in ready.grn.report.lines():
            say(line)
        graph = ready.grn.graph
        model: PairModel | Baseline
        if config.baseline is None:
            model = build_model(graph, config.encoder, config.head, config.seed, config.structure_options)
            parameters = model.num_parameters()
        else:
            pairs = epoch_pairs(config, ready.split, ready.evaluation, epoch=0)
            model = fitted(config.baseline, ready.split, pairs, config.seed)
            parameters = {"total": model.parameters or 0}
        of_components = ", ".join(f"{name} {n:,}" for name, n in parameters.items() if name != "total")
        say(f"{parameters['total']:,} parameters: {of_components or config.model_name}")
        result = FitResult(0, [], {}, False)
        if isinstance(model, PairModel):
            result = fit(
                model,
                ready.split,
                ready.evaluation,
                config,
                scratch,
                device=options.device,
                devices=options.devices,
                progress=options.progress,
                keep_optimizer=options.keep_optimizer,
            )
        if result.interrupted and not result.epochs:
            raise KeyboardInterrupt
        seconds = time.perf_counter() - started + result.seconds_before
        facts = manifest(config, options.notes, origin, ready, parameters, result, seconds)
        return Made(graph, ready.split, ready.evaluation, model, result, facts)

    def usable(run: Run) -> bool:
        changed = run.manifest.inputs != origin["inputs"]
        if changed or not has_optimizer(run, options):
            what = "its input files have changed since" if changed else "was trained without --keep-optimizer"
            raise InputError(what, where=run.path, fix="add --overwrite to train again")
        return True

    return materialise(config, options, Work("trained", origin, usable, make), say)
