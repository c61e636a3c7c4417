"""The columns that say why pairs of a network have their scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data import graph as nodes
from grnpyg.evaluation.methods import baseline_of, trained_model_of
from grnpyg.models.explain import adds_up
from grnpyg.models.groups import GROUPS
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.networks.keys import BASE, BECAUSE, IMPORTANCE, TARGET, TF
from grnpyg.networks.view import View

CLOSE = 1e-3  # by which a sum of contributions may differ from the score: other roundings of the same number
TERMS, SHAPLEY = "terms", "shapley"


class Explanation:
    """What each group adds to the importance of pairs, see `grnpyg.models.explain`.

    Args:
        models: trained models; the importance is their mean, and so is what a group adds.
        graph: of the models.
        wide: with a universe of measured genes, the graph on which each model scores pairs with a further
            node; the nodes of `graph` come first.

    Attributes:
        kind: `terms` where the scores of all models are sums of terms, or else `shapley`.
        base: the importance of an average pair.

    Raises:
        InputError: a model is a baseline.
    """

    def __init__(self, models: Sequence[Scorer], graph: HeteroData, wide: Sequence[HeteroData] = ()) -> None:
        trained = [model for model in models if isinstance(model, TrainedModel)]
        if len(trained) < len(models):
            raise InputError("a baseline has a score without parts", where="explain", fix="leave it out")
        self._models, self._sizes = trained, nodes.num_nodes(graph)
        self._wide, self._names = list(wide), wide[0] if wide else graph
        self.kind = TERMS if all(adds_up(own.model) for own in trained) else SHAPLEY
        self.base = float(np.mean([own.base for own in trained]))

    @property
    def sentence(self) -> str:
        """What the columns are, in a line."""
        how = (
            "the terms of the model's sum"
            if self.kind == TERMS
            else "exact Shapley values, as the groups change each other's worth"
        )
        return (
            f"The columns {BECAUSE}* say what each group adds to the importance: {how}. "
            f"With {self.base:.3f}, the importance of an average pair, they add up to it."
        )

    def to_dict(self) -> dict[str, Any]:
        """`kind` and `base`."""
        return {"kind": self.kind, "base": self.base}

    def of(self, pairs: Tensor) -> NDArray[np.float64]:
        """(2, n) -> (n, number of `GROUPS`)."""
        total = np.zeros((pairs.size(1), len(GROUPS)))
        further = (pairs >= torch.tensor(self._sizes).unsqueeze(1)).any(dim=0)
        for number, model in enumerate(self._models):
            total[~further] += model.explain(pairs[:, ~further])
            if further.any():
                total[further] += model.explain(pairs[:, further], self._wide[number])
        return total / len(self._models)

    def added(self, table: pd.DataFrame) -> pd.DataFrame:
        """A network table with the columns of `grnpyg.networks.keys.EXPLAINED`.

        Raises:
            InputError: what is added does not add up to the importance.
        """
        ends = [
            pd.Index(self._names[kind].name).get_indexer(table[end])
            for kind, end in ((nodes.TF, TF), (nodes.GENE, TARGET))
        ]
        values = self.of(torch.from_numpy(np.stack(ends)).long())
        importance = table[IMPORTANCE].to_numpy(np.float64)
        missing = np.abs(self.base + values.sum(axis=1) - importance)
        if (missing > CLOSE * (1 + np.abs(importance))).any():
            what = f"what the groups add misses the importance of a pair by {missing.max():.3g}"
            raise InputError(what, where="--explain", fix="leave --explain out")
        columns = {f"{BECAUSE}{group}": values[:, at] for at, group in enumerate(GROUPS)}
        return table.assign(**{BASE: self.base}, **columns)


def require_explained(view: View, shards: object = None) -> None:
    """Refuse what cannot be explained, before any work.

    Args:
        view: of the pairs.
        shards: a folder of scores, or None.

    Raises:
        InputError: a run hands out a baseline, or an option does not go with explanations.
    """
    baselines = [run.path for run in view.runs if baseline_of(run) is not None]
    reasons = {
        f"{baselines[0] if baselines else ''} hands out a baseline, whose score has no parts": (
            baselines,
            "leave --explain out",
        ),
        "the parts of --shards hold scores alone": (shards is not None, "leave --explain or --shards out"),
        "scores in bf16 are rounded, so that nothing adds up to them": (
            view.precision == "bf16",
            "leave --explain out, or add --precision fp32",
        ),
    }
    for reason, (applies, fix) in reasons.items():
        if applies:
            raise InputError(reason, where="--explain", fix=fix)


def explanation_of(view: View) -> Explanation:
    """The explanation of a view that `require_explained` lets through."""
    known = not view.options.new
    trained = [trained_model_of(run) for run in view.runs]
    models = [model if known else model.without_known_edges() for model in trained]
    wide = [] if view.wide is None else [view.wide.graph_of(run) for run in view.runs]
    return Explanation(models, view.runs[0].graph, wide)
