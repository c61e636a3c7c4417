"""What the cells measure: log values, and features of genes that the labels do not name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch

from grnpyg.core.errors import InputError
from grnpyg.data.expression import normalisation
from grnpyg.data.expression.gene_axis import check_names
from grnpyg.data.features import gene_features, highly_variable
from grnpyg.data.inputs import input_hashes
from grnpyg.data.names.marks import mended
from grnpyg.data.prepared_cells import Described, kept_cells, kept_names, key_of, limit
from grnpyg.data.sources import read_cells, stated

if TYPE_CHECKING:
    from anndata import AnnData

    from grnpyg.core.data_config import DataConfig, FeatureConfig

# What of a data config says how cells are read and which genes are kept; their source stands in messages.
SHAPING = {"expression", "layer", "use_raw", "backed", "genes_in", "obs", "min_cells", "var_names", "state"}


def measured(data: DataConfig, features: FeatureConfig, seed: int, reference: Collection[str]) -> Described:
    """Read the cells of a config once more, and describe every gene that they measure.

    Args:
        data: what to read.
        features: how to describe a gene.
        seed: of the run.
        reference: genes whose features a model has learned from; they give clusters, components and scale.

    Raises:
        InputError: the cells cannot be read, or measure none of the reference.
    """
    cells = ConfiguredCells(data, reference)
    if set(reference).isdisjoint(cells.names):
        raise InputError("the cells measure no gene of the run", where=data.expression)
    return cells.described(features, seed, named=None, reference=reference)


class ConfiguredCells:
    """The cells of a config; a file is read only where nothing prepared of it is kept.

    Args:
        data: what to read.
        known: names of the labels, which tell the axis of the genes.
        expression: cells in memory, in place of `data.expression`; nothing of them is kept.
    """

    def __init__(self, data: DataConfig, known: Collection[str], expression: AnnData | None = None) -> None:
        self.data, self.known, self.expression = data, frozenset(known), expression

    @cached_property
    def names(self) -> list[str]:
        """The names of the measured genes, mended.

        Raises:
            InputError: the cells cannot be read.
        """

        def read() -> list[str]:
            return [str(name) for name in self._adata.var_names]

        return read() if self._key is None else kept_names(self._key, read)

    def described(
        self,
        features: FeatureConfig,
        seed: int,
        *,
        named: Collection[str] | None,
        reference: Collection[str] | None = None,
    ) -> Described:
        """Log values and features of genes.

        Args:
            features: how to describe a gene.
            seed: for clustering and decomposition.
            named: the genes to keep; None: all.
            reference: the genes that clusters, components and scale are computed from; None: all kept.

        Raises:
            InputError: see `log_values` and `gene_features`.
        """

        def make() -> Described:
            with torch_threads_kept():
                log, said = log_values(self._adata, self.data, features, named)
                del self._adata  # the log values alone are held from here on
                found = gene_features(log, features, seed=seed, reference=reference)
            return Described(log, found.table, [*said, found.summary])

        if self._key is None:
            return make()
        sets = [None if genes is None else frozenset(genes) for genes in (named, reference)]
        return kept_cells(key_of(self._key, features.model_dump(mode="json"), seed, *sets), make)

    @cached_property
    def _adata(self) -> AnnData:
        adata = read_cells(self.data, self.known, self.expression)
        if names := mended(set(adata.var_names), self.data.expression, self.known):
            adata.var_names = [names.get(name, name) for name in adata.var_names]
            check_names(adata, where=self.data.expression)
        return adata

    @cached_property
    def _key(self) -> str | None:
        if self.expression is not None or not limit():
            return None
        own = self.data.model_dump(mode="json", include=SHAPING)
        hashes = {
            role: found["sha256"] for role, found in input_hashes(self.data, ("expression", "obs")).items()
        }
        return key_of(own, hashes, self.known)


@contextmanager
def torch_threads_kept() -> Iterator[None]:
    """scanpy's numba kernels set the threads of OpenMP, and with them torch's, to the number of cores."""
    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def log_values(
    adata: AnnData, data: DataConfig, features: FeatureConfig, named: Collection[str] | None
) -> tuple[AnnData, list[str]]:
    """Log values of the genes that are named, and what was done.

    Args:
        adata: cells x genes.
        data: where they are from.
        features: may limit the genes to those that vary most.
        named: the genes of the labels; None: every gene.

    Raises:
        InputError: no gene is left, or cells cannot be counted.
    """
    state = normalisation.detect(adata, where=data.expression, stated=stated(data))
    genes = set(adata.var_names) if named is None else set(named)
    said = [
        f"Expression {data.expression}: {adata.n_obs:,} cells x {adata.n_vars:,} genes. "
        f"{normalisation.describe(state)}"
    ]
    if features.n_top_genes is not None:
        genes &= set(highly_variable(normalisation.to_log(adata, state), features.n_top_genes))
        said.append(
            f"Of the {features.n_top_genes:,} most variable genes the labels name {len(genes):,}; "
            "the others count as not measured."
        )
        if not genes:
            raise InputError("none of the most variable genes is in the labels", where="features.n_top_genes")
    log = normalisation.to_log(adata, state, genes=genes)
    if data.min_cells:
        if state == "scaled":
            raise InputError("min_cells cannot be counted in scaled values", where=data.expression)
        seen = np.asarray((log.X > 0).sum(axis=0)).ravel()
        log = log[:, seen >= data.min_cells].copy()
        if log.n_vars == 0:
            raise InputError(
                f"no gene of the labels is found in {data.min_cells} cells", where=data.expression
            )
        rare = int((seen < data.min_cells).sum())
        said.append(f"{rare:,} genes found in fewer than {data.min_cells} cells count as not measured.")
    return log, said
