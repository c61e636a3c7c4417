"""`grnpyg list`: the components that a config can name."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from grnpyg_cli.output import Json, number, print_json, print_table, say

METRICS, RECIPES, KNOWLEDGE = "metrics", "recipes", "knowledge"
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
    "formats",
    "executors",
)
FOLDERS = {
    "controls": "controls",
    "negatives": "negatives",
    "splits": "splits",
    "formats": "networks.export",
    "executors": "studies.executors",
}


def list_components(
    kind: Annotated[str, typer.Argument(help=" | ".join((*KINDS, METRICS, RECIPES, KNOWLEDGE)))],
    as_json: Json = False,
) -> None:
    """List components with their options, the metrics, the recipes with their scores, or knowledge sources.

    Example: grnpyg list encoders
    """
    import importlib

    from grnpyg.core import unknown

    if kind == METRICS:
        list_metrics(as_json=as_json)
        return
    if kind == RECIPES:
        list_recipes(as_json=as_json)
        return
    if kind == KNOWLEDGE:
        list_knowledge(as_json=as_json)
        return
    if kind not in KINDS:
        raise unknown("kind", kind, (*KINDS, METRICS, RECIPES, KNOWLEDGE))
    folder = FOLDERS.get(kind, f"models.{kind}")
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
    from grnpyg.metrics import METRICS as DESCRIBED

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


def list_recipes(*, as_json: bool) -> None:
    """Every recipe with its AUROC in each setting, beside the best degree baseline and the additive one."""
    from grnpyg.recipes import best_degree, measured, recipe_names, summary

    found = {name: measured(name) for name in recipe_names()}
    if as_json:
        described = {name: {"summary": summary(name), "measured": value} for name, value in found.items()}
        print_json({RECIPES: described})
        return
    described_rows, lines = [], []
    for name, regimes in found.items():
        seeds = max((rows["model"]["seeds"] for rows in regimes.values()), default=0)
        described_rows.append([name, summary(name), f"{seeds:g}"])
        for place, (regime, rows) in enumerate(regimes.items()):
            values = [rows["model"]["auroc"], best_degree(rows)[1], rows["additive"]["auroc"]]
            lines.append(["" if place else name, regime, *(number(value, 3) for value in values)])
    print_table([RECIPES, "what it is", "seeds"], described_rows, words=True)
    title = "test AUROC, mean over the seeds (ranking: mean over TFs)"
    print_table([RECIPES, "negatives", "model", "degree", "additive"], lines, title=title, words=True)
    say("next: grnpyg train --recipe NAME")


def list_knowledge(*, as_json: bool) -> None:
    """Every knowledge source: what it is, its tier, date and licence, and whether its tables are here."""
    from grnpyg.knowledge import described

    found = described()
    if as_json:
        print_json({KNOWLEDGE: found})
        return
    missing = {name: facts["here"] for name, facts in found.items() if facts["here"] not in ("yes", "yours")}
    rows = [
        [
            name,
            *(str(facts[key]) for key in ("summary", "tier", "date", "licence")),
            "no" if name in missing else facts["here"],
        ]
        for name, facts in found.items()
    ]
    headings = [KNOWLEDGE, "what it is", "tier", "date", "licence", "here"]
    print_table(headings, rows, words=True)
    for name, what_to_do in missing.items():
        say(f"{name}: {what_to_do}")
    say("next: grnpyg data check --knowledge NAME, or a file with a vector for each gene")
