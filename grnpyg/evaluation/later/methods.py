"""The model of a run and the closed forms beside it, all of them with every known edge at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from grnpyg.controls import Control, controls
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.data.graph import TF
from grnpyg.evaluation.later.candidates import LaterSet
from grnpyg.evaluation.methods import MODEL, TRAINED, baseline_of, fitted, scoring_graph, with_outputs
from grnpyg.evaluation.pair_list import PairList
from grnpyg.metrics.gains import ALWAYS, DEGREE
from grnpyg.models.baselines import baselines
from grnpyg.models.scorer import TFS_PER_BLOCK, Scorer, TrainedModel
from grnpyg.runs import Run
from grnpyg.runs.draws import epoch_pairs
from grnpyg.splits import LabelledPairs

CLOSED = ("ease_gene", "ease_tf", "pearson", "random")  # beside the degrees and the additive method
Lazy = Iterator[tuple[str, Callable[[], Scorer]]]


def later_methods(
    run: Run,
    pairs: LaterSet,
    lists: Mapping[str, PairList] = {},
    *,
    model: bool = True,
    closed: Sequence[str] | None = None,
) -> Lazy:
    """(name, a function that makes the fitted method), one after another: each table is large.

    Nothing that is labelled is judged, so all known edges of the run, those of its held-out subsets included,
    are message edges of its model, and all closed forms are fitted on them. The weights of a model stay.

    Args:
        run: from `Run.load`.
        pairs: from `later_set`.
        lists: networks of other tools, which come last.
        model: what the run hands out, too, and its trained model where that is another one.
        closed: names of closed forms, to which the degree product is added; None: all.

    Raises:
        InputError: the run's control changes its labels.
    """
    _require_true_labels(run)
    config = run.config
    drawn = _training_pairs(config, pairs)
    spec = baseline_of(run)
    if model and spec is not None:
        run.require_same_source(baselines, spec["name"])
        yield MODEL, partial(fitted, spec, pairs.known, drawn, config.seed)
    if model and config.baseline is None:
        # a control that shuffles the genes of held-out pairs shuffles those to be found
        trained = TrainedModel.of(run.model, scoring_graph(pairs.found, config), config)
        for name, scorer in with_outputs(trained, MODEL if spec is None else TRAINED).items():
            yield name, partial(lambda one: one, scorer)
    for name in (*ALWAYS, *CLOSED) if closed is None else dict.fromkeys([DEGREE, *closed]):
        needs = baselines.get(name).needs
        if all(kind in run.graph[TF] for kind in needs):
            yield name, partial(fitted, {"name": name}, pairs.known, drawn, config.seed)
    for name, one in lists.items():
        yield name, partial(_matched, one, run)


def table_of(method: Scorer, num_tfs: int, num_genes: int) -> NDArray[Any]:
    """(num_tfs, num_genes) scores of all pairs, a block of TFs at a time."""
    genes = torch.arange(num_genes)
    table: NDArray[Any] | None = None
    for tfs in torch.arange(num_tfs).split(TFS_PER_BLOCK):
        block = method.score_all(tfs, genes)
        if table is None:
            table = np.empty((num_tfs, num_genes), block.dtype)
        table[tfs.numpy()] = block
    assert table is not None
    return table


def _matched(one: PairList, run: Run) -> Scorer:
    one.match(run.graph)
    return one


def _training_pairs(config: ExperimentConfig, pairs: LaterSet) -> LabelledPairs:
    """All known edges with negatives drawn as in the run's first epoch; blind to the new edges."""
    if config.negatives.sampler["name"] == "given":  # those of a file belong to its own training edges
        config = config.model_copy(
            update={"negatives": config.negatives.model_copy(update={"sampler": {"name": "uniform"}})}
        )
    known = replace(pairs.known, negatives={}, leaks=())
    return epoch_pairs(config, known, {}, epoch=0)


def _require_true_labels(run: Run) -> None:
    name = run.config.control
    if name is not None and controls.get(name).before_split is not Control.before_split:
        raise InputError(
            f"the control {name} changed the labels of this run, so that what is new to them is not known",
            where=run.path,
            fix="use the run without the control",
        )
