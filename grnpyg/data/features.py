"""Per-gene features from log expression: mean per cell type, principal components, or both."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.linalg import ArpackError, svds
from sklearn.decomposition import PCA

from grnpyg.core.data_config import FeatureConfig
from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.core.seeding import derive
from grnpyg.data.expression.chunks import row_chunks
from grnpyg.data.gene_products import CentredProfiles, Floats, grouped_sums, of_genes

if TYPE_CHECKING:
    from anndata import AnnData

# Names of a cell-type column without case and punctuation, the best first.
CELL_TYPE_KEYS = (
    *("celltype", "celltypes", "cellontologyclass", "cellannotation", "annotation", "annotations"),
    *("leiden", "louvain", "clusters", "cluster", "seuratclusters"),
)
# What a cell without a type is called, in lower case: by pandas, by R, by str(None), by annotation tools.
NO_TYPE = ("", "na", "nan", "none", "null", "<na>", "n/a", "#n/a", "unassigned", "unknown", "-")
NUMBERS = 20  # more different values with decimals are measurements, such as a percentage, not groups
SMALL_GROUP = 10  # cells; the mean of fewer is named in the summary as uncertain


@dataclass(frozen=True)
class GeneFeatures:
    """Features of the genes.

    Attributes:
        table: (num_genes, num_features) float32, one row per gene, columns `mean:<type>` and `pca:<number>`.
        summary: what was used, in a sentence or two.
    """

    table: pd.DataFrame
    summary: str


def gene_features(
    adata_log: AnnData, config: FeatureConfig, *, seed: int, reference: Collection[str] | None = None
) -> GeneFeatures:
    """Describe every gene by its expression; the same input and seed give the same bits.

    Args:
        adata_log: cells x genes in memory, log values (see `normalisation.to_log`).
        config: which features.
        seed: for the Leiden clusters and the start vector of the decomposition.
        reference: the genes that clusters, components and scale are computed from; None: all.

    Raises:
        InputError: `obs_key` is missing or useless, too many components, or clusters without igraph.
    """
    numpy_seed = derive(seed, "gene_features") % 2**32  # scanpy and scikit-learn take 32 bits
    key = _find_key(adata_log.obs, config.obs_key)
    kind = config.kind if config.kind != "auto" else ("pca" if key is None else "celltype_means")
    blocks, notes = [], []
    base = adata_log
    if reference is not None:
        base = adata_log[:, adata_log.var_names.isin(list(reference))].copy()
    if kind in ("celltype_means", "both"):
        if key is None:
            types = _leiden(base, config.leiden_resolution, numpy_seed)
            source = f"Leiden clusters (resolution {config.leiden_resolution:g})"
        else:
            types, source = _cell_types(adata_log.obs[key], key), f"cell types of obs column {key!r}"
        blocks.append(_means(adata_log, types))
        notes.append(_describe_types(types, source))
    if kind in ("pca", "both"):
        number = _num_components(base, config.n_components)
        blocks.append(_components(adata_log, base, number, numpy_seed))
        notes.append(f"{number} principal components over {adata_log.n_obs:,} cells.")
    if config.standardize:
        blocks = [_standardized(block, block.loc[base.var_names]) for block in blocks]
    table = pd.concat(blocks, axis=1).astype(np.float32)
    active = np.zeros(adata_log.n_vars, dtype=bool)
    for chunk in row_chunks(adata_log.X):
        active |= np.asarray((chunk != 0).sum(axis=0)).ravel() > 0
    notes.append(f"{adata_log.n_vars:,} genes, {(~active).sum():,} of them zero in every cell.")
    return GeneFeatures(table, " ".join(notes))


def highly_variable(adata_log: AnnData, n_top_genes: int) -> list[str]:
    """Names of the genes that vary most between the cells, given their mean.

    Args:
        adata_log: cells x all genes, log values.
        n_top_genes: how many.

    Raises:
        InputError: there are not that many genes.
    """
    import scanpy as sc

    if n_top_genes > adata_log.n_vars:
        raise InputError(
            f"{n_top_genes:,} genes asked for, but there are only {adata_log.n_vars:,}",
            where="features.n_top_genes",
        )
    table = sc.pp.highly_variable_genes(adata_log, n_top_genes=n_top_genes, flavor="seurat", inplace=False)
    return [str(name) for name in adata_log.var_names[table["highly_variable"].to_numpy()]]


def _find_key(obs: pd.DataFrame, asked: str | None) -> str | None:
    """The cell-type column of `obs`; None if none was asked for and no usual name is there."""
    if asked in obs.columns:
        return asked
    plain = {re.sub(r"[\W_]+", "", str(column).lower()): str(column) for column in reversed(obs.columns)}
    if asked is not None:
        same = [str(column) for column in obs.columns if str(column).lower() == asked.lower()]
        if not same:
            raise unknown("obs column", asked, map(str, obs.columns), where="obs_key")
        return same[0]
    return next((plain[name] for name in CELL_TYPE_KEYS if name in plain), None)


def _cell_types(column: pd.Series[Any], key: str) -> pd.Series[Any]:
    """The cell type of each cell as text, missing ones as NA."""
    where = f"obs column {key!r}"
    types = column.astype("string").str.strip()
    types = types.mask(types.str.lower().isin(NO_TYPE))
    typed, different = int(types.notna().sum()), int(types.nunique())
    if typed == 0:
        raise InputError("names no cell type for any cell", where=where, fix="choose another obs_key")
    fix = "name a column that groups the cells with `--set features.obs_key=COLUMN`"
    if len(types) > 1 and different == len(types):
        raise InputError("gives every cell a different type", where=where, fix=fix)
    numbers = pd.to_numeric(types.dropna(), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    measured = bool(np.isfinite(numbers).all()) and bool((numbers % 1 != 0).any()) and different > NUMBERS
    if measured or (typed >= NUMBERS and 2 * different > typed):
        held = "numbers" if measured else "values"
        what = f"holds {different:,} different {held} for {typed:,} cells: these are no cell types"
        raise InputError(what, where=where, fix=fix)
    if different == 1:
        what = f"all cells are of one type, {types.dropna().iloc[0]!r}: every gene has one feature, its mean"
        warn(what, where=where, fix="for more features use `--set features.kind=pca`")
    return types


def _leiden(adata: AnnData, resolution: float, seed: int) -> pd.Series[Any]:
    """Leiden clusters on the neighbour graph of the cells' principal components."""
    import scanpy as sc
    from anndata import AnnData

    try:
        import igraph  # noqa: F401
    except ImportError as error:
        fix = 'run pip install "grnpyg[leiden]", or choose kind: pca or an obs_key'
        raise InputError("Leiden clusters need the package igraph", where="features", fix=fix) from error
    if min(adata.shape) < 4:
        what = f"{adata.n_obs} cells x {adata.n_vars} genes are too few for clusters"
        raise InputError(what, where="features", fix="give the cell types in an obs column")
    cells = AnnData(adata.X, obs=pd.DataFrame(index=adata.obs_names))
    sc.pp.pca(cells, n_comps=min(50, min(cells.shape) - 1), svd_solver="arpack", random_state=seed)
    sc.pp.neighbors(cells, n_neighbors=min(15, cells.n_obs - 1), random_state=seed)
    options: dict[str, Any] = {"flavor": "igraph", "n_iterations": 2, "directed": False}
    sc.tl.leiden(cells, resolution=resolution, random_state=seed, **options)
    clusters: pd.Series[Any] = cells.obs["leiden"].astype("string")
    return clusters


