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
from grnpyg.resolve import config_hash
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.training.fit import FitResult, fit
from grnpyg.training.materialise import Made, Origin, TrainOptions, Work, has_optimizer, materialise
from grnpyg.training.prepare import Prepared, inputs, prepare
from grnpyg.training.ranks import require_shareable, shared
from grnpyg.training.record import manifest
from grnpyg.training.teacher import taught_loss, teacher_weights
from grnpyg.training.trackers import Mirrors, require_distinct

__all__ = ["TrainOptions", "follow", "train"]


def train(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Callable[[], Prepared] | None = None,
    result: FitResult | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train one model and write its run directory, `options.runs / config_hash(config)`.

    A run that exists already is returned. An interrupted one needs `resume` or `overwrite`. A config with
    pruning steps is for `run_experiment`.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: returns data and split of this config where the caller has them; called only if needed.
        result: of this training, where it is over and only the run is to be written.
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
    require_distinct(options.trackers)
    ranks = options.ranks if shared(config) else None
    _agree(config, options)
    mirrors = Mirrors(options.trackers, config)
    folder = options.place(config)[0].parent
    origin: Origin = {"inputs": inputs(config)}
    if config.training.teacher is not None:
        origin["teachers"] = teacher_weights(config, folder)
    begun = False

    def make(scratch: Path, origin: Origin) -> Made:
        nonlocal begun
        started, begun = time.perf_counter(), True
        if ranks is not None:
            ranks.of_first(True)
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
        outcome = result or FitResult(0, [], {}, False)
        if isinstance(model, PairModel) and result is not None:
            model.load_state_dict(result.weights[config.training.keep])
        elif isinstance(model, PairModel):
            outcome = fit(
                model,
                ready.split,
                ready.evaluation,
                config,
                scratch,
                device=options.device,
                devices=options.devices,
                progress=options.progress,
                # processes that Lightning starts have copies of it: their epochs are told at the end
                callbacks=[mirrors]
                if options.trackers and (ranks is not None or options.devices == 1)
                else [],
                keep_optimizer=options.keep_optimizer,
                ranks=ranks,
                loss=taught_loss(config, folder, ready.split),
            )
        if outcome.interrupted and not outcome.epochs:
            raise KeyboardInterrupt
        seconds = time.perf_counter() - started + outcome.seconds_before
        taught = (f"taught by {name}, weights {sha}" for name, sha in origin.get("teachers", {}).items())
        facts = manifest(config, (*options.notes, *taught), origin, ready, parameters, outcome, seconds)
        return Made(graph, ready.split, ready.evaluation, model, outcome, facts)

    def usable(run: Run) -> bool:
        changed = run.manifest.inputs != origin["inputs"]
        if changed or not has_optimizer(run, options):
            what = "its input files have changed since" if changed else "was trained without --keep-optimizer"
            raise InputError(what, where=run.path, fix="add --overwrite to train again")
        return True

    run = None
    try:
        run = materialise(config, options, Work("trained", origin, usable, make), say)
    finally:
        if begun:
            mirrors.end(run)
        elif options.trackers and run is not None:
            say("nothing was trained, so no tracker was told anything")
    if ranks is not None and not begun:
        ranks.of_first(False)
    return run


def follow(
    config: ExperimentConfig, options: TrainOptions, *, prepared: Callable[[], Prepared] | None = None
) -> None:
    """What the other processes of a launcher do while the first one is in `train`: share its batches.

    They read the data, but neither read nor write the folder of the runs.

    Args:
        config: as in the first process.
        options: as in the first process; `ranks` is set.
        prepared: see `train`.

    Raises:
        InputError: the data or the config stand in the way.
    """
    ranks = options.ranks
    assert ranks is not None
    _agree(config, options)
    if not shared(config) or not ranks.of_first(False):
        return
    ready = prepare(config) if prepared is None else prepared()
    model = build_model(ready.grn.graph, config.encoder, config.head, config.seed, config.structure_options)
    fit(
        model,
        ready.split,
        ready.evaluation,
        config,
        options.runs,  # never touched
        device=options.device,
        devices=options.devices,
        keep_optimizer=options.keep_optimizer,
        ranks=ranks,
    )


def _agree(config: ExperimentConfig, options: TrainOptions) -> None:
    """Let the processes of a launcher find out that they do not fit together before any of them works."""
    if options.ranks is not None:
        require_shareable(config, options.ranks)
        options.ranks.require_same(f"{config_hash(config)} {options.keep_optimizer}")
