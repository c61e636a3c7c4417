"""`grnpyg list`: what can be named in a config."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from grnpyg_cli.output import Json, print_json, print_table

KINDS = ("encoders", "heads", "losses", "splits", "negatives", "baselines", "controls")


def list_components(
    kind: Annotated[str, typer.Argument(help=" | ".join(KINDS))],
    as_json: Json = False,
) -> None:
    """List encoders, heads, losses, splits, negatives, baselines or controls, with their options.

    Example: grnpyg list encoders
    """
    import importlib

    from grnpyg.errors import unknown

    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    registry = getattr(importlib.import_module(f"grnpyg.{kind}"), kind)
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
