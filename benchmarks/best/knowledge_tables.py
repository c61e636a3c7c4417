"""Tables of the recipe best: what each source of knowledge is worth, what it reaches on other labels, and
with how many edges held out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.studies import read_rows, read_study

HERE = Path(__file__).resolve().parent
COLUMNS = {  # heading -> regime, metric, digits
    "uniform": ("uniform", "auroc", 3),
    "same TF": ("same_tf", "auroc", 3),
    "degree-matched": ("degree_matched", "auroc", 3),
    "per TF": ("ranking", "per_tf_auroc", 3),
    "AP ratio": ("ranking", "ap_ratio", 1),
}
GIVEN = "given"  # negatives that come with a split, in the place of uniform ones
TRAINED = "model_trained"  # has rows where a closed form scores in the model's place
LABELS = {  # level -> words
    "collectri": "CollecTRI",
    "trrust": "TRRUST",
    "dorothea-a-c": "DoRothEA A to C (bundled)",
    "mdc-string": "BEELINE mDC, STRING",
    "mdc-non-specific": "BEELINE mDC, Non-Specific",
    "mdc-specific": "BEELINE mDC, Specific",
    "shared-hesc-500": "shared split, hESC 500",
    "shared-hesc-1000": "shared split, hESC 1000",
    "shared-mesc-500": "shared split, mESC 500",
    "shared-mesc-1000": "shared split, mESC 1000",
}
EDGES = "known edges alone"


def rows_of(name: str, part: str = "test") -> pd.DataFrame:
    """The stored rows of a study, of the edges of one part alone."""
    study = read_study(HERE / "studies" / f"{name}.yaml")
    table = read_rows(study, HERE.parent / "results" / f"best_{name}.csv", part)
    return table[table["part"] == part]


def values(table: pd.DataFrame, row: str, column: str) -> pd.Series:
    """One number a seed."""
    regime, metric, _ = COLUMNS[column]
    regimes = (regime, GIVEN) if regime == "uniform" else (regime,)
    own = table[(table["row"] == row) & table["regime"].isin(regimes)]
    return own.set_index("run_seed")[metric]


def sources() -> list[str]:
    """Every source alone and left out, beside all of them and none."""
    table, knowledge = rows_of("sources"), rows_of("knowledge")
    levels = {str(level): own for level, own in table.groupby("sources", sort=False)}
    whole = levels.pop("all")
    seeds = sorted(set(whole["run_seed"]))
    none = knowledge[(knowledge["knowledge"] == "none") & knowledge["run_seed"].isin(seeds)]
    lines = [f"| test | {' | '.join(COLUMNS)} |", f"|{'---|' * (len(COLUMNS) + 1)}"]
    for words, own in {"all five sources": whole, EDGES: none, **levels}.items():
        cells = []
        for column, (*_, digits) in COLUMNS.items():
            found = values(own, "model", column)
            less = (found - values(whole, "model", column)).mean()
            beside = "" if own is whole else f" ({less:+.{digits}f})"
            cells.append(f"{found.mean():.{digits}f}{beside}")
        name = words.replace("only-", "").replace("-", " ")
        lines.append(f"| {name}{_alone(words)} | {' | '.join(cells)} |")
    counted = "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
    return [*lines, "", f"Means over {counted}. In brackets: difference from all five sources."]


def _alone(words: str) -> str:
    return " alone" if words.startswith("only-") else ""


def breadth() -> list[str]:
    """The recipe on other labels, and its distance from the closed form that is best in each column."""
    table = rows_of("breadth")
    lines = [f"| labels | seeds | {' | '.join(COLUMNS)} |", f"|{'---|' * (len(COLUMNS) + 2)}"]
    below, cells_in_all = 0, 0
    for level, words in LABELS.items():
        own = table[table["labels"] == level]
        closed = [row for row in own["row"].unique() if not row.startswith("model")]
        cells = []
        for column, (*_, digits) in COLUMNS.items():
            found = values(own, "model", column)
            if found.isna().all():
                cells.append("-")
                continue
            best = max((values(own, row, column) for row in closed), key=lambda some: some.mean())
            gain = (found - best).mean()
            below += bool(gain < 0)
            cells_in_all += 1
            cells.append(f"{found.mean():.{digits}f} ({gain:+.{digits}f})")
        trained = own[own["row"] == "model"]["run_seed"].nunique()
        stand_ins = own[own["row"] == TRAINED]["run_seed"].nunique()
        mark = f", {stand_ins} closed form" if stand_ins else ""
        lines.append(f"| {words} | {trained}{mark} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        "Test means. In brackets: difference from the best of the closed forms of the same runs, column by "
        f"column; below it in {below} of {cells_in_all}. Shared splits: their own negatives. Closed form: "
        "seeds in which one was better on the validation pairs, so that it scores in the model's place.",
    ]


def stable() -> list[str]:
    """Both forms of the low-rank numbers, with fewer and with more edges held out."""
    table = rows_of("stable", "validation")
    columns = list(COLUMNS)[:3]
    lines = [f"| edges for validation | model with | {' | '.join(columns)} |", "|---|---|---|---|---|"]
    for (share, feature), own in table.groupby(["validation", "feature"], sort=False):
        cells = [" ".join(f"{number:.3f}" for number in values(own, "model", c)) for c in columns]
        lines.append(f"| {share} | `{feature}` | {' | '.join(cells)} |")
    for row, words in {"degree_product": "degree product", "additive": "additive"}.items():
        for share, own in table[table["feature"] == "spectral"].groupby("validation", sort=False):
            cells = [" ".join(f"{number:.3f}" for number in values(own, row, c)) for c in columns]
            lines.append(f"| {share} | *{words}* | {' | '.join(cells)} |")
    return [*lines, "", "AUROC of validation pairs, one number for each seed."]
