"""Effective rank: how many directions a layer's representations really use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.evaluation.rows import scoring_graph
from grnpyg.models.importances.hooks import outputs_of
from grnpyg.models.predictor import LinkPredictor, evaluating
from grnpyg.runs import Run

MAX_PAIRS = 5000  # the published number
BLOCK = 4096


@dataclass(frozen=True)
class RankOptions:
    """What is measured.

    Attributes:
        layers: modules whose outputs are put side by side; empty: the head's own `representation`.
        max_pairs: pairs at most, drawn from those of the part.
        centred: subtract the mean of every channel first.
    """

    layers: tuple[str, ...] = ()
    max_pairs: int = MAX_PAIRS
    centred: bool = False


def spectrum(rows: NDArray[Any], *, centred: bool = False) -> NDArray[np.float64]:
    """Singular values of representations, (n, channels) -> (min(n, channels),), the largest first."""
    rows = np.asarray(rows, dtype=np.float64)
    if centred:
        rows = rows - rows.mean(axis=0)
    return np.linalg.svd(rows, compute_uv=False)


def participation_ratio(singular: NDArray[Any]) -> float:
    """(tr C)^2 / tr(C^2) of C = H^T H / n, from the singular values of H.

    The published measure. Range [1, channels]; equal to k where k directions have equal variance; nan where
    all values are 0.
    """
    eigenvalues = np.asarray(singular, dtype=np.float64) ** 2
    total = eigenvalues.sum()
    return max(1.0, float(total**2 / (eigenvalues**2).sum())) if total else float("nan")


def entropy_rank(singular: NDArray[Any]) -> float:
    """exp(entropy) of the singular values divided by their sum (Roy and Vetterli 2007, EUSIPCO).

    Range [1, channels]; equal to k where k values are equal and the others 0; nan where all are 0.
    """
    total = singular.sum()
    if not total:
        return float("nan")
    share = singular[singular > 0] / total
    return max(1.0, float(np.exp(-(share * np.log(share)).sum())))


def representations(
    model: LinkPredictor, data: HeteroData, edge_label_index: Tensor, layers: tuple[str, ...] = ()
) -> NDArray[np.float32]:
    """What some modules make of pairs, dropout off, (num_pairs, channels of all layers side by side).

    Args:
        model: the predictor.
        data: the graph to score on.
        edge_label_index: (2, num_pairs).
        layers: names as in `model.named_modules()`; empty: the head's own `representation`.

    Raises:
        InputError: an unknown layer, a head that names none, or a layer without one row for each pair.
    """
    layers = layers or tuple(f"head.{layer}" for layer in model.head.representation)
    if not layers:
        raise InputError(
            f"{type(model.head).__name__} does not say which layer represents a pair",
            fix="name one with --layer, or give the head a `representation`",
        )
    blocks = []
    with torch.no_grad(), evaluating(model):
        for pairs in edge_label_index.split(BLOCK, dim=1):
            with outputs_of(model, layers) as outputs:
                model(data, pairs)
            for layer in layers:
                rows = sum(output.size(0) for output in outputs[layer])
                if rows != pairs.size(1):
                    raise InputError(
                        f"gives {rows:,} rows for {pairs.size(1):,} pairs", where=f"layer {layer}"
                    )
            blocks.append(torch.cat([torch.cat(outputs[layer]) for layer in layers], dim=1).float())
    return torch.cat(blocks).numpy()


def effective_rank(
    run: Run, part: str = "test", options: RankOptions = RankOptions()
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Both effective ranks of a run's representations, and the spectrum that they come from.

    The pairs are those of the part under the first evaluation regime, at most `max_pairs` of them drawn with
    the run's data seed.

    Returns:
        `layers channels pairs centred participation_ratio entropy_rank`, and a table `index singular_value`.

    Raises:
        InputError: see `representations`; or fewer than two pairs asked for.
    """
    if options.max_pairs < 2:
        raise InputError(
            f"{options.max_pairs} pairs have no spectrum", where="--rank-pairs", fix="ask for 2 or more"
        )
    regime = run.config.evaluation.negatives[0]
    index = run.evaluation[regime][part].edge_label_index
    generator = torch_generator(run.config.data_seed, "effective_rank", part)
    chosen = torch.randperm(index.size(1), generator=generator)[: options.max_pairs]
    model = run.model
    layers = options.layers or tuple(f"head.{layer}" for layer in model.head.representation)
    rows = representations(model, scoring_graph(run.split, run.config), index[:, chosen], layers)
    singular = spectrum(rows, centred=options.centred)
    facts = {
        "layers": list(layers),
        "channels": rows.shape[1],
        "pairs": rows.shape[0],
        "centred": options.centred,
        "participation_ratio": participation_ratio(singular),
        "entropy_rank": entropy_rank(singular),
    }
    return facts, pd.DataFrame({"index": np.arange(1, len(singular) + 1), "singular_value": singular})
