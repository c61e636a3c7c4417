"""Where the published gap comes from: Shapley values of what differs between the programs and the text.

    python benchmarks/paper/gap.py      prints the tables that README.md has

A factor is switched from what the programs do to what the text says (or to what is better: the best epoch,
logits as scores, one namespace). Its Shapley value is its effect averaged over all orders in which the
factors can be switched; the values of all factors add up to the whole change. Every combination was trained,
none is interpolated.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from scipy import stats
from stored import read

RESULTS = Path(__file__).resolve().parent.parent / "results"
Switched = frozenset[str]
Value = Callable[[Switched], float]

LABELS = {
    "loss": "loss: squared error of the probability -> cross-entropy",
    "similarity": "similarity: dot product -> cosine",
    "optimiser": "cross-encoder's optimiser: 5e-3, clip 1, early stop -> 1e-3, clip 5, 60 epochs",
    "weights": "weights: last -> best epoch on validation",
    "ids": "identifiers: UniProt and symbols mixed -> symbols",
    "scores": "scores: float32 probability with its ties -> logit",
}


def shapley(value: Value, factors: tuple[str, ...]) -> dict[str, float]:
    """Shapley value of each factor: its gain averaged over all orders (Shapley 1953)."""
    n = len(factors)
    result = {}
    for factor in factors:
        others = [other for other in factors if other != factor]
        gains = [
            (value(frozenset(chosen) | {factor}) - value(frozenset(chosen))) / (n * math.comb(n - 1, size))
            for size in range(n)
            for chosen in itertools.combinations(others, size)
        ]
        result[factor] = math.fsum(gains)
    return result


def decompose(values: Mapping[int, Value], factors: tuple[str, ...]) -> pd.DataFrame:
    """For each factor the points of AUROC when it is switched alone, last, and averaged over all orders.

    Args:
        values: seed -> AUROC of the set of factors that are switched.
        factors: their names.

    Returns:
        One row per factor: `alone`, `last`, `shapley` (means over the seeds), `low`, `high` (95 % t-interval
        of the Shapley value), `n`.
    """
    everything, lines = frozenset(factors), []
    per_seed = {seed: shapley(value, factors) for seed, value in values.items()}
    for factor in factors:
        alone = [value(frozenset({factor})) - value(frozenset()) for value in values.values()]
        last = [value(everything) - value(everything - {factor}) for value in values.values()]
        mean, low, high = interval([by_factor[factor] for by_factor in per_seed.values()])
        line = {"factor": factor, "alone": interval(alone)[0], "last": interval(last)[0]}
        lines.append(line | {"shapley": mean, "low": low, "high": high, "n": len(values)})
    return pd.DataFrame(lines)


def interval(values: list[float]) -> tuple[float, float, float]:
    """Mean and 95 % t-interval, in points of AUROC."""
    n = len(values)
    mean = 100 * math.fsum(values) / n
    if n < 2:
        return mean, math.nan, math.nan
    sd = math.sqrt(math.fsum((100 * value - mean) ** 2 for value in values) / (n - 1))
    half = float(stats.t.ppf(0.975, n - 1)) * sd / math.sqrt(n)
    return mean, mean - half, mean + half


def score(rows: pd.DataFrame, switched: Switched, **levels: object) -> float:
    """AUROC of one run, of the weights and by the ranking that the switched factors say.

    Raises:
        KeyError: the run is not there.
    """
    found = rows[rows["row"] == ("model_best" if "weights" in switched else "model")]
    for axis, level in levels.items():
        found = found[found[axis].astype(str) == str(level)]
    if len(found) != 1:
        raise KeyError(levels)
    return float(found["auroc" if "scores" in switched else "auroc_probability"].iloc[0])


def dual_value(rows: pd.DataFrame, seed: int, **levels: object) -> Value:
    """Factors -> AUROC of the dual encoder."""

    def value(switched: Switched) -> float:
        named = {
            "loss": "bce" if "loss" in switched else "squared_error",
            "similarity": "cosine" if "similarity" in switched else "dot",
            **levels,
        }
        if "ids" in rows:
            named["ids"] = "mapped" if "ids" in switched else "mixed"
        return score(rows, switched, seed=seed, **named)

    return value


def gap_value(dual: pd.DataFrame, cross: pd.DataFrame, seed: int) -> Value:
    """Factors -> AUROC of the cross-encoder minus that of the dual encoder."""
    of_dual = dual_value(dual, seed)

    def value(switched: Switched) -> float:
        optimiser = "text" if "optimiser" in switched else "code"
        ids = "mapped" if "ids" in switched else "mixed"
        return score(cross, switched, seed=seed, optimiser=optimiser, ids=ids) - of_dual(switched)

    return value


def complete(values: dict[int, Value], factors: tuple[str, ...]) -> dict[int, Value]:
    """The seeds for which every combination was run."""
    kept = {}
    for seed, value in values.items():
        try:
            for size in range(len(factors) + 1):
                for chosen in itertools.combinations(factors, size):
                    value(frozenset(chosen))
        except KeyError:
            continue
        kept[seed] = value
    return kept


def table(values: dict[int, Value], factors: tuple[str, ...], title: str) -> str:
    """A decomposition as Markdown."""
    values = complete(values, factors)
    if not values:
        return f"{title}: not all combinations have been run."
    start, _, _ = interval([value(frozenset()) for value in values.values()])
    end, low, high = interval([value(frozenset(factors)) for value in values.values()])
    lines = [
        f"**{title}**: {start:+.2f} points as coded, {end:+.2f} [{low:+.2f}, {high:+.2f}] with every factor "
        f"switched ({len(values)} seeds).",
        "",
        "| factor | alone | last | Shapley | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for row in decompose(values, factors).sort_values("shapley", key=abs, ascending=False).itertuples():
        bounds = f"[{row.low:+.2f}, {row.high:+.2f}]" if row.n > 1 else "one seed"
        lines.append(
            f"| {LABELS[row.factor]} | {row.alone:+.2f} | {row.last:+.2f} | {row.shapley:+.2f} | {bounds} |"
        )
    return "\n".join(lines)


def beside(rows: pd.DataFrame) -> str:
    """What degree and an additive model reach on the same pairs, in points of AUROC, in a sentence."""
    means = 100 * rows[~rows["row"].str.startswith("model")].groupby("row")["auroc"].mean()
    return f"On the same pairs: {', '.join(f'{row} {mean:+.2f}' for row, mean in means.items())}."


def gap_tables(results: Path) -> list[str]:
    """Markdown of every decomposition whose rows are stored."""

    def stored(name: str) -> pd.DataFrame | None:
        path = results / f"paper_{name}.csv"
        return read(path) if path.exists() else None

    blocks = []
    dual, cross, collapse = stored("gap_dual"), stored("gap_cross"), stored("collapse")
    if dual is not None and cross is not None:
        seeds = sorted(set(dual["seed"]) & set(cross["seed"]))
        values = {seed: gap_value(dual, cross, seed) for seed in seeds}
        factors = ("loss", "similarity", "optimiser", "weights", "ids", "scores")
        blocks.append(table(values, factors, "Gap between the heads at 1:1 (cross minus dual, AUROC)"))
    if collapse is not None:
        for ratio in sorted(set(collapse["ratio"])):
            values = {seed: dual_value(collapse, seed, ratio=ratio) for seed in sorted(set(collapse["seed"]))}
            factors = ("loss", "similarity", "weights", "scores")
            blocks.append(
                table(values, factors, f"AUROC of the dual encoder at {ratio}:1, mixed identifiers")
            )
            blocks.append(beside(collapse[collapse["ratio"] == ratio]))
    return blocks


if __name__ == "__main__":
    sys.stdout.write("\n\n".join(gap_tables(RESULTS)) + "\n")
