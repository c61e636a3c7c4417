"""Split seeds crossed with training seeds: their variances apart, and intervals for new splits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from grnpyg.metrics.variance import variance_components
from grnpyg.studies.formats import render
from grnpyg.studies.rows import study_rows
from grnpyg.studies.spread import cells_beside, interval_cell
from grnpyg.studies.study import Study
from grnpyg.studies.tables import study_tables

ReadStudy = Callable[..., Study]
HEADS = {"dual": {}, "cross": {"head": {"name": "cross"}}}


def test_both_seeds_are_averaged_over_and_their_variances_shown(
    study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    found = study(axes={"head": HEADS, "split_seed": [1, 2, 3], "seed": [1, 2]})
    assert found.over == ("split_seed", "seed")
    rng = np.random.default_rng(0)
    values: dict[tuple[str, str, str], float] = {}
    for trial in found.trials:
        value = float(rng.uniform())
        values[trial.levels["head"], trial.levels["split_seed"], trial.levels["seed"]] = value
        pretend(tmp_path, trial, {"model": {"auroc": value}, "degree_product": {"auroc": 0.5}})
    tables = study_tables(found, study_rows(found, tmp_path))
    assert tables.axes == ("head",)
    for head in HEADS:
        own = [(s, seed, v) for (h, s, seed), v in values.items() if h == head]
        expected = variance_components(pd.DataFrame(own, columns=["split_seed", "seed", "value"]))
        (shown,) = [r for r in tables.spread if r["head"] == head and r["metric"] == "auroc"]
        assert (shown["n_splits"], shown["n_seeds"]) == (3, 2)
        assert shown["within_split"] == pytest.approx(expected.within_split)
        half = t.ppf(0.975, 2) * expected.standard_error
        (row,) = [r for r in tables.rows if r["head"] == head and r["row"] == "model"]
        assert row["n"] == row["of"] == 6
        assert row["auroc_low"] == pytest.approx(expected.mean - half)
        assert row["gain_over_degree_high"] == pytest.approx(expected.mean - 0.5 + half)
    text = render(tables, "md")
    assert "sd of splits" in text
    assert "3 x 2" in text
    assert "Mean ± sd over split_seed and seed" in text
    assert render(tables, "latex").count(r"\begin{tabular}") == 2


def test_one_kind_of_seed_has_no_spread(
    study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    found = study(axes={"seed": [1, 2]})
    for trial in found.trials:
        pretend(tmp_path, trial, {"model": {"auroc": 0.5}})
    assert study_tables(found, study_rows(found, tmp_path)).spread == []


def test_a_cell_of_paired_differences_has_an_interval_from_two_on() -> None:
    """0.1 and 0.3: mean 0.2, standard error 0.1, t of one degree of freedom 12.706."""
    assert interval_cell(pd.Series([0.1, 0.3]), 2) == "+0.20 [-1.07, +1.47]"
    assert interval_cell(pd.Series([0.1]), 2) == "+0.10"


def test_cells_beside_one_have_differences_that_are_paired() -> None:
    found = cells_beside(pd.DataFrame({"dual": [0.5, 0.7], "cross": [0.6, 1.0]}, index=[42, 123]), "dual", 2)
    assert found.to_dict() == {"dual": "0.60", "cross": "0.80 (+0.20 [-1.07, +1.47])"}
