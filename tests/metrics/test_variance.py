"""By hand, against the closed form of a balanced table, and against a simulated truth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.variance import variance_components


def table(splits: list[list[float]]) -> pd.DataFrame:
    rows = [(split, seed, value) for split, values in enumerate(splits) for seed, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["split_seed", "seed", "value"])


def test_a_balanced_table_by_hand() -> None:
    """Split means 2, 5, 8; SSB = 2 x 18 = 36, MSB = 18; SSW = 3 x 2 = 6, MSW = 2; n0 = 2."""
    parts = variance_components(table([[1, 3], [4, 6], [7, 9]]))
    assert (parts.within_split, parts.between_splits, parts.share) == pytest.approx((2, 8, 0.8))
    assert parts.mean == 5
    assert parts.standard_error == pytest.approx(math.sqrt(18 / 6))
    assert (parts.n_splits, parts.n_seeds, parts.n_runs, parts.cut) == (3, 2, 6, False)


def test_an_unbalanced_table_by_hand() -> None:
    """Means 1, 4 and 10 of 1, 2 and 3 runs, grand mean 39 / 6 = 6.5.

    SSB = 30.25 + 2 x 6.25 + 3 x 12.25 = 79.5, MSB = 39.75; SSW = 2 + 8 = 10, MSW = 10 / 3;
    n0 = (6 - 14 / 6) / 2 = 11 / 6; between = (39.75 - 10 / 3) x 6 / 11.
    """
    parts = variance_components(table([[1], [3, 5], [8, 10, 12]]))
    between = (39.75 - 10 / 3) * 6 / 11
    assert (parts.within_split, parts.between_splits) == pytest.approx((10 / 3, between))
    assert parts.mean == pytest.approx(5)  # of the split means, not of the runs
    assert parts.standard_error == pytest.approx(math.sqrt(between / 3 + 10 / 3 * (1 + 1 / 2 + 1 / 3) / 9))
    assert not parts.cut


def test_a_negative_estimate_is_cut_and_said() -> None:
    """Equal split means: MSB = 0 is less than trainings alone would give."""
    parts = variance_components(table([[1, 3], [0, 4]]))
    assert parts.cut
    assert (parts.between_splits, parts.share, parts.within_split) == (0, 0, 5)
    assert parts.standard_error == pytest.approx(math.sqrt(5 / 4))  # that of four trainings


def test_one_training_a_split_cannot_be_taken_apart() -> None:
    parts = variance_components(table([[1], [2], [6]]))
    assert all(math.isnan(v) for v in (parts.within_split, parts.between_splits, parts.share))
    assert parts.standard_error == pytest.approx(np.std([1, 2, 6], ddof=1) / math.sqrt(3))


def test_one_split_says_nothing_about_other_splits() -> None:
    parts = variance_components(table([[1, 2, 3]]))
    assert parts.within_split == pytest.approx(1)
    assert all(math.isnan(v) for v in (parts.standard_error, parts.between_splits, parts.share))
    assert variance_components(table([[4.0]])).mean == 4


def test_equal_values_have_no_variance_to_share() -> None:
    parts = variance_components(table([[0.1] * 3, [0.1] * 2]))
    assert (parts.within_split, parts.between_splits, parts.standard_error) == (0, 0, 0)
    assert math.isnan(parts.share)
    assert not parts.cut


@pytest.mark.slow
def test_the_truth_of_a_simulation_comes_back_on_average() -> None:
    """1,000 unbalanced studies: between 4, within 1, and the error of the mean as the means really spread."""
    rng = numpy_generator(0, "variance")
    sizes = [1, 2, 3, 5, 2, 4]
    studies = []
    for _ in range(1000):
        splits = [rng.normal(0, 2) + rng.normal(0, 1, size) for size in sizes]
        studies.append(variance_components(table([list(split) for split in splits])))
    assert np.mean([s.within_split for s in studies]) == pytest.approx(1, rel=0.05)
    assert np.mean([s.between_splits for s in studies]) == pytest.approx(4, rel=0.08)
    spread = np.std([s.mean for s in studies])
    assert math.sqrt(np.mean([s.standard_error**2 for s in studies])) == pytest.approx(spread, rel=0.08)


studies = st.lists(st.lists(st.floats(-5, 5), min_size=1, max_size=4), min_size=1, max_size=5)


@settings(deadline=None, max_examples=40)
@given(studies, st.floats(-10, 10), st.randoms(use_true_random=False))
def test_order_and_origin_change_nothing(splits: list[list[float]], origin: float, random) -> None:
    frame = table(splits)
    parts = variance_components(frame)
    rows = list(range(len(frame)))
    random.shuffle(rows)
    moved = variance_components(frame.iloc[rows].assign(value=lambda f: f["value"] + origin))
    for name in ("within_split", "between_splits", "standard_error"):
        assert getattr(moved, name) == pytest.approx(getattr(parts, name), abs=1e-6, nan_ok=True)
    assert moved.mean == pytest.approx(parts.mean + origin, abs=1e-9)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (table([]), "no run"),
        (table([[1, float("nan")], [2, 3]]), "1 values are not finite"),
        (pd.concat([table([[1, 2], [3]])] * 2), r"0/0, 0/1, 1/0: more than one value"),
    ],
)
def test_tables_that_cannot_be_used(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        variance_components(frame)
