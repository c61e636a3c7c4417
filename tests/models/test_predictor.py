from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders import LookupEncoder, encoders
from grnpyg.models.heads import CrossHead, DualHead, Head, PairShape, heads
from grnpyg.models.layers import he_linear
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.scorer import TrainedModel
from grnpyg.testing import small_graph
from grnpyg.testing.graph import some_pairs
from grnpyg.testing.rules import close, equal, generators_untouched, perturbed

SMALL: dict[str, dict[str, Any]] = {
    "lookup": {"name": "lookup", "embedding_dim": 6},
    "mlp": {"name": "mlp", "hidden_channels": 7, "out_channels": 6},
    "dual": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
    "cross": {"name": "cross", "hidden_channels": 8, "out_channels": 4},
}


def test_start_values_follow_the_paper() -> None:
    """He-uniform weights within +-sqrt(2 / fan_in), zero biases, embeddings N(0, 0.01)."""
    graph = small_graph(60, 300)
    for head in ("dual", "cross"):
        model = build_model(graph, {"name": "lookup"}, {"name": head}, 0)
        layers = [module for module in model.head.modules() if isinstance(module, nn.Linear)]
        assert len(layers) == {"dual": 4, "cross": 3}[head]
        for layer in layers:
            layer.requires_grad_(False)
            bound = math.sqrt(2 / layer.in_features)
            largest = float(layer.weight.abs().max())
            assert 0.98 * bound < largest <= bound
            assert float(layer.weight.std()) == pytest.approx(bound / math.sqrt(3), rel=0.1)
            assert not layer.bias.any()
        for table in model.encoder.embedding.values():
            assert float(table.weight.detach().std()) == pytest.approx(0.01, rel=0.02)
            assert abs(float(table.weight.detach().mean())) < 1e-3
    assert (
        not build_model(graph, {"name": "lookup"}, {"name": "dual", "bias": "per_node"}, 0).head.bias[1].any()
    )


def test_he_linear_has_the_bound_of_its_fan_in() -> None:
    for fan_in in (1, 11, 523):
        weight = he_linear(fan_in, 4000).weight.detach()
        assert float(weight.abs().max()) == pytest.approx(math.sqrt(2 / fan_in), rel=0.01)


def test_the_seed_decides_the_start_values_and_global_generators_stay(graph: HeteroData) -> None:
    with generators_untouched("build_model"):
        first, again, other = (build_model(graph, SMALL["mlp"], SMALL["dual"], seed) for seed in (0, 0, 1))
    assert equal(first.state_dict(), again.state_dict())
    for part in ("encoder", "head"):
        assert not equal(getattr(first, part).state_dict(), getattr(other, part).state_dict())


def test_two_heads_start_from_the_same_encoder_and_two_encoders_from_the_same_head(graph: HeteroData) -> None:
    dual, cross = (build_model(graph, SMALL["lookup"], SMALL[head], 0) for head in ("dual", "cross"))
    assert equal(dual.encoder.state_dict(), cross.encoder.state_dict())
    wide = build_model(graph, {**SMALL["lookup"], "features": False}, SMALL["dual"], 0)
    mlp = build_model(graph, SMALL["mlp"], SMALL["dual"], 0)
    assert equal(wide.head.state_dict(), mlp.head.state_dict())


@pytest.mark.parametrize("head", ["dual", "cross"])
@pytest.mark.parametrize("encoder", ["lookup", "mlp"])
def test_scoring_is_without_dropout_and_gives_the_mode_back(
    graph: HeteroData, encoder: str, head: str
) -> None:
    model = build_model(graph, SMALL[encoder], {**SMALL[head], "dropout": 0.5}, 0)
    pairs = some_pairs(graph)
    for training in (True, False):
        model.train(training)
        with generators_untouched("score"):
            first, again = model.score(graph, pairs), model.score(graph, pairs)
        assert equal(first, again)
        assert not first.requires_grad
        assert first.dtype == torch.float32
        assert {module.training for module in model.modules()} == {training}
    assert not equal(model.train()(graph, pairs), model(graph, pairs))  # dropout is on while training


def test_the_mode_comes_back_after_an_error(graph: HeteroData) -> None:
    model = build_model(graph, SMALL["lookup"], SMALL["dual"], 0).train()
    with pytest.raises(IndexError):
        model.score(graph, torch.tensor([[99], [0]]))
    assert model.training


