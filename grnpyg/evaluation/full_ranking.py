"""The full ranking of a split's part: every gene of the universe for each TF, known edges filtered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.data.graph import ENCODED_BY, GENE
from grnpyg.metrics.bootstrap import bootstrap_ranking
from grnpyg.metrics.gains import add_gains
from grnpyg.metrics.ranking import RankingSet, ranking_metrics, ranking_set
from grnpyg.models.baselines import Baseline
from grnpyg.models.predictor import LinkPredictor
from grnpyg.splits import LinkSplit

REGIME = "ranking"  # its name among the regimes of a run's table
TFS_PER_BLOCK = 64


def part_ranking(split: LinkSplit, part: str) -> RankingSet:
    """The ranking set of a part: its universe without the known edges of all other parts and self-loops.

    An unlabelled pair that was a negative in training stays: it stands in the way of the positives.
    """
    tf, gene = split.universe(part)
    others = [pairs for name, pairs in split.positives.items() if name != part]
    filtered = torch.cat([*others, split.set_aside, split.graph[ENCODED_BY].edge_index], dim=1)
    name = f"{part}: {tf.numel():,} TFs x {gene.numel():,} genes, other known edges filtered"
    num_genes = int(split.graph[GENE].num_nodes)
    return ranking_set(
        tf.numpy(), gene.numpy(), split.positives[part].numpy(), filtered.numpy(), num_genes, name
    )


def rank_rows(
    model: LinkPredictor, fitted: Mapping[str, Baseline], graph: HeteroData, candidates: RankingSet
) -> dict[str, NDArray[Any]]:
    """Row -> (n, m) scores of the model and of every baseline."""
    return {"model": model_table(model, graph, candidates)} | {
        name: baseline_table(baseline, candidates) for name, baseline in fitted.items()
    }


def model_table(model: LinkPredictor, graph: HeteroData, candidates: RankingSet) -> NDArray[np.float32]:
    """(n, m) logits of the model."""
    tf, gene = torch.from_numpy(candidates.tf), torch.from_numpy(candidates.gene)
    blocks = [logits for _, logits in model.score_blocks(graph, tf, tfs_per_block=TFS_PER_BLOCK)]
    return torch.cat(blocks)[:, gene].numpy()


def baseline_table(baseline: Baseline, candidates: RankingSet) -> NDArray[np.float64]:
    """(n, m) scores of a fitted baseline."""
    tf, gene = torch.from_numpy(candidates.tf), torch.from_numpy(candidates.gene)
    return baseline.score_all(tf, gene)


def ranking_rows(
    candidates: RankingSet,
    tables: Mapping[str, NDArray[Any]],
    *,
    resamples: int = 0,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Row -> metrics of the full ranking; with `resamples` also 95 % two-way bootstrap intervals.

    `gain_over_degree` and `gain_over_additive` are differences of the mean per-TF AUROC.
    """
    metrics = {row: ranking_metrics(candidates, table) for row, table in tables.items()}
    samples = None
    if resamples:
        drawn = bootstrap_ranking(candidates, tables, resamples=resamples, seed=seed)
        samples = {row: table["per_tf_auroc"].to_numpy() for row, table in drawn.items()}
    return add_gains(metrics, "per_tf_auroc", samples)


def rank_part(
    model: LinkPredictor,
    fitted: Mapping[str, Baseline],
    graph: HeteroData,
    split: LinkSplit,
    part: str,
    *,
    resamples: int = 0,
    seed: int = 0,
) -> tuple[RankingSet, dict[str, dict[str, float]]]:
    """What a part's full ranking is made of, and the metrics of every row in it; see `ranking_rows`.

    Args:
        model: the predictor.
        fitted: row -> fitted baseline.
        graph: what the model scores on.
        split: gives universe and edges.
        part: a held-out part.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    candidates = part_ranking(split, part)
    tables = rank_rows(model, fitted, graph, candidates)
    return candidates, ranking_rows(candidates, tables, resamples=resamples, seed=seed)
