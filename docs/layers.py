"""Draw the layers of the package, `docs/images/layers.svg`, from the contract in pyproject.toml.

    python docs/layers.py

A row is a layer, the highest at the top; boxes in one row do not import each other. The drawing is a file, so
that the site asks no other server for anything.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

REPOSITORY = Path(__file__).resolve().parent.parent
DRAWING = REPOSITORY / "docs" / "images" / "layers.svg"
WIDTH, HEIGHT, GAP = 840, 46, 8
ABOVE = {"grnpyg_cli · benchmarks": "the command line, and the measurements: they use what users can use"}
WORDS = {
    "api": "what import grnpyg gives (the door)",
    "testing": "contract checks for your own components",
    "report": "a page of a network, a run or a study; figures (gp.pl)",
    "pipeline": "from cells to a network: plan, trainings, files",
    "studies": "grids of trials, executors, search, costs, tables",
    "experiment": "a config to a run, pruning steps included",
    "compress": "structured pruning, effective rank",
    "training": "fit, checkpoints, what a run records",
    "networks": "rank candidate pairs, signs, export, activity, diff",
    "evaluation": "a run on its test pairs, comparisons, calibration",
    "runs": "the files of a run directory",
    "resolve": "a checked config and its hash",
    "recipes": "named configs with measured values",
    "models": "encoders, heads, baselines, pair features, losses",
    "metrics": "pure functions of arrays",
    "negatives": "pairs that are no known edge",
    "controls": "noise in place of expression, rewired labels",
    "splits": "which edges train, validate and test; leakage checks",
    "knowledge": "facts about genes from outside the labels",
    "data": "expression and regulons to a graph",
    "core": "config schema, registry, errors, seeds",
}


def drawing() -> str:
    """The SVG: a box for each package, with its name and what it holds."""
    tools = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]
    contracts = tools["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    rows = [ABOVE, *({name: WORDS[name] for name in layer.split(" | ")} for layer in layers)]
    boxes = [box for at, row in enumerate(rows) for box in _row(row, at * (HEIGHT + GAP) + 1)]
    height = len(rows) * (HEIGHT + GAP) - GAP + 2
    style = (
        "rect { fill: #f4f6f8; stroke: #8a939e; } text { fill: #1b1f24; font: 13px Arial, sans-serif; } "
        ".name { font-weight: bold; font-size: 14px; }"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">'
    return "\n".join([head, f"<style>{style}</style>", *boxes, "</svg>", ""])


def _row(row: dict[str, str], top: int) -> list[str]:
    width = (WIDTH - 2 - (len(row) - 1) * GAP) / len(row)
    found = []
    for at, (name, words) in enumerate(row.items()):
        left = 1 + at * (width + GAP)
        found.append(f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{HEIGHT}" rx="5"/>')
        found.append(f'<text class="name" x="{left + 12:.0f}" y="{top + 19}">{escape(name)}</text>')
        found.append(f'<text x="{left + 12:.0f}" y="{top + 37}">{escape(words)}</text>')
    return found


if __name__ == "__main__":
    DRAWING.write_text(drawing())
