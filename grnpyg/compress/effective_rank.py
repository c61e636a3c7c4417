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

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.seeding import torch_generator
from grnpyg.evaluation.methods import scoring_graph
from grnpyg.metrics.effective_rank import entropy_rank, participation_ratio, spectrum
from grnpyg.models.importances.hooks import outputs_of
from grnpyg.models.predictor import PairModel, evaluating
from grnpyg.runs import Run

MAX_PAIRS = 5000  # the published number
BLOCK = 4096


@dataclass(frozen=True)
class RankOptions:
    """What is measured.

    Attributes:
        layers: modules whose outputs are put side by side; empty: the head's own `representation`.
        max_pairs: how many pairs at most; they are drawn from those of the subset.
        centred: subtract the mean of every channel first.
    """

    layers: tuple[str, ...] = ()
    max_pairs: int = MAX_PAIRS
    centred: bool = False


def representations(
    model: PairModel, data: HeteroData, edge_label_index: Tensor, layers: tuple[str, ...] = ()
) -> NDArray[np.float32]:
    """Outputs of some modules for pairs, dropout off, (num_pairs, channels of all layers side by side).

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
            fix="name one with --modules, or give the head a `representation`",
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


@dataclass(frozen=True)
class EffectiveRank:
    """Both effective ranks of a run's representations.

    Attributes:
        layers: the modules whose outputs were put side by side.
        channels: of all layers together.
        pairs: how many were used.
        centred: whether the mean of every channel was subtracted.
        participation_ratio: see `grnpyg.metrics.effective_rank`.
        entropy_rank: see `grnpyg.metrics.effective_rank`.
        singular_values: (min(pairs, channels),), the largest first.
    """

    layers: tuple[str, ...]
    channels: int
    pairs: int
    centred: bool
    participation_ratio: float
    entropy_rank: float
    singular_values: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """All but the singular values, as JSON can hold it."""
        return {
            "layers": list(self.layers),
            "channels": self.channels,
            "pairs": self.pairs,
            "centred": self.centred,
            "participation_ratio": self.participation_ratio,
            "entropy_rank": self.entropy_rank,
        }

    def to_frame(self) -> pd.DataFrame:
        """The spectrum: `index singular_value`, the index from 1."""
        values = self.singular_values
        return pd.DataFrame({"index": np.arange(1, len(values) + 1), "singular_value": values})


def effective_rank(run: Run, subset: str = "test", options: RankOptions = RankOptions()) -> EffectiveRank:
    """Both effective ranks of a run's representations.

    The pairs are those of the subset in the first evaluation setting. At most `max_pairs` of them are used,
    drawn with the run's data seed.

    Args:
        run: from `Run.load`.
        subset: `validation`, `test`, ...
        options: see `RankOptions`.

    Raises:
        InputError: see `representations`; an unknown subset, or fewer than two pairs.
    """
    if options.max_pairs < 2:
        raise InputError(
            f"{options.max_pairs} pairs have no spectrum", where="--pairs", fix="ask for 2 or more"
        )
    if subset not in run.split.held_out:
        raise unknown("subset", subset, run.split.held_out, where=run.path)
    setting = run.config.evaluation.negatives[0]
    index = run.evaluation[setting][subset].edge_label_index
    generator = torch_generator(run.config.data_seed, "effective_rank", subset)
    chosen = torch.randperm(index.size(1), generator=generator)[: options.max_pairs]
    model = run.model
    layers = options.layers or tuple(f"head.{layer}" for layer in model.head.representation)
    rows = representations(model, scoring_graph(run.split, run.config), index[:, chosen], layers)
    singular = spectrum(rows, centred=options.centred)
    return EffectiveRank(
        layers,
        channels=rows.shape[1],
        pairs=rows.shape[0],
        centred=options.centred,
        participation_ratio=participation_ratio(singular),
        entropy_rank=entropy_rank(singular),
        singular_values=singular,
    )
