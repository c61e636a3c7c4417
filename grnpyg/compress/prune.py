"""One pruning step: a run in, an ordinary smaller run out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from grnpyg.compress.report import Reference
from grnpyg.core.config import ExperimentConfig, PruneConfig
from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.inputs import Input
from grnpyg.models.importances import importances
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.pruned_widths import kept_width, shrunk
from grnpyg.models.width_groups import Selection, compacted, mask
from grnpyg.resolve import config_hash, known_hashes
from grnpyg.runs import OPTIMIZER, Manifest, Run, sha256, write_run
from grnpyg.runs.manifest import Parameters, PrunedFrom
from grnpyg.runs.place import find_run
from grnpyg.training.fit import FitResult, accelerator_for, fit
from grnpyg.training.module import MONITORS
from grnpyg.training.moments import Start
from grnpyg.training.record import fill_run, machine, versions
from grnpyg.training.scratch import BusyError, empty, held, locked, require_same_origin, require_writable
from grnpyg.training.train import TrainOptions

OVERWRITE = "add --overwrite to prune it again"


def prune(
    run: Run | Reference,
    step: PruneConfig,
    options: TrainOptions = TrainOptions(),
    *,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Remove the least important units of a run's model, fine-tune it if asked to, and write it as a run.

    The new run belongs in `options.runs` under the hash of the config with this step added. One that is there
    already is handed back; fine-tuning that was cut off goes on from its checkpoint.

    Args:
        run: from `Run.load`, or a `Reference` of it where it is pruned several times. It stays as it is.
        step: what to remove and how to fine-tune.
        options: see `TrainOptions`; `resume` has no meaning here.
        say: gets a line for the user now and then.

    Raises:
        InputError: nothing to prune, a component that does not say what its units are, no moments to carry,
            a run that is being written, or an earlier pruned run of other weights.
        GrnpygError: fine-tuning was interrupted; the same call goes on with it.
    """
    reference = run if isinstance(run, Reference) else Reference(run)
    run = reference.run
    place = run.path.resolve()
    if held(place.parent / ".partial" / place.name):
        raise BusyError("another process is writing this run", where=run.path, fix="wait until it is done")
    config = run.config.model_copy(update={"prune": (*run.config.prune, step)})
    if step.finetune_epochs and "validation" not in run.split.positives:
        raise InputError("the run has no validation part, so that fine-tuning has no end", where=run.path)
    if step.optimizer == "carried" and run.moments is None:
        raise InputError(
            "holds nothing of its optimiser to carry on with",
            where=run.path,
            fix="make it with --keep-optimizer, or choose another --optimizer",
        )
    device = accelerator_for(options.device, options.devices, config)
    require_writable(options.runs)
    target, scratch = options.runs / config_hash(config), options.runs / ".partial" / config_hash(config)
    origin = {
        "weights": run.manifest.files["model.safetensors"],
        "importance": _plug_in(step.importance["name"]),
        "device": device,
        "devices": options.devices,
    }
    with locked(scratch):
        found = find_run(options.runs, known_hashes(config))
        if not options.overwrite and (earlier := _earlier(found, origin, options)):
            empty(scratch)  # killed after the run was renamed into place
            named = "" if found == target else " (named by an earlier version)"
            say(f"already pruned: {found}{named}; --overwrite prunes it again")
            return replace(earlier, reused=True)
        if options.overwrite:
            empty(scratch)
        small, selections = compact(reference, config)
        before, after = (model.num_parameters()["total"] for model in (run.model, small))
        say(
            f"{before:,} -> {after:,} parameters: " + ", ".join(_words(selection) for selection in selections)
        )
        require_same_origin(scratch, origin)
        result = _finetuned(run, small, selections, config, options, scratch)
        more = reference.lines(small)
        facts = _manifest(run, config, small, result, origin, options)
        pruned = write_run(
            target,
            scratch / "run",
            facts,
            lambda folder: fill_run(
                folder, config, run.graph, run.split, run.evaluation, small, result, more
            ),
        )
        empty(scratch)
    return pruned


def _earlier(target: Path, origin: dict[str, Any], options: TrainOptions) -> Run | None:
    """The run that is there already, if it is what would be made."""
    if not target.exists():
        return None
    run = Run.load(target)
    before = run.manifest.pruned_from
    if before is None or before.weights_sha256 != origin["weights"]:
        raise InputError("was pruned from other weights of the same config", where=target, fix=OVERWRITE)
    if any(run.manifest.inputs.get(role) != read for role, read in origin["importance"].items()):
        raise InputError("its importance has changed since", where=target, fix=OVERWRITE)
    return None if options.keep_optimizer and OPTIMIZER not in run.manifest.files else run


