"""`grnpyg predict --retrieve RUN --rerank RUN`: the best pairs of one run, scored again by another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg, refused

from grnpyg.networks import Amount, Reranked
from grnpyg.networks.keys import SCORED_BY
from grnpyg.networks.rerank_scale import limits

PAIRS, KNOWN = 15 * 80 - 12, 400


class Runs(NamedTuple):
    """Two runs of the project: a dual encoder and a cross-encoder."""

    dual: Path
    cross: Path

    @property
    def options(self) -> tuple[Any, ...]:
        return "--retrieve", self.dual, "--rerank", self.cross


@pytest.fixture(scope="module")
def runs(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("cross")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(trained.folder)
        said = grnpyg("train", "--config", "small.yaml", "--head", "cross", "--runs", folder, "--json").json
    return Runs(trained.run, Path(said["run"]))


@pytest.fixture(scope="module")
def alone(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The network of either run, by TF and target."""
    folder = tmp_path_factory.mktemp("alone")
    tables = {}
    for name, path in runs._asdict().items():
        assert grnpyg("predict", path, "-o", folder / f"{name}.parquet").code == 0
        tables[name] = pd.read_parquet(folder / f"{name}.parquet").set_index(["TF", "target"])
    return tables


def reranked(runs: Runs, *options: object) -> pd.DataFrame:
    assert grnpyg("predict", *runs.options, *options, "-o", "net.parquet").code == 0
    return pd.read_parquet("net.parquet")


@pytest.mark.parametrize("candidates", ["20%", "7", "100%", "5000"])
@pytest.mark.usefixtures("blocks_of_four_tfs")
def test_the_best_by_the_first_run_are_ordered_by_the_second_and_come_first(
    runs: Runs, alone: dict[str, pd.DataFrame], work: Path, candidates: str
) -> None:
    table = reranked(runs, "--candidates", candidates).set_index(["TF", "target"])
    first, second = (alone[name].loc[table.index] for name in ("dual", "cross"))
    again = table[SCORED_BY] == "rerank"
    if candidates.endswith("%"):
        chosen = first["rank"] <= int(PAIRS * float(candidates[:-1]) / 100)
    else:
        chosen = first["rank_in_tf"] <= int(candidates)
    pd.testing.assert_series_equal(again, chosen, check_names=False)
    assert table["importance"].is_monotonic_decreasing
    assert list(table["rank"]) == list(range(1, PAIRS + 1))
    assert again.iloc[: again.sum()].all()
    np.testing.assert_allclose(table["importance"][again], second["importance"][again], rtol=1e-4, atol=1e-5)
    rest = first["importance"][~again] - table["importance"][~again]  # shifted by one number
    assert rest.empty or np.ptp(rest.to_numpy()) < 1e-4  # other blocks of TFs, other last bits
    assert (table["probability"].diff().dropna() <= 0).all()
    assert table.loc[~table["known"], "probability"].sum() == pytest.approx(0.2 * KNOWN, rel=0.02)


def test_it_is_said_how_many_pairs_the_second_run_scored(runs: Runs, work: Path) -> None:
    result = grnpyg("predict", *runs.options, "--candidates", "25%", "-o", "net.tsv", "--json")
    said = result.json
    counts = {"retrieve": str(runs.dual), "rerank": str(runs.cross), "scored": 297, "pairs": PAIRS}
    assert said["reranked"] == counts
    assert said["run"] == str(runs.cross)
    assert f"scored 297 of {PAIRS:,} pairs (25.0%)" in result.err
    assert said["best"][0][SCORED_BY] == "rerank"


def test_known_edges_take_no_place_among_the_candidates_of_new_edges(runs: Runs, work: Path) -> None:
    result = grnpyg("predict", *runs.options, "--candidates", "10%", "--top", 3)
    assert result.out.count("->") == 3
    assert f"scored {(PAIRS - KNOWN) // 10} of {PAIRS - KNOWN} pairs" in result.err
    table = reranked(runs, "--new", "--candidates", 4)
    assert not table["known"].any()
    assert table.groupby("TF")[SCORED_BY].agg(lambda who: (who == "rerank").sum()).eq(4).all()


