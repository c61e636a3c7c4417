"""Whether a baseline beats the trained model on the validation pairs, by the metric that chose the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import pandas as pd

from grnpyg.core.config import ExperimentConfig
from grnpyg.evaluation.methods import MODEL, TRAINED
from grnpyg.metrics.gains import ALWAYS
from grnpyg.models.baselines import baselines


@dataclass(frozen=True)
class Stronger:
    """A baseline that beats the trained model on the validation pairs.

    Attributes:
        name: the best one.
        value: its mean over the monitored settings.
        model: that of the trained model.
        metric: what was compared, in words: `auroc, mean of uniform and same_tf`.
    """

    name: str
    value: float
    model: float
    metric: str

    def __str__(self) -> str:
        return (
            f"{self.name} beats the trained model on the validation pairs: {self.value:.3f} against "
            f"{self.model:.3f} ({self.metric})"
        )


def stronger_baseline(config: ExperimentConfig, metrics: pd.DataFrame) -> Stronger | None:
    """The best baseline on the validation pairs, if it is better than the trained model there.

    Baselines that read held-out edges do not count, nor does one without the monitored metric.

    Args:
        config: names the baselines, and the metric and settings of `training.monitor`.
        metrics: lines `subset setting method metric value` of the run.

    Returns:
        None if no baseline is better, and where the split has no validation pairs.
    """
    metric = config.monitored[0]
    names = [name for name in (*ALWAYS, *config.evaluation.rows) if not baselines.get(name).sees_held_out]
    lines = metrics[(metrics["subset"] == "validation") & (metrics["metric"] == metric)]
    settings = config.monitored_among(set(lines["setting"]))
    values = lines.set_index(["method", "setting"])["value"]
    trained = TRAINED if TRAINED in set(lines["method"]) else MODEL
    found = {
        method: fmean(float(values.get((method, setting), float("nan"))) for setting in settings)
        for method in dict.fromkeys((trained, *names))
    }
    own = found.pop(trained)
    better = {method: value for method, value in found.items() if value > own}
    if not better:
        return None
    best = max(better, key=lambda method: better[method])
    words = settings[0] if len(settings) == 1 else f"mean of {', '.join(settings[:-1])} and {settings[-1]}"
    return Stronger(best, better[best], own, f"{metric}, {words}")
