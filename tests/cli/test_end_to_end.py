"""Fetch, train, evaluate and predict on the real data, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg, refused
from places import SHARED, needs_shared


@needs_shared
def test_a_file_changed_in_the_cache_is_not_the_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same size, so that only its hash tells."""
    monkeypatch.setenv("GRNPYG_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    path = grnpyg("data", "fetch", "symbol-labels", "--from", SHARED, "--json").json["fetched"][
        "symbol-labels"
    ][0]
    content = bytearray(Path(path).read_bytes())
    content[len(content) // 2] ^= 0x01
    Path(path).write_bytes(content)
    check = ("data", "check", "--labels", "symbol-labels", "--set", "data.expression=null")
    refused(*check, says=("symbol-labels", "grnpyg data fetch symbol-labels"))
    assert grnpyg("data", "fetch", "symbol-labels", "--from", SHARED).code == 0
    assert grnpyg(*check).code == 0


@needs_shared
@pytest.mark.slow
def test_brain_with_symbol_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRNPYG_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    fetched = grnpyg("data", "fetch", "brain", "symbol-labels", "--from", SHARED, "--json").json["fetched"]
    assert all(Path(path).is_file() for paths in fetched.values() for path in paths)

    sets = ("--data", "brain", "--labels", "symbol-labels")
    trained = grnpyg("train", *sets, "--max-epochs", 2, "--json").json
    assert trained["parameters"] > 1_000_000
    assert trained["epochs"] == 2

    result = grnpyg("eval", trained["run"], "--split", "test", "--json").json
    assert result["regimes"]["uniform"]["auroc"] >= 0.90
    assert result["regimes"]["uniform"]["ap"] >= 0.90
    for baseline in ("degree_product", "additive", "tf_degree"):
        assert 0.5 < result["baselines"][baseline]["uniform"]["auroc"] < 1

    assert grnpyg("predict", trained["run"], "--top", 100, "-o", "edges.tsv").code == 0
    network = pd.read_csv("edges.tsv", sep="\t", keep_default_na=False)
    assert len(network) == 100
    # two epochs rank differently on every processor, so no number: known edges are far commoner in the top
    everywhere = 20_189 / (820 * 5_863)
    assert network["known"].mean() > 50 * everywhere
    assert (network["TF"] != network["target"]).all()

    pruned = grnpyg("prune", trained["run"], "--ratio", 0.6, "--what", "all", "--json").json
    assert pruned["parameters"] < 0.45 * trained["parameters"]
    assert pruned["macs_per_pair"] < 0.2 * pruned["macs_per_pair_before"]
    small = grnpyg("eval", pruned["run"], "--effective-rank", "--resamples", 0, "--json").json
    share = small["regimes"]["uniform"]["auroc"] / result["regimes"]["uniform"]["auroc"]
    assert pruned["retention_auroc"] == pytest.approx(share)
    assert (
        1 <= small["effective_rank"]["participation_ratio"] < small["effective_rank"]["channels"] == 2 * 205
    )
