"""The difference between training negatives that spare held-out edges and blind ones, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grnpyg.metrics import ADDITIVE, DEGREE
from grnpyg.studies import Study, Tables, markdown_table

AXIS, SPARING, BLIND = "negatives.scheme", "sparing", "blind"
AUROCS = {  # heading -> setting, metric
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
}
OVER_CHANCE = {"AP / chance": ("ranking", "ap_over_chance")}
RATIO = {"AP ratio": ("ranking", "ap_ratio")}
READ_NO_NEGATIVES = (DEGREE, "ease_gene")  # there to show that the pairs judged are the same
SPARSE = ("symbols", "bundled")  # of the study's labels: next to no unlabelled pair is drawn
Pair = tuple[float, float]  # sparing, blind
Columns = Mapping[str, tuple[str, str]]
Records = list[dict[str, Any]]


def at_present(study: Study) -> dict[str, str]:
    """The levels of the cells that stand: with blind negatives, where a study has both."""
    return {AXIS: BLIND} if AXIS in study.axes else {}


def schemes(study: Study, tables: Tables) -> str:
    """Labels x method, sparing and blind, means over seeds; then what was lost, in words."""
    methods = [(model, "model") for model in study.axes["model"] if model != "none"]
    methods += [("none", row) for row in (ADDITIVE, *READ_NO_NEGATIVES)]
    columns, lines = AUROCS | OVER_CHANCE, []
    for labels in study.axes["labels"]:
        for model, row in methods:
            own = _records(tables, labels=labels, model=model, row=row)
            if (cells := _cells(own, columns)) is not None:
                lines.append([labels, model if row == "model" else row, *cells])
    table = markdown_table(["labels", "method", *columns, "seeds"], lines)
    return f"{table}\n\n{_lost(study, tables, methods)}"


def schemes_of_studies(studies: Mapping[str, tuple[Study, Tables]]) -> str:
    """Study x test part x method, the same; a study without the axis is left out."""
    columns, lines = AUROCS | RATIO, []
    for name, (study, tables) in studies.items():
        if AXIS not in study.axes:
            continue
        models = list(study.axes["model"])
        methods = [(model, "model") for model in models] + [(models[0], row) for row in (ADDITIVE, DEGREE)]
        for part in dict.fromkeys(r["part"] for r in tables.rows):
            for model, row in methods:
                if (cells := _cells(_records(tables, part=part, model=model, row=row), columns)) is not None:
                    lines.append([name, part, model if row == "model" else row, *cells])
    return markdown_table(["study", "part", "method", *columns, "seeds"], lines)


def _records(tables: Tables, **levels: str) -> Records:
    return [r for r in tables.rows if all(r[key] == level for key, level in levels.items())]


def _pairs(rows: Records, columns: Columns) -> dict[str, Pair]:
    """Heading -> what one method reached with either scheme, where both were run."""
    found = {(r[AXIS], r["regime"]): r for r in rows}
    pairs = {}
    for heading, (setting, metric) in columns.items():
        values = [found.get((scheme, setting), {}).get(f"{metric}_mean") for scheme in (SPARING, BLIND)]
        if None not in values:
            pairs[heading] = (values[0], values[1])
    return pairs


def _cells(rows: Records, columns: Columns) -> list[str] | None:
    """One method's cells of a line, and the number of seeds; None where a scheme was not run."""
    pairs = _pairs(rows, columns)
    if not pairs:
        return None
    cells = []
    for heading, (_, metric) in columns.items():
        digits = 3 if "auroc" in metric else 2
        pair = pairs.get(heading, ())
        cells.append(" → ".join(f"{value:.{digits}f}" for value in pair) or "-")
    counts = {scheme: next(r["n"] for r in rows if r[AXIS] == scheme) for scheme in (SPARING, BLIND)}
    return [*cells, " → ".join(dict.fromkeys(str(count) for count in counts.values()))]


def _lost(study: Study, tables: Tables, methods: list[tuple[str, str]]) -> str:
    """What each method that reads negatives loses with blind ones, and whether degree is above it."""

    def of(model: str, row: str, *, sparse: bool) -> list[dict[str, Pair]]:
        names = [name for name in study.axes["labels"] if (name in SPARSE) == sparse]
        columns = AUROCS | OVER_CHANCE
        found = [_pairs(_records(tables, labels=name, model=model, row=row), columns) for name in names]
        return [pairs for pairs in found if pairs]

    said, moved = [], [0.0]
    for model, row in methods:
        if row in READ_NO_NEGATIVES:
            continue
        for pairs in of(model, row, sparse=True):
            moved += [abs(pairs[heading][0] - pairs[heading][1]) for heading in AUROCS]
        own, degree = of(model, row, sparse=False), of(model, DEGREE, sparse=False)  # of the same runs
        if not own:
            continue
        per_tf, chance = (_range(own, heading) for heading in ("per TF", "AP / chance"))
        sparing, blind = (
            sum(a["per TF"][at] > b["per TF"][at] for a, b in zip(own, degree, strict=True)) for at in (0, 1)
        )
        name = model if row == "model" else row
        said.append(
            f"- `{name}` loses {per_tf} of its per-TF AUROC and {chance} of its AP over chance. It is above "
            f"the degree product per TF on {sparing} of {len(own)} sets with sparing negatives, "
            f"and on {blind} with blind ones."
        )
    first = f"On {' and '.join(SPARSE)} no AUROC of these methods changes by more than {max(moved):.3f}."
    return "\n".join([f"{first} On the others:", "", *said])


def _range(sets: list[dict[str, Pair]], heading: str) -> str:
    losses = [pairs[heading][0] - pairs[heading][1] for pairs in sets]
    return f"{min(losses):.2f} to {max(losses):.2f}"
