"""Where the spread of a metric over runs comes from: the split of the data, or the training seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError, examples


@dataclass(frozen=True)
class VarianceComponents:
    """Variance of a metric between splits and between trainings on one split.

    Attributes:
        mean: mean of the split means: every split counts the same, however many trainings it has.
        standard_error: of `mean`, for new splits and new trainings; nan with one split.
        between_splits: variance of a split's expected value; nan if it cannot be separated from
            `within_split` (one split, or one training on each).
        within_split: variance of trainings on the same split; nan where no split has two.
        share: between_splits / (between_splits + within_split); nan where both are 0 or one is nan.
        cut: the estimate of between_splits was negative (the split means differ less than trainings alone
            would make them) and was set to 0.
        n_splits: distinct split seeds.
        n_seeds: distinct training seeds.
        n_runs: values.
    """

    mean: float
    standard_error: float
    between_splits: float
    within_split: float
    share: float
    cut: bool
    n_splits: int
    n_seeds: int
    n_runs: int


def variance_components(values: pd.DataFrame) -> VarianceComponents:
    """One-way random effects: value = mean + split + training, trainings nested in splits.

    Method of moments from the analysis of variance (Searle, Casella & McCulloch 1992, chapter 3), which holds
    for unequal numbers of trainings n_i on a splits:
    within = SSW / (N - a), between = (SSB / (a - 1) - within) / n0 with n0 = (N - sum n_i^2 / N) / (a - 1).
    The error of the mean is sqrt(between / a + within sum(1 / n_i) / a^2): more trainings on the same splits
    only shrink its second part. With one training per split the two parts cannot be separated: the
    error is sd(values) / sqrt(a).

    Args:
        values: one row per run with the columns split_seed, seed and value. The same training seed on another
            split counts as a new draw.

    Raises:
        InputError: no row, a value that is not finite, or two rows of one split seed and training seed.
    """
    if values.empty:
        raise InputError("there are no runs", fix="give at least one value")
    twice = values[values.duplicated(["split_seed", "seed"])]
    if len(twice):
        names = examples(f"{row.split_seed}/{row.seed}" for row in twice.itertuples())
        raise InputError(f"split seed/training seed {names}: more than one value", fix="keep one row per run")
    value = values["value"].to_numpy(np.float64)
    if not np.isfinite(value).all():
        raise InputError(
            f"{int((~np.isfinite(value)).sum())} values are not finite", fix="leave those runs out"
        )

    origin = value[0]  # so that equal values have a variance of exactly 0
    groups = pd.Series(value - origin).groupby(values["split_seed"].to_numpy())
    size, mean = groups.size().to_numpy(np.float64), groups.mean().to_numpy()
    splits, runs = len(size), len(value)
    within = between = standard_error = share = math.nan
    cut = False
    if runs > splits:
        within = float(((value - origin - groups.transform("mean")) ** 2).sum() / (runs - splits))
    if splits > 1 and runs > splits:
        grand = np.average(mean, weights=size)
        mean_square = float((size * (mean - grand) ** 2).sum() / (splits - 1))
        estimate = (mean_square - within) / ((runs - (size**2).sum() / runs) / (splits - 1))
        between, cut = max(float(estimate), 0.0), bool(estimate < 0)
        share = between / (between + within) if between + within > 0 else math.nan
        standard_error = math.sqrt(between / splits + within * float((1 / size).sum()) / splits**2)
    elif splits > 1:
        standard_error = float(mean.std(ddof=1)) / math.sqrt(splits)
    return VarianceComponents(
        mean=float(origin + mean.mean()),
        standard_error=standard_error,
        between_splits=between,
        within_split=within,
        share=share,
        cut=cut,
        n_splits=splits,
        n_seeds=int(values["seed"].nunique()),
        n_runs=runs,
    )