def test_a_part_that_is_held_in_evaluation_stays_there(graph: HeteroData) -> None:
    """As for a frozen encoder whose dropout is meant to be off."""
    model = build_model(graph, SMALL["mlp"], SMALL["dual"], 0).train()
    model.encoder.eval()
    model.score(graph, some_pairs(graph))
    assert (model.encoder.training, model.head.training) == (False, True)


def test_a_lazy_head_with_batch_norm_is_built(graph: HeteroData) -> None:
    class Normed(Head):
        def __init__(self, shape: PairShape) -> None:
            super().__init__()
            self.mlp = nn.Sequential(nn.LazyLinear(4), nn.BatchNorm1d(4), nn.Linear(4, 1))

        def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
            return self.mlp(torch.cat([z_tf, z_gene], dim=1)).squeeze(1)

    assert build_model(graph, SMALL["lookup"], {"name": Normed}, 0).num_parameters()["head"] > 0


def test_no_pair_gives_no_logit(graph: HeteroData) -> None:
    model = build_model(graph, SMALL["lookup"], SMALL["dual"], 0)
    assert model.score(graph, torch.empty(2, 0, dtype=torch.long)).shape == (0,)


def z_of(graph: HeteroData) -> tuple[LookupEncoder, Tensor, Tensor]:
    encoder = perturbed(LookupEncoder(graph, embedding_dim=6))
    z = encoder(graph)
    return encoder, z[TF], z[GENE]


def test_lookup_is_embedding_then_features(graph: HeteroData) -> None:
    encoder, z_tf, _ = z_of(graph)
    assert equal(z_tf[:, :6], encoder.embedding[TF].weight)
    assert equal(z_tf[:, 6:], graph[TF].x)
    assert encoder.out_channels == {TF: 11, GENE: 11}
    assert encoder.latent_channels == 6
    bare = LookupEncoder(graph, embedding_dim=6, features=False)
    assert bare(graph)[GENE].shape == (20, 6)


def tower(layers: nn.Module, z: Tensor) -> Tensor:
    first, second = [layer for layer in layers.modules() if isinstance(layer, nn.Linear)]
    hidden = torch.clamp(z @ first.weight.t() + first.bias, min=0)
    return hidden @ second.weight.t() + second.bias


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_the_dual_head_by_hand(graph: HeteroData, similarity: str) -> None:
    """logit = sim / tau + b_tf + b_gene."""
    _, z_tf, z_gene = z_of(graph)
    shape = PairShape(11, 11, 6, 6, 20)
    head = perturbed(DualHead(shape, **{"similarity": similarity, "temperature": 0.2, "bias": "per_node"}))
    pairs = some_pairs(graph)
    tf, gene = tower(head.tower["tf"], z_tf[pairs[0]]), tower(head.tower["gene"], z_gene[pairs[1]])
    similar = functional.cosine_similarity(tf, gene) if similarity == "cosine" else (tf * gene).sum(1)
    by_hand = similar / 0.2 + head.bias[0][pairs[0]] + head.bias[1][pairs[1]]
    assert close(head(z_tf[pairs[0]], z_gene[pairs[1]], pairs), by_hand)


def test_a_cosine_logit_is_bounded_by_the_temperature(graph: HeteroData) -> None:
    _, z_tf, z_gene = z_of(graph)
    head = perturbed(DualHead(PairShape(11, 11, 6, 6, 20), temperature=0.05))
    logits = head.requires_grad_(False).score_all(1e3 * z_tf.detach(), 1e3 * z_gene.detach(), torch.arange(6))
    assert float(logits.abs().max()) <= 20 + 1e-4


@pytest.mark.parametrize("product", [True, False])
def test_the_cross_head_by_hand(graph: HeteroData, product: bool) -> None:
    """The product is of the 6 learned columns; features do not enter it."""
    _, z_tf, z_gene = z_of(graph)
    head = perturbed(
        CrossHead(PairShape(11, 11, 6, 6, 20), hidden_channels=8, out_channels=4, product=product)
    )
    pairs = some_pairs(graph)
    tf, gene = z_tf[pairs[0]], z_gene[pairs[1]]
    joint = torch.cat([tf, gene, tf[:, :6] * gene[:, :6]] if product else [tf, gene], dim=1)
    first, second, last = [layer for layer in head.modules() if isinstance(layer, nn.Linear)]
    assert first.in_features == joint.size(1) == (28 if product else 22)
    hidden = torch.clamp(joint @ first.weight.t() + first.bias, min=0)
    hidden = torch.clamp(hidden @ second.weight.t() + second.bias, min=0)
    by_hand = (hidden @ last.weight.t() + last.bias).squeeze(1)
    assert close(head(tf, gene, pairs), by_hand)


