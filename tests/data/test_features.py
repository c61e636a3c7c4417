from __future__ import annotations

import builtins

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from places import SHARED, needs
from pydantic import ValidationError

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.normalisation import to_log
from grnpyg.data.expression.read import read_expression
from grnpyg.data.features import FeatureConfig, gene_features

RAW = FeatureConfig(standardize=False)


def cells(types: list[object] | None = None, *, key: str = "cell_type", dense: bool = False) -> ad.AnnData:
    """Two groups of twelve cells that differ in five of the fifteen genes; gene g14 is silent."""
    rng = np.random.default_rng(3)
    matrix = rng.gamma(1.0, 1.0, (24, 15)) * (rng.random((24, 15)) < 0.7)
    matrix[:12, :5] += 6
    matrix[:, 14] = 0
    obs = pd.DataFrame(index=[f"c{i}" for i in range(24)])
    if types is not None:
        obs[key] = types
    x = matrix.astype(np.float32)
    return ad.AnnData(
        x if dense else sp.csr_matrix(x), obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(15)])
    )


TWO = ["T"] * 12 + ["B"] * 12


@pytest.mark.parametrize("dense", [False, True])
def test_means_are_the_means_of_the_typed_cells(dense: bool) -> None:
    types = ["T"] * 11 + [None] * 5 + ["B"] * 8
    adata = cells(types, dense=dense)
    features = gene_features(adata, RAW, seed=0)
    assert list(features.table.columns) == ["mean:B", "mean:T"]
    assert list(features.table.index) == list(adata.var_names)
    assert (features.table.dtypes == np.float32).all()
    matrix = adata.X if dense else adata.X.toarray()
    np.testing.assert_allclose(features.table["mean:T"], matrix[:11].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(features.table["mean:B"], matrix[16:].mean(axis=0), rtol=1e-5)
    assert "T (11), B (8)" in features.summary
    assert "Fewer than 10 cells: B." in features.summary
    assert "5 cells without a type were left out" in features.summary
    assert "15 genes, 1 of them zero in every cell" in features.summary


@pytest.mark.parametrize(
    "key", ["cell_type", "CellType", "cell type", "Cell Type", "cell_ontology_class", "leiden"]
)
def test_usual_column_names_are_found(key: str) -> None:
    assert gene_features(cells(TWO, key=key), RAW, seed=0).table.shape == (15, 2)


def test_the_better_name_wins_and_obs_key_wins_over_all() -> None:
    adata = cells(TWO, key="leiden")
    adata.obs["celltype"] = ["a", "b", "c"] * 8
    adata.obs["Batch"] = pd.Categorical([1, 2, 3, 4] * 6)
    assert gene_features(adata, RAW, seed=0).table.shape[1] == 3
    by_batch = gene_features(adata, RAW.model_copy(update={"obs_key": "batch"}), seed=0)
    assert list(by_batch.table.columns) == [f"mean:{i}" for i in (1, 2, 3, 4)]


def test_columns_that_cannot_be_used_are_named() -> None:
    with pytest.raises(InputError, match=r"unknown obs column 'cell_typ'.*Did you mean 'cell_type'"):
        gene_features(cells(TWO), FeatureConfig(obs_key="cell_typ"), seed=0)
    with pytest.raises(InputError, match="a different type"):
        gene_features(cells(list(range(24))), FeatureConfig(), seed=0)
    with pytest.raises(InputError, match="no cell type for any cell"):
        gene_features(cells([None, "", "nan", np.nan] * 6), FeatureConfig(), seed=0)


@pytest.mark.slow
def test_leiden_clusters_stand_in_for_cell_types() -> None:
    pytest.importorskip("igraph")
    adata = cells()
    config = FeatureConfig(kind="celltype_means", standardize=False, leiden_resolution=0.3)
    features = gene_features(adata, config, seed=0)
    assert "2 Leiden clusters (resolution 0.3), with their cells: 0 (12), 1 (12)" in features.summary
    groups = np.stack([adata.X[:12].toarray().mean(axis=0), adata.X[12:].toarray().mean(axis=0)])
    found = features.table.to_numpy().T
    assert min(np.abs(found - groups).max(), np.abs(found[::-1] - groups).max()) < 1e-5
    assert "leiden" not in adata.obs


def test_missing_igraph_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__
    block = lambda name, *rest: real("no_such_module" if name == "igraph" else name, *rest)  # noqa: E731
    monkeypatch.setattr(builtins, "__import__", block)
    with pytest.raises(InputError, match=r'pip install "grnpyg\[leiden\]"'):
        gene_features(cells(), FeatureConfig(kind="celltype_means"), seed=0)


@pytest.mark.parametrize("dense", [False, True])
def test_components_are_the_centred_decomposition(dense: bool) -> None:
    adata = cells(dense=dense)
    config = FeatureConfig(kind="pca", n_components=4, standardize=False)
    table = gene_features(adata, config, seed=0).table
    profiles = (adata.X if dense else adata.X.toarray()).T.astype(np.float64)
    left, singular, _ = np.linalg.svd(profiles - profiles.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(table), np.abs(left * singular)[:, :4], atol=1e-5)
    peaks = table.to_numpy()[np.abs(table.to_numpy()).argmax(axis=0), np.arange(4)]
    assert (peaks > 0).all()
    assert list(table.columns) == ["pca:0", "pca:1", "pca:2", "pca:3"]


def test_too_many_components_name_the_largest() -> None:
    with pytest.raises(InputError, match=r"Use `--set features\.n_components=14`"):
        gene_features(cells(), FeatureConfig(kind="pca", n_components=15), seed=0)
    assert gene_features(cells(), FeatureConfig(kind="pca", n_components=14), seed=0).table.shape == (15, 14)


def test_auto_is_pca_without_a_type_and_both_joins_them() -> None:
    auto = gene_features(cells(), FeatureConfig(n_components=3), seed=0).table
    assert list(auto.columns) == ["pca:0", "pca:1", "pca:2"]
    both = gene_features(cells(TWO), FeatureConfig(kind="both", n_components=3), seed=0).table
    assert list(both.columns) == ["mean:B", "mean:T", "pca:0", "pca:1", "pca:2"]
    pd.testing.assert_frame_equal(both[auto.columns], auto)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**40), order=st.permutations(range(24)))
