"""One pruning step: a run in, an ordinary smaller run out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from grnpyg.compress.finetune import finetuned
from grnpyg.compress.report import Reference
from grnpyg.core.config import ExperimentConfig, PruneConfig
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256
from grnpyg.core.inputs import Input
from grnpyg.core.locks import BusyError, held
from grnpyg.models.importances import importances
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.pruned_widths import kept_width, shrunk
from grnpyg.models.width_groups import Selection, compacted, mask
from grnpyg.resolve import config_hash
from grnpyg.runs import Manifest, Run
from grnpyg.runs.manifest import Parameters, PrunedFrom
from grnpyg.training.fit import FitResult
from grnpyg.training.materialise import Made, Origin, Work, has_optimizer, materialise
from grnpyg.training.record import machine, versions
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

    The new run belongs in `options.runs` under the hash of the config with this step added. One that exists
    already is returned; fine-tuning that was interrupted goes on from its checkpoint.

    Args:
        run: from `Run.load`, or a `Reference` of it where it is pruned several times. It stays as it is.
        step: what to remove and how to fine-tune.
        options: see `TrainOptions`; `resume` has no meaning here.
        say: gets a line for the user now and then.

    Raises:
        InputError: nothing to prune, a component that does not name its units, no moments to carry over, a
            run that is being written, or an earlier pruned run of other weights.
        GrnpygError: fine-tuning was interrupted; the same call goes on with it.
    """
    reference = run if isinstance(run, Reference) else Reference(run)
    run = reference.run
    config = run.config.model_copy(update={"prune": (*run.config.prune, step)})
    _require_prunable(run, step)
    weights = run.manifest.files["model.safetensors"]
    importance = _plug_in(step.importance["name"])

    def make(scratch: Path, origin: Origin) -> Made:
        small, selections = compact(reference, config)
        before, after = (model.num_parameters()["total"] for model in (run.model, small))
        say(f"{before:,} -> {after:,} parameters: {', '.join(map(_words, selections))}")
        result = finetuned(run, small, selections, config, options, scratch)
        lines = reference.lines(small)
        facts = _manifest(run, config, small, result, origin, options)
        return Made(run.graph, run.split, run.evaluation, small, result, facts, lines)

    def usable(earlier: Run) -> bool:
        before = earlier.manifest.pruned_from
        if before is None or before.weights_sha256 != weights:
            raise InputError(
                "was pruned from other weights of the same config", where=earlier.path, fix=OVERWRITE
            )
        if any(earlier.manifest.inputs.get(role) != read for role, read in importance.items()):
            raise InputError("its importance has changed since", where=earlier.path, fix=OVERWRITE)
        return has_optimizer(earlier, options)

    work = Work("pruned", {"weights": weights, "importance": importance}, usable, make)
    return materialise(config, replace(options, resume=True), work, say)


def _require_prunable(run: Run, step: PruneConfig) -> None:
    """Refuse a step that the run does not allow, before any work."""
    place = run.path.resolve()
    if held(place.parent / ".partial" / place.name):
        raise BusyError("another process is writing this run", where=run.path, fix="wait until it is done")
    if step.finetune_epochs and "validation" not in run.split.positives:
        raise InputError("the run has no validation subset, which fine-tuning needs", where=run.path)
    if step.optimizer == "carried" and run.moments is None:
        raise InputError(
            "does not hold the moments of its optimiser, which --optimizer carried needs",
            where=run.path,
            fix="make it with --keep-optimizer, or choose another --optimizer",
        )


def _manifest(
    run: Run,
    config: ExperimentConfig,
    small: PairModel,
    result: FitResult,
    origin: Origin,
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
        InputError: the groups of a component leave a slice out, so that the smaller model is not the larger
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
