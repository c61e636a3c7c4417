from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grnpyg.models.baselines import Baseline, DegreeProduct, GeneDegree, TFDegree

GENE = [1.25, 3.25, 0.25, 2.25]  # the last but one gene was never seen
X = np.array([[1, 1, 0, 1], [0, 1, 0, 0], [0, 1, 0, 1]])


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        (GeneDegree, [[1, 3, 0, 2]] * 3),
        (TFDegree, [[3] * 4, [1] * 4, [2] * 4]),
        (DegreeProduct, [[3.25 * g for g in GENE], [1.25 * g for g in GENE], [2.25 * g for g in GENE]]),
    ],
)
def test_degrees_counted_by_hand(
    baseline: type[Baseline],
    expected: list[list[int]],
    scores_on: Callable[[Baseline, np.ndarray], np.ndarray],
) -> None:
    assert scores_on(baseline(), X).tolist() == expected
