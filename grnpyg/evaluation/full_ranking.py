"""The full ranking of a subset: every gene of the universe for each TF, known edges filtered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.data.graph import ENCODED_BY, GENE, pair_codes
from grnpyg.metrics.method_table import MethodTable, full_ranking_metrics
from grnpyg.metrics.ranking import RankingSet, ranking_set
from grnpyg.models.scorer import Scorer
from grnpyg.splits import LinkSplit

RANKING = "ranking"  # its name among the settings of a run's table


def ranking_candidates(split: LinkSplit, subset: str, left_out: Tensor | None = None) -> RankingSet:
    """The universe of a subset without self-loops and without the known edges of all other subsets.

    An unlabelled pair that was a negative in training stays: it competes with the positives.

    Args:
        split: gives the universe and the known edges.
        subset: a held-out subset.
        left_out: (2, E) pairs that are no candidates either, unless they are positives.
    """
    tf, gene = split.universe(subset)
    others = [pairs for name, pairs in split.positives.items() if name != subset]
    filtered = torch.cat([*others, split.set_aside, split.graph[ENCODED_BY].edge_index], dim=1)
    name = f"{subset}: {tf.numel():,} TFs x {gene.numel():,} genes, other known edges filtered"
    num_genes = int(split.graph[GENE].num_nodes)
    positives = split.positives[subset]
    if left_out is not None:
        own = torch.isin(pair_codes(split.graph, left_out), pair_codes(split.graph, positives))
        filtered = torch.cat([filtered, left_out[:, ~own]], dim=1)
    return ranking_set(tf.numpy(), gene.numpy(), positives.numpy(), filtered.numpy(), num_genes, name)


def candidate_scores(method: Scorer, candidates: RankingSet) -> NDArray[Any]:
    """(n, m) scores of the candidates."""
    return method.score_all(torch.from_numpy(candidates.tf), torch.from_numpy(candidates.gene))


def rank_methods(
    methods: Mapping[str, Scorer], candidates: RankingSet, *, resamples: int = 0, seed: int = 0
) -> MethodTable:
    """Metrics of every method in the full ranking, see `full_ranking_metrics`.

    Args:
        methods: name -> method, with the three degree baselines and `additive`.
        candidates: from `ranking_candidates`.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    scores = {name: candidate_scores(method, candidates) for name, method in methods.items()}
    return full_ranking_metrics(candidates, scores, resamples=resamples, seed=seed)
