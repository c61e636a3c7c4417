"""`grnpyg predict`: the ranked network, and where it may be written."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused

COLUMNS = [
    *("TF", "target", "importance", "probability", "known", "rank", "rank_in_tf", "degree_rank"),
    *("sign", "sd", "frequency", "cold", "provenance"),
]
NUM_TFS, NUM_GENES, TFS_THAT_ARE_GENES = 15, 80, 12


@pytest.fixture(scope="module")
def network(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Every pair, from the parquet file; the tsv file lies beside it."""
    folder = tmp_path_factory.mktemp("network")
    for suffix in ("parquet", "tsv"):
        result = grnpyg("predict", trained.run, "-o", folder / f"edges.{suffix}")
        assert result.code == 0, result.err
    table = pd.read_parquet(folder / "edges.parquet")
    table.attrs["tsv"] = str(folder / "edges.tsv")
    return table


def test_all_pairs_but_a_tf_with_its_own_gene(network: pd.DataFrame) -> None:
    assert list(network.columns) == COLUMNS
    assert len(network) == NUM_TFS * NUM_GENES - TFS_THAT_ARE_GENES
    assert not network.duplicated(["TF", "target"]).any()
    assert (network["TF"] != network["target"]).all()
    assert network["TF"].nunique() == NUM_TFS
    assert network["target"].nunique() == NUM_GENES


def test_sorted_best_first_ties_by_name(network: pd.DataFrame) -> None:
    expected = network.sort_values(["importance", "TF", "target"], ascending=[False, True, True])
    pd.testing.assert_frame_equal(network, expected.reset_index(drop=True))


def test_known_marks_exactly_the_label_edges(network: pd.DataFrame, project: Path) -> None:
    labels = pd.read_csv(project / "labels.tsv", sep="\t")
    known = network[network["known"]]
    assert set(zip(known["TF"], known["target"], strict=True)) == set(
        zip(labels["source"], labels["target"], strict=True)
    )


def test_probabilities_of_unknown_pairs_add_up_to_the_new_edges_that_are_expected(
    network: pd.DataFrame,
) -> None:
    """They were the sigmoid of the logit, which promised an edge for every second pair."""
    new = network.loc[~network["known"], "probability"]
    assert (network["probability"].diff().dropna() <= 0).all()
    assert new.sum() == pytest.approx(0.2 * network["known"].sum(), rel=1e-6)


def test_tsv_and_parquet_agree_to_the_bit(network: pd.DataFrame) -> None:
    tsv = pd.read_csv(network.attrs["tsv"], sep="\t", keep_default_na=False, float_precision="round_trip")
    assert list(tsv.columns) == COLUMNS
    tsv["importance"] = tsv["importance"].astype(np.float32)
    tsv["sign"] = tsv["sign"].astype("Int8")
    unknown = ["sd", "frequency"]  # of one run; in a text an empty cell
    assert (tsv[unknown] == "").all(axis=None)
    tsv[unknown] = np.nan
    pd.testing.assert_frame_equal(tsv, network, check_exact=True)


