"""A pruning curve: one run a level, each from the same unpruned run, post hoc and fine-tuned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grnpyg.compress.prune import prune
from grnpyg.compress.report import Reference, compression
from grnpyg.core.config import PruneConfig
from grnpyg.runs import Run
from grnpyg.training.train import TrainOptions

# the published levels
LEVELS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Level:
    """A point of the curve.

    Attributes:
        ratio: share of the units that was removed.
        finetune_epochs: 0 for post hoc.
        run: the pruned run's directory.
        figures: name -> value, see `compression`.
    """

    ratio: float
    finetune_epochs: int
    run: Path
    figures: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """One flat record."""
        own = {"ratio": self.ratio, "finetune_epochs": self.finetune_epochs, "run": str(self.run)}
        return own | dict(self.figures)


def curve(
    run: Run,
    step: PruneConfig,
    options: TrainOptions = TrainOptions(),
    *,
    subset: str = "test",
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Level]:
    """Prune a run to every level of `LEVELS`; levels whose runs exist are not pruned again.

    Args:
        run: from `Run.load`.
        step: everything but the ratio; without `finetune_epochs` the curve is post hoc alone.
        options: see `TrainOptions`.
        subset: the held-out subset that is reported.
        say: gets a line for the user now and then.

    Yields:
        Level by level, post hoc first.
    """
    reference = Reference(run)
    for ratio in LEVELS:
        for epochs in dict.fromkeys((0, step.finetune_epochs)):
            own = step.model_copy(update={"ratio": ratio, "finetune_epochs": epochs})
            if not epochs:  # one post-hoc run, whatever the fine-tuning beside it is
                own = own.model_copy(update={"finetune_lr": None, "optimizer": "fresh"})
            pruned = prune(reference, own, options, say=say)
            yield Level(ratio, epochs, pruned.path, compression(pruned, subset))