def test_score_all_never_holds_more_pairs_than_a_block(graph: HeteroData) -> None:
    held: list[int] = []

    class Watched(Head):
        def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
            held.append(edge_label_index.size(1))
            return (z_tf * z_gene).sum(-1)

    _, z_tf, z_gene = z_of(graph)
    for block, most in ((1000, 120), (50, 40), (7, 7), (1, 1)):
        held.clear()
        assert close(Watched().score_all(z_tf, z_gene, torch.arange(6), block=block), z_tf @ z_gene.t())
        assert (max(held), sum(held)) == (most, 120)


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_a_temperature_that_is_not_positive_is_refused(temperature: float) -> None:
    with pytest.raises(InputError, match="temperature"):
        heads.build("dual", PairShape(3, 3, 3, 2, 2), temperature=temperature)


def test_a_learned_temperature_is_trained_and_stored(graph: HeteroData) -> None:
    fixed, learned = (
        build_model(graph, SMALL["lookup"], {**SMALL["dual"], "learn_temperature": learn}, 0)
        for learn in (False, True)
    )
    assert "head.log_temperature" not in fixed.state_dict()
    assert float(learned.state_dict()["head.log_temperature"]) == pytest.approx(math.log(0.05))
    assert learned.num_parameters()["total"] == fixed.num_parameters()["total"] + 1


def test_the_mlp_encoder_refuses_a_graph_without_features() -> None:
    with pytest.raises(InputError, match="reads expression features, but the graph has none"):
        encoders.build("mlp", small_graph(num_features=0))


def test_a_frozen_part_is_not_counted(graph: HeteroData) -> None:
    model: PairModel = build_model(graph, SMALL["lookup"], SMALL["dual"], 0)
    before = model.num_parameters()
    model.encoder.requires_grad_(False)
    assert model.num_parameters() == {"total": before["head"], "encoder": 0, "head": before["head"]}


@pytest.mark.parametrize("name", ["dual", "bilinear"])
def test_every_gene_is_embedded_once_and_the_scores_keep_their_bits(
    graph: HeteroData, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network is scored a few TFs at a time; each call used to put all genes through their tower again."""
    options = {"hidden_channels": 16, "out_channels": 8}
    model = build_model(graph, SMALL["lookup"], {"name": name, **options}, 0)
    z, genes = model.encode(graph), torch.arange(20)
    with torch.no_grad():
        again = [model.eval().head.score_all(z["tf"], z["gene"], some) for some in torch.arange(6).split(2)]
    seen: list[int] = []
    model.head.tower["gene"].register_forward_hook(lambda *call: seen.append(len(call[2])))
    scorer = TrainedModel(model.train(), graph).without_known_edges()
    found = [scorer.score_all(some, genes) for some in torch.arange(6).split(2)]
    assert np.array_equal(np.concatenate(found), torch.cat(again).numpy())
    assert seen == [20]
    assert model.training


@pytest.mark.parametrize("name", ["dual", "bilinear"])
def test_every_node_is_embedded_once_for_many_pairs(graph: HeteroData, name: str) -> None:
    """Probabilities are fitted on a quarter of a million pairs; each end of each went through its tower."""
    spec = {"name": name, "hidden_channels": 16, "out_channels": 8}
    model = perturbed(build_model(graph, SMALL["lookup"], spec, 0))
    seen: list[int] = []
    for tower in model.head.tower.values():
        tower.register_forward_hook(lambda *call: seen.append(len(call[2])))
    scorer, pairs = TrainedModel(model, graph).without_known_edges(), some_pairs(graph, 104)  # of 26 nodes
    few = np.concatenate([scorer.score(part) for part in pairs.split(52, dim=1)])
    assert seen == [52] * 4
    assert close(torch.from_numpy(scorer.score(pairs)), torch.from_numpy(few))
    assert seen[4:] == [6, 20]
