"""The genes' axis of an expression matrix: which names the genes have."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.data.names.namespaces import without_version
from grnpyg.data.text.characters import check_characters

if TYPE_CHECKING:
    from anndata import AnnData


def choose_names(adata: AnnData, column: str | None, known_genes: Collection[str], *, where: object) -> None:
    """Name the genes by a column of `adata.var`, in place; without one the index stays.

    If the index has none of `known_genes` but a column has, the column is named in an error; if the column
    has more than twice as many as the index, in a warning.

    Raises:
        InputError: no such column, a gene without a name, or a column that has to be chosen.
    """
    if column is not None:
        if column not in adata.var:
            raise unknown("var column", column, map(str, adata.var.columns), where=where)
        names = adata.var[column].astype("string").str.strip()
        ids = pd.Series(adata.var_names.astype(str), index=adata.var.index)
        missing = names.isna() | (names == "")
        if missing.all():
            raise InputError(f"var column {column!r} names no gene", where=where, fix="choose another column")
        if missing.any():
            what = f"{missing.sum():,} genes have no name in var column {column!r} and keep that of the index"
            warn(what, where=where)
        if "gene_ids" not in adata.var:
            adata.var["gene_ids"] = ids.to_numpy()  # tells genes of one name apart
        adata.var_names = pd.Index(names.mask(missing, ids).astype(object).to_numpy(dtype=object))
        return
    known = set(known_genes)
    found = {str(name): len(known.intersection(adata.var[name].astype(str))) for name in adata.var.columns}
    best = max(found, key=lambda name: found[name], default=None)
    bases = {without_version(name) for name in adata.var_names.astype(str)}
    of_index = sum(without_version(name) in bases for name in known)
    if best is None or found[best] <= 2 * of_index:
        return
    what = f"the index of var names {of_index:,} genes of the labels, its column {best!r} {found[best]:,}"
    fix = f"`--var-names {best}`"
    if of_index == 0:
        raise InputError(what, where=where, fix=f"use {fix}")
    warn(what, where=where, fix=f"if the column holds the names, use {fix}")


def check_names(adata: AnnData, *, where: object) -> None:
    """Check that gene names are unique; a symbol of several gene ids gets the suffixes -1, -2, ...

    Raises:
        InputError: names are repeated and no `gene_ids` tell them apart, or a name has control characters.
    """
    for names in (adata.var_names, adata.obs_names):
        check_characters(names.astype(str), where)
    if adata.var_names.is_unique:
        return
    repeated = adata.var_names[adata.var_names.duplicated()].unique()
    if "gene_ids" not in adata.var or adata.var["gene_ids"].duplicated().any():
        fix = "keep one entry per gene (add up or drop the others), or name the genes by Ensembl id"
        what = f"{len(repeated):,} gene names occur more than once: {examples(repeated)}"
        raise InputError(what, where=where, fix=fix)
    adata.var_names_make_unique()
    warn(
        f"{len(repeated):,} gene names belong to several gene ids ({examples(repeated)}): the first entry "
        "keeps the name and is used, the others get the suffixes -1, -2, ... and match no label",
        where=where,
    )


def hint_raw(
    adata: AnnData, raw_names: Collection[str], known_genes: Collection[str], *, where: object
) -> None:
    """Warn that `.raw` holds more genes of the labels than the chosen matrix."""
    known = set(known_genes)
    here, there = (len(known.intersection(names)) for names in (adata.var_names, raw_names))
    if there > here:
        what = f"X holds {here:,} genes of the labels, .raw {there:,}"
        warn(what, where=where, fix="to read .raw use `--use-raw`")
