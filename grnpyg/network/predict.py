"""Score every TF x gene pair of a run and write the ranked network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import expit
from torch_geometric.data import HeteroData

from grnpyg.core.arguments import require_whole
from grnpyg.core.errors import InputError
from grnpyg.core.files import check_output, replacing
from grnpyg.core.spreadsheet import shielded_table
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes, pair_codes
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.run_calibration import calibrated
from grnpyg.models.scorer import Scorer
from grnpyg.runs import Run

TFS_PER_BLOCK = 16
SUFFIXES = (".tsv", ".parquet")


def predict(
    run: Run,
    *,
    top: int | None = None,
    calibrate: str | None = None,
    prior: float | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Every candidate pair of the run's graph, best first.

    A TF with its own gene is no candidate. Nodes without a training edge are scored too; an encoder with id
    embeddings knows nothing of them.

    Args:
        run: from `Run.load`.
        top: keep the best so many pairs.
        calibrate: `temperature`, `isotonic` or `none`: fit the probabilities on the validation pairs and move
            them to `prior`.
        prior: share of true edges among all pairs; None: the density of the known network.
        progress: show a bar on stderr.

    Returns:
        Columns `TF`, `target`, `importance` (the raw logit, or the score of a baseline), `probability`
        (without `calibrate` the sigmoid of the logit, which holds at the training ratio of negatives, not at
        the density of a network; nan for scores that are not logits) and `known` (an edge of the labels,
        whatever subset it was in). Equal scores are ordered by TF and target.

    Raises:
        InputError: `top` is not positive, `prior` without `calibrate`, or a calibration that cannot be made.
    """
    if prior is not None and calibrate is None:
        raise InputError("a prior needs a calibration", where="--prior", fix="add --calibrate temperature")
    probability = expit if calibrate is None else calibrated(run, calibrate, prior)
    model = model_of(run)
    if calibrate is None and not model.gives_logits:
        probability = unknown_probability
    return ranked_pairs(model, run.graph, probability, top=top, progress=progress)


def ranked_pairs(
    model: Scorer,
    graph: HeteroData,
    probability: Callable[[NDArray[Any]], NDArray[np.float64]],
    *,
    top: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Every candidate pair of a graph, best first, see `predict`.

    Args:
        model: a fitted method.
        graph: says which TF encodes which gene, and which pairs are known.
        probability: of scores (n,).
        top: keep the best so many pairs.
        progress: show a bar on stderr.
    """
    if isinstance(top, int) and top < 1:
        raise InputError(f"{top} pairs asked for", where="top", fix="ask for 1 or more")
    if top is not None:
        require_whole(top, "top", 1)
    num_tfs, num_genes = num_nodes(graph)
    genes = torch.arange(num_genes)
    blocks = track(
        torch.arange(num_tfs).split(TFS_PER_BLOCK),
        "scoring pairs",
        console=Console(stderr=True),
        disable=not progress,
    )
    logits = np.concatenate([model.score_all(tfs, genes).ravel() for tfs in blocks])
    keep = np.ones(logits.size, dtype=bool)
    keep[pair_codes(graph, graph[ENCODED_BY].edge_index).numpy()] = False
    codes = np.flatnonzero(keep)
    order = np.argsort(-logits[codes], kind="stable")[:top]
    codes = codes[order]
    known = np.zeros(logits.size, dtype=bool)
    known[pair_codes(graph, graph[REGULATES].edge_index).numpy()] = True
    return pd.DataFrame(
        {
            "TF": np.asarray(graph[TF].name, dtype=object)[codes // num_genes],
            "target": np.asarray(graph[GENE].name, dtype=object)[codes % num_genes],
            "importance": logits[codes],
            "probability": probability(logits[codes].astype(np.float64)),
            "known": known[codes],
        }
    )


def unknown_probability(score: NDArray[Any]) -> NDArray[np.float64]:
    """The probabilities of scores that are no logits and were not calibrated."""
    return np.full_like(score, np.nan)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table of pairs as `.tsv` or `.parquet`, whole or not at all.

    In a `.tsv`, a name that a spreadsheet would compute (`=cmd`) gets an apostrophe before it, which the
    reader of labels removes again (see `grnpyg.core.spreadsheet`).

    Raises:
        InputError: another suffix, or a place that cannot be written to.
    """
    check_output(path, SUFFIXES)
    with replacing(path) as file:
        if path.suffix == ".parquet":
            table.to_parquet(file, index=False)
        else:
            shielded_table(table).to_csv(file, sep="\t", index=False)
