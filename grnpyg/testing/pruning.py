"""Contract checks for components that can be pruned: removing units equals masking them."""

from __future__ import annotations

from typing import Any

import torch
from torch_geometric.data import HeteroData

from grnpyg.compress.plan import pruned_groups
from grnpyg.core.config import PruneConfig
from grnpyg.core.registry import Registry
from grnpyg.core.seeding import torch_generator
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.importances import importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.losses import losses
from grnpyg.models.predictor import build_model
from grnpyg.models.pruned_widths import kept_width, shrunk
from grnpyg.models.width_groups import Selection, compacted, mask
from grnpyg.splits import LabelledPairs
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import close, ensure, perturbed


def check_pruning(
    encoder: dict[str, Any], head: dict[str, Any], *, what: str = "all", data: HeteroData | None = None
) -> None:
    """Check the width groups of an encoder under a head.

    Every importance gives one number per unit. With any units removed, the smaller model has the shapes
    of the smaller widths, and the logits of the whole model with these units set to zero. A layer never
    loses all its units.

    Args:
        encoder: `{"name": ..., **options}`; the name may be `module:Class` or a class.
        head: the same.
        what: `hidden`, `embedding` or `all`.
        data: the graph to check it on; default `small_graph()`.

    Raises:
        AssertionError: the broken rule.
        InputError: nothing to prune, or a component that does not define its units.
    """
    data = small_graph() if data is None else data
    specs = _resolved(encoders, encoder), _resolved(heads, head)
    pairs = some_pairs(data)
    labelled = LabelledPairs(pairs, (torch.arange(pairs.size(1)) % 2).float())
    for ratio in (0.0, 0.4, 0.99):
        model = perturbed(build_model(data, *specs, 0))
        step = PruneConfig(ratio=ratio, what=what)
        selections = []
        groups = pruned_groups(model, *specs, step)
        profile = Profile(model, data, labelled, losses.build("bce"), groups, batch_size=50)
        for group, width in groups:
            for name in importances.names():
                score = importances.build(name).score(group, width, profile)
                ensure(score.shape == (width,), f"{name} gives {tuple(score.shape)} for {width} units")
            generator = torch_generator(0, "check_pruning", ratio, group.makes[0].tensor)
            kept = torch.randperm(width, generator=generator)[: kept_width(width, ratio)].sort().values
            selections.append(Selection(group, width, kept))
        small = build_model(data, *shrunk(step, *specs), 0)
        cut, shapes = compacted(model.state_dict(), selections), small.state_dict()
        ensure(cut.keys() == shapes.keys(), "the smaller model has other parameters")
        for name, tensor in cut.items():
            want = tuple(shapes[name].shape)
            ensure(
                tensor.shape == shapes[name].shape,
                f"{name} is cut to {tuple(tensor.shape)}, but the smaller widths give {want}: "
                "the groups leave something out",
            )
        small.load_state_dict(cut)
        mask(model.state_dict(), selections)
        ensure(
            close(small.score(data, pairs), model.score(data, pairs)),
            f"at ratio {ratio:g} the smaller model gives other logits than the masked one",
        )


def _resolved(registry: Registry[Any], spec: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in spec.items() if key != "name"}
    return {"name": spec["name"], **registry.options(spec["name"], given)}
