"""`evaluate_later`: rank all pairs that a run's labels do not name; a later database is the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.arguments import require_whole
from grnpyg.core.seeding import derive
from grnpyg.data.graph import GENE, num_nodes
from grnpyg.evaluation.later.candidates import LATER, later_set
from grnpyg.evaluation.later.measure import SAMPLED, Weights, measure, resample
from grnpyg.evaluation.later.methods import later_methods, table_of
from grnpyg.evaluation.later.reliability import later_reliability
from grnpyg.evaluation.later.result import LaterResult
from grnpyg.evaluation.later.strata import degree_strata, file_strata, sign_table, stratum_table
from grnpyg.evaluation.other_labels import read_other_labels
from grnpyg.evaluation.pair_list import PairList
from grnpyg.metrics.bootstrap import interval, require_memory
from grnpyg.metrics.gains import DEGREE
from grnpyg.runs import Run

Samples = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class LaterOptions:
    """What `evaluate_later` computes.

    Attributes:
        confidence: levels of the later database to keep.
        known_elsewhere: a third database; its edges that the later one does not report are no negatives.
        by: a table of genes and numbers, such as publications, for strata of its own.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        model: the model of the run as well; False: the closed forms alone.
        closed: the closed forms beside it; None: all. Differences are taken from the degree product, which is
            always there.
        lists: name -> network of another tool, a method in the same tables.
    """

    confidence: Sequence[str] | None = None
    known_elsewhere: str | None = None
    by: Path | None = None
    resamples: int = 1000
    model: bool = True
    closed: Sequence[str] | None = None
    lists: Mapping[str, PairList] = field(default_factory=dict)


def evaluate_later(
    run: Run,
    labels: str,
    options: LaterOptions = LaterOptions(),
    *,
    say: Callable[[str], None] = lambda line: None,
) -> LaterResult:
    """Rank every pair of a run's nodes that its labels do not name; edges of a later database are positives.

    The labels of all subsets count as known: they are message edges of the model, closed forms are fitted on
    them, and none of them is ranked. The weights of the model stay those of the training edges. All other
    pairs are ranked, of all TFs and genes of the graph, without a TF and its own gene. What the later
    database does not report counts as negative, though some of it is only not found yet.

    Args:
        run: from `Run.load`.
        labels: the later database, a catalogue name or a file.
        options: see `LaterOptions`.
        say: gets a line now and then.

    Raises:
        InputError: the labels cannot be read, lie outside the run's nodes, or name nothing new; a control
            changed the run's labels.
    """
    require_whole(options.resamples, "resamples", 0, where="evaluate_later")
    graph, config = run.graph, run.config
    sizes = num_nodes(graph)
    require_memory(max(sizes), options.resamples)
    truth = read_other_labels(graph, config.data, labels, confidence=options.confidence)
    third = options.known_elsewhere
    elsewhere = (
        None if third is None else read_other_labels(graph, config.data, third, where="--known-elsewhere")
    )
    pairs = later_set(graph, truth, elsewhere)
    say(truth.line())
    divisions = degree_strata(pairs)
    if options.by is not None:
        divisions.append(file_strata(options.by, list(graph[GENE].name)))
    matched = pairs.degree_matched(config.data_seed)
    seed = derive(config.data_seed, "bootstrap", LATER)
    weights = Weights.draw(*sizes, options.resamples, seed) if options.resamples else None
    metrics: dict[str, dict[str, float]] = {}
    samples: dict[str, Samples] = {}
    strata, signs = list[dict[str, Any]](), list[dict[str, Any]]()
    methods = later_methods(run, pairs, options.lists, model=options.model, closed=options.closed)
    for name, make in methods:
        say(f"ranking {int(pairs.ranked.candidate.sum()):,} pairs by {name}")
        table = table_of(make(), *sizes)
        metrics[name] = measure(pairs.ranked, table, matched)
        if weights is not None:
            samples[name] = resample(pairs.ranked, table, matched, weights, seed)
        for division in divisions:
            strata += stratum_table(name, pairs, table, division)
        if truth.has_signs:
            signs += sign_table(name, pairs, table)
    reliability = later_reliability([run], pairs, say) if options.model else ()
    about = {
        "run": str(run.path),
        "status": run.manifest.status,
        "parameters": run.manifest.parameters.total,
        "control": config.control,
    }
    return LaterResult(
        about,
        truth,
        pairs.ranked.name,
        int(pairs.ranked.positives.sum()),
        int(pairs.ranked.candidate.sum()),
        matched.negatives.size(1),
        {name: own | _intervals(samples.get(name, {})) for name, own in metrics.items()},
        {name: _over_degree(name, metrics, samples) for name in metrics},
        pd.DataFrame(strata),
        pd.DataFrame(signs),
        None if elsewhere is None else elsewhere.to_dict() | {"left_out": pairs.left_out},
        reliability,
    )


def _intervals(samples: Samples) -> dict[str, float]:
    ends = {}
    for name, sample in samples.items():
        ends[f"{name}_low"], ends[f"{name}_high"], _ = interval(sample)
    return ends


def _over_degree(
    name: str, metrics: dict[str, dict[str, float]], samples: dict[str, Samples]
) -> dict[str, dict[str, float]]:
    result = {}
    for metric in SAMPLED:
        result[metric] = {"value": metrics[name][metric] - metrics[DEGREE][metric]}
        if samples:
            low, high, _ = interval(samples[name][metric] - samples[DEGREE][metric])
            result[metric] |= {"low": low, "high": high}
    return result