def _means(adata: AnnData, types: pd.Series[Any]) -> pd.DataFrame:
    """Mean expression (num_genes, num_types), over the cells that have a type."""
    codes, names = pd.factorize(types, sort=True)  # a missing type has the code -1
    typed = np.flatnonzero(codes >= 0)
    sizes = np.bincount(codes[typed])
    weights = 1.0 / sizes[codes]  # of a cell without a type it is not read
    if sp.issparse(adata.X):
        means = grouped_sums(adata.X.tocsr(), codes, weights, len(names))
    else:
        averaging = sp.csr_matrix((weights[typed], (codes[typed], typed)), shape=(len(names), adata.n_obs))
        means = averaging @ adata.X
    return pd.DataFrame(means.T, index=adata.var_names, columns=[f"mean:{name}" for name in names])


def _num_components(adata: AnnData, asked: int) -> int:
    """How many components to take: the default gives way to small data, another number does not."""
    largest = min(adata.shape) - 1  # centring takes one dimension
    if asked <= largest:
        return asked
    what = f"{adata.n_obs:,} cells x {adata.n_vars:,} genes have at most {largest} principal components"
    if largest < 1:
        raise InputError(what, where="features", fix="give more cells, or their types in an obs column")
    fix = f"`--set features.n_components={largest}`"
    if asked != FeatureConfig.model_fields["n_components"].default:
        raise InputError(f"{asked} are too many: {what}", where="features.n_components", fix=f"use {fix}")
    warn(f"{what}: {largest} are taken instead of {asked}", fix=f"to say so yourself use {fix}")
    return int(largest)


