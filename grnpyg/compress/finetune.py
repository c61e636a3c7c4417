"""Fine-tuning of a model that was made smaller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from torch import Tensor

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import GrnpygError
from grnpyg.models.predictor import PairModel
from grnpyg.models.width_groups import Selection, compacted
from grnpyg.runs import Run
from grnpyg.training.fit import FitResult, fit
from grnpyg.training.module import MONITORS
from grnpyg.training.moments import Start
from grnpyg.training.teacher import taught_loss
from grnpyg.training.train import TrainOptions


def finetuned(
    run: Run,
    small: PairModel,
    selections: list[Selection],
    config: ExperimentConfig,
    options: TrainOptions,
    scratch: Path,
) -> FitResult:
    """Fine-tune in place as the config's last pruning step says.

    It goes on from the checkpoint in `scratch`, if there is one. With the best weights kept, those before
    fine-tuning count as epoch 0.

    Args:
        run: the run that was pruned.
        small: the smaller model.
        selections: which units of `run.model` it has.
        config: of the smaller model.
        options: device, progress, and whether to keep the moments.
        scratch: where the checkpoint is kept.

    Raises:
        GrnpygError: fine-tuning was interrupted.
    """
    step = config.prune[-1]
    carried = step.optimizer == "carried"
    wanted = (carried or options.keep_optimizer) and run.moments is not None
    moments = compacted_moments(run.moments or {}, selections) if wanted else {}
    untouched = moments if options.keep_optimizer else {}
    if not step.finetune_epochs:
        return FitResult(0, [], {}, False, moments=untouched)
    name, settings = config.monitored[0], config.monitored_among(run.evaluation)
    validation = [run.evaluation[setting]["validation"] for setting in settings]
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
        config.fine_tuning(len(config.prune)),
        scratch,
        device=options.device,
        devices=options.devices,
        progress=options.progress,
        start=Start(moments if carried else None, warm_up=step.optimizer == "warm_up"),
        keep_optimizer=options.keep_optimizer,
        loss=taught_loss(config, options.place(config)[0].parent, run.split),
    )
    if result.interrupted:
        done = f"after epoch {len(result.epochs)}" if result.epochs else "in the first epoch"
        raise GrnpygError(f"interrupted {done} of fine-tuning; the same command goes on from there")
    best = max((row[f"val_{name}"] for row in result.epochs), default=-1.0)
    if config.training.keep == "best" and at_start >= best:
        small.load_state_dict(start)
        result = replace(result, best_epoch=0, weights={**result.weights, "best": start}, moments=untouched)
    return result


def compacted_moments(moments: Mapping[str, Tensor], selections: list[Selection]) -> dict[str, Tensor]:
    """The moments of the weights that stay, named as `moments_of` names them; step counts have no units."""
    result: dict[str, Tensor] = {}
    for key in {name.partition("/")[0] for name in moments}:
        own = {n.partition("/")[2]: tensor for n, tensor in moments.items() if n.startswith(f"{key}/")}
        cut = own if key == "step" else compacted(own, selections)
        result |= {f"{key}/{name}": tensor for name, tensor in cut.items()}
    return result
