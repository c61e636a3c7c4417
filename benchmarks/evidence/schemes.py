"""The difference between training negatives that spare held-out edges and blind ones, as a table."""

from __future__ import annotations

from typing import Any

from grnpyg.metrics import ADDITIVE, DEGREE
from grnpyg.studies import Study, Tables, markdown_table

AXIS = "negatives.scheme"
COLUMNS = {  # heading -> setting, metric
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
    "AP / chance": ("ranking", "ap_over_chance"),
}
READ_NO_NEGATIVES = (DEGREE, "ease_gene")  # there to show that the pairs judged are the same


def schemes(study: Study, tables: Tables) -> str:
    """Labels x method: sparing, blind, and what is left over; means over seeds."""
    found: dict[tuple[str, ...], dict[str, Any]] = {
        (r["labels"], r["model"], r[AXIS], r["row"], r["regime"]): r for r in tables.rows
    }
    methods = [(model, "model") for model in study.axes["model"] if model != "none"]
    methods += [("none", row) for row in (ADDITIVE, *READ_NO_NEGATIVES)]
    lines = []
    for labels in study.axes["labels"]:
        for model, row in methods:
            cells = []
            for setting, metric in COLUMNS.values():
                sparing, blind = (
                    found.get((labels, model, scheme, row, setting), {}).get(f"{metric}_mean")
                    for scheme in ("sparing", "blind")
                )
                digits = 2 if metric == "ap_over_chance" else 3
                there = sparing is not None and blind is not None
                cells.append(f"{sparing:.{digits}f} → {blind:.{digits}f}" if there else "-")
            if set(cells) != {"-"}:
                own = found.get((labels, model, "blind", row, "uniform"), {})
                lines.append([labels, model if row == "model" else row, *cells, str(own.get("n", "-"))])
    return markdown_table(["labels", "method", *COLUMNS, "seeds"], lines)