def test_importance_is_the_logit_that_the_run_stored(network: pd.DataFrame, trained: Any) -> None:
    stored = pd.read_parquet(trained.run / "predictions.parquet")
    both = stored.merge(network, on=["TF", "target"])
    assert len(both) == len(stored)
    np.testing.assert_allclose(both["logit"], both["importance"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("top", [1, 7, 10**9])
def test_top_is_the_head_of_all(run: Path, network: pd.DataFrame, top: int) -> None:
    result = grnpyg("predict", run, "--top", top, "-o", "edges.parquet", "--json").json
    written = pd.read_parquet("edges.parquet")
    pd.testing.assert_frame_equal(written, network.head(top), check_exact=True)
    assert result["pairs"] == len(written) == min(top, len(network))
    assert result["known"] == int(written["known"].sum())
    assert result["output"] == "edges.parquet"
    assert [row["TF"] for row in result["best"]] == list(written["TF"].head(10))
    assert list(result["best"][0]) == COLUMNS


def test_the_suffix_or_a_name_says_the_format(run: Path) -> None:
    assert grnpyg("predict", run, "--top", 20, "-o", "regulons.gmt").code == 0
    assert grnpyg("predict", run, "--top", 20, "-o", "net.csv", "--format", "decoupler").code == 0
    net = pd.read_csv("net.csv")
    assert list(net.columns) == ["source", "target", "weight"]
    lines = [line.split("\t") for line in Path("regulons.gmt").read_text().splitlines()]
    sets = {line[0]: line[2:] for line in lines}
    assert sets == {tf: list(genes) for tf, genes in net.groupby("source")["target"]}
    refused("predict", run, "--format", "decoupler", says=("--format", "needs a file", "-o FILE"))
    refused("predict", run, "-o", "net.gmt", "--format", "decoupler", says=("cannot write .gmt", ".csv"))


def test_an_older_file_is_replaced(run: Path) -> None:
    Path("edges.tsv").write_text("old")
    assert grnpyg("predict", run, "--top", 2, "-o", "edges.tsv").code == 0
    assert len(pd.read_csv("edges.tsv", sep="\t")) == 2


def test_output_for_people(run: Path) -> None:
    result = grnpyg("predict", run, "--top", 3)
    assert result.code == 0
    assert result.out.count("->") == 3
    meaning, hidden = result.err.splitlines()
    assert "about 20 are expected to be edges if curators" in meaning
    assert "find 80 new edges among 788 unknown pairs" in meaning
    assert hidden == "400 known edges are left out of this view; a file (`-o edges.tsv`) holds them too"


def test_the_screen_shows_new_edges_and_the_file_holds_all(run: Path, network: pd.DataFrame) -> None:
    """`predict --top 1000` gave 880 known edges and 120 new ones."""
    result = grnpyg("predict", run, "--top", 100, "-o", "edges.parquet")
    written = pd.read_parquet("edges.parquet")
    assert 0 < written["known"].sum() < 100
    shown = [line.split("│")[1].strip() for line in result.out.splitlines() if "->" in line]
    new = written[~written["known"]].head(10)
    assert shown == [f"{tf} -> {target}" for tf, target in zip(new["TF"], new["target"], strict=True)]
    assert (
        f"{written['known'].sum()} known edges are left out of this view; the file holds them" in result.err
    )
    alone = grnpyg("predict", run, "--new", "-o", "new.parquet", "--json").json
    screen = grnpyg("predict", run, "--json").json
    assert {**screen, "output": "new.parquet"} == alone
    assert alone["known"] == 0
    assert alone["known_left_out"] == 400
    unknown = network[~network["known"]].reset_index(drop=True)
    table = pd.read_parquet("new.parquet")
    pd.testing.assert_frame_equal(table[["TF", "target"]], unknown[["TF", "target"]])
    assert table["rank"].tolist() == list(range(1, len(unknown) + 1))


def test_a_pair_that_is_named_is_shown_known_or_not(run: Path, network: pd.DataFrame) -> None:
    known, new = (network[network["known"] == kind].iloc[0] for kind in (True, False))
    for row, mark in ((known, True), (new, False)):
        result = grnpyg("predict", run, "--tf", row["TF"], "--gene", row["target"])
        assert f"{row['TF']} -> {row['target']}" in result.out
        assert ("(known)" in result.out) == mark
        assert "left out" not in result.err


def test_parts_keep_their_places_in_the_whole(run: Path, network: pd.DataFrame) -> None:
    grnpyg("predict", run, "--tf", "G3", "--tf", "tfa", "--gene", "G7", "-o", "edges.parquet")
    expected = network[network["TF"].isin(["G3", "TFA"]) & (network["target"] == "G7")]
    pd.testing.assert_frame_equal(pd.read_parquet("edges.parquet"), expected.reset_index(drop=True))
    grnpyg("predict", run, "--per-tf", 3, "-o", "edges.parquet")
    expected = network[network["rank_in_tf"] <= 3]
    pd.testing.assert_frame_equal(pd.read_parquet("edges.parquet"), expected.reset_index(drop=True))


def test_several_runs_are_a_mean_with_its_spread(work: Path) -> None:
    runs = [
        grnpyg("train", "--config", "small.yaml", "--seed", seed, "--json").json["run"] for seed in (1, 2)
    ]
    assert grnpyg("predict", *runs, "--top", 20, "-o", "both.parquet").code == 0
    both = pd.read_parquet("both.parquet")
    for run in runs:
        grnpyg("predict", run, "-o", "one.parquet")
        both = both.merge(pd.read_parquet("one.parquet"), on=["TF", "target"], suffixes=("", f"_{run}"))
    importance, rank = (both[[f"{name}_{run}" for run in runs]] for name in ("importance", "rank"))
    np.testing.assert_allclose(both["importance"], importance.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(both["sd"], importance.std(axis=1), rtol=1e-5)
    np.testing.assert_allclose(both["frequency"], (rank <= 20).mean(axis=1))


def test_runs_that_do_not_go_together_are_refused(run: Path) -> None:
    refused("predict", run, run, says=("named twice",))
    labels = pd.read_csv("labels.tsv", sep="\t")
    labels[labels["source"] != "TFA"].to_csv("labels.tsv", sep="\t", index=False)
    other = grnpyg("train", "--config", "small.yaml", "--seed", 2, "--json").json["run"]
    refused("predict", run, other, says=("other TFs", "1 are missing (TFA)"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--top", 0), ("--top", "equal to 1")),
        (("--per-tf", 0), ("--per-tf", "equal to 1")),
        (("--tf", "TFZ"), ("no TF is called", "TFA")),
        (("--gene", "STAT1"), ("no gene is called",)),
        (("--prior", 0.1, "--new-edges", 20), ("give one of them",)),
        (("--new-edges", 0), ("above 0",)),
        (("--new-edges", 10**6), ("788 unknown pairs", "below the number")),
        (("--new-edges", 5, "--calibrate", "isotonic"), ("--prior",)),
        (("--fdr", 0.1), ("rewired labels", "config.yaml --control rewired_labels --runs runs")),
        (("--null", "runs"), ("runs",)),
        (("--min-probability", 2, "--calibrate", "temperature"), ("from 0 to 1",)),
        (("-o", "expression.h5ad"), ("expression.h5ad: is read, and would be lost",)),
        (("-o", "labels.tsv"), ("labels.tsv: is read, and would be lost",)),
    ],
)
def test_what_cannot_be_asked_for(run: Path, options: tuple[Any, ...], says: tuple[str, ...]) -> None:
    refused("predict", run, *options, says=says)


def test_a_least_probability_is_a_part_of_the_calibrated_network(run: Path) -> None:
    options = ("--calibrate", "temperature", "-o", "edges.parquet")
    grnpyg("predict", run, *options)
    whole = pd.read_parquet("edges.parquet")
    limit = float(whole["probability"].quantile(0.9))
    grnpyg("predict", run, *options, "--min-probability", limit)
    expected = whole[whole["probability"] >= limit]
    pd.testing.assert_frame_equal(pd.read_parquet("edges.parquet"), expected)


@pytest.mark.parametrize("output", [(), ("-o", "edges.tsv"), ("-o", "edges.gmt"), ("--top", 5)])
def test_no_pair_as_probable_as_that_is_said(run: Path, output: tuple[Any, ...]) -> None:
    options = ("--calibrate", "temperature", "--prior", 0.001, "--min-probability", 0.9, *output)
    refused("predict", run, *options, says=("--min-probability 0.9", "no pair", "lower"))
    assert not list(Path().glob("edges*"))


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("edges.xlsx", (".tsv", ".parquet", ".gmt")),
        ("edges", ("without suffix", ".tsv")),
        ("edges.tsv.gz", (".tsv",)),
        ("nowhere/edges.tsv", ("nowhere", "does not exist")),
        ("labels.tsv/edges.tsv", ("labels.tsv",)),
        ("folder.tsv", ("folder.tsv",)),
        (f"{'x' * 300}.tsv", ("xxx.tsv",)),
        ("", ()),
    ],
)
def test_an_output_that_cannot_be_written(run: Path, output: str, says: tuple[str, ...]) -> None:
    Path("folder.tsv").mkdir()
    refused("predict", run, "--top", 3, "-o", output, says=says)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no file, even from root")
@pytest.mark.parametrize("suffix", ["tsv", "parquet"])
def test_an_output_without_permission(run: Path, suffix: str) -> None:
    refused("predict", run, "--top", 3, "-o", f"/proc/edges.{suffix}", says=(f"/proc/edges.{suffix}",))


def test_the_output_is_checked_before_the_run_is_read(work: Path) -> None:
    refused("predict", "runs/nothing", "-o", "edges.xlsx", says=("edges.xlsx",))


def test_a_calibrated_probability_keeps_the_order_and_falls_with_the_prior(trained: Any) -> None:
    from grnpyg.networks import predict
    from grnpyg.runs import Run

    run = Run.load(trained.run)
    plain = predict(run)
    table = predict(run, calibrate="temperature", prior=0.05)
    assert table["importance"].equals(plain["importance"])
    assert (table["probability"].diff().dropna() <= 0).all()
    assert table["probability"].mean() < plain["probability"].mean()
    less = predict(run, calibrate="temperature", prior=0.01)
    assert (less["probability"] < table["probability"]).all()


def test_new_edges_and_prior_say_the_same(run: Path) -> None:
    """The prior is of the unknown pairs: known edges are out, and say nothing of the rest."""
    for name, options in (("a", ("--new-edges", 40)), ("b", ("--prior", 40 / 788))):
        said = grnpyg("predict", run, "-o", f"{name}.parquet", "--json", *options).json["probability"]
        assert said[0]["new_edges"] == pytest.approx(40)
        assert said[0]["unknown_pairs"] == 788
    one, two = pd.read_parquet("a.parquet"), pd.read_parquet("b.parquet")
    np.testing.assert_allclose(one["probability"], two["probability"])
    assert one.loc[~one["known"], "probability"].sum() == pytest.approx(40)


def test_a_run_with_few_validation_edges_has_no_probabilities_and_says_so(work: Path) -> None:
    small = ("--config", "small.yaml", "--max-epochs", 1, "--set", "split.val_ratio=0.02")
    run = grnpyg("train", *small, "--json").json["run"]
    result = grnpyg("predict", run, "--top", 3, "--json")
    assert [row["probability"] for row in result.json["best"]] == [None] * 3
    assert "need 10 held-out edges" in result.err
    refused("predict", run, "--min-probability", 0.1, says=("need 10 held-out edges", "split.val_ratio"))


@pytest.fixture(scope="module")
def null_run(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained run's config on rewired labels, by the command that `--fdr` names."""
    runs = tmp_path_factory.mktemp("null")
    here = Path.cwd()
    os.chdir(trained.run.parent.parent)
    try:
        config = ("--config", trained.run / "config.yaml", "--control", "rewired_labels")
        return Path(grnpyg("train", *config, "--runs", runs, "--json").json["run"])
    finally:
        os.chdir(here)


def test_a_false_discovery_rate_keeps_a_head_of_the_new_edges(trained: Any, null_run: Path) -> None:
    """A stricter rate keeps fewer; q-values never fall down the list; known edges are not judged."""
    from grnpyg.networks import predict
    from grnpyg.runs import Run

    run, null = Run.load(trained.run), Run.load(null_run)
    whole = predict(run, fdr=1.0, null=[null])
    plain = predict(run)
    pd.testing.assert_frame_equal(whole.drop(columns="q_value"), plain, check_exact=True)
    new = whole[~whole["known"]]
    assert whole.loc[whole["known"], "q_value"].isna().all()
    assert (new["q_value"].diff().dropna() >= 0).all()
    assert new["q_value"].between(0, 1, inclusive="right").all()
    limit = float(new["q_value"].quantile(0.3))
    kept = predict(run, fdr=limit, null=[null])
    assert kept["known"].sum() == whole["known"].sum()
    expected = new.loc[new["q_value"] <= limit, "target"].tolist()
    assert kept.loc[~kept["known"], "target"].tolist() == expected
    refused(
        *("predict", trained.run, "--fdr", 0.1, "--null", trained.run),
        says=("not trained on rewired labels", "--control rewired_labels"),
    )
    said = grnpyg("predict", trained.run, "--fdr", 1, "--null", null_run)
    assert "a low rate does not make a pair a true regulation" in said.err
    refused(
        *("predict", trained.run, "--fdr", 0.1, "--null", null_run, "--calibrate", "none"),
        says=("compares the usual probabilities",),
    )


def test_a_null_of_another_config_is_refused(trained: Any, work: Path) -> None:
    """Its probabilities would differ by more than what the labels lost."""
    other = ("--max-epochs", 1, "--set", "training.lr=0.5", "--control", "rewired_labels")
    null = grnpyg("train", "--config", trained.run / "config.yaml", *other, "--json").json["run"]
    refused(
        *("predict", trained.run, "--fdr", 0.1, "--null", null),
        says=("in more than labels and seed: training", "--control rewired_labels"),
    )


@pytest.fixture(scope="module")
def cross(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a cross-encoder."""
    runs = tmp_path_factory.mktemp("cross")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(trained.folder)
        said = grnpyg("train", "--config", "small.yaml", "--head", "cross", "--runs", runs, "--json").json
    return Path(said["run"])


def test_bf16_is_asked_for_said_and_close(cross: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the option the scores are those of float32, whatever the processor has."""
    monkeypatch.setattr("grnpyg.core.precision.has_bf16", lambda: True)
    said = {}
    for asked in ((), ("fp32",), ("bf16",), ("auto",)):
        name = "".join(asked) or "default"
        option = ("--precision", *asked) if asked else ()
        said[name] = grnpyg("predict", cross, *option, "-o", f"{name}.tsv", "--json")
    found = {name: result.json["precision"] for name, result in said.items()}
    assert found == {"default": "fp32", "fp32": "fp32", "bf16": "bf16", "auto": "bf16"}
    assert "precision" not in said["default"].err
    assert "precision: bf16" in said["auto"].err
    assert Path("default.tsv").read_bytes() == Path("fp32.tsv").read_bytes()
    assert Path("bf16.tsv").read_bytes() == Path("auto.tsv").read_bytes()
    exact, rounded = (
        pd.read_csv(f"{name}.tsv", sep="\t").set_index(["TF", "target"])["importance"]
        for name in ("fp32", "bf16")
    )
    difference = (exact - rounded[exact.index]).abs().max()
    assert 0 < difference < 0.05 * exact.std()


def test_a_processor_without_bf16_keeps_fp32_unless_it_is_asked(
    cross: Path, trained: Any, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grnpyg.core.precision.has_bf16", lambda: False)
    result = grnpyg("predict", cross, "--precision", "auto", "--json")
    assert result.json["precision"] == "fp32"
    result = grnpyg("predict", cross, "--precision", "bf16", "--json")
    assert result.json["precision"] == "bf16"
    assert "fp32 is faster" in result.err
    result = grnpyg("predict", trained.run, "--precision", "bf16", "--json")  # two towers
    assert result.json["precision"] == "fp32"
    assert "no model here gains by bf16" in result.err


def test_parts_know_their_precision(cross: Path, work: Path) -> None:
    assert grnpyg("predict", cross, "--shards", "net", "--precision", "bf16").code == 0
    manifest = json.loads(Path("net/manifest.json").read_text())
    assert manifest["view"]["precision"] == "bf16"
    refused("predict", cross, "--shards", "net", says=("net", "precision bf16, not fp32"))
