"""What a trial is judged by: validation metrics of the kept epoch, nothing of the test part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, unknown
from grnpyg.metrics.gains import ALWAYS
from grnpyg.runs import Run
from grnpyg.training.module import MONITORS


@dataclass(frozen=True)
class Objective:
    """A weighted mean of validation metrics; larger is better.

    Attributes:
        weights: (metric, regime) -> weight, all above 0.
    """

    weights: Mapping[tuple[str, str], float]

    @property
    def names(self) -> dict[str, float]:
        """`metric@regime` -> weight."""
        return {f"{metric}@{regime}": weight for (metric, regime), weight in self.weights.items()}

    def mean(self, values: Mapping[str, float]) -> float:
        """The weighted mean of `metric@regime` -> value."""
        return sum(w * values[name] for name, w in self.names.items()) / sum(self.weights.values())

    def of(self, run: Run) -> float:
        """The objective of a run: its kept epoch on validation pairs."""
        columns = {name: f"val_{name}" for name in self.names}
        epochs = run.epochs
        last = run.config.training.keep == "last"
        kept = epochs["epoch"].max() if last else run.manifest.best_epoch
        row = epochs[epochs["epoch"] == kept].iloc[0]
        return self.mean({name: float(row[column]) for name, column in columns.items()})

    def baselines(self, run: Run) -> dict[str, float]:
        """What degree and additive baselines reach on the same validation pairs, if they have all metrics."""
        found: dict[str, dict[str, float]] = {}
        for line in run.metrics("validation", methods=ALWAYS).to_dict("records"):
            found.setdefault(line["method"], {})[f"{line['metric']}@{line['setting']}"] = line["value"]
        return {
            row: self.mean(found[row])
            for row in ALWAYS
            if row in found and set(self.names) <= set(found[row])
        }


def make_objective(given: Mapping[str, float], config: ExperimentConfig, where: str) -> Objective:
    """Check the objective of a tuning file; a metric without regime is that of the first one.

    Raises:
        InputError: a metric or a regime that no epoch is validated by, or one that is named twice.
    """
    weights: dict[tuple[str, str], float] = {}
    for name, weight in given.items():
        metric, _, regime = name.partition("@")
        if metric not in MONITORS:
            raise unknown("metric", metric, MONITORS, where=where)
        regime = regime or config.evaluation.negatives[0]
        if regime not in config.evaluation.negatives:
            raise unknown("setting", regime, config.evaluation.negatives, where=where)
        if (metric, regime) in weights:
            raise InputError(f"{metric}@{regime} is there twice", where=where)
        weights[metric, regime] = weight
    return Objective(weights)
