"""What a network ranks: the candidate pairs of some runs, their scores, and what a probability means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from grnpyg.core.precision import Precision
from grnpyg.data.graph import num_nodes
from grnpyg.evaluation.methods import baseline_of, model_of
from grnpyg.evaluation.probability import check_new_edges
from grnpyg.evaluation.run_calibration import check_calibration
from grnpyg.models.scorer import TrainedModel
from grnpyg.networks.candidates import Candidates
from grnpyg.networks.ensemble import as_runs
from grnpyg.networks.probability import probability_of
from grnpyg.networks.scores import Computed, Scores, computed, stored
from grnpyg.networks.table import Probability
from grnpyg.networks.universe import Widened, check_universe
from grnpyg.runs import Run


@dataclass(frozen=True)
class ViewOptions:
    """The options that say which pairs are ranked and what their probabilities mean, see `predict`."""

    new: bool = False
    calibrate: str | None = None
    prior: float | None = None
    new_edges: float | None = None
    universe: str = "labels"
    tfs: str | Collection[str] | None = None
    precision: Precision = "fp32"


class View:
    """The candidate pairs of one or more runs.

    Args:
        run: from `Run.load`, or several with the same TFs, genes and known edges.
        options: which pairs, and what their probabilities mean.

    Attributes:
        runs: the runs.
        options: as given.

    Raises:
        InputError: runs that do not go together, or an option that does not fit them. No work was done then.
    """

    def __init__(self, run: Run | Sequence[Run], options: ViewOptions) -> None:
        self.runs, self.options = as_runs(run), options
        check_new_edges(options.new_edges, options.prior)
        if options.calibrate is not None:
            for one in self.runs:
                check_calibration(one, options.calibrate, options.prior)
        check_universe(self.runs, options.universe, options.tfs)

    @cached_property
    def wide(self) -> Widened | None:
        """The further nodes, where the universe is what is measured."""
        return Widened(self.runs[0], self.options.tfs) if self.options.universe == "measured" else None

    @cached_property
    def candidates(self) -> Candidates:
        """Which pairs there are."""
        first = self.runs[0]
        graph = first.graph if self.wide is None else self.wide.graph
        return Candidates(graph, self.options.new, first.config.data.labels)

    def computed(self, number: int) -> Computed:
        """The scores of a run, computed where they are asked for."""
        run = self.runs[number]
        model = model_of(run, known_edges=not self.options.new)
        if isinstance(model, TrainedModel):
            model = model.in_precision(self.options.precision)
        own = computed(model, num_nodes(run.graph))
        return own if self.wide is None else self.wide.scores(run, own, self.options.precision)

    @cached_property
    def precision(self) -> Precision:
        """Of the scores: bf16 where it was asked for and the head of a run has something to gain by it."""
        trained = [run for run in self.runs if baseline_of(run) is None]
        gains = self.options.precision == "bf16" and any(r.model.head.gains_by_bf16() for r in trained)
        return "bf16" if gains else "fp32"

    def described(self, table: pd.DataFrame) -> pd.DataFrame:
        """A part of the network, with the columns that this view adds to those of `keys.COLUMNS`."""
        return table

    def stored(self, *, progress: bool = False, say: Callable[[str], None] | None = None) -> list[Scores]:
        """The scores of every run, on disk.

        Args:
            progress: show bars on stderr.
            say: takes a line on what was scored, where there is something to say.
        """
        several = len(self.runs) > 1
        return [
            stored(
                self.computed(number),
                progress=progress,
                what="scoring pairs" + (f", run {number + 1} of {len(self.runs)}" if several else ""),
            )
            for number in range(len(self.runs))
        ]

    def probabilities(self, *, needed: bool = False) -> list[Probability]:
        """What makes the scores of each run probabilities.

        Args:
            needed: refuse a run that has too few validation edges for them.

        Raises:
            InputError: no probability can be fitted, though it is needed.
        """
        asked = self.options
        needed = needed or asked.prior is not None or asked.new_edges is not None
        return [
            probability_of(run, asked.calibrate, asked.prior, asked.new_edges, needed=needed)
            for run in self.runs
        ]