def test_the_second_run_is_asked_for_its_candidates_only(
    runs: Runs, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The saving is the point: no pair beside the candidates goes through the cross head."""
    from grnpyg.models.heads import CrossHead

    seen = []
    plain = CrossHead.forward
    monkeypatch.setattr(
        CrossHead, "forward", lambda self, *ends: seen.append(ends[2].size(1)) or plain(self, *ends)
    )
    for other in ("score_all", "all_pairs", "many_pairs"):
        monkeypatch.delattr(CrossHead, other, raising=False)
    monkeypatch.setattr(Reranked, "probabilities", lambda self, **options: [lambda score: score * 0])
    reranked(runs, "--candidates", 3)
    assert sum(seen) == 3 * 15


def test_a_reranked_network_is_a_file_like_any_other(runs: Runs, work: Path) -> None:
    from grnpyg.networks import read_network

    table = reranked(runs, "--top", 300)
    for suffix in ("tsv", "h5ad"):
        assert grnpyg("export", "net.parquet", "-o", f"net.{suffix}").code == 0
        again = read_network(Path(f"net.{suffix}"))
        assert list(again[SCORED_BY]) == list(table[SCORED_BY])
        assert list(again["TF"]) == list(table["TF"])
    assert grnpyg("diff", "net.tsv", "net.parquet", "--json").json["rbo"] == pytest.approx(1)
    assert grnpyg("export", "net.parquet", "-o", "net.graphml").code == 0


def test_the_door_gives_the_same_table(runs: Runs, work: Path) -> None:
    import grnpyg as gp

    table = gp.rerank(runs.dual, runs.cross, "20%", per_tf=5)
    pd.testing.assert_frame_equal(
        table, reranked(runs, "--candidates", "20%", "--per-tf", 5), check_exact=True
    )
    with pytest.raises(gp.InputError, match="precison"):
        gp.rerank(runs.dual, runs.cross, precison="bf16")


def test_bf16_is_of_the_second_run(runs: Runs, work: Path) -> None:
    exact = reranked(runs).set_index(["TF", "target"])
    result = grnpyg("predict", *runs.options, "--precision", "bf16", "-o", "rounded.parquet", "--json")
    assert result.json["precision"] == "bf16"
    rounded = pd.read_parquet("rounded.parquet").set_index(["TF", "target"]).loc[exact.index]
    pd.testing.assert_series_equal(exact[SCORED_BY], rounded[SCORED_BY])
    again = exact[SCORED_BY] == "rerank"
    difference = (exact["importance"] - rounded["importance"])[again].abs().max()
    assert 0 < difference < 0.05 * exact["importance"][again].std()


@pytest.mark.parametrize(
    ("candidates", "says"),
    [
        ("0%", ("0% leaves no candidate", "--candidates", "such as 10%")),
        ("0", ("0 leaves no candidate", "500")),
        ("-3", ("leaves no candidate",)),
        ("101%", ("more than all pairs",)),
        ("nan%", ("leaves no candidate",)),
        ("inf%", ("leaves no candidate",)),
        ("0.1", ("no number of candidates", "such as 10%")),
        ("ten", ("no number of candidates",)),
        ("%", ("no number of candidates",)),
    ],
)
def test_numbers_of_candidates_that_cannot_be(
    runs: Runs, work: Path, candidates: str, says: tuple[str, ...]
) -> None:
    refused("predict", *runs.options, f"--candidates={candidates}", says=says)


def test_options_that_do_not_go_together(runs: Runs, work: Path) -> None:
    dual, cross = runs
    refused("predict", says=("no run is named", "--retrieve RUN --rerank RUN"))
    refused("predict", "--retrieve", dual, says=("--retrieve", "second run", "--rerank RUN"))
    refused("predict", "--rerank", cross, says=("--rerank", "second run", "--retrieve RUN"))
    refused("predict", dual, *runs.options, says=("beside --retrieve and --rerank",))
    refused("predict", dual, "--candidates", "5%", says=("--candidates", "none is asked for"))
    refused("predict", dual, "--index", "faiss", says=("--index", "none is asked for"))
    refused("predict", *runs.options, "--shards", "net", says=("--shards", "every pair"))
    refused("predict", *runs.options, "--fdr", 0.1, "--null", dual, says=("--fdr", "every pair"))
    refused("predict", *runs.options, "--calibrate", "isotonic", says=("--calibrate", "of one run"))
    refused("predict", *runs.options, "--universe", "measured", says=("--universe", "labels' TFs"))
    refused("predict", *runs.options, "--index", "annoy", says=("annoy", "torch", "faiss"))
    refused("predict", "--retrieve", dual, "--rerank", dual, says=("the same run",))


def test_runs_of_other_universes_and_baselines_are_refused(runs: Runs, work: Path) -> None:
    labels = pd.read_csv("labels.tsv", sep="\t")
    small = ("train", "--config", "small.yaml", "--json")
    degree = grnpyg(*small, "--baseline", "degree_product").json["run"]
    refused("predict", "--retrieve", degree, "--rerank", runs.cross, says=(degree, "baseline degree_product"))
    refused("predict", "--retrieve", runs.dual, "--rerank", degree, says=(degree, "baseline degree_product"))
    labels[labels["source"] != "TFA"].to_csv("labels.tsv", sep="\t", index=False)
    other = grnpyg(*small, "--max-epochs", 0).json["run"]
    refused("predict", "--retrieve", other, "--rerank", runs.cross, says=("has other TFs", "TFA"))


def test_limits_are_the_lowest_scores_of_candidates() -> None:
    codes, first = np.array([1, 4, 7]), np.array([3.0, 2.0, 5.0])  # of two TFs with five genes
    assert limits(first, codes, (2, 5), of_each=True).tolist() == [2, 5]
    assert limits(first, codes, (2, 5), of_each=False).tolist() == [2, 2]


def test_an_index_needs_its_extra(runs: Runs, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    options = (*runs.options, "--candidates", 5, "--index", "faiss")
    refused("predict", *options, says=("needs the package faiss", "grnpyg[faiss]"))


def test_an_index_is_for_inner_products_and_numbers_of_each_tf(runs: Runs, work: Path) -> None:
    turned = ("--retrieve", runs.cross, "--rerank", runs.dual)
    refused("predict", *turned, "--candidates", 5, "--index", "faiss", says=("more than an inner product",))
    refused("predict", *runs.options, "--index", "faiss", says=("genes of each TF", "--candidates 500"))


@pytest.mark.parametrize("new", [False, True])
def test_an_index_chooses_what_all_scores_choose(runs: Runs, work: Path, new: bool) -> None:
    pytest.importorskip("faiss", reason='needs pip install "grnpyg[faiss]"')
    options = ("--candidates", 6, *(("--new",) if new else ()))
    exact = reranked(runs, *options).set_index(["TF", "target"])
    by_index = reranked(runs, *options, "--index", "faiss").set_index(["TF", "target"])
    same = exact[SCORED_BY] == by_index[SCORED_BY].loc[exact.index]
    assert same.mean() > 0.995  # the last bits of a score may turn two genes


def test_what_a_number_of_candidates_means() -> None:
    assert Amount.read(" 12.5 %") == Amount(share=0.125)
    assert Amount.read(500) == Amount(per_tf=500)
