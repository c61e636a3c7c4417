"""Any encoder with any head and any importance: the pruned model equals the masked one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pairwise import pairwise
from torch import Tensor, nn

from grnpyg.compress.plan import pruned_groups
from grnpyg.core.config import PruneConfig
from grnpyg.core.errors import InputError
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import Head, heads
from grnpyg.models.importances import importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.losses import losses
from grnpyg.models.predictor import build_model
from grnpyg.models.pruned_widths import HIDDEN, kept_width, shrunk
from grnpyg.models.width_groups import Cut, Group, ReadOfZ, Selection, compacted, linear_cuts, mask
from grnpyg.negatives import training_pairs
from grnpyg.negatives.uniform import UniformNegatives
from grnpyg.resolve import config_hash, make_config
from grnpyg.splits import LinkSplit
from grnpyg.testing import check_pruning
from grnpyg.testing.graph import some_pairs
from grnpyg.testing.rules import close, equal

SCALED = ("hgt", "transformer")  # attention divided by the root of the width: zeroing is not cutting
SMALL = {"embedding_dim": 12, "hidden_channels": 10, "out_channels": 8}


def spec(registry: Any, name: str) -> dict[str, Any]:
    widths = {key: SMALL.get(key, 8) for key in registry.get(name).widths}
    return {"name": name, **registry.options(name, widths)}


# with a size to be made smaller
ENCODERS, HEADS = ([name for name in kind.names() if kind.get(name).widths] for kind in (encoders, heads))


@pytest.mark.parametrize(
    ("encoder", "head", "what"), pairwise(ENCODERS, HEADS, ["hidden", "embedding", "all"])
)
@pytest.mark.slow
def test_the_groups_of_every_component_are_whole(encoder: str, head: str, what: str) -> None:
    if encoder in SCALED and what != "embedding":
        with pytest.raises(InputError, match=f"{encoder} does not say which units hidden_channels has"):
            check_pruning(spec(encoders, encoder), spec(heads, head), what=what)
        return
    if what == "hidden" and not any(
        "hidden_channels" in kind.get(name).widths for kind, name in ((encoders, encoder), (heads, head))
    ):
        with pytest.raises(InputError, match="declare no width for --what hidden"):
            check_pruning(spec(encoders, encoder), spec(heads, head), what=what)
        return
    check_pruning(spec(encoders, encoder), spec(heads, head), what=what)


@pytest.mark.parametrize(("encoder", "head", "importance"), pairwise(ENCODERS, HEADS, importances.names()))
def test_what_an_importance_keeps_gives_the_logits_of_the_masked_model(
    encoder: str, head: str, importance: str, split: LinkSplit
) -> None:
    what: Any = "embedding" if encoder in SCALED else "all"
    specs, step = (spec(encoders, encoder), spec(heads, head)), PruneConfig(ratio=0.5, what=what)
    model = build_model(split.graph, *specs, 0)
    groups = pruned_groups(model, *specs, step)
    pairs = training_pairs(split, UniformNegatives(), 1.0, {}, 0, 0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    profile = Profile(model, split.graph, pairs, losses.build("bce"), groups, batch_size=32)
    selections = []
    for group, width in groups:
        score = importances.build(importance).score(group, width, profile)
        assert score.shape == (width,)
        assert score.isfinite().all()
        kept = score.argsort(descending=True, stable=True)[: kept_width(width, 0.5)].sort().values
        selections.append(Selection(group, width, kept))
    assert equal(before, model.state_dict())  # the profile leaves the model as it is
    assert all(parameter.grad is None for parameter in model.parameters())
    small = build_model(split.graph, *shrunk(step, *specs), 0)
    small.load_state_dict(compacted(model.state_dict(), selections))
    assert small.num_parameters()["total"] < model.num_parameters()["total"]
    mask(model.state_dict(), selections)
    index = some_pairs(split.graph)
    assert close(small.score(split.graph, index), model.score(split.graph, index))


@pytest.mark.parametrize(
    ("width", "ratio", "left"), [(512, 0.9, 51), (512, 0.05, 486), (1, 0.9, 1), (8, 0, 8)]
)
def test_a_layer_keeps_at_least_one_unit(width: int, ratio: float, left: int) -> None:
    assert kept_width(width, ratio) == left


class NoWidths(Head):
    """A head that says nothing about its units."""

    def __init__(self, shape: Any, *, hidden_channels: int = 4) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(shape.tf_channels + shape.gene_channels, hidden_channels), nn.Linear(hidden_channels, 1)
        )

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        logits: Tensor = self.mlp(torch.cat([z_tf, z_gene], dim=1)).squeeze(-1)
        return logits


class Declared(NoWidths):
    """Its width is declared, its units are not."""

    widths = (HIDDEN,)


class Forgetful(Declared):
    """Its group leaves the bias out."""

    def groups(self) -> Any:
        return (Group(HIDDEN, (Cut("mlp.0.weight", 0),), (Cut("mlp.1.weight", 1),), ("mlp.0",)),)


@pytest.mark.parametrize(
    ("head", "what", "says"),
    [
        (NoWidths, "hidden", "declare no width for --what hidden"),
        (NoWidths, "embedding", "does not say what it reads of z"),
        (Declared, "hidden", "does not say which units hidden_channels has"),
    ],
)
def test_a_component_that_does_not_say_what_its_units_are(head: type[Head], what: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_pruning({"name": "lookup"}, {"name": head}, what=what)


def test_a_group_that_leaves_something_out_is_found() -> None:
    with pytest.raises(AssertionError, match=r"mlp.0.bias is cut to \(4,\), but the smaller widths give"):
        check_pruning({"name": "lookup"}, {"name": Forgetful}, what="hidden")


def test_a_config_names_its_steps_and_refuses_others() -> None:
    config = make_config({"prune": [{"ratio": 0.5}]})
    assert config.prune[0].importance == {"name": "activation_variance"}
    assert config_hash(config) != config_hash(make_config({}))
    assert config_hash(make_config({"prune": []})) == config_hash(make_config({}))
    for values, says in (
        ({"ratio": 1.0}, "prune.0.ratio"),
        ({"ratio": 0.5, "rate": 1}, "unknown key 'rate'"),
        ({"ratio": 0.5, "importance": "x"}, "unknown importance 'x'"),
    ):
        with pytest.raises(InputError, match=says):
            make_config({"prune": [values]})


class Normed(NoWidths):
    """A hidden layer with batch normalisation, whose buffers have units as well."""

    widths = (HIDDEN,)

    def __init__(self, shape: Any, *, hidden_channels: int = 6) -> None:
        super().__init__(shape)
        self.channels = (shape.tf_channels, shape.gene_channels)
        self.mlp = nn.Sequential(
            nn.Linear(sum(self.channels), hidden_channels),
            nn.BatchNorm1d(hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, 1),
        )

    def groups(self) -> tuple[Group, ...]:
        norm = ("weight", "bias", "running_mean", "running_var")
        makes = (*linear_cuts("mlp.0"), *(Cut(f"mlp.1.{name}", 0) for name in norm))
        return (Group(HIDDEN, makes, (Cut("mlp.3.weight", 1),), ("mlp.2",)),)

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        tf, gene = self.channels
        return ReadOfZ(Cut("mlp.0.weight", 1), ("tf",), tf), ReadOfZ(
            Cut("mlp.0.weight", 1, tf), ("gene",), gene
        )


class Half(Normed):
    """It claims to read only four columns of a TF's z."""

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        return (ReadOfZ(Cut("mlp.0.weight", 1), ("tf",), 4), *super().reads_of_z()[1:])


class Elsewhere(Normed):
    """It names a tensor that it does not have."""

    def groups(self) -> tuple[Group, ...]:
        return (Group(HIDDEN, linear_cuts("mlp.7"), (), ("mlp.2",)),)


class NoLayer(Normed):
    """It names no layer to look at."""

    def groups(self) -> tuple[Group, ...]:
        return (Group(HIDDEN, super().groups()[0].makes, super().groups()[0].reads),)


def test_a_head_with_buffers_is_pruned_by_every_importance() -> None:
    for what in ("hidden", "all"):
        check_pruning({"name": "lookup", "embedding_dim": 8}, {"name": Normed}, what=what)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (Half, "reads only some of the columns of z"),
        (Elsewhere, "unknown tensor 'head.mlp.7.weight'"),
        (NoLayer, "names no layer"),
    ],
)
def test_groups_that_cannot_be_right_are_refused(head: type[Head], says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_pruning({"name": "lookup", "embedding_dim": 8}, {"name": head})
