"""Score every TF x gene pair of a run and write the ranked network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.special import expit
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.files import check_output, replacing
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes, pair_codes
from grnpyg.evaluation.methods import trained
from grnpyg.evaluation.run_calibration import calibrated
from grnpyg.models.scorer import TrainedModel
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
        Columns `TF`, `target`, `importance` (the raw logit), `probability` (without `calibrate` its sigmoid,
        which holds at the training ratio of negatives, not at the density of a network) and `known` (an edge
        of the labels, whatever part it was in). Equal logits are ordered by TF and target.

    Raises:
        InputError: `top` is not positive, `prior` without `calibrate`, or a calibration that cannot be made.
    """
    if prior is not None and calibrate is None:
        raise InputError("a prior needs a calibration", where="--prior", fix="add --calibrate temperature")
    probability = expit if calibrate is None else calibrated(run, calibrate, prior)
    return ranked_pairs(trained(run), run.graph, probability, top=top, progress=progress)


def ranked_pairs(
    model: TrainedModel,
    graph: HeteroData,
    probability: Callable[[NDArray[Any]], NDArray[np.float64]],
    *,
    top: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Every candidate pair of a graph, best first, see `predict`.

    Args:
        model: a trained model on the graph that it scores on.
        graph: says which TF encodes which gene, and which pairs are known.
        probability: of logits (n,).
        top: keep the best so many pairs.
        progress: show a bar on stderr.
    """
    if top is not None and top < 1:
        raise InputError(f"{top} pairs asked for", where="top", fix="ask for 1 or more")
    num_tfs, num_genes = num_nodes(graph)
    logits = np.empty(num_tfs * num_genes, dtype=np.float32)
    blocks = model.model.score_blocks(model.graph, tfs_per_block=TFS_PER_BLOCK)
    console, total = Console(stderr=True), -(-num_tfs // TFS_PER_BLOCK)
    for tfs, block in track(blocks, "scoring pairs", total, console=console, disable=not progress):
        start = int(tfs[0]) * num_genes
        logits[start : start + block.numel()] = block.reshape(-1).numpy()
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


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table of pairs as `.tsv` or `.parquet`, whole or not at all.

    Raises:
        InputError: another suffix, or a place that cannot be written to.
    """
    check_output(path, SUFFIXES)
    with replacing(path) as file:
        if path.suffix == ".parquet":
            table.to_parquet(file, index=False)
        else:
            table.to_csv(file, sep="\t", index=False)
