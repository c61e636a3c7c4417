"""Runs that are averaged hand out one method: scores of different methods have different scales."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cli.conftest import make_h5ad, project, trained

from grnpyg.core.errors import warned
from grnpyg.networks.ensemble import as_runs, common_method, with_method
from grnpyg.pipeline.gains import gains
from grnpyg.runs import Run

__all__ = ["make_h5ad", "project", "trained"]


@pytest.fixture
def runs(trained: Any) -> list[Run]:
    """One run under three names, as if three seeds had been trained."""
    run = Run.load(trained.run)
    return [
        replace(run, manifest=run.manifest.model_copy(update={"sha256": str(number)})) for number in range(3)
    ]


@pytest.mark.parametrize(
    ("handed_out", "common"),
    [
        ((None, None, "degree_product"), None),
        (("degree_product", None, "degree_product"), "degree_product"),
        ((None, "degree_product"), None),
        (("additive", "degree_product", None), None),
    ],
)
def test_most_runs_decide_and_the_model_wins_a_tie(runs: list[Run], handed_out: Any, common: Any) -> None:
    given = [with_method(run, method) for run, method in zip(runs, handed_out, strict=False)]
    assert common_method(given) == common
    with warned() as lines:
        agreed = as_runs(given)
    assert {run.manifest.handed_out for run in agreed} == {common}
    others = sum(method != common for method in handed_out)
    assert lines == [
        f"{others} of {len(given)} runs hand out another method; {common or 'the trained model'} scores in "
        "all of them"
    ]


def test_runs_of_one_method_are_taken_as_they_are(runs: list[Run]) -> None:
    with warned() as lines:
        assert list(as_runs(runs)) == runs
    assert lines == []


def test_gains_are_those_of_the_method_that_scores(runs: list[Run]) -> None:
    """The third run's own row `model` is that of its baseline; the network does not use it."""
    baseline = [with_method(run, "degree_product") for run in runs[:2]]
    of_baseline = {line["setting"]: line["model"] for line in gains([*baseline, runs[2]])}
    assert of_baseline
    table = runs[2].metrics("test")
    wanted = table[(table["method"] == "degree_product") & (table["metric"] == "auroc")]
    third = dict(zip(wanted["setting"], wanted["value"], strict=True))
    own = {line["setting"]: line["model"] for line in gains(runs[:2])}
    for setting, value in third.items():
        assert of_baseline[setting] == pytest.approx((2 * own[setting] + value) / 3)
