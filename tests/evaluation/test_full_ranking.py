from __future__ import annotations

import numpy as np
import pytest
import torch

from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.evaluation.full_ranking import candidate_scores, rank_methods, ranking_candidates
from grnpyg.metrics.gains import DEGREE, DEGREES
from grnpyg.models.baselines import baselines
from grnpyg.models.predictor import build_model
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import ColdStartSplit, LinkSplit
from grnpyg.testing import small_graph

DATA = small_graph(12, 60)
SPLIT = ColdStartSplit().split(DATA, seed=0)
PREDICTOR = build_model(
    DATA, {"name": "lookup", "embedding_dim": 4}, {"name": "dual", "hidden_channels": 4}, 0
)


def methods(split: LinkSplit) -> dict[str, Scorer]:
    uniform = negatives.build("uniform")
    pairs = training_pairs(split, uniform, 1.0, evaluation_sets(split, uniform, 1.0, 0), 0, 0)
    found: dict[str, Scorer] = {"model": TrainedModel(PREDICTOR, split.graph)}
    for name in (*DEGREES, "additive", "oracle"):
        found[name] = baselines.build(name)
        found[name].fit(split, pairs)
    return found


@pytest.mark.parametrize("part", SPLIT.held_out)
def test_all_pairs_of_the_universe_stand_but_other_known_edges_and_self_loops(part: str) -> None:
    candidates = ranking_candidates(SPLIT, part)
    tfs, genes = (ids.tolist() for ids in SPLIT.universe(part))
    assert (candidates.tf.tolist(), candidates.gene.tolist()) == (tfs, genes)
    own = {tuple(p) for p in SPLIT.positives[part].t().tolist()}
    other = {tuple(p) for p in SPLIT.known.t().tolist()} - own
    for i, tf in enumerate(tfs):
        for j, gene in enumerate(genes):
            self_loop = DATA[TF].name[tf] == DATA[GENE].name[gene]
            assert candidates.candidate[i, j] == ((tf, gene) not in other and not self_loop)
            assert candidates.label[i, j] == ((tf, gene) in own)


def test_tables_hold_the_scores_of_their_pairs() -> None:
    candidates = ranking_candidates(SPLIT, "test_cold_gene")
    tables = {name: candidate_scores(method, candidates) for name, method in methods(SPLIT).items()}
    pairs = torch.cartesian_prod(torch.from_numpy(candidates.tf), torch.from_numpy(candidates.gene)).t()
    shape = (len(candidates.tf), len(candidates.gene))
    assert np.allclose(tables["model"], PREDICTOR.score(SPLIT.graph, pairs).view(shape).numpy(), atol=1e-5)
    baseline = methods(SPLIT)[DEGREE]
    assert np.array_equal(tables[DEGREE], baseline.score(pairs).reshape(shape))


def test_the_oracle_ranks_perfectly_and_gains_are_differences() -> None:
    candidates = ranking_candidates(SPLIT, "test")
    rows = rank_methods(methods(SPLIT), candidates, resamples=50)
    assert rows["oracle"]["per_tf_auroc"] == rows["oracle"]["mrr"] == 1.0
    for own in rows.values():
        expected = own["per_tf_auroc"] - max(rows[name]["per_tf_auroc"] for name in DEGREES)
        assert own["gain_over_degree"] == pytest.approx(expected)
        assert own["gain_over_degree_low"] <= own["gain_over_degree_high"]
    assert max(rows[name]["gain_over_degree"] for name in DEGREES) == 0


def test_every_tf_of_the_graph_has_a_row_in_warm_and_cold_together() -> None:
    warm, cold = ranking_candidates(SPLIT, "test").tf, ranking_candidates(SPLIT, "test_cold_tf").tf
    assert sorted([*warm.tolist(), *cold.tolist()]) == list(range(num_nodes(DATA)[0]))
