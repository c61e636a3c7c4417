"""Retrieve and rerank: one run ranks all pairs, and a second one scores only the best of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, unknown, warn
from grnpyg.core.precision import chosen
from grnpyg.evaluation.methods import baseline_of, model_of
from grnpyg.models.scorer import TrainedModel
from grnpyg.networks.candidates import Codes
from grnpyg.networks.ensemble import require_same
from grnpyg.networks.keys import SCORED_BY
from grnpyg.networks.prediction import Prediction
from grnpyg.networks.rerank_scale import Scale, limits, probability_on
from grnpyg.networks.retrieval import Amount, best_candidates
from grnpyg.networks.scores import Scores, StoredRows, blocks, require_numbers, tracked
from grnpyg.networks.table import Probability
from grnpyg.networks.vector_index import candidates_by_faiss
from grnpyg.networks.view import View, ViewOptions
from grnpyg.networks.wanted import Wanted
from grnpyg.runs import Run

RETRIEVED, RERANKED = "retrieve", "rerank"  # the values of the column
Index = Literal["torch", "faiss"]


class Reranked(View):
    """The candidate pairs of a run, scored by another one where it ranks them high.

    Pairs that the first run chooses have the score of the second. The others stand below them in the order of
    the first, whose scores are shifted down by one number.

    Args:
        retriever: ranks all pairs.
        reranker: scores the best of them; a run with the same TFs, genes and known edges.
        amount: how many.
        options: which pairs there are, and what their probabilities mean; the precision is that of the second
            run, and the first one scores in float32.
        index: what finds the best genes of each TF: `torch`, or `faiss`, see `candidates_by_faiss`.

    Attributes:
        scored: how many pairs the second run has scored; 0 before `stored`.

    Raises:
        InputError: runs that do not go together, a run without a model, the universe `measured`, a
            calibration, or an index that cannot be.
    """

    def __init__(
        self, retriever: Run, reranker: Run, amount: Amount, options: ViewOptions, index: Index = "torch"
    ) -> None:
        for run in (retriever, reranker):
            spec = baseline_of(run)
            if spec is not None:
                fix = "name a run of a model; `grnpyg predict RUN` writes the network of a baseline"
                what = f"hands out the baseline {spec['name']}, which has no dearer scores to save"
                raise InputError(what, where=run.path, fix=fix)
        if retriever.path.resolve() == reranker.path.resolve():
            what, fix = "the same run retrieves and reranks", "name two runs, or `grnpyg predict RUN`"
            raise InputError(what, where=reranker.path, fix=fix)
        if index not in get_args(Index):
            raise unknown("index", index, get_args(Index), where="--index")
        if options.universe != "labels":
            fix = "leave it out, or predict with one run"
            raise InputError("a reranking is of the labels' TFs and genes", where="--universe", fix=fix)
        if options.calibrate is not None:
            fix = "leave it out; the usual probabilities are fitted on the scores of both"
            raise InputError("a calibration is of the scores of one run", where="--calibrate", fix=fix)
        require_same(retriever, reranker)
        super().__init__(reranker, options)
        self._first, self._amount = View(retriever, replace(options, precision="fp32")), amount
        self._vectors = self._of_index(retriever) if index == "faiss" else None
        self._scale, self.scored = Scale(-np.inf, 0.0, np.empty(0)), 0  # both are known after `stored`

    def _of_index(self, run: Run) -> tuple[torch.Tensor, torch.Tensor]:
        if self._amount.per_tf is None:
            fix = "give a number for each TF, such as --candidates 500"
            raise InputError("an index finds the best genes of each TF", where="--index faiss", fix=fix)
        vectors = _model(run, known_edges=not self.options.new).retrieval_vectors()
        if vectors is None:
            what = "its score of a pair is more than an inner product of two vectors"
            fix = "name a run of a dual head alone, add --new, or leave --index out"
            raise InputError(what, where=run.path, fix=fix)
        return vectors

    def stored(self, *, progress: bool = False, say: Callable[[str], None] | None = None) -> list[Scores]:
        """The scores of all pairs on one scale, on disk, see `View`; the second run scores its part here."""
        (all_scores,) = self._first.stored(progress=progress)
        codes = self._chosen(all_scores, progress)
        values = self._second_scores(codes, progress)
        self._scale, self.scored = self._scale_of(all_scores, codes, values), codes.size
        result, num_genes = Scores(self.candidates.shape), self.candidates.shape[1]
        for start, stop in blocks(*self.candidates.shape):
            rows = all_scores.rows(start, stop).astype(np.float64) - self._scale.shift
            first, last = np.searchsorted(codes, [start * num_genes, stop * num_genes])
            rows.ravel()[codes[first:last] - start * num_genes] = values[first:last]
            result.append(rows)
        if say is not None:
            say(self._sentence())
        return [result]

    def _chosen(self, scores: StoredRows, progress: bool) -> Codes:
        if self._vectors is None:
            return best_candidates(scores, self.candidates, self._amount, progress=progress)
        assert self._amount.per_tf is not None
        return candidates_by_faiss(*self._vectors, self.candidates, self._amount.per_tf)

    def _second_scores(self, codes: Codes, progress: bool) -> NDArray[np.float64]:
        """(n,) scores of the second run, for ascending codes."""
        num_genes, values = self.candidates.shape[1], np.empty(codes.size)
        model = _model(self.runs[0], known_edges=not self.options.new).in_precision(self.options.precision)
        for start, stop in tracked(blocks(*self.candidates.shape), "reranking candidates", progress):
            first, last = np.searchsorted(codes, [start * num_genes, stop * num_genes])
            if last > first:
                pairs = torch.from_numpy(np.stack(np.divmod(codes[first:last], num_genes)))
                values[first:last] = require_numbers(model.score(pairs))
        return values

    def _scale_of(self, scores: StoredRows, codes: Codes, values: NDArray[np.float64]) -> Scale:
        """Where the scores of both runs meet.

        Args:
            scores: of all pairs by the first run.
            codes: (n,) the candidates, ascending.
            values: (n,) their scores by the second run.
        """
        best, of_codes, num_genes = -np.inf, np.empty(codes.size), self.candidates.shape[1]
        for start, stop in blocks(*self.candidates.shape):
            rows = scores.rows(start, stop).astype(np.float64).ravel()
            first, last = np.searchsorted(codes, [start * num_genes, stop * num_genes])
            at = codes[first:last] - start * num_genes
            of_codes[first:last], rows[at] = rows[at], -np.inf
            best = max(best, float(rows.max(initial=-np.inf)))
        lowest = float(values.min(initial=np.inf))
        limit = limits(of_codes, codes, self.candidates.shape, of_each=self._amount.per_tf is not None)
        return Scale(lowest, best - lowest + 1 if best > -np.inf else 0.0, limit)

    def probabilities(self, *, needed: bool = False) -> list[Probability]:
        """What makes the scores on the common scale probabilities, see `probability_on`."""
        asked = self.options
        needed = needed or asked.prior is not None or asked.new_edges is not None
        runs = self._first.runs[0], self.runs[0]
        models = _model(runs[0], known_edges=False), _model(runs[1], known_edges=False)
        try:
            return [probability_on(self._scale, runs, models, asked.new_edges, asked.prior)]
        except InputError as error:
            if needed:
                raise
            warn(f"no probabilities: {error.what}", where=error.where, fix=error.fix)
            return [lambda score: np.full(score.shape, np.nan)]

    def described(self, table: pd.DataFrame) -> pd.DataFrame:
        """A part of the network with the column that says which run scored a pair."""
        reranked = self._scale.reranked(table["importance"].to_numpy())
        words = np.where(reranked, RERANKED, RETRIEVED).astype(object)
        return table.assign(**{SCORED_BY: words})

    def _sentence(self) -> str:
        """How many pairs the second run scored."""
        total, paths = len(self.candidates), (self.runs[0].path, self._first.runs[0].path)
        return (
            f"{paths[0]} scored {self.scored:,} of {total:,} pairs ({self.scored / max(1, total):.1%}), "
            f"which come first; the others follow in the order of {paths[1]}"
        )


def _model(run: Run, *, known_edges: bool) -> TrainedModel:
    model = model_of(run, known_edges=known_edges)
    assert isinstance(model, TrainedModel)  # a baseline was refused
    return model


def rerank(
    retriever: Run,
    reranker: Run,
    candidates: str | int = "10%",
    *,
    index: Index = "torch",
    top: int | None = None,
    per_tf: int | None = None,
    tf: Collection[str] = (),
    gene: Collection[str] = (),
    new: bool = False,
    min_probability: float | None = None,
    with_known: bool = False,
    prior: float | None = None,
    new_edges: float | None = None,
    precision: Literal["auto", "fp32", "bf16"] = "fp32",
    progress: bool = False,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """The ranked network of two runs: one ranks all pairs, the other scores only the best of them.

    Args:
        retriever: from `Run.load`; a quick model, such as one with a dual head.
        reranker: a run with the same TFs, genes and known edges; a better, slower model, such as one with a
            cross head.
        candidates: the pairs that the second run scores: `10%`, the best of all pairs, or a number, the best
            so many genes of each TF.
        index: `torch` ranks by all scores of the first run; `faiss` takes the best genes of each TF from an
            index of vectors, for a head that gives them, and a number of candidates for each TF.
        precision: of the scores of the second run, see `predict`.
        top, per_tf, tf, gene, new, min_probability, with_known, prior, new_edges, progress, say:
            see `predict`.

    Returns:
        The table of `predict`, with `scored_by`: `rerank` or `retrieve`. Pairs that the second run scored
        come first, and `importance` is its logit. The importance of the others is the logit of the first run
        minus one number, so that the best of them stands below all that were reranked. Probabilities are
        fitted on this order, so they fall with it.

    Raises:
        InputError: see `predict`, `Amount.read` and `Reranked`.
    """
    wanted = Wanted(top, per_tf, tf, gene, new, min_probability, with_known)
    options = ViewOptions(new, None, prior, new_edges, precision=chosen(precision))
    view = Reranked(retriever, reranker, Amount.read(candidates), options, index)
    return Prediction(view, wanted, progress=progress, say=say).table()
