"""Score every TF x gene pair of one or more runs and give the ranked network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
from torch_geometric.data import HeteroData

from grnpyg.core.precision import chosen
from grnpyg.data.graph import num_nodes
from grnpyg.models.scorer import Scorer
from grnpyg.networks.candidates import Candidates
from grnpyg.networks.prediction import Prediction
from grnpyg.networks.scores import computed, stored
from grnpyg.networks.table import Probability, network_table
from grnpyg.networks.view import View, ViewOptions
from grnpyg.networks.wanted import Wanted, least_probability
from grnpyg.runs import Run


def predict(
    run: Run | Sequence[Run],
    *,
    top: int | None = None,
    per_tf: int | None = None,
    tf: Collection[str] = (),
    gene: Collection[str] = (),
    new: bool = False,
    min_probability: float | None = None,
    with_known: bool = False,
    calibrate: str | None = None,
    prior: float | None = None,
    new_edges: float | None = None,
    fdr: float | None = None,
    null: Sequence[Run] = (),
    universe: str = "labels",
    tfs: str | Collection[str] | None = None,
    shards: str | Path | None = None,
    precision: Literal["auto", "fp32", "bf16"] = "fp32",
    explain: bool = False,
    progress: bool = False,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """The ranked network of one or more runs, best pair first.

    A TF with its own gene is no candidate. A training edge is scored as if it were not known, out of fold
    (`grnpyg.models.known_edges`), so that its score compares with those of other pairs. Nodes without a
    training edge are scored too; an encoder with id embeddings knows nothing of them.

    All pairs are scored and ranked whatever is asked for, a few TFs at a time and on disk. Memory grows with
    the pairs that are kept: `top`, `per_tf`, `tf` and `gene` keep it small for any number of genes.

    Args:
        run: from `Run.load`, or several with the same TFs, genes and known edges, such as some seeds of one
            config. The importance of a pair is then the mean over the runs.
        top: keep the best so many pairs.
        per_tf: keep the best so many pairs of each TF.
        tf: keep the pairs of these TFs; empty: of all.
        gene: keep the pairs of these genes; empty: of all.
        new: leave the known edges out, and rank the others among themselves.
        min_probability: keep pairs of at least this probability.
        with_known: keep every known edge beside the new ones, which alone `top` and `per_tf` count.
        calibrate: `temperature`, `isotonic` or `none`: fit the probabilities of each run on its validation
            pairs with drawn negatives and move them to the prior; None: on its validation edges among all
            unknown pairs, see `grnpyg.evaluation.probability`.
        prior: share of the unknown pairs that are edges; None: as many as a fifth of the known edges.
        new_edges: the same as a number.
        fdr: keep new edges with a q-value of at most this, and known edges, which are not judged; adds the
            column `q_value`. See `grnpyg.networks.null`.
        null: runs of the same config on rewired labels, for `fdr`.
        universe: `labels`, the TFs and genes of the labels; or `measured`, also every measured gene and every
            measured TF of a list, without a known edge. They are scored through their expression and what
            knowledge sources say of them. The other pairs keep their scores.
        tfs: with `measured`: a catalogue name, a file with one TF a line, or names; None: the bundled list.
        shards: a folder of `make_shards` whose scores are taken; what it lacks is made first.
        precision: of the scores. `bf16` takes the matrix products of a cross-encoder in bf16, which a
            processor with instructions for it does several times as fast; the ranking stays the same but for
            neighbours. `auto`: bf16 where the processor has them. The other heads are scored in float32.
        explain: add columns that say why a pair has its importance: `because_degree`, `because_known_edges`,
            `because_knowledge` and `because_vectors`, which with `base` add up to it, see
            `grnpyg.models.explain`. `attrs["explained"]` says whether they are terms of the model (`terms`)
            or Shapley values (`shapley`). Each pair is scored again, so keep few pairs.
        progress: show bars on stderr.
        say: takes a line on what will be done; None: it is not said.

    Returns:
        `TF`, `target`, `importance` (the raw logit, or the score of a baseline; the mean of several runs),
        `probability` (that an unknown pair is one of the edges that are found next, see `calibrate`; nan
        where the run has too few validation edges; of a known edge, what it would be if it were unknown; the
        mean of several runs), `known` (an edge of the labels, whatever subset it was in),
        `rank` (place among all candidates, or with `new` among those that are no known edges, from 1, before
        anything else is left out), `rank_in_tf` (the same among those of the TF), `degree_rank` (place of the
        pair when the same candidates are ranked by the product of the known edges of TF and target; ties
        share their mean place), `sign` (1, -1 or 0 for unknown), `sd` (standard deviation of the importance
        over the runs; nan with one), `frequency` (share of the runs that by themselves have the pair among
        the best `top`, among the best `per_tf` of its TF, or among as many as there are known edges; nan
        with one), `cold` (which end has no known edge: empty, `TF`, `target` or `both`) and `provenance` (the
        label set of a known edge). Equal scores are ordered by TF and target. `attrs["probability"]` says how
        many new edges each run's probabilities add up to.

    Raises:
        InputError: a number that is not positive, a name that is not in the graph, `prior`,
            `new_edges` or `min_probability` where no probability can be fitted, `fdr` without null runs, runs
            that do not go together, scores that are nan, more pairs than memory can hold, a model that
            cannot score nodes which it has not seen, or `explain` with a baseline, `shards` or bf16.
    """
    wanted = Wanted(top, per_tf, tf, gene, new, min_probability, with_known)
    view = View(run, ViewOptions(new, calibrate, prior, new_edges, universe, tfs, chosen(precision)))
    return Prediction(
        view, wanted, fdr, null, shards=shards, explain=explain, progress=progress, say=say
    ).table()


def ranked_pairs(
    model: Scorer, graph: HeteroData, probability: Probability, wanted: Wanted, labels: str = ""
) -> pd.DataFrame:
    """The ranked network of one fitted method, see `predict`.

    Args:
        model: a fitted method.
        graph: says which TF encodes which gene, and which pairs are known.
        probability: of scores (n,).
        wanted: which pairs.
        labels: where the known edges are from.
    """
    candidates = Candidates(graph, wanted.new, labels)
    wanted.ids(candidates)
    filters = []
    if wanted.min_probability is not None:
        filters.append(least_probability([probability], wanted.min_probability))
    scores = stored(computed(model, num_nodes(graph)))
    return network_table([scores], [probability], candidates, wanted, filters)
