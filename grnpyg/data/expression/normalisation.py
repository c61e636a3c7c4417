"""Detect the state of an expression matrix (counts, normalised, log, scaled) and convert it to log values."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import scipy.sparse as sp

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.expression.chunks import row_chunks, stacked

if TYPE_CHECKING:
    from anndata import AnnData

State = Literal["counts", "normalised", "log", "scaled"]

LOG_MAXIMUM = 20.0  # log1p and log2(x + 1) of counts per million stay below log2(1e6) = 19.9
LOG_MAXIMUM_HINTED = 30.0  # no logarithm of a count is this large, even if uns["log1p"] is set
UNEQUAL = 2.0  # the 90 % and the 10 % quantile of the cell totals of counts differ by more than this factor
SCALED_SHARE = 0.05  # z-scores are mostly negative; below this share negatives count as errors


def detect(adata: AnnData, *, where: object = None, stated: State | None = None) -> State:
    """Detect the normalisation state of `adata.X` from its values, in row chunks if X is on disk.

    - `counts`: every value is an integer, up to rounding (0.999999999999); or, as after a correction of
      counts, the values are too large for logarithms and the totals of the cells differ widely (a warning).
    - `normalised`: not negative, not logged: some value is too large for a logarithm, or all cells
      have the same total (counts per million, fractions).
    - `log`: not negative, none of the above.
    - `scaled`: at least 5% of the non-zero values are negative, and not all are integers.

    `uns["log1p"]` only raises the largest value accepted as a logarithm from 20 to 30.

    Args:
        adata: cells x genes, in memory or on disk.
        where: the file, for messages.
        stated: the state that the user gives; it is returned if the values can be of it.

    Raises:
        InputError: NaN or infinite values, negative counts, too few negative values for scaled data, only
            zeros, values that are not numbers, or values that cannot be of the stated state.
    """
    seen = _scan(adata)
    if seen.broken:
        gene = adata.var_names[seen.first_broken]
        fix = "fill or remove them (an empty field of a table is read as NaN)"
        raise InputError(
            f"{seen.broken:,} values are NaN or infinite, first in gene {gene}", where=where, fix=fix
        )
    if seen.nonzero == 0:
        raise InputError("every value is zero", where=where, fix="choose another layer or file")
    if empty := int(sum(np.count_nonzero(totals == 0) for totals in seen.totals)):
        warn(f"{empty:,} of {adata.n_obs:,} cells have only zeros, and count in every mean", where=where)
    if stated is not None:
        _check_stated(seen, stated, where)
        return stated
    if seen.negative:
        share = (
            f"{seen.negative:,} of {seen.nonzero:,} non-zero values are negative (lowest {seen.minimum:g})"
        )
        if seen.integral:
            raise InputError(
                f"negative counts: {share}", where=where, fix="choose the layer with the raw counts"
            )
        if seen.negative < SCALED_SHARE * seen.nonzero:
            fix = "set them to zero, or choose a layer with counts or log values"
            raise InputError(
                f"{share}: too few for scaled data, too many for expression", where=where, fix=fix
            )
        return "scaled"
    if seen.integral:
        if seen.maximum == 1 and seen.nonzero < adata.n_obs * adata.n_vars:
            what = "every value is 0 or 1: taken for counts, although they may only say what was found"
            warn(what, where=where, fix="choose a layer with the counts, if there is one")
        return "counts"
    limit = LOG_MAXIMUM_HINTED if "log1p" in adata.uns else LOG_MAXIMUM
    if seen.maximum <= limit:
        return "normalised" if seen.equal_totals else "log"
    if (spread := seen.spread) <= UNEQUAL:
        return "normalised"
    warn(
        f"the values are not whole numbers, up to {seen.maximum:,.0f}, and the totals of the cells differ "
        f"{spread:.1f}-fold: taken as corrected counts, scaled to the same total per cell",
        where=where,
        fix="state it with `--state counts`, or with `--state normalised` if they are not to be scaled",
    )
    return "counts"


def _check_stated(seen: _Seen, stated: State, where: object) -> None:
    if seen.negative and stated != "scaled":
        what = f"{seen.negative:,} values are negative (lowest {seen.minimum:g}), which is not {stated}"
        raise InputError(what, where=where, fix="choose another layer, or `--state scaled`")
    if stated == "log" and seen.maximum > LOG_MAXIMUM_HINTED:
        what = f"the largest value, {seen.maximum:,.6g}, is too large for a logarithm"
        raise InputError(what, where=where, fix="state `--state counts` or `--state normalised`")


def to_log(
    adata: AnnData, state: State, target_sum: float = 1e4, *, genes: Collection[str] | None = None
) -> AnnData:
    """Return a new AnnData in memory with log values (scaled values stay); `adata` is not changed.

    Counts are rounded (corrected ones, with fractions, are not), scaled to `target_sum` per cell (the totals
    run over all genes, kept or not) and `log1p` is taken; normalised values get `log1p` only. A matrix
    on disk is read in row chunks.

    Args:
        adata: cells x genes, in memory or on disk.
        state: from `detect`.
        target_sum: the total of a cell before the logarithm.
        genes: the genes to keep, in the order of `adata`; unknown names are ignored.

    Returns:
        X float32, CSR (dense when scaled), of shape (num_cells, num_kept_genes), with `obs` and `var`.

    Raises:
        InputError: none of `genes` is measured.
    """
    from anndata import AnnData

    if state not in get_args(State):
        raise ValueError(f"unknown state {state!r}")
    keep = np.arange(adata.n_vars) if genes is None else np.flatnonzero(adata.var_names.isin(list(genes)))
    if keep.size == 0:
        named = f"asked for {examples(genes or ())}; measured are {examples(adata.var_names)}"
        raise InputError("none of the genes is measured", fix=f"check the identifiers: {named}")
    if state == "scaled":
        matrix: Any = np.vstack([_dense(c)[:, keep].astype(np.float32) for c in row_chunks(adata.X)])
    else:
        matrix = stacked(_logs(adata.X, state, target_sum, None if genes is None else keep))
    uns = {"log1p": {"base": None}} if state in ("counts", "normalised") else {}
    return AnnData(matrix, obs=adata.obs.copy(), var=adata.var.iloc[keep].copy(), uns=uns)


def _logs(matrix: Any, state: State, target_sum: float, keep: np.ndarray | None) -> Iterator[Any]:
    """Blocks of rows as log values, of the columns that are kept; None: all."""
    import scanpy as sc
    from anndata import AnnData

    for chunk in row_chunks(matrix):
        values: Any = sp.csr_matrix(chunk, dtype=np.float32, copy=True)
        if state == "counts" and _integral(values.data):
            values.data = np.rint(values.data)
        part = AnnData(values)
        if state == "counts":
            with warnings.catch_warnings():  # a cell without counts stays all-zero, as intended
                warnings.simplefilter("ignore")
                sc.pp.normalize_total(part, target_sum=target_sum)
        if state != "log":
            sc.pp.log1p(part)
        part.X.eliminate_zeros()
        yield part.X if keep is None else part.X[:, keep]


def describe(state: State, target_sum: float = 1e4) -> str:
    """What the values were and what `to_log` did with them, as a sentence."""
    return {
        "counts": f"The values are counts: scaled to {target_sum:,.0f} per cell, then log(1 + x).",
        "normalised": "The values are normalised but not logged: log(1 + x).",
        "log": "The values are logarithms already: taken as they are.",
        "scaled": "The values are scaled (many are negative): taken as they are.",
    }[state]


@dataclass
class _Seen:
    """Statistics from one pass over the values; zeros enter the totals only."""

    nonzero: int = 0
    negative: int = 0
    broken: int = 0
    first_broken: int = 0
    minimum: float = 0.0
    maximum: float = 0.0
    integral: bool = True
    totals: list[np.ndarray] = field(default_factory=list)

    @property
    def equal_totals(self) -> bool:
        """Whether three or more cells have the same total, to one in a thousand."""
        totals = np.concatenate(self.totals)
        totals = totals[totals != 0]
        return bool(totals.size >= 3 and np.ptp(totals) < 1e-3 * totals.mean())

    @property
    def spread(self) -> float:
        """How many times the total of a cell at the 90 % quantile is that of one at the 10 % quantile."""
        totals = np.concatenate(self.totals)
        low, high = np.quantile(totals[totals != 0], [0.1, 0.9])
        return float(high / low)


def _scan(adata: AnnData) -> _Seen:
    seen = _Seen()
    for chunk in row_chunks(adata.X):
        values = chunk.data if _is_sparse(chunk) else chunk.ravel()
        if values.dtype.kind not in "buif":
            raise InputError(
                f"the values are {values.dtype}, not numbers", fix="choose another layer or file"
            )
        finite = np.isfinite(values)
        if not finite.all():
            bad = np.flatnonzero(~finite)
            if not seen.broken:
                seen.first_broken = int(
                    chunk.indices[bad[0]] if _is_sparse(chunk) else bad[0] % chunk.shape[1]
                )
            seen.broken += bad.size
            continue
        seen.nonzero += int(np.count_nonzero(values))
        if values.size:
            seen.minimum = min(seen.minimum, float(values.min()))
            seen.maximum = max(seen.maximum, float(values.max()))
        if values.dtype.kind == "f":
            seen.negative += int(np.count_nonzero(values < 0)) if seen.minimum < 0 else 0
            seen.integral = seen.integral and _integral(values)
        elif values.dtype.kind == "i":
            seen.negative += int(np.count_nonzero(values < 0))
        seen.totals.append(np.asarray(chunk.sum(axis=1, dtype=np.float64)).ravel())
    return seen


def _integral(values: np.ndarray) -> bool:
    """Whether all are integers up to rounding; a small fraction such as 1e-5 does not count as 0."""
    distance = np.abs(values - np.rint(values))
    return bool((distance <= np.minimum(1e-3, 1e-9 + 1e-5 * np.abs(values))).all())


def _is_sparse(matrix: Any) -> bool:
    return bool(sp.issparse(matrix))


def _dense(chunk: Any) -> np.ndarray:
    return chunk.toarray() if _is_sparse(chunk) else np.asarray(chunk)
