"""How active each TF is in each cell, by a network and a method of decoupler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grnpyg.core.arguments import require_whole
from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.data.expression import normalisation
from grnpyg.data.expression.read import read_expression
from grnpyg.data.matching.settle import Use
from grnpyg.networks.clients import client
from grnpyg.networks.export.checked import checked
from grnpyg.networks.export.decoupler import to_decoupler
from grnpyg.networks.fitting import fitted
from grnpyg.networks.keys import ACTIVITY, PADJ, SIGN

if TYPE_CHECKING:
    from anndata import AnnData

ACTIVITY_METHODS = ("ulm", "mlm", "aucell", "viper", "waggr", "zscore")
TMIN = 5  # targets, decoupler's own default
CELLS = 2_000  # in memory at a time as a dense matrix
NO_SIGNS = "The network tells no repression: every target counts as activated."
DENSE, LEAST_TFS, LEAST_TARGETS = 0.5, 4, 10  # a larger share of all pairs is a ranking, not a network


@dataclass(frozen=True, eq=False)
class Activities:
    """What `activity` found.

    Args:
        scores: cells x TFs; nan in a cell without any count.
        padj: adjusted p-values of the same shape, where the method gives some.
        targets: TF -> how many of its targets are measured, for the TFs of `scores`.
        left_out: TFs with too few measured targets.
        method, tmin, state: how they were made; see `activity`.
        sentences: what was read and matched.
    """

    scores: pd.DataFrame
    padj: pd.DataFrame | None
    targets: Mapping[str, int]
    left_out: tuple[str, ...]
    method: str
    tmin: int
    state: str
    sentences: tuple[str, ...]

    def add_to(self, adata: AnnData) -> None:
        """Write the activities into the cells that they are of (keys: `grnpyg.networks.keys.ANNDATA`)."""
        adata.obsm[ACTIVITY] = self.scores.set_axis(adata.obs_names, axis=0)
        if self.padj is not None:
            adata.obsm[PADJ] = self.padj.set_axis(adata.obs_names, axis=0)
        told = {"method": self.method, "tmin": self.tmin, "state": self.state}
        adata.uns[ACTIVITY] = {**told, "targets": pd.DataFrame({"targets": pd.Series(self.targets)})}


def activity(
    cells: AnnData | str | Path,
    table: pd.DataFrame,
    *,
    method: str = "ulm",
    tmin: int = TMIN,
    layer: str | None = None,
    use_raw: bool = False,
    var_names: str | None = None,
    state: normalisation.State | None = None,
    aliases: bool = True,
    where: object = "the network",
) -> Activities:
    """The activity of every TF in every cell.

    Names are brought together as for a run (spelling, former names, Ensembl versions). Counts are scaled to
    10,000 per cell and logged; other values are taken as `data.expression.normalisation` has it. A weight is
    sign x strength of the edge, and 1 for all in `aucell`, which has no weights.

    Args:
        cells: cells x genes, which stay as they are, or a file.
        table: the network: `TF`, `target` and, where they are there, `probability`, `importance` and `sign`.
        method: one of `ACTIVITY_METHODS`, see decoupler's documentation.
        tmin: TFs with fewer measured targets are left out.
        layer, use_raw, var_names, state: which matrix of the cells, and what it holds: see `read_expression`.
        aliases: read former and other names of genes as those of the cells.
        where: the file of the network, for messages.

    Raises:
        InputError: decoupler is not installed; the cells cannot be read; hardly any target is measured, no TF
            has enough of them, or the table holds most of all pairs.
    """
    if method not in ACTIVITY_METHODS:
        raise unknown("method", method, ACTIVITY_METHODS, where="--method")
    require_whole(tmin, "tmin", 1)
    decoupler = client("decoupler", "an activity")
    table = checked(table, where)
    names = {*table["TF"], *table["target"]}
    adata = read_expression(
        cells, layer=layer, use_raw=use_raw, known_genes=names, state=state, var_names=var_names
    )
    found = state or normalisation.detect(adata, where=cells if isinstance(cells, str | Path) else None)
    log = normalisation.to_log(adata, found)
    seen = log.var_names[np.asarray((log.X != 0).sum(axis=0)).ravel() > 0]
    net, fit = fitted(to_decoupler(table), list(adata.var_names), Use(True, aliases), where)
    net = net[net["target"].isin(seen)]
    _require_edges(net, where)
    targets = net["source"].value_counts()
    left_out = tuple(sorted(targets.index[targets < tmin]))
    left_out += tuple(sorted(set(table["TF"].map(fit.names)) - set(targets.index)))
    if (targets < tmin).all():
        what = f"no TF has {tmin} targets among the {len(seen):,} genes that the cells express"
        best = f"{targets.index[0]} has {targets.iloc[0]}" if len(targets) else "none has any"
        raise InputError(f"{what}: {best}", where=where, fix="give a larger network, or a smaller --tmin")
    scores, padj = _run(getattr(decoupler.mt, method), method, log, net, tmin)
    said = (
        f"Cells: {adata.n_obs:,} cells x {adata.n_vars:,} genes. {normalisation.describe(found)}",
        *fit.lines,
        *(() if _has_signs(table) else (NO_SIGNS,)),
        f"{len(scores.columns):,} TFs by {method}; {len(left_out):,} with fewer than {tmin} targets left out"
        + (f": {examples(left_out)}." if left_out else "."),
    )
    used = {tf: int(targets[tf]) for tf in scores.columns}
    return Activities(scores, padj, used, left_out, method, tmin, found, said)


def activity_anndata(adata: AnnData) -> AnnData:
    """Cells x TFs: the activities as X, with the cells' `obs` and `obsm`, so that `color=TF` plots one.

    Args:
        adata: cells that `grnpyg activity` or `Activities.add_to` has written to.

    Raises:
        InputError: there are no activities.
    """
    from anndata import AnnData

    if ACTIVITY not in adata.obsm:
        raise InputError(
            f'has no activities: no obsm["{ACTIVITY}"]',
            where="the AnnData",
            fix="run `grnpyg activity` first",
        )
    scores: Any = adata.obsm[ACTIVITY]
    var = adata.uns[ACTIVITY]["targets"].reindex(scores.columns)
    others = {key: values for key, values in adata.obsm.items() if key not in (ACTIVITY, PADJ)}
    return AnnData(scores.to_numpy(np.float32), obs=adata.obs.copy(), var=var, obsm=others)


def _has_signs(table: pd.DataFrame) -> bool:
    return SIGN in table and bool(table[SIGN].lt(0).any())


def _require_edges(net: pd.DataFrame, where: object) -> None:
    tfs, targets = net["source"].nunique(), net["target"].nunique()
    share = len(net) / max(1, tfs * targets)
    if tfs >= LEAST_TFS and targets >= LEAST_TARGETS and share > DENSE:
        raise InputError(
            f"its {len(net):,} pairs with a measured target are {100 * share:.0f} % of all: a ranking, "
            "in which every TF regulates nearly every gene",
            where=where,
            fix="keep the best: --top N or --min-probability P",
        )


def _run(
    run: Any, method: str, log: AnnData, net: pd.DataFrame, tmin: int
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Scores and adjusted p-values of all cells; those without a count get nan, and are counted."""
    held = log.copy()
    try:
        with np.errstate(all="ignore"):
            held = run(held, net, tmin=tmin, bsize=CELLS) or held
    except (AssertionError, ValueError, np.linalg.LinAlgError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"decoupler's {method} fails ({reason})", fix="try another --method") from error
    if missing := log.n_obs - held.n_obs:
        warn(f"{missing:,} cells have no counts: their activities are missing")
    scores = held.obsm[f"score_{method}"].reindex(log.obs_names)
    padj = held.obsm.get(f"padj_{method}")
    return scores, None if padj is None else padj.reindex(log.obs_names)
