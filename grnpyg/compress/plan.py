"""Which widths a pruning step shrinks, to what, and which units of a model that concerns."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from grnpyg.compress.groups import Group, prefixed, reading_cut, require_whole
from grnpyg.config import ExperimentConfig, PruneConfig
from grnpyg.encoders import encoders
from grnpyg.errors import InputError
from grnpyg.heads import heads
from grnpyg.predictor import LinkPredictor

HIDDEN = "hidden_channels"

Spec = dict[str, Any]


def kept_width(width: int, ratio: float) -> int:
    """Units left of `width` when the share `ratio` is removed: rounded, at least one."""
    return max(1, math.floor((1 - ratio) * width + 0.5))


def pruned_widths(what: str, encoder: Spec, head: Spec) -> dict[str, tuple[str, ...]]:
    """The width options that a step shrinks, of the parts `encoder` and `head`.

    `hidden` are those called `hidden_channels` (of the cross-encoder the first layer, as in the paper),
    `embedding` those that count columns of z, `all` every declared width.

    Raises:
        InputError: there is none.
    """
    declared = {"encoder": encoders.get(encoder["name"]).widths, "head": heads.get(head["name"]).widths}
    wanted = {
        part: tuple(
            name
            for name in names
            if what == "all" or (name == HIDDEN if what == "hidden" else part == "encoder" and name != HIDDEN)
        )
        for part, names in declared.items()
    }
    if not any(wanted.values()):
        raise InputError(
            f"encoder {encoder['name']} and head {head['name']} declare no width that --what {what} means",
            fix="choose another --what, or declare `widths` and `groups` in the component",
        )
    return wanted


def model_specs(config: ExperimentConfig) -> tuple[Spec, Spec]:
    """Encoder and head as they are built: with the widths that the config's pruning steps leave."""
    encoder, head = config.encoder, config.head
    for step in config.prune:
        encoder, head = shrunk(step, encoder, head)
    return encoder, head


def shrunk(step: PruneConfig, encoder: Spec, head: Spec) -> tuple[Spec, Spec]:
    """Encoder and head with the widths that one step leaves."""
    wanted = pruned_widths(step.what, encoder, head)
    smaller_encoder, smaller_head = (
        {**spec, **{name: kept_width(spec[name], step.ratio) for name in wanted[part]}}
        for part, spec in (("encoder", encoder), ("head", head))
    )
    return smaller_encoder, smaller_head


def pruned_groups(
    model: LinkPredictor, encoder: Spec, head: Spec, step: PruneConfig
) -> list[tuple[Group, int]]:
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


def _with_reads(group: Group, width: int, model: LinkPredictor, head: Spec) -> Group:
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
