"""EASE against its definition, against ridge regression, and by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge

from grnpyg.core.errors import InputError
from grnpyg.models.baselines import Baseline, EaseGene, EaseTF, baselines
from grnpyg.models.baselines.ease import Autoencoder

ScoresOn = Callable[[Baseline, np.ndarray], np.ndarray]
binary = st.tuples(st.integers(1, 8), st.integers(1, 8)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0]))
)


def ease(x: np.ndarray, regularisation: float) -> np.ndarray:
    """All scores, by users; by items they are the same."""
    fitted = Autoencoder.fitted(csr_array(x), regularisation)
    scores = fitted.of(np.arange(x.shape[0]))
    np.testing.assert_allclose(fitted.for_items(np.arange(x.shape[1])), scores, atol=1e-12)
    return scores


def by_definition(x: np.ndarray, regularisation: float) -> np.ndarray:
    """B = I - P diagMat(1 / diag P), with P the plain inverse over all items."""
    p = np.linalg.inv(x.T @ x + regularisation * np.eye(x.shape[1]))
    b = np.eye(x.shape[1]) - p @ np.diag(1 / np.diag(p))
    assert np.allclose(np.diag(b), 0)
    return x @ b


@settings(deadline=None, max_examples=100)
@given(binary, st.floats(0.5, 100))
def test_fewer_users_or_fewer_items_it_is_the_definition(x: np.ndarray, regularisation: float) -> None:
    assert np.allclose(ease(x, regularisation), by_definition(x, regularisation), atol=1e-10)


@settings(deadline=None, max_examples=25)
@given(binary.filter(lambda x: x.shape[1] > 1), st.floats(0.5, 100))
def test_a_column_is_its_ridge_regression_on_the_others(x: np.ndarray, regularisation: float) -> None:
    """No closed form in common: the zero diagonal is a column left out."""
    scores = ease(x, regularisation)
    for item in range(x.shape[1]):
        others = np.delete(x, item, axis=1)
        ridge = Ridge(alpha=regularisation, fit_intercept=False).fit(others, x[:, item])
        assert np.allclose(scores[:, item], ridge.predict(others), atol=1e-8)


def test_two_genes_by_hand(scores_on: ScoresOn) -> None:
    """Weight of the one other gene = common TFs / (its TFs + lambda): 1 / (2 + 1) and 1 / (1 + 1)."""
    x = np.array([[1, 1], [1, 0]])
    assert np.allclose(scores_on(EaseGene(regularisation=1.0), x), [[1 / 2, 1 / 3], [0, 1 / 3]])
    assert np.allclose(scores_on(EaseTF(regularisation=1.0), x), [[1 / 2, 0], [1 / 3, 1 / 3]])


def test_over_tfs_is_over_genes_of_the_transposed_network(scores_on: ScoresOn) -> None:
    x = (np.random.default_rng(0).random((9, 14)) < 0.3).astype(int)
    for shape in (x, x.T):
        assert np.allclose(scores_on(EaseTF(), shape), scores_on(EaseGene(), shape.T).T)
        assert np.allclose(scores_on(EaseGene(), shape), by_definition(shape, 50.0))


@pytest.mark.parametrize("baseline", [EaseGene, EaseTF])
def test_a_hidden_edge_of_a_module_is_found(baseline: type[Baseline], scores_on: ScoresOn) -> None:
    """Two modules of 5 TFs x 12 genes; degree says the same of a pair inside and outside."""
    x = np.kron(np.eye(2), np.ones((5, 12)))
    x[0, 0] = x[5, 12] = 0
    scores = scores_on(baseline(regularisation=1.0), x)
    outside = np.kron(1 - np.eye(2), np.ones((5, 12))) == 1
    assert min(scores[0, 0], scores[5, 12]) > 0.5
    assert np.abs(scores[outside]).max() < 0.1


def test_a_node_without_training_edge_scores_zero(scores_on: ScoresOn) -> None:
    x = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    for baseline in (EaseGene(), EaseTF()):
        scores = scores_on(baseline, x)
        assert not scores[:, 2].any()
        assert not scores[2].any()


def test_regularisation_has_to_be_positive() -> None:
    for name in ("ease_gene", "ease_tf"):
        assert baselines.options(name) == {"regularisation": 50.0}
        with pytest.raises(InputError, match="greater than 0"):
            baselines.build(name, regularisation=0.0)
