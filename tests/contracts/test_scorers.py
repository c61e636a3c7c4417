"""Every baseline, and a trained model on its graph, is a `Scorer`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from grnpyg.data.graph import TF, num_nodes
from grnpyg.models.baselines import baselines
from grnpyg.models.known_edges import FOLDS
from grnpyg.models.predictor import build_model
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph

GRAPH = small_graph()
for kind in {kind for name in baselines.names() for kind in baselines.get(name).needs}:
    GRAPH[TF][kind] = torch.linspace(-1, 1, GRAPH[TF].num_nodes * num_nodes(GRAPH)[1]).view(num_nodes(GRAPH))
SPLIT = TransductiveSplit().split(GRAPH, seed=0)


def trained(encoder: str, head: str) -> Callable[[], Scorer]:
    return lambda: TrainedModel(build_model(GRAPH, {"name": encoder}, {"name": head}, 3), SPLIT.graph, 3)


METHODS: dict[str, Callable[[], Scorer]] = {
    **{name: lambda name=name: baselines.build(name) for name in baselines.names()},
    "lookup dual": trained("lookup", "dual"),
    "sage cross": trained("sage", "cross"),
}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> Scorer:
    """Fitted on the split."""
    uniform = negatives.build("uniform")
    train = training_pairs(SPLIT, uniform, 1.0, evaluation_sets(SPLIT, uniform, 1.0, 0), 0, epoch=0)
    made = METHODS[request.param]()
    made.fit(SPLIT, train)
    return made


def test_it_has_every_member_with_its_type(method: Scorer) -> None:
    assert isinstance(method, Scorer)
    assert isinstance(method.gives_logits, bool)
    assert isinstance(method.seed, int)
    for count in (method.parameters, method.macs_per_pair):
        assert count is None or (isinstance(count, int) and count >= 0)


def test_score_all_is_score_on_every_pair(method: Scorer) -> None:
    tfs, genes = map(torch.arange, num_nodes(GRAPH))
    table = method.score(torch.cartesian_prod(tfs, genes).t()).reshape(num_nodes(GRAPH))
    assert np.issubdtype(table.dtype, np.floating)
    for tf_index, gene_index in ((tfs, genes), (tfs[[1, 0, 1]], genes.flip(0)[:-1]), (tfs[:1], genes[:0])):
        some = method.score_all(tf_index, gene_index)
        wanted = table[np.ix_(tf_index.numpy(), gene_index.numpy())]
        assert some.shape == wanted.shape
        np.testing.assert_allclose(some, wanted, rtol=1e-4, atol=1e-5)


def test_a_trained_model_scores_as_its_predictor_and_fit_changes_nothing() -> None:
    model = build_model(GRAPH, {"name": "sage"}, {"name": "dual"}, 0)
    pairs = SPLIT.positives["test"]
    expected = model.score(SPLIT.graph, pairs).numpy()
    method = TrainedModel(model, SPLIT.graph)
    method.fit(SPLIT, LabelledPairs.join(pairs, pairs[:, :0]))
    assert np.array_equal(method.score(pairs), expected)
    assert method.parameters == model.num_parameters()["total"]


def test_the_graph_and_each_fold_of_it_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build_model(GRAPH, {"name": "sage"}, {"name": "dual"}, 0)
    calls = []
    real = model.encode
    monkeypatch.setattr(model, "encode", lambda data: calls.append(data) or real(data))
    method = TrainedModel(model, SPLIT.graph)
    method.score(SPLIT.positives["test"])
    method.score_all(torch.arange(3), torch.arange(4))
    method.score_all(*map(torch.arange, num_nodes(GRAPH)))
    assert sum(data is SPLIT.graph for data in calls) == 1
    assert len(calls) == 1 + FOLDS


def test_an_object_without_score_all_is_none() -> None:
    class Half:
        gives_logits, seed, parameters, macs_per_pair = False, 0, 0, 0

        def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None: ...

        def score(self, edge_label_index: torch.Tensor) -> np.ndarray:
            return np.zeros(edge_label_index.size(1))

    assert not isinstance(Half(), Scorer)
