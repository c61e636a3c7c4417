"""The gain over degree and over an additive model: what every table begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

DEGREE, ADDITIVE = "degree_product", "additive"
DEGREES = (DEGREE, "tf_degree", "gene_degree")
ALWAYS = (*DEGREES, ADDITIVE)  # rows that no score is shown without
GAINS = {"gain_over_degree": DEGREES, "gain_over_additive": (ADDITIVE,)}  # the best of the rows is subtracted


def renamed(metric: str) -> str:
    """The name of a metric today: runs and tables before 0.2.0 call a gain a lift."""
    return metric.replace("lift_over_", "gain_over_")


def add_gains(
    metrics: Mapping[str, Mapping[str, float]],
    score: str,
    samples: Mapping[str, NDArray[Any]] | None = None,
) -> dict[str, dict[str, float]]:
    """The metrics of every row with its gains in front.

    Args:
        metrics: row -> metric -> value, with the rows `ALWAYS`.
        score: the metric that the gains are differences of.
        samples: row -> (resamples,) bootstrap values of that metric, the same resamples for every row; with
            them the score and its gains have 95 % intervals, `<name>_low` and `<name>_high`.
    """
    from grnpyg.metrics.bootstrap import interval  # noqa: PLC0415 (numba and torch: study tables need neither)

    beside = {gain: max(rows, key=lambda row: metrics[row][score]) for gain, rows in GAINS.items()}
    result: dict[str, dict[str, float]] = {}
    for row, own in metrics.items():
        values = {gain: own[score] - metrics[other][score] for gain, other in beside.items()}
        if samples is not None:
            drawn = {gain: samples[row] - samples[other] for gain, other in beside.items()}
            for name, sample in (drawn | {score: samples[row]}).items():
                low, high, _ = interval(sample)
                values |= {f"{name}_low": low, f"{name}_high": high}
        result[row] = values | dict(own)
    return result
