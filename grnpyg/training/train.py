"""One experiment from config to run directory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.models.predictor import build_model
from grnpyg.resolve import config_hash, known_hashes
from grnpyg.runs import OPTIMIZER, Run, write_run
from grnpyg.runs.place import find_run
from grnpyg.training.fit import accelerator_for, fit
from grnpyg.training.prepare import Prepared, inputs, prepare
from grnpyg.training.record import fill_run, manifest
from grnpyg.training.scratch import (
    LAST,
    BusyError,
    empty,
    held,
    locked,
    require_same_origin,
    require_writable,
)


@dataclass(frozen=True)
class TrainOptions:
    """Where and how to train. The device and the number of devices decide the last bits of a result.

    Attributes:
        runs: folder of the run directories.
        device: `auto`, `cpu` or `cuda`.
        devices: how many.
        resume: go on from an interrupted run.
        overwrite: replace a run, or forget an interrupted one.
        progress: show a bar on stderr.
        keep_optimizer: the run also holds what Adam remembers of the kept weights.
        notes: kept in the manifest, for example what the model was matched to.
    """

    runs: Path = Path("runs")
    device: str = "auto"
    devices: int = 1
    resume: bool = False
    overwrite: bool = False
    progress: bool = False
    keep_optimizer: bool = False
    notes: tuple[str, ...] = ()


def train(
    config: ExperimentConfig,
    options: TrainOptions = TrainOptions(),
    *,
    prepared: Callable[[], Prepared] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train one model and write its run directory, `options.runs / config_hash(config)`.

    A run that is there already is handed back as it is. An interrupted one needs `resume` or `overwrite`.
    The pruning steps of a config are not for this function, see `run_experiment`.

    Args:
        config: from `make_config`.
        options: see `TrainOptions`.
        prepared: gives data and split of this config where they are at hand; asked only if they are needed.
        say: gets a line for the user now and then.

    Raises:
        InputError: the data, the config or an earlier run stand in the way.
        KeyboardInterrupt: Ctrl-C before the first epoch was over; later the best weights are kept as a run
            whose manifest says `interrupted`.
    """
    if config.prune:
        raise InputError("the config has pruning steps", fix="use grnpyg.experiment.run_experiment")
    accelerator = accelerator_for(options.device, options.devices, config)
    require_writable(options.runs)
    target = options.runs / config_hash(config)
    scratch = options.runs / ".partial" / config_hash(config)
    found = find_run(options.runs, known_hashes(config))
    if not options.overwrite and (earlier := _earlier(found, scratch, config, options)):
        named = "" if found == target else " (named by an earlier version)"
        say(f"already trained: {found}{named}; --overwrite trains it again")
        return replace(earlier, reused=True)
    if held(scratch):
        raise BusyError("another process is training this config", where=scratch)
    started = time.perf_counter()
    origin = {"inputs": inputs(config), "device": accelerator, "devices": options.devices}
    ready = prepare(config) if prepared is None else prepared()
    for line in ready.grn.report.sentences:
        say(line)
    graph = ready.grn.graph
    model = build_model(graph, config.encoder, config.head, config.seed, config.structure_options)
    parameters = model.num_parameters()
    of_parts = ", ".join(f"{part} {n:,}" for part, n in parameters.items() if part != "total")
    say(f"{parameters['total']:,} parameters: {of_parts}")
    with locked(scratch):
        if options.overwrite:
            empty(scratch)
        require_same_origin(scratch, origin)
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
            empty(scratch)
            raise KeyboardInterrupt
        seconds = time.perf_counter() - started + result.seconds_before
        facts = manifest(config, options.notes, origin, ready, parameters, result, seconds)
        run = write_run(
            target,
            scratch / "run",
            facts,
            lambda folder: fill_run(
                folder,
                config,
                ready.grn.graph,
                ready.split,
                ready.evaluation,
                model,
                result,
            ),
        )
        if not result.interrupted:
            empty(scratch)
    return run


def _earlier(target: Path, scratch: Path, config: ExperimentConfig, options: TrainOptions) -> Run | None:
    """The run that is there already, if it can be used; what was left beside it is tidied up."""
    partial = (scratch / LAST).exists()
    if partial and target.exists() and Run.load(target).manifest.status == "complete":
        with locked(scratch):
            empty(scratch)  # killed after the run was renamed into place
        partial = False
    if partial and not options.resume:
        with locked(scratch):
            pass  # nobody is at work on it
        raise InputError(
            "an interrupted run of this config is there",
            where=scratch,
            fix="add --resume to go on with it, or --overwrite to start again",
        )
    if partial or not target.exists():
        return None
    run = Run.load(target)
    if options.keep_optimizer and OPTIMIZER not in run.manifest.files:
        raise InputError(
            "was trained without --keep-optimizer", where=target, fix="add --overwrite to train again"
        )
    if run.manifest.inputs != inputs(config):
        raise InputError(
            "its input files have changed since", where=target, fix="add --overwrite to train again"
        )
    return run
