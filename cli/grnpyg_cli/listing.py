"""`grnpyg list`: what can be named in a config."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from grnpyg_cli.output import Json, print_json, print_table

METRICS = "metrics"
KINDS = (
    "encoders",
    "heads",
    "losses",
    "splits",
    "negatives",
    "baselines",
    "controls",
    "importances",
    "pair_features",
)


def list_components(
    kind: Annotated[str, typer.Argument(help=" | ".join((*KINDS, METRICS)))],
    as_json: Json = False,
) -> None:
    """List the components of a kind with their options, or the metrics.

    Example: grnpyg list encoders
    """
    import importlib

    from grnpyg.errors import unknown

    if kind == METRICS:
        list_metrics(as_json=as_json)
        return
    if kind not in KINDS:
        raise unknown("kind", kind, (*KINDS, METRICS))
    folder = "compress.importances" if kind == "importances" else kind
    registry = getattr(importlib.import_module(f"grnpyg.{folder}"), kind)
    described = {}
    for name in registry.names():
        summary = (inspect.getdoc(registry.get(name)) or "").partition("\n")[0]
        described[name] = {"summary": summary, "options": registry.options(name)}
    if as_json:
        print_json({kind: described})
        return
    rows = [
        [name, entry["summary"], ", ".join(f"{key}={value}" for key, value in entry["options"].items())]
        for name, entry in described.items()
    ]
    print_table([kind, "what it is", "options"], rows, words=True)


def list_metrics(*, as_json: bool) -> None:
    """Range, direction, chance value and tie rule of every metric."""
    from grnpyg.evaluation.metric_info import METRICS as DESCRIBED

    if as_json:
        print_json({METRICS: {name: vars(info) for name, info in DESCRIBED.items()}})
        return
    better = {True: "higher", False: "lower", None: "-"}
    rows = [
        [
            name,
            f"{i.range[0]:g} to {i.range[1]:g}",
            better[i.higher_is_better],
            i.chance,
            i.ties,
            i.description,
        ]
        for name, i in DESCRIBED.items()
    ]
    print_table([METRICS, "range", "better", "chance", "ties", "what it is"], rows, words=True)
