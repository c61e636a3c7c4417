from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scanpy as sc
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from pairwise import pairwise
from places import SHARED, needs

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression import chunks
from grnpyg.data.expression.normalisation import State, describe, detect, to_log
from grnpyg.data.expression.read import read_expression


def counts(seed: int = 0, cells: int = 40, genes: int = 30) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(0.5, 20.0, genes), (cells, genes)).astype(np.float64)


def cpm(matrix: np.ndarray, total: float = 1e6) -> np.ndarray:
    return matrix / matrix.sum(axis=1, keepdims=True) * total


def zscores(matrix: np.ndarray) -> np.ndarray:
    return (matrix - matrix.mean(axis=0)) / (matrix.std(axis=0) + 1e-3)


STATES: dict[str, tuple[State, np.ndarray]] = {
    "counts": ("counts", counts()),
    "dusty counts": ("counts", counts() * (1 - 1e-12)),
    "cpm": ("normalised", cpm(counts())),
    "fractions": ("normalised", cpm(counts(), 1.0)),
    "some genes of cpm": ("normalised", np.where(np.arange(30) < 20, cpm(counts()), 0)),
    "log1p": ("log", np.log1p(cpm(counts(), 1e4))),
    "log2 cpm": ("log", np.log2(cpm(counts()) + 1)),
    "scaled": ("scaled", zscores(np.log1p(counts()))),
}


@pytest.mark.parametrize(
    ("name", "dtype", "form"),
    pairwise(
        list(STATES), [np.float32, np.float64], [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.csr_array]
    ),
)
def test_state_is_detected(name: str, dtype: type, form: type) -> None:
    state, matrix = STATES[name]
    assert detect(ad.AnnData(form(matrix.astype(dtype)))) == state


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.uint8, bool])
def test_integers_are_counts(dtype: type) -> None:
    assert detect(ad.AnnData(sp.csr_matrix((counts() % 100).astype(dtype)))) == "counts"


def test_log1p_in_uns_is_a_hint_and_no_proof() -> None:
    high = np.log1p(cpm(counts(), 1e4)) * 3  # a maximum between 20 and 30
    assert 20 < high.max() < 30
    hinted = {"log1p": {"base": None}}
    assert detect(ad.AnnData(high)) == "normalised"
    assert detect(ad.AnnData(high, uns=hinted)) == "log"
    assert detect(ad.AnnData(counts(), uns=hinted)) == "counts"
    assert detect(ad.AnnData(cpm(counts()), uns=hinted)) == "normalised"


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix])
def test_values_that_cannot_be_used_are_named(form: type) -> None:
    matrix = counts() + 0.5
    bad = matrix.copy()
    bad[1, 2], bad[3, 1] = np.nan, np.inf
    with pytest.raises(InputError, match=r"^here: 2 values are NaN or infinite, first in gene 2\."):
        detect(ad.AnnData(form(bad)), where="here")
    bad = matrix.copy()
    bad[0, :3] = -0.25
    with pytest.raises(InputError, match=r"3 of 1,200 non-zero values are negative \(lowest -0.25\)"):
        detect(ad.AnnData(form(bad)))
    with pytest.raises(InputError, match="negative counts"):
        detect(ad.AnnData(form(counts() - 3)))
    with pytest.raises(InputError, match="negative counts"):
        detect(ad.AnnData(form((counts() - 3).astype(np.int32))))
    with pytest.raises(InputError, match="every value is zero"):
        detect(ad.AnnData(form(np.zeros((3, 3)))))


def test_counts_are_logged_as_scanpy_does_it_and_the_input_stays() -> None:
    adata = ad.AnnData(counts().astype(np.float32) * (1 - 1e-7))
    adata.X[5] = 0  # a cell without counts
    before = adata.X.copy()
    expected = ad.AnnData(np.rint(before))
    sc.pp.normalize_total(expected, target_sum=1e4)
    sc.pp.log1p(expected)
    result = to_log(adata, "counts")
    np.testing.assert_allclose(result.X.toarray(), expected.X, rtol=1e-6)
    np.testing.assert_array_equal(adata.X, before)
    assert result.X.dtype == np.float32
    assert detect(result) == "log"
    assert to_log(adata, "counts", 100.0).X.max() < result.X.max()


