from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from grnpyg.data.graph import REGULATES, build_graph
from grnpyg.models.baselines import Baseline
from grnpyg.splits import LabelledPairs, LinkSplit

Fit = Callable[[Baseline, np.ndarray], np.ndarray]


def fit_on(baseline: Baseline, x: np.ndarray) -> np.ndarray:
    """Fit on a 0/1 matrix of TFs x genes; the scores of all pairs, in the same shape."""
    rows, columns = np.nonzero(x)
    edges = pd.DataFrame({"source": [f"T{i}" for i in rows], "target": [f"G{j}" for j in columns]})
    tfs, genes = ([f"{letter}{i}" for i in range(n)] for letter, n in zip("TG", x.shape, strict=True))
    graph = build_graph(edges, tfs=tfs, genes=genes)
    train, none = graph[REGULATES].edge_index, torch.empty(2, 0, dtype=torch.long)
    warm = {"tf": train[0].unique(), "gene": train[1].unique()}
    split = LinkSplit(graph, {"train": train, "validation": none, "test": none}, warm, 0, none)
    baseline.fit(split, LabelledPairs.join(train, none))
    return baseline.score_all(*map(torch.arange, x.shape))


@pytest.fixture
def scores_on() -> Fit:
    return fit_on
