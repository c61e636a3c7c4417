"""The probabilities of a run, or of several, beside what a later database reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from grnpyg.core.errors import InputError
from grnpyg.evaluation.later.candidates import LaterSet, later_set
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.other_labels import read_other_labels
from grnpyg.evaluation.probability import unknown_probability
from grnpyg.evaluation.run_reliability import TFS_PER_BLOCK, Reliability
from grnpyg.metrics.reliability import ReliabilityBins
from grnpyg.runs import Run


def later_reliability(
    runs: Sequence[Run], pairs: LaterSet, say: Callable[[str], None]
) -> tuple[Reliability, ...]:
    """Judge the probabilities that `predict` gives unknown pairs, which nothing of the later database made.

    Twice: as they are, for the number of new edges that is expected without knowing better, and told how many
    the later database has. So a wrong number can be told from a wrong shape. The scores are those of
    `predict`, of the training edges alone; of several runs the mean of their probabilities is judged.

    Args:
        runs: of the same TFs, genes and known edges.
        pairs: the pairs to rank.
        say: gets a line where there are no probabilities.

    Returns:
        The two; nothing for a run without probabilities.
    """
    models = [model_of(run, known_edges=False) for run in runs]
    try:
        fits = [unknown_probability(run, model=model) for run, model in zip(runs, models, strict=True)]
    except InputError as error:
        say(f"note: no probabilities are judged: {error.what}")
        return ()
    found = int(pairs.ranked.positives.sum())
    claims = (fits, [fit.expecting(found) for fit in fits])
    bins = [ReliabilityBins() for _ in claims]
    genes = torch.from_numpy(pairs.ranked.gene)
    for tfs in torch.from_numpy(pairs.ranked.tf).split(TFS_PER_BLOCK):
        there = pairs.ranked.candidate[tfs.numpy()]
        scores = [model.score_all(tfs, genes)[there] for model in models]
        hit = pairs.ranked.label[tfs.numpy()][there]
        for own, counted in zip(claims, bins, strict=True):
            claimed = [claim(score) for claim, score in zip(own, scores, strict=True)]
            counted.add(np.mean(claimed, axis=0), hit)
    judges = (
        f"later edges, {fits[0].new_edges:,.0f} expected beforehand",
        f"later edges, told that there are {found:,}",
    )
    total = int(pairs.ranked.candidate.sum())
    return tuple(
        Reliability(judge, float(counted.claimed.sum()), found, total, counted.table(), counted.summary())
        for judge, counted in zip(judges, bins, strict=True)
    )


def judge_by_later(
    runs: Run | Sequence[Run],
    labels: str,
    confidence: Sequence[str] | None = None,
    *,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Reliability, ...]:
    """`later_reliability` alone, without the metrics of `evaluate_later`.

    Args:
        runs: from `Run.load`; of several, which are about the same nodes and known edges, the mean of the
            probabilities is judged, as `predict` gives it.
        labels: the later database, a catalogue name or a file.
        confidence: levels of it to keep.
        say: gets a line now and then.

    Raises:
        InputError: no run, or the labels cannot be read, lie outside the run's nodes, or name nothing new.
    """
    runs = (runs,) if isinstance(runs, Run) else tuple(runs)
    if not runs:
        raise InputError("no run is named", where="judge_by_later", fix="name one or more runs")
    first = runs[0]
    truth = read_other_labels(first.graph, first.config.data, labels, confidence=confidence)
    say(truth.line())
    return later_reliability(runs, later_set(first.graph, truth), say)
