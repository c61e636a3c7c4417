"""How well the rule for signs does on known signs that are held out, beside the majority."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.coexpression import KINDS
from grnpyg.data.graph import TF, num_nodes
from grnpyg.networks.sign_evidence import Floats
from grnpyg.networks.sign_rule import CANDIDATES, FOLDS, LEAST, SignRule, fitted, folds_of, probability_of
from grnpyg.networks.signs import signed_edges

MAJORITY, RULE = "all activation", "rule"


def sign_accuracy(graph: HeteroData) -> pd.DataFrame:
    """Accuracy of methods on known signs, `FOLDS`-fold by edges: each sign is told from the others.

    Args:
        graph: a whole graph; the co-expression that it holds is a method, too.

    Returns:
        One line a method: `method edges activating accuracy balanced_accuracy auroc signed right
        right_activating right_repressing`. `accuracy` calls every edge: activation from a probability of .5,
        or a correlation that is not negative. `signed` is the share of edges to which the rule gives a sign,
        `right` that of the signs given that are right, and of those given for either class; nan for the other
        methods, and where none is given.

    Raises:
        InputError: the labels have fewer than `LEAST` edges of either sign.
    """
    tf, gene, sign = signed_edges(graph)
    up = sign > 0
    if min(up.sum(), (~up).sum()) < LEAST:
        what = f"{int(up.sum()):,} known edges activate and {int((~up).sum()):,} repress"
        fix = "use labels with a column mor, sign or mode, or weights of both signs"
        raise InputError(f"{what}: too few signs to judge a rule by", where="signs", fix=fix)
    shape, fold = num_nodes(graph), folds_of(len(sign), "accuracy")
    found = {name: np.zeros(len(sign)) for name in (MAJORITY, *(f"by {name}" for name in CANDIDATES), RULE)}
    given = np.zeros(len(sign), np.int8)
    for held in range(FOLDS):
        rest, out = fold != held, fold == held
        rule = SignRule.fit(tf[rest], gene[rest], sign[rest], shape)
        numbers = rule.evidence.of_pairs(tf[out], gene[out])
        for name, weights in fitted(rule.evidence, tf[rest], gene[rest], sign[rest]).items():
            found[f"by {name}"][out] = probability_of(name, weights, numbers)
        found[MAJORITY][out] = rule.share
        found[RULE][out] = rule.probability(tf[out], gene[out])
        given[out] = rule.sign(tf[out], gene[out])
    for kind in KINDS:
        if kind in graph[TF]:
            found[f"correlation ({kind})"] = 0.5 + graph[TF][kind].numpy()[tf, gene] / 2
    lines = [_line(name, probability, up) for name, probability in found.items()]
    return pd.DataFrame([line | _given(given, sign, line["method"] == RULE) for line in lines])


def _line(name: str, probability: Floats, up: NDArray[np.bool_]) -> dict[str, Any]:
    called = probability >= 0.5
    return {
        "method": name,
        "edges": len(up),
        "activating": float(up.mean()),
        "accuracy": float((called == up).mean()),
        "balanced_accuracy": float((called[up].mean() + (~called[~up]).mean()) / 2),
        "auroc": 0.5 if name == MAJORITY else float(roc_auc_score(up, probability)),
    }


def _given(given: NDArray[np.int8], sign: NDArray[Any], of_rule: bool) -> dict[str, float]:
    masks = {"": given != 0, "_activating": given > 0, "_repressing": given < 0}
    right = {
        f"right{which}": float((sign[mask] == given[mask]).mean()) if of_rule and mask.any() else np.nan
        for which, mask in masks.items()
    }
    return {"signed": float((given != 0).mean()) if of_rule else np.nan, **right}
