"""The difference between training negatives that spare held-out edges and blind ones, as tables."""

from __future__ import annotations

from collections.abc import Mapping
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
OF_STUDIES = {**dict(list(COLUMNS.items())[:-1]), "AP ratio": ("ranking", "ap_ratio")}
BLIND = "blind"
READ_NO_NEGATIVES = (DEGREE, "ease_gene")  # there to show that the pairs judged are the same


def at_present(study: Study) -> dict[str, str]:
    """The levels of the cells that stand: with blind negatives, where a study has both."""
    return {AXIS: BLIND} if AXIS in study.axes else {}


def schemes(study: Study, tables: Tables) -> str:
    """Labels x method: sparing, blind, and what is left over; means over seeds."""
    methods = [(model, "model") for model in study.axes["model"] if model != "none"]
    methods += [("none", row) for row in (ADDITIVE, *READ_NO_NEGATIVES)]
    lines = []
    for labels in study.axes["labels"]:
        for model, row in methods:
            own = [r for r in tables.rows if (r["labels"], r["model"], r["row"]) == (labels, model, row)]
            if (cells := _cells(own, COLUMNS)) is not None:
                lines.append([labels, model if row == "model" else row, *cells])
    return markdown_table(["labels", "method", *COLUMNS, "seeds"], lines)


def schemes_of_studies(studies: Mapping[str, tuple[Study, Tables]]) -> str:
    """Study x test part x method, the same; a study without the axis is left out."""
    lines = []
    for name, (study, tables) in studies.items():
        parts = dict.fromkeys(r["part"] for r in tables.rows)
        models = list(study.axes["model"])
        methods = [(model, "model") for model in models] + [(models[0], row) for row in (ADDITIVE, DEGREE)]
        for part in parts:
            for model, row in methods:
                own = [r for r in tables.rows if (r["part"], r["model"], r["row"]) == (part, model, row)]
                if AXIS in study.axes and (cells := _cells(own, OF_STUDIES)) is not None:
                    lines.append([name, part, model if row == "model" else row, *cells])
    return markdown_table(["study", "part", "method", *OF_STUDIES, "seeds"], lines)


def _cells(rows: list[dict[str, Any]], columns: Mapping[str, tuple[str, str]]) -> list[str] | None:
    """One method's cells of a line, and the number of seeds; None where a scheme was not run."""
    found = {(r[AXIS], r["regime"]): r for r in rows}
    cells = []
    for setting, metric in columns.values():
        pair = [found.get((scheme, setting), {}).get(f"{metric}_mean") for scheme in ("sparing", BLIND)]
        digits = 3 if "auroc" in metric else 2
        cells.append("-" if None in pair else " → ".join(f"{value:.{digits}f}" for value in pair))
    if set(cells) == {"-"}:
        return None
    seeds = [str(found[scheme, "uniform"]["n"]) for scheme in ("sparing", BLIND)]
    return [*cells, seeds[0] if seeds[0] == seeds[1] else " → ".join(seeds)]