def _manifest(
    run: Run,
    config: ExperimentConfig,
    small: PairModel,
    result: FitResult,
    origin: dict[str, Any],
    options: TrainOptions,
) -> Manifest:
    """The manifest of a pruned run: that of the run it comes from, with what is different."""
    encoder, head = shrunk(config.prune[-1], *run.specs)
    before = run.manifest
    cut_short = f"pruned from a run that was interrupted after epoch {before.epochs}"
    return before.model_copy(
        update={
            "status": "complete",
            "config_hash": config_hash(config),
            "parameters": Parameters(**small.num_parameters()),
            "best_epoch": result.best_epoch,
            "epochs": len(result.epochs),
            "seconds": round(sum(row["seconds"] for row in result.epochs), 3),
            "notes": (
                *before.notes,
                *options.notes,
                *([cut_short] if before.status == "interrupted" else []),
            ),
            "inputs": before.inputs | origin["importance"],
            "encoder": encoder,
            "head": head,
            "pruned_from": PrunedFrom(config_hash=before.config_hash, weights_sha256=origin["weights"]),
            "versions": versions(),
            "machine": machine(origin["device"], options.devices),
        }
    )


def compact(reference: Reference, config: ExperimentConfig) -> tuple[PairModel, list[Selection]]:
    """The model without the units that the config's last pruning step removes, and those that stay.

    Raises:
        InputError: the groups of a component leave something out, so that the smaller model is not the larger
            one without the units.
    """
    run, step = reference.run, config.prune[-1]
    selections = []
    for group, width, score in reference.units(step):
        order = score.argsort(descending=True, stable=True)
        kept = order[: kept_width(width, step.ratio)].sort().values
        selections.append(Selection(group, width, kept))
    specs = shrunk(step, *run.specs)
    small = build_model(run.graph, *specs, run.config.seed, config.structure_options)
    encoder, head = run.config.encoder["name"], run.config.head["name"]
    wrong = InputError(
        f"the groups of encoder {encoder} or head {head} do not name every slice of a unit",
        fix="`check_pruning` of grnpyg.testing says which",
    )
    try:
        small.load_state_dict(compacted(run.model.state_dict(), selections))
    except RuntimeError:
        raise wrong from None
    masked = copy.deepcopy(run.model)
    mask(masked.state_dict(), selections)
    some = run.split.positives["train"][:, :256]
    ours, theirs = (model.score(run.split.graph, some) for model in (small, masked))
    if not torch.allclose(ours, theirs, rtol=1e-3, atol=1e-3 * max(1.0, float(theirs.abs().max()))):
        raise wrong
    return small, selections


def _plug_in(importance: str) -> dict[str, Input]:
    """The file of an importance that is not grnpyg's own, as a manifest names inputs."""
    source = importances.source(importance)
    return {} if source is None else {"importance": {"source": importance, "sha256": sha256(source)}}


def _words(selection: Selection) -> str:
    layer = " + ".join(selection.group.layers)
    return f"{layer} {selection.width} -> {selection.kept.numel()}"


def _finetuned(
    run: Run,
    small: PairModel,
    selections: list[Selection],
    config: ExperimentConfig,
    options: TrainOptions,
    scratch: Path,
) -> FitResult:
    """Fine-tune in place. With the best weights kept, those before fine-tuning count as epoch 0."""
    step = config.prune[-1]
    carried = step.optimizer == "carried"
    wanted = (carried or options.keep_optimizer) and run.moments is not None
    moments = _compacted_moments(run.moments or {}, selections) if wanted else {}
    untouched = moments if options.keep_optimizer else {}
    if not step.finetune_epochs:
        return FitResult(0, [], {}, False, moments=untouched)
    tuning = config.fine_tuning(len(config.prune))
    name, regimes = config.monitored
    validation = [run.evaluation[regime]["validation"] for regime in regimes]
    start = {key: value.clone() for key, value in small.state_dict().items()}
    logits = small.score_each(run.split.graph, [pairs.edge_label_index for pairs in validation])
    at_start = fmean(
        MONITORS[name](pairs.edge_label.numpy(), scores.numpy())
        for pairs, scores in zip(validation, logits, strict=True)
    )
    result = fit(
        small,
        run.split,
        run.evaluation,
        tuning,
        scratch,
        device=options.device,
        devices=options.devices,
        progress=options.progress,
        start=Start(moments if carried else None, warm_up=step.optimizer == "warm_up"),
        keep_optimizer=options.keep_optimizer,
    )
    if result.interrupted:
        done = f"after epoch {len(result.epochs)}" if result.epochs else "in the first epoch"
        raise GrnpygError(f"interrupted {done} of fine-tuning; the same command goes on from there")
    best = max((row[f"val_{name}"] for row in result.epochs), default=-1.0)
    if config.training.keep == "best" and at_start >= best:
        small.load_state_dict(start)
        result = replace(result, best_epoch=0, weights={**result.weights, "best": start}, moments=untouched)
    return result


def _compacted_moments(
    moments: dict[str, torch.Tensor], selections: list[Selection]
) -> dict[str, torch.Tensor]:
    """The moments of the weights that stay; step counts have no units."""
    result: dict[str, torch.Tensor] = {}
    for key in {name.partition("/")[0] for name in moments}:
        own = {n.partition("/")[2]: tensor for n, tensor in moments.items() if n.startswith(f"{key}/")}
        cut = own if key == "step" else compacted(own, selections)
        result |= {f"{key}/{name}": tensor for name, tensor in cut.items()}
    return result
