"""Probabilities of a run beside what came true: by its held-out edges, and by a later database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg

from grnpyg import predict, train
from grnpyg.core.errors import InputError
from grnpyg.evaluation import judge_by_later
from grnpyg.evaluation.probability import unknown_probability
from grnpyg.evaluation.run_reliability import run_reliability
from grnpyg.runs import Run


def test_the_same_run_has_the_same_probabilities_to_the_bit(trained: Any) -> None:
    one, two = (unknown_probability(Run.load(trained.run)) for _ in range(2))
    score = np.linspace(-10, 10, 100)
    assert (one(score) == two(score)).all()


def test_the_validation_is_judged_by_folds_and_every_pair_counts_once(trained: Any) -> None:
    run = Run.load(trained.run)
    for subset in ("validation", "test"):
        edges = run.split.positives[subset].size(1)
        judged = run_reliability(run, subset)
        assert judged.edges == edges
        assert judged.table["hits"].sum() == pytest.approx(edges)
        assert judged.table["pairs"].sum() == pytest.approx(788 + edges)
        assert judged.pairs == 788 + edges
        assert judged.expected == pytest.approx(edges, rel=0.2)
    with pytest.raises(InputError, match="train"):
        run_reliability(run, "tset")


def test_reliability_on_the_screen_and_in_json(run: Path) -> None:
    few = ("--resamples", 0, "--reliability")
    shown = grnpyg("eval", run, *few, "--split", "validation")
    assert shown.code == 0, shown.err
    assert "probabilities judged by validation edges, by fits on the others" in shown.out
    assert "expected calibration error" in shown.err
    said = grnpyg("eval", run, *few, "--json").json["reliability"]
    assert said["judge"] == "test edges"
    assert said["bins"][0].keys() >= {"low", "high", "pairs", "claimed", "hits", "hit_rate"}
    refused = grnpyg("eval", run, "--reliability", "--later", "labels.tsv")
    assert refused.code == 2
    assert "--reliability" in refused.err


def new_edges() -> int:
    """Write later.tsv: the known edges, and every 15th of the other pairs; how many these are."""
    known = pd.read_csv("labels.tsv", sep="\t")
    genes, tfs = known["target"].unique(), known["source"].unique()
    taken = set(known.itertuples(index=False, name=None))
    new = [(tf, gene) for tf in tfs for gene in genes if tf != gene and (tf, gene) not in taken][::15]
    pd.DataFrame([*taken, *new], columns=["source", "target"]).to_csv("later.tsv", sep="\t", index=False)
    return len(new)


def test_of_several_runs_the_mean_that_predict_gives_is_judged(run: Path) -> None:
    new, first = new_edges(), Run.load(run)
    second = train(first.config.model_copy(update={"seed": 7}))
    beforehand, told = judge_by_later([first, second], "later.tsv")
    claimed = predict([first, second], new=True)["probability"]
    assert beforehand.pairs == len(claimed)
    assert beforehand.expected == pytest.approx(claimed.sum())
    high = beforehand.table[beforehand.table["low"] >= 0.05]
    assert high["pairs"].sum() == (claimed >= 0.05).sum()
    assert told.edges == new
    assert told.expected == pytest.approx(new)
    with pytest.raises(InputError, match="no run is named"):
        judge_by_later([], "later.tsv")


def test_later_prints_claims_beside_hits(run: Path) -> None:
    new = new_edges()
    said = grnpyg("eval", "--later", "later.tsv", run, "--resamples", 0, "--json").json["later"]
    beforehand, told = said["reliability"]
    assert beforehand["expected"] == pytest.approx(80, rel=1e-6)
    assert told["expected"] == pytest.approx(new, rel=1e-6)
    for judged in (beforehand, told):
        assert judged["edges"] == new
        assert sum(own["hits"] for own in judged["bins"]) == new
        assert sum(own["pairs"] for own in judged["bins"]) == said["unlabelled"]
    shown = grnpyg("eval", "--later", "later.tsv", run, "--resamples", 0)
    assert f"told that there are {new:,}" in shown.out
