"""False discovery rate of new edges, from a model that was trained on rewired labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.evaluation.methods import model_of
from grnpyg.evaluation.probability import UnknownProbability, unknown_probability
from grnpyg.metrics.false_discovery import ScoreCounts, bins, q_values
from grnpyg.networks.candidates import Candidates
from grnpyg.networks.ensemble import with_method
from grnpyg.networks.scores import Rows, blocks, computed, stored
from grnpyg.networks.wanted import Filter
from grnpyg.resolve import canonical
from grnpyg.runs import Run

CONTROL = "rewired_labels"


class FalseDiscovery:
    """q-values of unknown pairs against "the model has learned degrees and nothing else".

    The null: all known edges are traded between TFs at random, so that every TF and every gene keeps its
    number of edges (control `rewired_labels`), the same config is trained on them, and its probabilities are
    fitted on its own held-out edges. So both models speak of the same thing, whatever the scale of their
    scores. What the null model finds probable is so by degree or by chance. The q-value of a pair is the
    share of such pairs that is expected among all pairs with its probability or a higher one. It does not say
    that the others are true regulations: a model may learn more than degrees and still be wrong.

    Args:
        scores: of all pairs, by the run.
        probability: of these scores.
        candidates: of the run's graph.
        run: the run.
        nulls: as `check_nulls` wants them.
        progress: show bars on stderr.
    """

    def __init__(
        self,
        scores: Rows,
        probability: UnknownProbability,
        candidates: Candidates,
        run: Run,
        nulls: Sequence[Run],
        *,
        progress: bool = False,
    ) -> None:
        self._probability = probability
        unknown = Candidates(candidates.graph, new=True)
        under_null = []
        for number, null in enumerate(nulls, start=1):
            pairs = Candidates(null.graph, new=True)
            same = with_method(null, run.manifest.handed_out)
            model = model_of(same, known_edges=False)
            claim = unknown_probability(same, new_edges=probability.new_edges, model=model)
            what = f"scoring pairs of null run {number} of {len(nulls)}"
            own = stored(computed(model, num_nodes(null.graph)), progress=progress, what=what)
            under_null.append(_counted(own, claim, pairs))
        self._q = q_values(_counted(scores, probability, unknown), under_null)

    def q(self, score: NDArray[Any]) -> NDArray[np.float64]:
        """(n,) scores of unknown pairs -> (n,) q-values."""
        values: NDArray[np.float64] = self._q[bins(self._probability(score))]
        return values

    def at_most(self, rate: float) -> Filter:
        """Keeps known edges, which are not judged, and other pairs with a q-value of at most `rate`."""

        def keep(each: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
            called: NDArray[np.bool_] = self.q(each[0].ravel()).reshape(known.shape) <= rate
            return called | known

        return keep


def _counted(scores: Rows, probability: UnknownProbability, candidates: Candidates) -> ScoreCounts:
    counts = ScoreCounts()
    for start, stop in blocks(*candidates.shape):
        counts.add(probability(scores.rows(start, stop)[candidates.rows(start, stop)]))
    return counts


def check_nulls(
    runs: Sequence[Run], fdr: float | None, nulls: Sequence[Run], universe: str, calibrate: str | None
) -> None:
    """Check what `--fdr` needs, before any work is done.

    Raises:
        InputError: a rate out of range, no null run, several runs, or a null run that is none of this run.
    """
    if fdr is None and not nulls:
        return
    if fdr is None:
        raise InputError("null runs are for a false discovery rate", where="--null", fix="add --fdr 0.1")
    if not (isinstance(fdr, (int, float)) and 0 < fdr <= 1):
        raise InputError(f"{fdr} is no false discovery rate", where="--fdr", fix="use a share such as 0.1")
    if len(runs) > 1:
        raise InputError(
            f"a false discovery rate is of one run, not of the mean of {len(runs)}",
            where="--fdr",
            fix="name one run and its null runs",
        )
    if calibrate is not None:
        raise InputError(
            "a false discovery rate compares the usual probabilities", where="--calibrate", fix="leave it out"
        )
    if universe != "labels":
        raise InputError(
            "a false discovery rate is for the TFs and genes of the labels, which the null rewires",
            where="--universe",
            fix="leave it out",
        )
    run = runs[0]
    if not nulls:
        raise InputError(
            "a false discovery rate needs a run of the same config on rewired labels",
            where="--fdr",
            fix=f"make it with `{null_command(run)}` and name it with --null",
        )
    for null in nulls:
        _check_null(run, null)


def _check_null(run: Run, null: Run) -> None:
    if null.config.control != CONTROL:
        raise InputError(
            f"this run was not trained on rewired labels, so that it is no null of {run.path}",
            where=f"--null {null.path}",
            fix=f"make one with `{null_command(run)}`",
        )
    one, two = (canonical(_comparable(some)) for some in (run, null))
    other = sorted(key for key in {*one, *two} if one.get(key) != two.get(key))
    same = all(list(run.graph[kind].name) == list(null.graph[kind].name) for kind in (TF, GENE))
    if other or not same:
        what = ", ".join(other) if other else "the TFs or genes"
        raise InputError(
            f"differs from {run.path} in more than labels and seed: {what}",
            where=f"--null {null.path}",
            fix=f"make one with `{null_command(run)}`",
        )


def discovery_line(table: pd.DataFrame, rate: float) -> str:
    """What a list at a false discovery rate says, and what it does not."""
    new = table[~table["known"]]
    return (
        f"false discovery rate {rate:g}: {len(new):,} new pairs; a model that has learned degrees alone "
        f"would find at most about {rate * len(new):,.0f} so probable. Their probabilities add up to "
        f"{new['probability'].sum():,.0f} edges: a low rate does not make a pair a true regulation"
    )


def null_command(run: Run) -> str:
    """The command that trains a run's config on rewired labels."""
    return f"grnpyg train --config {run.path / 'config.yaml'} --control {CONTROL} --runs {run.path.parent}"


def _comparable(run: Run) -> Any:
    """The config without seed and control."""
    return run.config.model_copy(update={"seed": 0, "split_seed": None, "control": None})
