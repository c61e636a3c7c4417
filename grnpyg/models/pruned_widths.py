"""The widths that a pruning step shrinks, and their new values."""

from __future__ import annotations

import math
from typing import Any

from grnpyg.core.config import ExperimentConfig, PruneConfig
from grnpyg.core.errors import InputError
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads

HIDDEN = "hidden_channels"

Spec = dict[str, Any]


def kept_width(width: int, ratio: float) -> int:
    """Units left of `width` when the share `ratio` is removed: rounded, at least one."""
    return max(1, math.floor((1 - ratio) * width + 0.5))


def pruned_widths(what: str, encoder: Spec, head: Spec) -> dict[str, tuple[str, ...]]:
    """The width options of `encoder` and `head` that a step shrinks.

    `hidden` are those called `hidden_channels` (in the cross-encoder the first layer, as in the paper),
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
            f"encoder {encoder['name']} and head {head['name']} declare no width for --what {what}",
            fix="choose another --what, or declare `widths` and `groups` in the component",
        )
    return wanted


def model_specs(config: ExperimentConfig) -> tuple[Spec, Spec]:
    """Encoder and head with the widths that remain after the config's pruning steps."""
    encoder, head = config.encoder, config.head
    for step in config.prune:
        encoder, head = shrunk(step, encoder, head)
    return encoder, head


def shrunk(step: PruneConfig, encoder: Spec, head: Spec) -> tuple[Spec, Spec]:
    """Encoder and head with the widths that remain after one step."""
    wanted = pruned_widths(step.what, encoder, head)
    smaller_encoder, smaller_head = (
        {**spec, **{name: kept_width(spec[name], step.ratio) for name in wanted[part]}}
        for part, spec in (("encoder", encoder), ("head", head))
    )
    return smaller_encoder, smaller_head
