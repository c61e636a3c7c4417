"""Fill README.md and draw its figure from the stored rows of the evidence studies.

    python benchmarks/evidence/write.py

Reads `benchmarks/results/evidence_*.csv` (see collect.py) and `anchors.csv`; trains nothing. Writes between
the markers of README.md. What was not run is called so. Writing twice gives the same bytes.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from figure import draw
from schemes import AXIS as SCHEME
from schemes import at_present, schemes, schemes_of_studies

from grnpyg.metrics import ADDITIVE, ALWAYS, DEGREES, surviving_share
from grnpyg.studies import (
    DAGGER,
    Study,
    Tables,
    fill_sections,
    markdown_table,
    notes,
    read_rows,
    read_study,
    study_tables,
)

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
REGIMES = ("uniform", "same_tf", "degree_matched", "hard")
METRICS = (
    *("gain_over_degree", "gain_over_additive", "auroc", "ap"),
    *("per_tf_auroc", "ap_ratio", "ap_over_chance"),
)
AXIS, MONITORS = "training.monitor", ("auroc@uniform", "auroc@degree_matched")
NOT_RUN = "Not run."

Records = list[dict[str, Any]]


def tables_of(name: str) -> tuple[Study, Tables | None]:
    """A study and what its stored rows say; None where nothing is stored."""
    study = read_study(HERE / "studies" / f"{name}.yaml")
    path = RESULTS / f"evidence_{name}.csv"
    if not path.exists():
        return study, None
    rows = read_rows(study, path)
    known = [metric for metric in METRICS if metric in rows]
    return study, study_tables(study, rows, known) if len(rows) else None


def interval(record: dict[str, Any], metric: str) -> str:
    """Mean in hundredths with its 95 % interval over the seeds."""
    mean, low, high = (record.get(f"{metric}_{part}") for part in ("mean", "low", "high"))
    if mean is None:
        return "-"
    text = f"{100 * mean:+.1f}"
    return text if low is None else f"{text} [{100 * low:+.1f}, {100 * high:+.1f}]"


def value(record: dict[str, Any] | None, metric: str, digits: int = 3) -> str:
    """Mean and sample deviation over the seeds."""
    if record is None or record.get(f"{metric}_mean") is None:
        return "-"
    mean, sd = record[f"{metric}_mean"], record[f"{metric}_sd"]
    return f"{mean:.{digits}f}" if sd is None else f"{mean:.{digits}f} ± {sd:.{digits}f}"


def find(records: Records, **wanted: str) -> dict[str, Any] | None:
    """The record with these values, if there is one."""
    found = [r for r in records if all(r.get(key) == v for key, v in wanted.items())]
    return found[0] if found else None


def under(tables: Tables, *, blind: bool = False) -> str:
    """The sentences under a table; of a study of both schemes, which shows blind ones, without the leak."""
    said = [note for note in notes(tables) if not (blind and note.startswith(DAGGER))]
    return "\n".join(f"{note}  " for note in said).rstrip()


def anchors() -> str:
    """The closed-form rows beside what a first look gave for them."""
    wanted = pd.read_csv(HERE / "anchors.csv", dtype={"tolerance": float, "value": float})
    lines, outside = [], 0
    for study, group in wanted.groupby("study", sort=False):
        _, tables = tables_of(str(study))
        for _, a in group.iterrows():
            levels = dict(part.split("=") for part in a["cell"].split())
            found = tables and find(tables.rows, **levels, regime=a["regime"], row=a["row"], part="test")
            ours = found.get(f"{a['metric']}_mean") if found else None
            verdict = "not run" if ours is None else f"{ours - a['value']:+.3f}"
            if ours is not None and abs(ours - a["value"]) > a["tolerance"]:
                verdict, outside = f"{verdict} (outside)", outside + 1
            lines.append(
                [
                    a["cell"],
                    a["row"],
                    f"{a['regime']} {a['metric']}",
                    f"{a['value']:g}",
                    value(found or None, a["metric"], 4),
                    verdict,
                ]
            )
    tolerances = "AUROC .02, on the shared split .005; AP ratio 5"
    said = f"{len(lines)} anchors, {outside} outside their tolerance ({tolerances})."
    return markdown_table(["cell", "row", "figure", "anchor", "ours", "difference"], lines) + f"\n\n{said}"


def regimes(name: str, part: str = "test", **levels: str) -> str:
    """One cell of a study: every row in every regime and in the full ranking, the gain over degree first."""
    study, tables = tables_of(name)
    if tables is None:
        return NOT_RUN
    models, levels = list(study.axes["model"]), {**at_present(study), **levels}
    here = [r for r in tables.rows if r["part"] == part and all(r[k] == v for k, v in levels.items())]
    lines, seen = [], set()
    for r in sorted(here, key=lambda r: r["row"] != "model"):
        row = f"**{r['model']}**" if r["row"] == "model" else r["row"]
        if row in seen or r["row"].startswith("model_") or (r["row"] != "model" and r["model"] != models[0]):
            continue
        seen.add(row)
        own = {x["regime"]: x for x in here if x["row"] == r["row"] and x["model"] == r["model"]}
        lines.append(
            [
                row,
                *(interval(own[g], "gain_over_degree") if g in own else "-" for g in (*REGIMES, "ranking")),
                *(value(own.get(g), "auroc") for g in REGIMES),
                value(own.get("ranking"), "per_tf_auroc"),
                value(own.get("ranking"), "ap_ratio", 1),
            ]
        )
    short = ("uniform", "same TF", "degree-matched", "hard")
    head = [
        "",
        *(f"gain, {g}" for g in (*short, "per TF")),
        *(f"AUROC, {g}" for g in short),
        "per TF",
        "AP ratio",
    ]
    return markdown_table(head, lines)


def differences(name: str) -> str:
    """Paired differences of a study in every part and regime, hundredths of AUROC."""
    study, tables = tables_of(name)
    if tables is None or not tables.differences:
        return NOT_RUN
    levels, axes = at_present(study), [axis for axis in tables.axes if axis != SCHEME]
    lines = [
        [
            r["part"],
            r["regime"],
            *(str(r[axis]) for axis in axes),
            interval(r, "per_tf_auroc" if r["regime"] == "ranking" else "auroc"),
            str(r["n"]),
        ]
        for r in tables.differences
        if all(r[axis] == level for axis, level in levels.items())
    ]
    return (
        markdown_table(["part", "regime", *axes, "difference x100 [95 %]", "n"], lines)
        + f"\n\n{under(tables, blind=bool(levels))}"
    )


def spread() -> str:
    """Deviation between splits and between trainings on one split."""
    _, tables = tables_of("seeds")
    if tables is None:
        return NOT_RUN
    lines = [
        [
            r["model"],
            r["regime"],
            r["metric"],
            f"{r['mean']:.4f}",
            f"{r['between_splits_sd']:.4f}",
            f"{r['within_split_sd']:.4f}",
            f"{r['n_splits']} x {r['n_seeds']}",
        ]
        for r in tables.spread
        if r["metric"] in ("auroc", "gain_over_degree") and not math.isnan(r["mean"])
    ]
    head = ["model", "regime", "metric", "mean", "sd of splits", "sd of trainings", "splits x trainings"]
    return markdown_table(head, lines)


def survival() -> str:
    """What share of a score above chance is left under each control."""
    _, tables = tables_of("controls")
    if tables is None:
        return NOT_RUN
    lines = []
    for r in tables.rows:
        key = "per_tf_auroc_mean" if r["regime"] == "ranking" else "auroc_mean"
        if r["row"] != "model" or r["control"] == "null":
            continue
        place = {k: r[k] for k in ("split", "model", "part", "regime", "row")}
        score = find(tables.rows, **place, control="null")
        if score is None or score.get(key) is None:
            continue
        beside = {row: find(tables.rows, **{**place, "row": row}, control="null") for row in ALWAYS}
        degree = max(beside[row][key] for row in DEGREES if beside[row])  # type: ignore[index]  # is there
        share = surviving_share(score[key], r[key], 0.5)
        shown = "-" if math.isnan(share) else f"{share:.2f}"
        lines.append(
            [
                r["control"],
                r["part"] if r["split"] != "warm" else "test, warm",
                r["model"],
                r["regime"],
                f"{score[key]:.3f}",
                f"{degree:.3f}",
                value(beside[ADDITIVE], key.removesuffix("_mean")),
                f"{r[key]:.3f}",
                shown,
                str(r["n"]),
            ]
        )
    head = ["control", "part", "model", "regime", "AUROC", "best degree row", "additive"]
    head += ["under the control", "share that survives", "n"]
    return markdown_table(head, lines) + f"\n\n{under(tables)}"


def scheme_table() -> str:
    """Every method with negatives of both schemes."""
    study, tables = tables_of("negatives_scheme")
    return NOT_RUN if tables is None else schemes(study, tables)


def schemes_before_and_now() -> str:
    """What models and closed forms reached with sparing negatives, and reach with blind ones, by study."""
    read = {name: tables_of(name) for name in ("warm", "cold")}
    found = {name: (study, tables) for name, (study, tables) in read.items() if tables is not None}
    return schemes_of_studies(found)


def speed() -> str:
    """The stored measurement of ranking and bootstrap."""
    path = RESULTS / "ranking_speed.csv"
    if not path.exists():
        return NOT_RUN
    table = pd.read_csv(path)
    shown = [c for c in table.columns if c != "versions"]
    return markdown_table(
        shown,
        [
            [f"{x:,}" if not isinstance(x, str) else x for x in row]
            for row in table[shown].itertuples(index=False)
        ],
    )


def sections(figure: Path) -> dict[str, str]:
    """Marker -> text; draws the figure too."""
    cells = {
        cell: regimes("cold", cell) for cell in ("test", "test_cold_tf", "test_cold_gene", "test_cold_both")
    }
    trials = read_study(HERE / "studies" / "monitor.yaml").trials
    hashes = {hash_ for trial in trials for hash_ in trial.hashes}
    drawn = draw(RESULTS / "evidence_epochs.csv", hashes, figure)
    return {
        "anchors": anchors(),
        "warm": regimes("warm"),
        "warm-differences": differences("warm"),
        "cold": "\n\n".join(f"`{cell}`\n\n{text}" for cell, text in cells.items()),
        "cold-differences": differences("cold"),
        "expression-warm": regimes("expression", split="warm"),
        "expression-cold": "\n\n".join(
            f"`{cell}`\n\n{regimes('expression', cell, split='cold_start')}" for cell in cells
        ),
        "monitor": "\n\n".join(
            [
                *(["![](monitor.svg)"] if drawn else []),
                differences("monitor"),
                *(f"Chosen by `{by}`:\n\n{regimes('monitor', **{AXIS: by})}" for by in MONITORS),
            ]
        ),
        "seeds": f"{spread()}\n\n{regimes('seeds')}",
        "controls": survival(),
        "paper-cold": "\n\n".join(f"`{cell}`\n\n{regimes('paper_cold', cell)}" for cell in cells),
        "negatives-scheme": scheme_table(),
        "schemes-of-studies": schemes_before_and_now(),
        "speed": speed(),
    }


def main() -> None:
    """Write every section between its markers."""
    path = HERE / "README.md"
    path.write_text(fill_sections(path.read_text(), sections(HERE / "monitor.svg")))


if __name__ == "__main__":
    main()
