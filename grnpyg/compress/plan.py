"""Which units of a model a pruning step concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grnpyg.core.config import PruneConfig
from grnpyg.core.errors import InputError
from grnpyg.models.predictor import PairModel
from grnpyg.models.pruned_widths import pruned_widths
from grnpyg.models.width_groups import Group, prefixed, reading_cut, require_whole

Spec = dict[str, Any]


def pruned_groups(model: PairModel, encoder: Spec, head: Spec, step: PruneConfig) -> list[tuple[Group, int]]:
    """The groups that a step shrinks, with names as they are in the model, and their widths.

    Args:
        model: built from the two specs.
        encoder: spec before the step.
        head: spec before the step.
        step: what to prune.

    Raises:
        InputError: a component does not say which units a width has, or what it reads of z.
    """
    found = []
    state, layers = model.state_dict(), {name for name, _ in model.named_modules()}
    parts = (("encoder", encoder, model.encoder), ("head", head, model.head))
    wanted = pruned_widths(step.what, encoder, head)
    for part, spec, component in parts:
        own = component.groups()
        for name in wanted[part]:
            if name not in {group.width for group in own}:
                raise InputError(
                    f"the {part} {spec['name']} does not say which units {name} has",
                    fix=f"define `groups` in {type(component).__name__}, or choose another --what",
                )
        for group in own:
            if group.width in wanted[part]:
                width = spec[group.width]
                whole = _with_reads(prefixed(group, part), width, model, head)
                require_whole(whole, width, state, layers)
                found.append((whole, width))
    return found


def _with_reads(group: Group, width: int, model: PairModel, head: Spec) -> Group:
    """A group of columns of z with the slices of the head that read them."""
    if group.z is None:
        return group
    reads = model.head.reads_of_z()
    if reads is None:
        raise InputError(
            f"the head {head['name']} does not say what it reads of z",
            fix=f"define `reads_of_z` in {type(model.head).__name__}, or prune --what hidden",
        )
    cuts = [cut for read in reads if (cut := reading_cut(group, width, read)) is not None]
    own = tuple(replace(cut, tensor=f"head.{cut.tensor}") for cut in cuts)
    return replace(group, reads=(*group.reads, *own))
