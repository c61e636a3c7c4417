"""`grnpyg eval --later` and `--known-elsewhere`: what they count, what they leave alone, what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from cli.command import grnpyg, refused
from cli.conftest import GENES, TFS

import grnpyg as gp
from grnpyg.data.graph import REGULATES
from grnpyg.evaluation.later.candidates import later_set
from grnpyg.evaluation.later.methods import later_methods, table_of
from grnpyg.evaluation.other_labels import read_other_labels

FEW = ("--resamples", 20)
METHODS = {"degree_product", "tf_degree", "gene_degree", "additive", "ease_gene", "ease_tf", "random"}


def write_later(path: str = "later.tsv", seed: int = 5) -> tuple[str, int, int]:
    """A later database: all edges of the labels, 60 new ones and 10 of unknown genes."""
    known = pd.read_csv("labels.tsv", sep="\t")
    taken = set(known.itertuples(index=False, name=None))
    free = [(tf, gene) for tf in TFS for gene in GENES if tf != gene and (tf, gene) not in taken]
    new = [free[i] for i in np.random.default_rng(seed).choice(len(free), 60, replace=False)]
    strange = [(f"X{i}", f"Y{i}") for i in range(10)]
    table = pd.DataFrame([*taken, *new, *strange], columns=["source", "target"])
    table.to_csv(path, sep="\t", index=False)
    return path, len(free), len(known)


def test_the_json_of_later(run: Path) -> None:
    path, unlabelled, known = write_later()
    said = grnpyg("eval", "--later", path, run, *FEW, "--json").json
    later = said["later"]
    assert said["run"] == str(run)
    assert "regimes" not in said  # the test of the run stays closed
    assert (later["positives"], later["known"], later["outside"]) == (60, known, 10)
    assert later["baselines"].keys() == METHODS
    assert later["unlabelled"] == unlabelled
    assert later["metrics"].keys() >= {"auroc", "ap", "precision_at_100", "per_tf_auroc", "auroc_low"}
    assert later["metrics"]["precision_at_10000"] is None  # there are fewer pairs
    assert later["over_degree"]["degree_product"]["auroc"] == {"value": 0, "low": 0, "high": 0}
    for counts in later["strata"].values():
        assert sum(stratum["positives"] for stratum in counts.values()) == 60
    assert "signs" not in later


def test_the_same_in_python_and_again(run: Path) -> None:
    path, _, _ = write_later()
    first, again = (gp.evaluate_later(run, path, resamples=20) for _ in range(2))
    pd.testing.assert_frame_equal(first.to_frame(), again.to_frame(), check_exact=True)
    shown = grnpyg("eval", "--later", path, run, *FEW, "--json").json["later"]["metrics"]
    assert shown["auroc"] == first.metrics["model"]["auroc"]
    own = first.to_frame().set_index("method").loc["model"]
    assert own["auroc_low"] <= own["auroc"] <= own["auroc_high"]
    assert own["auroc_over_degree"] == own["auroc"] - first.metrics["degree_product"]["auroc"]


def test_the_tables_on_the_screen(run: Path) -> None:
    path, _, _ = write_later()
    Path("papers.tsv").write_text("\n".join(["gene\tpapers", *(f"{g}\t{i}" for i, g in enumerate(GENES))]))
    result = grnpyg("eval", "--later", path, "--by", "papers.tsv", run, *FEW)
    assert result.code == 0, result.err
    for text in ("lookup + dual", "ease_gene", "AUROC by gene degree", "AUROC by papers", "over degree"):
        assert text in result.out
    assert "10 left out because an end is no node" in result.err


def test_all_labels_are_messages_and_none_of_the_new_edges_is_known(run: Path) -> None:
    """Nothing labelled is judged; and what methods are fitted on is the same whatever the later database."""
    loaded, tables = gp.Run.load(run), []
    for seed in (5, 6):
        path, _, _ = write_later(seed=seed)
        truth = read_other_labels(loaded.graph, loaded.config.data, path)
        pairs = later_set(loaded.graph, truth)
        assert torch.equal(pairs.known.graph[REGULATES].edge_index, loaded.graph[REGULATES].edge_index)
        tables.append({n: table_of(make(), 15, 80) for n, make in later_methods(loaded, pairs)})
    for name, table in tables[0].items():
        np.testing.assert_array_equal(table, tables[1][name], err_msg=name)


def test_negatives_that_are_known_elsewhere_are_left_out(run: Path) -> None:
    loaded = gp.Run.load(run)
    pairs = loaded.evaluation["uniform"]["test"]
    names = loaded.graph["tf"].name, loaded.graph["gene"].name
    gone = [(names[0][tf], names[1][gene]) for tf, gene in pairs.negatives.t().tolist()[:7]]
    kept = [(names[0][tf], names[1][gene]) for tf, gene in pairs.positives.t().tolist()[:5]]
    pd.DataFrame(gone + kept, columns=["source", "target"]).to_csv("other.tsv", sep="\t", index=False)
    before = grnpyg("eval", run, "--ranking", "--resamples", 0, "--json").json
    after = grnpyg(
        "eval", run, "--ranking", "--resamples", 0, "--known-elsewhere", "other.tsv", "--json"
    ).json
    assert after["known_elsewhere"]["left_out"] == {"test": {"uniform": 7}}
    uniform = [said["regimes"]["uniform"] for said in (before, after)]
    assert uniform[1]["negatives"] == uniform[0]["negatives"] - 7
    assert uniform[1]["positives"] == uniform[0]["positives"]
    assert before["ranking"]["auroc_all"] != after["ranking"]["auroc_all"]
    shown = grnpyg("eval", run, "--resamples", 0, "--known-elsewhere", "other.tsv")
    assert "7 of uniform" in shown.err
    assert "no more fit the scheme" not in shown.err


def test_later_leaves_out_what_a_third_database_reports(run: Path) -> None:
    path, unlabelled, _ = write_later()
    other, _, _ = write_later("third.tsv", seed=6)
    said = grnpyg("eval", "--later", path, "--known-elsewhere", other, run, "--resamples", 0, "--json").json
    left_out = said["later"]["known_elsewhere"]["left_out"]
    assert 0 < left_out <= 60
    assert (said["later"]["positives"], said["later"]["unlabelled"]) == (60, unlabelled - left_out)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--later", "labels.tsv"), ("are labels of the run", "nothing is left")),
        (("--later", "strange.tsv"), ("none of its 2 edges", "--later strange.tsv")),
        (("--later", "missing.tsv"), ("missing.tsv",)),
        (("--later", "later.tsv", "--ranking"), ("--ranking", "no held-out pairs")),
        (("--later", "later.tsv", "--split", "validation"), ("leave out --split",)),
        (("--later", "later.tsv", "--later-confidence", "A"), ("no confidence column",)),
        (("--later", "later.tsv", "--by", "strange.tsv"), ("strange.tsv", "no numbers")),
        (("--later", "later.tsv", "--resamples", "-1"), ("resamples",)),
        (("--later-confidence", "A"), ("belongs to --later",)),
        (("--by", "strange.tsv"), ("belongs to --later",)),
        (("--known-elsewhere", "strange.tsv"), ("none of its 2 edges", "--known-elsewhere")),
    ],
)
def test_what_cannot_be_judged_is_refused(run: Path, options: tuple[str, ...], says: tuple[str, ...]) -> None:
    write_later()
    Path("strange.tsv").write_text("source\ttarget\nFOO1\tBAR1\nFOO2\tBAR2\n")
    refused("eval", *options, run, says=says)


def test_a_run_on_all_labels(work: Path) -> None:
    """It has no test to be judged on; `--later` is how it is judged."""
    path, _, known = write_later()
    ratios = ("--set", "split.test_ratio=0", "--set", "split.val_ratio=0.1")
    run = grnpyg("train", "--config", "small.yaml", *ratios, "--max-epochs", 1, "--json").json["run"]
    split = gp.Run.load(run).split
    assert split.held_out == ("validation",)
    assert split.known.size(1) == known
    refused("eval", run, says=("no test subset", "--later LABELS"))
    assert grnpyg("eval", run, "--split", "validation", *FEW).code == 0
    assert grnpyg("eval", "--later", path, run, *FEW, "--json").json["later"]["positives"] == 60
    assert grnpyg("predict", run, "--top", 3).code == 0


def test_the_run_of_a_closed_form_is_fitted_on_all_labels(trained: Any, work: Path) -> None:
    path, _, _ = write_later()
    made = grnpyg("train", "--config", "small.yaml", "--set", "baseline=ease_gene", "--json")
    later = grnpyg("eval", "--later", path, made.json["run"], "--resamples", 0, "--json").json["later"]
    assert later["metrics"] == later["baselines"]["ease_gene"]


def test_labels_that_a_control_changed_have_no_new_edges(work: Path) -> None:
    path, _, _ = write_later()
    made = grnpyg(
        "train", "--config", "small.yaml", "--set", "control=rewired_labels", "--max-epochs", 0, "--json"
    )
    refused("eval", "--later", path, made.json["run"], says=("rewired_labels changed the labels",))


def test_a_run_that_hands_out_a_baseline_is_judged_by_it(work: Path) -> None:
    path, _, _ = write_later()
    train = ("train", "--config", "small.yaml", "--max-epochs", 0, "--set", "fallback=true", "--json")
    run = gp.Run.load(grnpyg(*train).json["run"])
    later = grnpyg("eval", "--later", path, run.path, "--resamples", 0, "--json").json["later"]
    assert later["metrics"] == later["baselines"][run.manifest.handed_out]
    assert later["baselines"]["model_trained"] != later["metrics"]
