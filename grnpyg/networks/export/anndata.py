"""A network in an AnnData, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.core.version import __version__
from grnpyg.networks.export.checked import checked
from grnpyg.networks.export.weights import weights
from grnpyg.networks.keys import EDGES, NETWORK, TARGET, TF

if TYPE_CHECKING:
    from anndata import AnnData


def to_anndata(table: pd.DataFrame, adata: AnnData | None = None) -> AnnData:
    """A copy of the cells with the network in it, under the keys of `grnpyg.networks.keys.ANNDATA`.

    Args:
        table: the network.
        adata: cells x genes; None: an AnnData without cells, whose genes are those of the network.

    Raises:
        InputError: the table is no network, or no edge is between genes of `adata`.
    """
    from anndata import AnnData

    table = checked(table)
    if adata is None:
        names = pd.Index(pd.unique(pd.concat([table[TF], table[TARGET]])), dtype=object)
        adata = AnnData(sp.csr_matrix((0, len(names)), dtype=np.float32), var=pd.DataFrame(index=names))
    else:
        adata = adata.copy()
    add_network(adata, table)
    return adata


def add_network(adata: AnnData, table: pd.DataFrame) -> None:
    """Write the network into an AnnData, in place of one that may be there.

    Raises:
        InputError: see `to_anndata`.
    """
    table = checked(table)
    if not adata.var_names.is_unique:
        raise InputError("names of genes repeat", where="the cells", fix="call adata.var_names_make_unique()")
    rows, columns = (adata.var_names.get_indexer(table[end]) for end in (TF, TARGET))
    there = (rows >= 0) & (columns >= 0)
    said = f"{int(there.sum()):,} of {len(table):,} edges are between genes of the cells"
    if not there.any():
        raise InputError(
            said,
            where="the network",
            fix=f"use cells with the same names: there {examples(adata.var_names)}, here "
            f"{examples(table[TF])}",
        )
    if not there.all():
        warn(f'{said}: the others are in uns["{NETWORK}"] alone')
    shape = (adata.n_vars, adata.n_vars)
    matrix = sp.csr_matrix((weights(table)[there], (rows[there], columns[there])), shape=shape)
    adata.varp[NETWORK] = matrix
    adata.uns[NETWORK] = {EDGES: _stored(table), "version": __version__}


def from_anndata(adata: AnnData) -> pd.DataFrame:
    """The network table that `to_anndata` has put into an AnnData.

    Raises:
        InputError: there is none.
    """
    held = adata.uns.get(NETWORK)
    if not isinstance(held, dict) or EDGES not in held:
        raise no_network("the AnnData", list(adata.uns))
    return unstored(held[EDGES])


def no_network(where: object, keys: list[str]) -> InputError:
    """The error for an AnnData without a network."""
    return InputError(
        f'has no network: no uns["{NETWORK}"]["{EDGES}"] (uns has {examples(keys) or "nothing"})',
        where=where,
        fix="put one in with `grnpyg export NETWORK --cells CELLS.h5ad -o NEW.h5ad`",
    )


def unstored(edges: pd.DataFrame) -> pd.DataFrame:
    """The table as it was before `_stored`."""
    words = {str(name): edges[name].astype(object) for name in edges.select_dtypes(["category"])}
    return checked(edges.assign(**words))


def _stored(table: pd.DataFrame) -> pd.DataFrame:
    """Words as categories, which are small on disk; the index as text, which h5ad asks for."""
    words = {
        str(name): pd.Categorical(table[name], categories=pd.unique(table[name].dropna()))
        for name in table.select_dtypes([object, "string"])
    }
    return table.assign(**words).set_axis(pd.RangeIndex(len(table)).astype(str), axis=0)
