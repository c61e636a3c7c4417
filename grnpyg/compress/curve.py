"""A pruning curve: one run a level, each from the same unpruned run, post hoc and fine-tuned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from grnpyg.compress.prune import prune
from grnpyg.compress.report import Reference, compression
from grnpyg.core.config import PruneConfig
from grnpyg.runs import Run
from grnpyg.training.train import TrainOptions

# the published levels
LEVELS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def curve(
    run: Run,
    step: PruneConfig,
    options: TrainOptions = TrainOptions(),
    *,
    part: str = "test",
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[dict[str, Any]]:
    """Prune a run to every level of `LEVELS`; levels whose runs are there are not pruned again.

    Args:
        run: from `Run.load`.
        step: everything but the ratio; without `finetune_epochs` the curve is post hoc alone.
        options: see `TrainOptions`.
        part: the held-out part that is reported.
        say: gets a line for the user now and then.

    Yields:
        `ratio finetune_epochs run` and the figures of `compression`, level by level, post hoc first.
    """
    reference = Reference(run)
    for ratio in LEVELS:
        for epochs in dict.fromkeys((0, step.finetune_epochs)):
            own = step.model_copy(update={"ratio": ratio, "finetune_epochs": epochs})
            if not epochs:  # one post-hoc run, whatever the fine-tuning beside it is
                own = own.model_copy(update={"finetune_lr": None, "optimizer": "fresh"})
            pruned = prune(reference, own, options, say=say)
            figures = compression(pruned, part)
            yield {"ratio": ratio, "finetune_epochs": epochs, "run": str(pruned.path), **figures}
