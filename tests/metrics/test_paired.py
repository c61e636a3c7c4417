"""Golden values by hand and from the definitions, which share no code with the library."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, wilcoxon

from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.paired import ASSUMPTION, DeLong, delong, holm, per_tf_wilcoxon

nan = math.nan


def test_wilcoxon_equals_scipy_and_a_rank_sum_by_hand() -> None:
    """Differences 1, 2, -3, 4, 5, 6, 7: ranks 25 against 3 of 28; sums of at most 3 come 5 times in 2^7."""
    b = np.zeros(7)
    a = np.array([1.0, 2, -3, 4, 5, 6, 7])
    test = per_tf_wilcoxon(a, b)
    assert (test.n, test.nonzero) == (7, 7)
    assert (test.mean_difference, test.median_difference) == pytest.approx((22 / 7, 4))
    assert test.effect_size == pytest.approx((25 - 3) / 28)
    assert test.p == pytest.approx(2 * 5 / 2**7)
    assert test.p == pytest.approx(wilcoxon(a, b, zero_method="pratt").pvalue)


def test_zeros_keep_their_ranks_as_pratt_has_it() -> None:
    """Two zeros take ranks 1 and 2, so the differences have 3, 4, 5, 6, 7, 8; dropped first: 1 to 6."""
    a = np.array([0, 0, 1, 2, -3, 4, 5, 6.0])
    test = per_tf_wilcoxon(a, np.zeros(8))
    assert test.effect_size == pytest.approx((33 - 2 * 5) / 33)
    assert (test.n, test.nonzero) == (8, 6)
    assert test.p == pytest.approx(2 * 4 / 2**6)  # none, 3, 4 or 5 negative; ranks 1 to 6 would allow 1 + 2


def test_equal_steps_are_ties_whatever_their_last_bit() -> None:
    """.8 - .7 is .1 + 1e-16 and .7 - .6 is .1 - 1e-16; signs alternate, so nothing is there."""
    steps = np.array([0.8 - 0.7, -(0.7 - 0.6), 0.3 - 0.2, -(0.9 - 0.8), 0.4 - 0.3, -(0.5 - 0.4)])
    test = per_tf_wilcoxon(0.5 + steps, np.full(6, 0.5))
    assert test.effect_size == 0
    assert test.p == pytest.approx(1)
    assert per_tf_wilcoxon(np.full(8, 0.1 + 0.2), np.full(8, 0.3)).nonzero == 0


def test_too_few_differences_have_no_p_but_an_effect() -> None:
    a = np.array([1.0, 2, 3, 4, 5, 0, 0])
    test = per_tf_wilcoxon(a, np.zeros(7))
    assert math.isnan(test.p)
    assert (test.nonzero, test.effect_size, test.mean_difference) == (5, 1, pytest.approx(15 / 7))
    assert not math.isnan(per_tf_wilcoxon(np.arange(7.0), np.zeros(7)).p)
    same = per_tf_wilcoxon(a, a)
    assert (same.n, same.nonzero, same.effect_size, same.mean_difference) == (7, 0, 0, 0)
    assert math.isnan(same.p)


def test_a_tf_without_a_value_is_left_out() -> None:
    a, b = np.array([nan, 1, 2, 3, 4, 5, 6, 7]), np.array([5, nan, 0, 0, 0, 0, 0, 0.0])
    assert per_tf_wilcoxon(a, b) == per_tf_wilcoxon(a[2:], b[2:])
    empty = per_tf_wilcoxon(a[:1], b[:1])
    assert empty.n == 0
    assert all(math.isnan(v) for v in (empty.mean_difference, empty.median_difference, empty.effect_size))
    with pytest.raises(ValueError, match="same TFs"):
        per_tf_wilcoxon(a, b[1:])


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=9),
    st.randoms(use_true_random=False),
)
@pytest.mark.slow
def test_exchange_turns_the_sign_and_order_does_not_matter(pairs: list[tuple[int, int]], random) -> None:
    a, b = np.array(pairs, dtype=float).T
    one, other = per_tf_wilcoxon(a, b), per_tf_wilcoxon(b, a)
    assert one.effect_size == -other.effect_size
    assert one.mean_difference == -other.mean_difference
    assert one.p == pytest.approx(other.p, nan_ok=True)
    random.shuffle(pairs)
    shuffled = per_tf_wilcoxon(*np.array(pairs, dtype=float).T)
    assert dataclasses.astuple(shuffled) == pytest.approx(dataclasses.astuple(one), nan_ok=True)


def test_holm_by_hand() -> None:
    """Sorted .005, .01, .03, .04 times 4, 3, 2, 1 = .02, .03, .06, .04; the last may not fall below .06."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.01, nan, 0.04]) == pytest.approx([0.02, nan, 0.04], nan_ok=True)
    assert holm([0.6, 0.9]).tolist() == [1, 1]
    assert holm([]).tolist() == []
    assert np.isnan(holm([nan, nan])).all()
    for wrong in (-0.1, 1.1):
        with pytest.raises(ValueError, match="p-values"):
            holm([0.5, wrong])


p_lists = st.lists(st.one_of(st.floats(0, 1), st.just(nan)), max_size=12)


@settings(deadline=None, max_examples=100)
@given(p_lists)
def test_holm_is_monotone_between_p_and_bonferroni_and_rejects_step_by_step(p_values: list[float]) -> None:
    p, adjusted = np.array(p_values, dtype=float), holm(p_values)
    assert (np.isnan(p) == np.isnan(adjusted)).all()
    p, adjusted = p[~np.isnan(p)], adjusted[~np.isnan(p)]
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, p.size * p)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    rejected, left = set(), sorted(range(p.size), key=lambda i: p[i])
    while left and (p[left[0]] * len(left)) <= 0.05:
        rejected.add(left.pop(0))
    assert {i for i in range(p.size) if adjusted[i] <= 0.05} == rejected


