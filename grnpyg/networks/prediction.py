"""The scored pairs of a view, and which of them are wanted: as a table, or part by part into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.evaluation.probability import UnknownProbability
from grnpyg.networks.explanation import explanation_of, require_explained
from grnpyg.networks.export import format_of
from grnpyg.networks.keys import KNOWN
from grnpyg.networks.null import FalseDiscovery, check_nulls, discovery_line
from grnpyg.networks.plan import plan
from grnpyg.networks.scores import StoredRows
from grnpyg.networks.shards.make import shard_scores
from grnpyg.networks.table import network_chunks, network_table
from grnpyg.networks.view import View
from grnpyg.networks.wanted import Filter, Wanted, least_probability
from grnpyg.runs import Run


class Written(NamedTuple):
    """What a network holds.

    Attributes:
        pairs: how many.
        known: how many of them are known edges.
        head: the best so many pairs.
        best_new: the best so many that are no known edges.
        probability: how many new edges each run's probabilities add up to.
    """

    pairs: int
    known: int
    head: pd.DataFrame
    best_new: pd.DataFrame
    probability: list[dict[str, float]]


class Prediction:
    """The ranked network of a view.

    Args:
        view: the candidate pairs.
        wanted: which of them are asked for.
        fdr: keep new edges of at most this q-value.
        null: runs on rewired labels, for `fdr`.
        whole: the pairs will be held in memory at once; else part by part where `wanted` has no limit.
        shards: a folder whose scores are taken, see `make_shards`.
        explain: add the columns of `grnpyg.networks.keys.EXPLAINED`.
        progress: show bars on stderr.
        say: takes a line on what will be done; None: it is not said.

    Attributes:
        probability: how many new edges each run's probabilities add up to.
        explanation: of the scores; None where none is wanted.

    Raises:
        InputError: see `grnpyg.networks.predict`.
    """

    def __init__(
        self,
        view: View,
        wanted: Wanted,
        fdr: float | None = None,
        null: Sequence[Run] = (),
        *,
        whole: bool = True,
        shards: str | Path | None = None,
        explain: bool = False,
        progress: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> None:
        if explain:
            require_explained(view, shards)
        self._view, self._fdr, self._progress = view, fdr, progress
        self._say = say if say is not None else lambda line: None
        asked, self._candidates = view.options, view.candidates
        check_nulls(view.runs, fdr, null, asked.universe, asked.calibrate)
        wanted.ids(self._candidates)  # an unknown name is refused before any work
        self.by_parts = not (whole or wanted.cut or fdr is not None)
        line = plan(self._candidates.shape, wanted, len(view.runs), by_parts=self.by_parts)
        if view.wide is not None:
            self._say(view.wide.sentence)
            self._say(line)
        scores: Sequence[StoredRows] = (
            view.stored(progress=progress, say=self._say)
            if shards is None
            else shard_scores(view, Path(shards), progress=progress, say=self._say)
        )
        needed = wanted.min_probability is not None or fdr is not None
        probabilities = view.probabilities(needed=needed)
        fitted = [own for own in probabilities if isinstance(own, UnknownProbability)]
        if fitted:
            self._say(fitted[0].sentence())
        self.probability = [own.to_dict() for own in fitted]
        self.explanation = explanation_of(view) if explain else None
        if self.explanation is not None:
            self._say(self.explanation.sentence)
        self._filters: list[Filter] = []
        self._least = wanted.min_probability
        if wanted.min_probability is not None:
            self._filters.append(least_probability(probabilities, wanted.min_probability))
        self._discovery = None
        if fdr is not None:
            self._discovery = FalseDiscovery(
                scores[0], fitted[0], self._candidates, view.runs[0], null, progress=progress
            )
            self._filters.append(self._discovery.at_most(fdr))
        self._asked = scores, probabilities, self._candidates, wanted, self._filters

    def table(self) -> pd.DataFrame:
        """All wanted pairs, see `grnpyg.networks.predict`."""
        return self._explained(self._table())

    def _table(self) -> pd.DataFrame:
        table = self._view.described(network_table(*self._asked, progress=self._progress))
        if self._discovery is not None:
            q = self._discovery.q(table["importance"].to_numpy())
            table["q_value"] = np.where(table["known"], np.nan, q)
            self._say(discovery_line(table, self._fdr or 0.0))
        table.attrs["probability"] = self.probability
        return table

    def _explained(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with the columns that say why, if they are wanted."""
        if self.explanation is None:
            return table
        attributes, table = table.attrs, self.explanation.added(table)
        table.attrs = {**attributes, "explained": self.explanation.to_dict()}
        return table

    def parts(self) -> Iterator[pd.DataFrame]:
        """The same, a part at a time where nothing needs all of it at once.

        Raises:
            InputError: no pair has the probability that is asked for.
        """
        yield from map(self._explained, self._checked_parts())

    def _checked_parts(self) -> Iterator[pd.DataFrame]:
        there, least = False, self._least
        for part in self._parts():
            there = there or len(part) > 0
            if len(part) or least is None:
                yield part
        if not there and least is not None:
            what = "no pair that is asked for has a probability as high"
            raise InputError(what, where=f"--min-probability {least:g}", fix="ask for a lower one")

    def _parts(self) -> Iterator[pd.DataFrame]:
        if not self.by_parts:
            yield self._table()
            return
        for part in network_chunks(*self._asked, progress=self._progress):
            part = self._view.described(part)
            part.attrs["probability"] = self.probability
            yield part

    def write(self, path: Path | None, format: str | None = None, *, shown: int = 10) -> Written:
        """Write the network, whole or not at all, and say what it holds.

        Args:
            path: its suffix says the format, unless one is named; None: nothing is written.
            format: its name.
            shown: how many of the best pairs to give back.

        Raises:
            InputError: see `grnpyg.networks.export.write_network`.
        """
        tally = _Tally(shown)
        if path is not None:
            format_of(path, format).write_parts(tally.counted(self.parts()), path)
            return tally.written(self.probability)
        written = self._counted(tally)  # only the pairs that are shown are explained
        head, new = (self._explained(table) for table in (written.head, written.best_new))
        return written._replace(head=head, best_new=new)

    def _counted(self, tally: _Tally) -> Written:
        # all candidates are there, and none is known: the first part tells it all
        countless = self.by_parts and not self._filters and self._candidates.new
        for _ in tally.counted(self._checked_parts()):
            if countless and tally.full:
                return tally.written(self.probability)._replace(pairs=len(self._candidates))
        return tally.written(self.probability)


class _Tally:
    """Counts parts that pass by."""

    def __init__(self, shown: int) -> None:
        self._shown, self._pairs, self._known = shown, 0, 0
        self._heads: list[list[pd.DataFrame]] = [[], []]

    @property
    def full(self) -> bool:
        """Whether there are as many pairs as will be shown."""
        return all(sum(map(len, heads)) >= self._shown for heads in self._heads)

    def counted(self, parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for part in parts:
            known = part[KNOWN].to_numpy()
            self._pairs, self._known = self._pairs + len(part), self._known + int(known.sum())
            for heads, rows in zip(self._heads, (part, part[~known]), strict=True):
                missing = self._shown - sum(map(len, heads))
                if missing > 0 or not heads:
                    heads.append(rows.head(missing).copy())
            yield part

    def written(self, probability: list[dict[str, float]]) -> Written:
        head, new = (
            pd.concat([h for h in heads if len(h)] or heads[:1], ignore_index=True) for heads in self._heads
        )
        return Written(self._pairs, self._known, head, new, probability)
