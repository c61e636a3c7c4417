"""One pruning step: a run in, an ordinary smaller run out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from grnpyg.compress.groups import Selection, compacted
from grnpyg.compress.importances import importances
from grnpyg.compress.plan import kept_width, model_specs, pruned_groups
from grnpyg.compress.profile import Profile
from grnpyg.compress.report import Reference
from grnpyg.config import ExperimentConfig, PruneConfig
from grnpyg.errors import GrnpygError, InputError
from grnpyg.losses import losses
from grnpyg.negatives import epoch_pairs
from grnpyg.predictor import LinkPredictor, build_model
from grnpyg.runs import Run, sha256, write_run
from grnpyg.seeding import derive
from grnpyg.training.fit import FitResult, accelerator_for, fit
from grnpyg.training.module import MONITORS
from grnpyg.training.moments import Start
from grnpyg.training.record import fill_run, provenance
from grnpyg.training.scratch import BusyError, empty, held, locked, require_writable
from grnpyg.training.train import TrainOptions


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
    if held(run.path.parent / ".partial" / run.path.name):
        raise BusyError("another process is writing this run", where=run.path, fix="wait until it is done")
    config = run.config.model_copy(update={"prune": (*run.config.prune, step)})
    accelerator_for(options.device, options.devices, config)
    require_writable(options.runs)
    target, scratch = options.runs / config.hash(), options.runs / ".partial" / config.hash()
    origin = run.manifest["files"]["model.safetensors"]
    if target.exists() and not options.overwrite:
        earlier = Run.load(target)
        if earlier.manifest["pruned_from"]["weights_sha256"] != origin:
            raise InputError(
                "was pruned from other weights of the same config", where=target, fix="add --overwrite"
            )
        say(f"already pruned: {target}; --overwrite prunes it again")
        return replace(earlier, reused=True)
    small, selections = compact(run, config)
    before, after = (model.num_parameters()["total"] for model in (run.model, small))
    say(f"{before:,} -> {after:,} parameters: " + ", ".join(_words(selection) for selection in selections))
    with locked(scratch):
        if options.overwrite:
            empty(scratch)
        result = _finetuned(run, small, selections, config, options, scratch)
        more = reference.lines(small)
        encoder, head = model_specs(config)
        facts = {key: value for key, value in run.manifest.items() if key not in ("files", "sha256")} | {
            "status": "complete",
            "config_hash": config.hash(),
            "parameters": small.num_parameters(),
            "best_epoch": result.best_epoch,
            "epochs": len(result.epochs),
            "seconds": round(sum(row["seconds"] for row in result.epochs), 3),
            "notes": list(options.notes),
            "inputs": run.manifest["inputs"] | _plug_in(step.importance["name"]),
            "encoder": encoder,
            "head": head,
            "pruned_from": {"config_hash": run.manifest["config_hash"], "weights_sha256": origin},
            **provenance(options.device, options.devices),
        }
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


def compact(run: Run, config: ExperimentConfig) -> tuple[LinkPredictor, list[Selection]]:
    """The run's model without the units that the config's last pruning step removes, and those that stay."""
    step = config.prune[-1]
    importance = importances.build_from(step.importance)
    groups = pruned_groups(run.model, *model_specs(run.config), step)
    profile = Profile(
        run.model,
        run.split.graph,
        epoch_pairs(run.config, run.split, run.evaluation, epoch=0),
        losses.build_from(run.config.loss),
        groups,
        batch_size=run.config.training.batch_size,
        seed=derive(run.config.seed, "prune", len(config.prune)),
    )
    selections = []
    for group, width in groups:
        score = importance.score(group, width, profile)
        if score.shape != (width,) or not bool(score.isfinite().all()):
            raise GrnpygError(f"the importance {step.importance['name']} gives no finite number per unit")
        order = score.argsort(descending=True, stable=True)
        kept = order[: kept_width(width, step.ratio)].sort().values
        selections.append(Selection(group, width, kept))
    small = build_model(run.graph, *model_specs(config), run.config.seed)
    small.load_state_dict(compacted(run.model.state_dict(), selections))
    return small, selections


def _plug_in(importance: str) -> dict[str, dict[str, str]]:
    """The file of an importance that is not grnpyg's own, as a manifest names inputs."""
    source = importances.source(importance)
    return {} if source is None else {"importance": {"source": importance, "sha256": sha256(source)}}


def _words(selection: Selection) -> str:
    layer = " + ".join(selection.group.layers)
    return f"{layer} {selection.width} -> {selection.kept.numel()}"


def _finetuned(
    run: Run,
    small: LinkPredictor,
    selections: list[Selection],
    config: ExperimentConfig,
    options: TrainOptions,
    scratch: Path,
) -> FitResult:
    """Fine-tune in place. With the best weights kept, those before fine-tuning count as epoch 0."""
    step = config.prune[-1]
    if not step.finetune_epochs:
        return FitResult(0, [], {}, False)
    moments = None
    if step.optimizer == "carried":
        if run.moments is None:
            raise InputError(
                "holds nothing of its optimiser to carry on with",
                where=run.path,
                fix="train it with --keep-optimizer, or choose another --optimizer",
            )
        moments = _compacted_moments(run.moments, selections)
    settings = {"max_epochs": step.finetune_epochs, "lr": step.finetune_lr or config.training.lr}
    tuning = config.model_copy(
        update={
            "training": config.training.model_copy(update=settings),
            "seed": derive(config.seed, "fine-tuning", len(config.prune)),
            "split_seed": config.data_seed,
        }
    )
    name, regime = config.monitored
    validation = run.evaluation[regime]["validation"]
    start = {key: value.clone() for key, value in small.state_dict().items()}
    logits = small.score(run.split.graph, validation.edge_label_index).numpy()
    at_start = MONITORS[name](validation.edge_label.numpy(), logits)
    result = fit(
        small,
        run.split,
        run.evaluation,
        tuning,
        scratch,
        device=options.device,
        devices=options.devices,
        progress=options.progress,
        start=Start(moments, warm_up=step.optimizer == "warm_up"),
        keep_optimizer=options.keep_optimizer,
    )
    if result.interrupted:
        done = f"after epoch {len(result.epochs)}" if result.epochs else "in the first epoch"
        raise GrnpygError(f"interrupted {done} of fine-tuning; the same command goes on from there")
    best = max((row[f"val_{name}"] for row in result.epochs), default=-1.0)
    if config.training.keep == "best" and at_start >= best:
        small.load_state_dict(start)
        result = replace(result, best_epoch=0, weights={**result.weights, "best": start}, moments={})
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
