"""Figures: what is drawn is what the table says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import grnpyg as gp
from grnpyg.core.errors import InputError


@pytest.fixture
def ax() -> Any:
    return Figure().subplots()


@pytest.fixture
def edges() -> pd.DataFrame:
    """Six pairs of two TFs; one name has dollar signs, which matplotlib would read as a formula."""
    return pd.DataFrame(
        {
            "TF": ["A", "A", "B", "A", "B", "A"],
            "target": ["x", "$y^", "x", "z", "w", "<b>"],
            "probability": [0.9, 0.5, 0.4, 0.3, 0.02, 0.01],
            "known": [True, False, False, False, True, False],
            "rank": range(1, 7),
            "rank_in_tf": [1, 2, 1, 3, 2, 4],
            "degree_rank": [2.0, 1.0, 4.0, 3.0, 6.0, 5.0],
            "sign": [1, -1, 0, 1, 1, 0],
            "frequency": [1.0, 1.0, 0.5, 0.5, 1.0, 0.5],
        }
    )


def test_roc_has_the_rates_of_every_cutoff(ax: Any) -> None:
    label, score = np.array([1, 0, 1, 0]), np.array([4.0, 3.0, 2.0, 1.0])
    assert gp.pl.roc({"model": (label, score)}, ax=ax) is ax
    line = ax.lines[0]
    assert {(0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)} <= set(zip(*line.get_data(), strict=True))


def test_precision_at_full_recall_is_the_share_of_edges(ax: Any) -> None:
    label, score = np.array([1, 0, 0, 0]), np.array([1.0, 2.0, 3.0, 4.0])
    gp.pl.precision_recall({"model": (label, score)}, ax=ax)
    recall, precision = ax.lines[0].get_data()
    assert precision[recall == 1].min() == 0.25
    assert ax.lines[1].get_ydata()[0] == 0.25  # chance


def test_a_curve_of_one_class_is_refused(ax: Any) -> None:
    with pytest.raises(InputError, match="all labels are the same"):
        gp.pl.roc({"model": (np.ones(3), np.arange(3.0))}, ax=ax)


def test_gain_without_an_interval_is_an_open_point(ax: Any) -> None:
    rows = [
        {"setting": "uniform", "gain": 0.02, "low": 0.01, "high": 0.03},
        {"setting": "hard", "gain": 0.1, "low": None, "high": None},
    ]
    gp.pl.gain(rows, ax=ax)
    (interval,) = ax.collections[0].get_segments()
    assert interval[:, 0].tolist() == [0.01, 0.03]
    closed, opened = ax.lines[:2]
    assert (closed.get_xdata().tolist(), opened.get_xdata().tolist()) == ([0.02], [0.1])
    assert opened.get_markerfacecolor() == "none"
    assert [text.get_text() for text in ax.get_yticklabels()] == ["uniform", "hard"]


def test_reliability_draws_claims_against_what_came_true(ax: Any) -> None:
    table = pd.DataFrame(
        {"claimed": [0.1, 0.4], "hit_rate": [0.2, 0.4], "hit_low": [0.1, 0.3], "hit_high": [0.3, 0.5]}
    )
    gp.pl.reliability(table, ax=ax)
    drawn = ax.containers[0].lines[0]
    assert drawn.get_ydata().tolist() == [0.2, 0.4]


def test_histogram_counts_known_and_new_pairs_apart(ax: Any, edges: pd.DataFrame) -> None:
    gp.pl.probabilities(edges, ax=ax)
    assert sum(bar.get_height() for bar in ax.patches[:40]) == 4


def test_stability_counts_new_edges_only(ax: Any, edges: pd.DataFrame) -> None:
    gp.pl.stability(edges, ax=ax)
    assert [bar.get_height() for bar in ax.patches] == [3, 1]
    with pytest.raises(InputError, match="no new pair has a frequency"):
        gp.pl.stability(edges.assign(frequency=np.nan), ax=ax)


def test_tf_draws_its_own_targets_only(ax: Any, edges: pd.DataFrame) -> None:
    gp.pl.tf(edges, "A", ax=ax)
    known, new = ax.lines[:2]
    assert known.get_xydata().tolist() == [[2.0, 1]]
    assert sorted(map(tuple, new.get_xydata().tolist())) == [(1.0, 2), (3.0, 4), (5.0, 6)]
    with pytest.raises(InputError, match="unknown TF 'a'"):
        gp.pl.tf(edges, "a", ax=ax)


def test_network_view_writes_names_as_they_are(ax: Any, edges: pd.DataFrame) -> None:
    gp.pl.network_view(edges, "A", top=3, ax=ax)
    names = [text.get_text() for text in ax.texts]
    assert names == ["x", "$y^", "z", "A"]
    ax.figure.canvas.draw()  # a formula would fail here


def test_cold_start_has_a_column_for_every_subset(ax: Any) -> None:
    rows = [
        {"method": "model", "subset": "test", "auroc": 0.9},
        {"method": "model", "subset": "test_cold_tf", "auroc": 0.7},
        {"method": "degree_product", "subset": "test", "auroc": 0.8},
    ]
    gp.pl.cold_start(rows, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["0.900", "0.700", "0.800"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["both seen", "unseen TF"]


def test_strata_and_costs_have_a_line_for_each_method(ax: Any) -> None:
    rows = [
        {
            "method": name,
            "auroc_low_degree": 0.5,
            "auroc_middle_degree": 0.6,
            "auroc_high_degree": 0.7,
            "name": name,
            "auroc": 0.8,
            "parameters": 10,
        }
        for name in ("model", "degree_product")
    ]
    gp.pl.strata(rows, ax=ax)
    assert list(ax.lines[0].get_ydata()) == [0.5, 0.6, 0.7]
    other = Figure().subplots()
    gp.pl.cost(rows, ax=other)
    assert [line.get_xdata()[0] for line in other.lines] == [10.0, 10.0]


@pytest.mark.parametrize(("draw", "x"), [(gp.pl.pruning, "ratio"), (gp.pl.imbalance, "ratio")])
def test_lines_go_from_left_to_right(ax: Any, draw: Callable[..., Any], x: str) -> None:
    draw([{"series": "dual", x: 0.5, "ap": 0.7}, {"series": "dual", x: 0.1, "ap": 0.9}], metric="ap", ax=ax)
    assert ax.lines[0].get_xydata().tolist() == [[0.1, 0.9], [0.5, 0.7]]


def test_a_spectrum_is_a_share_of_its_largest_value(ax: Any) -> None:
    gp.pl.effective_rank(pd.DataFrame({"index": [1, 2], "singular_value": [8.0, 2.0]}), ax=ax)
    assert ax.lines[0].get_ydata().tolist() == [1.0, 0.25]


def test_training_draws_a_line_for_each_run_and_one_name_for_each_series(ax: Any) -> None:
    table = pd.DataFrame(
        {"series": "dual", "run": ["1", "1", "2"], "epoch": [1, 2, 1], "val_auroc": [0.5, 0.6, 0.7]}
    )
    gp.pl.training(table, ax=ax)
    assert [len(line.get_xdata()) for line in ax.lines] == [2, 1]
    with pytest.raises(InputError, match="no column 'loss'"):
        gp.pl.training(table, metric="loss", ax=ax)


def test_closed_forms_have_the_colour_of_the_text_and_models_those_of_the_palette(ax: Any) -> None:
    label, score = np.array([1, 0]), np.array([1.0, 0.0])
    gp.pl.roc(dict.fromkeys(("model", "degree_product", "additive"), (label, score)), ax=ax)
    colours = [to_hex(line.get_color()).upper() for line in ax.lines[:3]]
    assert colours == [gp.pl.PALETTE[0], "#000000", "#000000"]