def test_means_do_not_depend_on_seed_or_order_of_cells(seed: int, order: list[int]) -> None:
    adata = cells(TWO)
    expected = gene_features(adata, FeatureConfig(), seed=0).table
    result = gene_features(adata[order].copy(), FeatureConfig(), seed=seed).table
    np.testing.assert_allclose(result, expected, atol=1e-5)
    np.testing.assert_allclose(result.mean(), 0, atol=1e-5)
    np.testing.assert_allclose(result.std(ddof=0), 1, atol=1e-5)


@pytest.mark.slow
def test_same_seed_same_bits() -> None:
    pytest.importorskip("igraph")
    config = FeatureConfig(kind="both", n_components=5)
    first, second = (gene_features(cells(), config, seed=11).table for _ in range(2))
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


def test_a_column_without_spread_is_not_blown_up() -> None:
    adata = cells(TWO)
    adata.X = sp.csr_matrix(
        np.vstack([np.full((12, 15), 2.5), np.arange(180).reshape(12, 15)]).astype(np.float32)
    )
    table = gene_features(adata, FeatureConfig(), seed=0).table
    np.testing.assert_array_equal(table["mean:T"], 0)
    assert table["mean:B"].std(ddof=0) == pytest.approx(1)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ValidationError, match="n_component"):
        FeatureConfig(n_component=3)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        FeatureConfig(n_components=0)


@needs("brain")
@pytest.mark.slow
def test_darmanis_has_nine_cell_types() -> None:
    brain = SHARED / "brain"
    adata = read_expression(
        brain / "darmanis_data.csv.gz", genes_in="rows", obs=brain / "darmanis_meta.csv.gz"
    )
    features = gene_features(to_log(adata, "counts"), FeatureConfig(), seed=0)
    assert features.table.shape == (22088, 9)
    assert np.isfinite(features.table.to_numpy()).all()
    assert features.table.loc["GFAP"].idxmax() == "mean:astrocytes"
    assert "458 of them zero" in features.summary


def test_the_default_number_of_components_fits_the_data_and_is_said() -> None:
    with warned() as lines:
        features = gene_features(cells(), FeatureConfig(kind="pca"), seed=0)
    assert features.table.shape == (15, 14)
    assert "14 are taken instead of 50" in lines[0]
    assert "14 principal components" in features.summary
    with warned() as lines:
        gene_features(cells(), FeatureConfig(kind="pca", n_components=14), seed=0)
    assert lines == []


@pytest.mark.parametrize("name", ["NA", "None", "<NA>", "", "nan", "n/a", "unassigned", " NULL "])
def test_names_of_no_type_are_missing_and_counted(name: str) -> None:
    features = gene_features(cells([*TWO[:20], *[name] * 4]), RAW, seed=0)
    assert list(features.table.columns) == ["mean:B", "mean:T"]
    assert "4 cells without a type were left out" in features.summary


@pytest.mark.parametrize(
    "types",
    [
        [0.5 + number for number in [*range(21), 0, 0, 0]],
        [f"{number}.25" for number in [*range(21), 0, 0, 0]],
        [f"cell {number // 2 * 2 if number < 10 else number}" for number in range(24)],
        [1000 + min(number, 15) for number in range(24)],
    ],
)
def test_measurements_and_names_of_cells_are_no_types(types: list[object]) -> None:
    with pytest.raises(InputError, match="these are no cell types"):
        gene_features(cells(types), RAW, seed=0)


def test_numbers_of_clusters_are_types() -> None:
    assert gene_features(cells([0.0, 1.0, 2.5, 2.5] * 6), RAW, seed=0).table.shape == (15, 3)


def test_a_single_type_is_warned_about_and_the_advice_gives_more_features() -> None:
    with warned() as lines:
        gene_features(cells(["T"] * 24), RAW, seed=0)
    assert "all cells are of one type, 'T'" in lines[0]
    assert "--set features.kind=pca" in lines[0]
    pca = FeatureConfig(kind="pca", n_components=14)
    assert gene_features(cells(["T"] * 24), pca, seed=0).table.shape[1] == 14


def test_genes_that_are_all_alike_have_no_components() -> None:
    adata = ad.AnnData(np.ones((24, 15), np.float32), var=pd.DataFrame(index=[f"g{i}" for i in range(15)]))
    with pytest.raises(InputError, match="no principal components: all genes have the same values"):
        gene_features(adata, FeatureConfig(kind="pca", n_components=3), seed=0)
