"""Train, evaluate, predict and prune on real data: bundled cells, and public data that are at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cli.command import grnpyg, refused
from places import SHARED, needs

import grnpyg_data


def predict_and_prune(run: str, test_auroc: float, known_share: float) -> dict[str, Any]:
    """Two commands on a trained run; returns what `prune` says.

    Two epochs rank differently on every processor, so no number: known edges are far commoner in the top
    than their share of all pairs.
    """
    assert grnpyg("predict", run, "--top", 100, "-o", "edges.tsv").code == 0
    network = pd.read_csv("edges.tsv", sep="\t", keep_default_na=False)
    assert len(network) == 100
    assert network["known"].mean() > 20 * known_share
    assert (network["TF"] != network["target"]).all()

    pruned: dict[str, Any] = grnpyg("prune", run, "--ratio", 0.6, "--what", "all", "--json").json
    assert pruned["macs_per_pair"] < 0.2 * pruned["macs_per_pair_before"]
    small = grnpyg("eval", pruned["run"], "--resamples", 0, "--json").json
    assert pruned["retention_auroc"] == pytest.approx(small["regimes"]["uniform"]["auroc"] / test_auroc)
    rank = grnpyg("effective-rank", pruned["run"], "--json").json
    assert 1 <= rank["participation_ratio"] < rank["channels"]
    return pruned


@pytest.mark.slow
def test_the_bundled_cells_as_files() -> None:
    cells, regulons = grnpyg_data.path("immune.h5ad"), grnpyg_data.path("dorothea_abc.tsv.gz")
    data = ("--data", cells, "--labels", regulons, "--set", "data.unmeasured=drop")
    counts = grnpyg("data", "check", *data, "--json").json["counts"]
    assert (counts["tfs"], counts["genes"], counts["edges"]) == (217, 4252, 13_467)

    kinds = "evaluation.negatives=[uniform, same_tf, degree_matched]"
    small = ("--set", "encoder.embedding_dim=32", "--set", "evaluation.baselines=[additive]", "--set", kinds)
    trained = grnpyg("train", *data, *small, "--max-epochs", 2, "--json").json
    assert trained["epochs"] == 2
    result = grnpyg("eval", trained["run"], "--resamples", 0, "--ranking", "--json").json
    assert set(result["regimes"]) == {"uniform", "same_tf", "degree_matched"}
    assert result["regimes"]["uniform"]["auroc"] > 0.75
    assert 0.45 < result["baselines"]["degree_product"]["degree_matched"]["auroc"] < 0.55
    assert 0.6 < result["ranking"]["per_tf_auroc"] < 1
    predict_and_prune(trained["run"], result["regimes"]["uniform"]["auroc"], counts["density"])


@needs("regulons")
def test_a_file_changed_in_the_cache_is_not_the_data_set() -> None:
    """Of the same size, so that only its hash tells."""
    fetch = ("data", "fetch", "symbol-labels", "--from", SHARED)
    path = Path(grnpyg(*fetch, "--json").json["fetched"]["symbol-labels"][0])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)
    check = ("data", "check", "--labels", "symbol-labels", "--set", "data.expression=null")
    refused(*check, says=("symbol-labels", "grnpyg data fetch symbol-labels"))
    assert grnpyg(*fetch).code == 0
    assert grnpyg(*check).code == 0


@needs("brain", "regulons")
@pytest.mark.slow
def test_brain_with_symbol_labels() -> None:
    fetched = grnpyg("data", "fetch", "brain", "symbol-labels", "--from", SHARED, "--json").json["fetched"]
    assert all(Path(path).is_file() for paths in fetched.values() for path in paths)

    sets = ("--data", "brain", "--labels", "symbol-labels")
    trained = grnpyg("train", *sets, "--encoder", "lookup", "--max-epochs", 2, "--json").json
    assert trained["parameters"] > 1_000_000
    assert trained["epochs"] == 2

    result = grnpyg("eval", trained["run"], "--split", "test", "--json").json
    assert result["regimes"]["uniform"]["auroc"] >= 0.90
    assert result["regimes"]["uniform"]["ap"] >= 0.90
    for baseline in ("degree_product", "additive", "tf_degree"):
        assert 0.5 < result["baselines"][baseline]["uniform"]["auroc"] < 1

    auroc = result["regimes"]["uniform"]["auroc"]
    pruned = predict_and_prune(trained["run"], auroc, 20_189 / (820 * 5_863))
    assert pruned["parameters"] < 0.45 * trained["parameters"]