def delong_by_definition(label: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Difference and variance from the kernel of every pair and the 2 x 2 covariance matrices."""
    shares = []
    for score in (a, b):
        x, y = score[label == 1][:, None], score[label == 0][None, :]
        shares.append((x > y) + 0.5 * (x == y))
    s10 = np.cov([kernel.mean(axis=1) for kernel in shares])
    s01 = np.cov([kernel.mean(axis=0) for kernel in shares])
    s = s10 / (label == 1).sum() + s01 / (label == 0).sum()
    return shares[0].mean() - shares[1].mean(), s[0, 0] + s[1, 1] - 2 * s[0, 1]


cases = st.lists(
    st.tuples(st.integers(0, 1), st.integers(-3, 3), st.integers(-3, 3)), min_size=4, max_size=25
).filter(lambda rows: min(sum(r[0] for r in rows), sum(1 - r[0] for r in rows)) >= 2)


@settings(deadline=None, max_examples=100)
@given(cases, st.randoms(use_true_random=False))
@pytest.mark.slow
def test_delong_equals_its_definition(rows: list[tuple[int, int, int]], random) -> None:
    label, a, b = np.array(rows, dtype=float).T
    test = delong(label, a, b)
    difference, variance = delong_by_definition(label, a, b)
    assert (test.auroc_a, test.auroc_b) == pytest.approx((auroc(label, a), auroc(label, b)))
    assert test.difference == pytest.approx(difference, abs=1e-12)
    assert test.variance == pytest.approx(variance, abs=1e-12)
    if test.variance > 0:
        assert test.z == pytest.approx(difference / math.sqrt(variance), abs=1e-6)
        assert test.p == pytest.approx(2 * norm.cdf(-abs(test.z)))
        assert test.high - test.low == pytest.approx(2 * 1.959964 * math.sqrt(variance))
    random.shuffle(rows)
    shuffled = dataclasses.astuple(delong(*np.array(rows, dtype=float).T))
    assert shuffled[:-1] == pytest.approx(dataclasses.astuple(test)[:-1], abs=1e-12, nan_ok=True)


def test_delong_by_hand() -> None:
    """b is constant. Placements of a: positives 1 and 1/2, negatives 1/2 and 1: variance 2 x .125 / 2."""
    test = delong(np.array([1, 1, 0, 0]), np.array([3.0, 1, 2, 0]), np.ones(4))
    assert (test.auroc_a, test.auroc_b, test.difference, test.variance) == (0.75, 0.5, 0.25, 0.125)
    assert test.z == pytest.approx(1 / math.sqrt(2))
    assert test.p == pytest.approx(0.4795, abs=1e-4)
    assert (test.low, test.high) == pytest.approx((0.25 - 0.69295, 0.25 + 0.69295), abs=1e-4)
    assert test.effect_size == pytest.approx(math.sqrt(2) * 0.6744898)
    assert test.assumption == ASSUMPTION == "pairs taken as independent"


def test_delong_of_one_order_is_certain_of_no_difference() -> None:
    rng = numpy_generator(0, "delong")
    label, score = np.repeat([0, 1], 40), rng.normal(size=80)
    test = delong(label, score, np.exp(score))
    assert (test.difference, test.variance, test.z, test.p, test.low, test.high) == (0, 0, 0, 1, 0, 0)
    assert test.effect_size == 0


@pytest.mark.parametrize(("positives", "sign"), [(1, -1), (3, -1), (7, 0)])
def test_delong_without_a_variance_is_nan(positives: int, sign: int) -> None:
    """Perfect against reversed or constant: all placements differ by as much. One positive: no variance."""
    label = np.array([1] * positives + [0] * 3)
    test = delong(label, label.astype(float), sign * label.astype(float))
    assert (test.auroc_a, test.auroc_b) == (1, (1 + sign) / 2)
    assert all(math.isnan(v) for v in (test.z, test.p, test.low, test.high, test.effect_size))


def test_delong_of_one_class_has_no_auroc() -> None:
    test = delong(np.ones(3), np.arange(3.0), np.arange(3.0))
    assert all(math.isnan(v) for v in dataclasses.astuple(test)[:-1])
    with pytest.raises(ValueError, match="differ"):
        delong(np.ones(3), np.ones(3), np.ones(2))


@pytest.mark.slow
def test_delong_keeps_its_level_on_independent_pairs_and_loses_it_on_shared_nodes() -> None:
    """400 studies without a difference: 5 % rejected if pairs are independent, far more within 8 TFs."""
    rng = numpy_generator(0, "level")

    def rejected(shared: float) -> float:
        hits = 0
        for _ in range(400):
            tf = rng.integers(0, 8, 160)
            label = rng.integers(0, 2, 160)
            easy = [shared * rng.normal(size=8)[tf] * (2 * label - 1) for _ in range(2)]
            a, b = (label + rng.normal(size=160) + part for part in easy)
            hits += delong(label, a, b).p < 0.05
        return hits / 400

    assert rejected(0) == pytest.approx(0.05, abs=0.03)
    assert rejected(1) > 0.2


def test_results_are_plain_numbers() -> None:
    """What goes into a report must survive JSON."""
    a, b = np.arange(8, dtype=np.float32), np.arange(8, dtype=np.float32)[::-1]
    label = np.array([0, 1] * 4, np.float32)
    for result in (per_tf_wilcoxon(a, b), delong(label, a, b)):
        fields = dataclasses.asdict(result)
        assert json.loads(json.dumps(fields)) == fields
        assert isinstance(fields.get("p"), float)
    assert {field.name for field in dataclasses.fields(DeLong)} > {"low", "high", "assumption"}