def _components(adata: AnnData, base: AnnData, n_components: int, seed: int) -> pd.DataFrame:
    """Scores (num_genes, n_components) of the genes' profiles, centred over those of `base`, signs fixed."""
    try:
        own, components, mean = _decomposed(base.X, n_components, seed)
    except ArpackError:
        raise InputError(
            "has no principal components: all genes have the same values",
            where="expression",
            fix="give cells and genes that differ",
        ) from None
    scores = own
    if base is not adata:
        sparse = sp.issparse(adata.X)
        products = of_genes(adata.X.tocsr(), components) if sparse else _profiles(adata.X) @ components
        scores = products - mean @ components
    peaks = own[np.abs(own).argmax(axis=0), np.arange(n_components)]
    columns = [f"pca:{number}" for number in range(n_components)]
    return pd.DataFrame(scores * np.where(peaks < 0, -1, 1), index=adata.var_names, columns=columns)


def _decomposed(cells: Any, n_components: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Scores (num_genes, k), components (num_cells, k) and means (1, num_cells) of the genes' profiles."""
    if not sp.issparse(cells):
        pca = PCA(n_components, svd_solver="arpack", random_state=seed)
        scores = pca.fit_transform(_profiles(cells))
        return scores, pca.components_.T, pca.mean_[None, :]
    profiles = CentredProfiles(cells.tocsr())
    start = np.random.RandomState(seed).uniform(-1, 1, min(cells.shape))  # as scikit-learn's PCA starts
    left, singular, right = svds(profiles, n_components, v0=start)  # the largest last
    return (left * singular)[:, ::-1], right[::-1].T, profiles.mean


def _profiles(cells: Any) -> Floats:
    profiles: Floats = cells.T.astype(np.float64)
    return profiles


def _standardized(block: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Z-scores over the genes of `base`; a column without spread is centred only: no noise is magnified."""
    spread = base.std(ddof=0).to_numpy()
    return (block - base.mean()).div(np.where(spread > 1e-6 * spread.max(), spread, 1.0), axis="columns")


def _describe_types(types: pd.Series[Any], source: str) -> str:
    sizes = types.value_counts()
    listed = examples([f"{name} ({size:,})" for name, size in sizes.items()], limit=12)
    text = f"Mean log expression in {len(sizes)} {source}, with their cells: {listed}."
    small = [str(name) for name, size in sizes.items() if size < SMALL_GROUP]
    if small:
        text += f" Fewer than {SMALL_GROUP} cells: {examples(small, limit=12)}."
    missing = int(types.isna().sum())
    return f"{text} {missing:,} cells without a type were left out." if missing else text