def test_other_states_keep_their_values() -> None:
    _, normalised = STATES["cpm"]
    np.testing.assert_allclose(
        to_log(ad.AnnData(normalised), "normalised").X.toarray(), np.log1p(normalised), rtol=1e-6
    )
    for name in ("log1p", "scaled"):
        state, matrix = STATES[name]
        result = to_log(ad.AnnData(sp.csr_matrix(matrix)), state).X
        assert sp.issparse(result) == (state == "log")
        np.testing.assert_array_equal(
            result.toarray() if state == "log" else result, matrix.astype(np.float32)
        )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), target=st.sampled_from([1.0, 1e4, 1e6]))
def test_every_cell_has_the_target_sum(seed: int, target: float) -> None:
    matrix = counts(seed, cells=5, genes=8)
    totals = np.expm1(to_log(ad.AnnData(matrix), "counts", target).X.toarray().astype(np.float64)).sum(axis=1)
    np.testing.assert_allclose(totals, np.where(matrix.sum(axis=1) > 0, target, 0), rtol=1e-4)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize("name", STATES)
def test_backed_equals_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, form: type
) -> None:
    state, matrix = STATES[name]
    adata = ad.AnnData(
        form(matrix), obs=pd.DataFrame({"day": np.arange(40)}, index=[f"c{i}" for i in range(40)])
    )
    adata.write_h5ad(tmp_path / "a.h5ad")
    whole = to_log(adata, detect(adata))
    monkeypatch.setattr(chunks, "CHUNK", 7 * 30)  # seven cells at a time
    backed = read_expression(tmp_path / "a.h5ad", backed=True)
    assert detect(backed) == state
    part = to_log(backed, state, genes=["20", "3", "absent"])
    assert list(part.var_names) == ["3", "20"]
    assert list(part.obs["day"]) == list(range(40))
    expected, got = whole[:, ["3", "20"]].X, part.X
    if state != "scaled":
        expected, got = expected.toarray(), got.toarray()
    np.testing.assert_array_equal(got, expected)


def test_genes_that_are_all_absent_are_an_error() -> None:
    with pytest.raises(InputError, match=r"none of the genes is measured.*asked for X; measured are 0, 1, 2"):
        to_log(ad.AnnData(counts()), "counts", genes=["X"])


def test_the_sentence_says_what_was_done() -> None:
    assert describe("counts") == "The values are counts: scaled to 10,000 per cell, then log(1 + x)."
    assert "taken as they are" in describe("log")


@needs("beeline", "brain")
@pytest.mark.slow
def test_real_states() -> None:
    mdc = read_expression(SHARED / "beeline" / "mDC_TFs+500" / "ExpressionData.csv", genes_in="rows")
    assert mdc.shape == (383, 821)
    assert detect(mdc) == "log"
    brain = read_expression(SHARED / "brain" / "darmanis_data.csv.gz", genes_in="rows")
    assert detect(brain) == "counts"
    kept = to_log(brain, "counts", genes=["TP53", "MYC"])
    np.testing.assert_array_equal(kept.X.toarray(), to_log(brain, "counts")[:, kept.var_names].X.toarray())


def corrected(seed: int = 1) -> np.ndarray:
    """Counts with fractions, of cells whose depth differs tenfold."""
    rng = np.random.default_rng(seed)
    return counts(seed) * np.geomspace(1, 10, 40)[:, None] * rng.uniform(0.9, 1.0, (40, 30))


def test_corrected_counts_are_scaled_but_not_rounded_and_it_is_said() -> None:
    matrix = corrected()
    with warned() as lines:
        assert detect(ad.AnnData(matrix), where="a.h5ad") == "counts"
    assert "corrected counts" in lines[0]
    assert "--state counts" in lines[0]
    values = np.expm1(to_log(ad.AnnData(matrix), "counts").X.toarray().astype(np.float64))
    np.testing.assert_allclose(values, cpm(matrix, 1e4), rtol=1e-4)


@pytest.mark.parametrize("state", ["counts", "normalised"])
def test_a_stated_state_is_taken_without_a_warning(state: State) -> None:
    with warned() as lines:
        assert detect(ad.AnnData(corrected()), stated=state) == state
        assert detect(ad.AnnData(counts()), stated=state) == state
    assert lines == []


@pytest.mark.parametrize("state", ["counts", "normalised", "log"])
def test_a_state_that_the_values_cannot_have_is_refused(state: State) -> None:
    with pytest.raises(InputError, match=f"which is not {state}"):
        detect(ad.AnnData(zscores(counts())), stated=state)
    with pytest.raises(InputError, match="too large for a logarithm"):
        detect(ad.AnnData(counts()), stated="log")
