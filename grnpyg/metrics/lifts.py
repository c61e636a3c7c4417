"""The lift over degree and over an additive model: what every table begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

DEGREE, ADDITIVE = "degree_product", "additive"
DEGREES = (DEGREE, "tf_degree", "gene_degree")
ALWAYS = (*DEGREES, ADDITIVE)  # rows that no score is shown without
LIFTS = {"lift_over_degree": DEGREES, "lift_over_additive": (ADDITIVE,)}  # the best of the rows is subtracted


def lifted(
    metrics: Mapping[str, Mapping[str, float]],
    score: str,
    samples: Mapping[str, NDArray[Any]] | None = None,
) -> dict[str, dict[str, float]]:
    """The metrics of every row with its lifts in front.

    Args:
        metrics: row -> metric -> value, with the rows `ALWAYS`.
        score: the metric that the lifts are differences of.
        samples: row -> (resamples,) bootstrap values of that metric, the same resamples for every row; with
            them the score and its lifts have 95 % intervals, `<name>_low` and `<name>_high`.
    """
    from grnpyg.metrics.bootstrap import interval  # numba and torch: the tables of a study need neither

    beside = {lift: max(rows, key=lambda row: metrics[row][score]) for lift, rows in LIFTS.items()}
    result: dict[str, dict[str, float]] = {}
    for row, own in metrics.items():
        values = {lift: own[score] - metrics[other][score] for lift, other in beside.items()}
        if samples is not None:
            drawn = {lift: samples[row] - samples[other] for lift, other in beside.items()}
            for name, sample in (drawn | {score: samples[row]}).items():
                low, high, _ = interval(sample)
                values |= {f"{name}_low": low, f"{name}_high": high}
        result[row] = values | dict(own)
    return result
