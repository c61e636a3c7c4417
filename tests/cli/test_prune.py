"""`grnpyg prune` and `grnpyg effective-rank`, as a user types them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg, refused

KEYS = {
    "run",
    "parameters",
    "parameters_before",
    "macs_per_pair",
    "macs_per_pair_before",
    "latency_ratio",
    "retention_auroc",
}


def test_prune_gives_a_run_that_every_command_takes(run: Path) -> None:
    result = grnpyg("prune", run, "--ratio", 0.5, "--what", "all", "--finetune-epochs", 1, "--json").json
    assert result.keys() >= KEYS
    pruned = Path(result["run"])
    assert pruned.resolve().parent == run.resolve().parent
    assert result["parameters"] < result["parameters_before"]
    assert result["macs_per_pair"] < result["macs_per_pair_before"]
    whole, small = (grnpyg("eval", path, "--resamples", 0, "--json").json for path in (run, pruned))
    assert small["parameters"] == result["parameters"]
    ratio = small["regimes"]["uniform"]["auroc"] / whole["regimes"]["uniform"]["auroc"]
    assert result["retention_auroc"] == pytest.approx(ratio)
    assert grnpyg("predict", pruned, "--top", 5, "-o", "edges.tsv").code == 0
    assert len(pd.read_csv("edges.tsv", sep="\t")) == 5
    again = grnpyg("prune", pruned, "--ratio", 0.5, "--json").json
    assert again["parameters_before"] == result["parameters"]
    shown = grnpyg("prune", run, "--ratio", 0.5, "--what", "all", "--finetune-epochs", 1)
    assert "already pruned" in shown.err
    assert "latency of a pass" in shown.out
    assert "degree_product 0." in shown.err
    for row in ("degree_product", "additive"):
        assert result["baselines"][row]["auroc"] == small["baselines"][row]["uniform"]["auroc"]


def test_a_curve_is_a_table_of_thirteen_levels(run: Path) -> None:
    result = grnpyg("prune", run, "--curve", "--finetune-epochs", 1, "-o", "curve.tsv", "--json").json
    rows = result["rows"]
    assert len(rows) == 26
    assert rows[0]["retention_auroc"] == 1
    table = pd.read_csv("curve.tsv", sep="\t")
    assert list(table["ratio"].unique()) == [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert table["macs_per_pair"].tolist() == [row["macs_per_pair"] for row in rows]
    shown = grnpyg("prune", run, "--curve")
    assert shown.out.count("0.90") >= 1
    assert "already pruned" in shown.err
    assert "additive 0." in shown.err
    assert result["baselines"].keys() >= {"degree_product", "additive"}


def test_a_pruned_config_trains_to_the_same_model(run: Path) -> None:
    result = grnpyg("prune", run, "--ratio", 0.5, "--json").json
    config = Path(result["run"]) / "config.yaml"
    again = grnpyg("train", "--config", config, "--runs", "again", "--json").json
    assert again["parameters"] == result["parameters"]
    files = [Path(r["run"]) / "predictions.parquet" for r in (result, again)]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--ratio", "1"), "1 is not a share from 0 to below 1"),
        (("--ratio", "-0.5"), "-0.5 is not a share from 0 to below 1"),
        (("--ratio", "nan"), "nan is not a share from 0 to below 1"),
        ((), "give either --ratio or --curve"),
        (("--ratio", "0.5", "--curve"), "give either --ratio or --curve"),
        (("--ratio", "0.5", "--importance", "magic"), "unknown importance 'magic'"),
        (("--ratio", "0.5", "--what", "heads"), "'heads' is not one of 'hidden', 'embedding', 'all'"),
        (("--ratio", "0.5", "--optimizer", "warm"), "'warm' is not one of 'fresh', 'warm_up', 'carried'"),
        (("--ratio", "0.5", "--finetune-epochs", "-1"), "finetune_epochs"),
        (("--ratio", "0.5", "--finetune-epochs", "1", "--finetune-lr", "0"), "finetune_lr"),
        (("--ratio", "0.5", "--finetune-epochs", "1", "--optimizer", "carried"), "--keep-optimizer"),
        (("--ratio", "0.5", "--optimizer", "warm_up"), "without epochs of fine-tuning"),
        (("--ratio", "0.5", "--finetune-lr", "0.1"), "without epochs of fine-tuning"),
        (("--ratio", "0.5", "--split", "dev"), "unknown subset 'dev'"),
        (("--ratio", "0.5", "--device", "tpu"), "'tpu' is not one of 'auto', 'cpu', 'cuda'"),
        (("--ratio", "0.5", "--seed", "1"), "was trained with seed 42"),
        (("--ratio", "0.5", "-o", "x.tsv"), "only a curve has a table"),
        (("--curve", "-o", "x.csv"), "cannot write .csv"),
        (("--curve", "-o", "no/x.tsv"), "folder does not exist"),
    ],
)
def test_bad_input_is_one_line(run: Path, options: tuple[str, ...], says: str) -> None:
    refused("prune", run, *options, says=(says,))


def test_what_is_not_a_run_is_refused(work: Path, run: Path) -> None:
    refused("prune", "nowhere", "--ratio", "0.5", says=("no such run directory",))
    weights = run / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    refused("prune", run, "--ratio", "0.5", says=("model.safetensors was changed",))


def test_a_head_that_names_no_units_is_refused(work: Path) -> None:
    Path("my_head.py").write_text(
        """\
import torch
from grnpyg.models.heads import Head

class Plain(Head):
    def __init__(self, shape, *, size: int = 4):
        super().__init__()
        self.tf = torch.nn.Linear(shape.tf_channels, size)
        self.gene = torch.nn.Linear(shape.gene_channels, size)

    def forward(self, z_tf, z_gene, edge_label_index):
        return (self.tf(z_tf) * self.gene(z_gene)).sum(-1)
"""
    )
    train = ("train", "--config", "small.yaml", "--head", "my_head:Plain", "--max-epochs", 1, "--json")
    run = grnpyg(*train).json["run"]
    refused("prune", run, "--ratio", "0.5", says=("declare no width for --what hidden",))
    refused("prune", run, "--ratio", "0.5", "--what", "all", says=("does not say what it reads of z",))
    refused("effective-rank", run, says=("which layer represents a pair", "--modules"))


def test_effective_rank_and_its_spectrum(run: Path) -> None:
    found = grnpyg("effective-rank", run, "-o", "spectrum.tsv", "--json").json
    assert found["layers"] == ["head.tower.tf", "head.tower.gene"]
    singular = pd.read_csv("spectrum.tsv", sep="\t")["singular_value"]
    assert found["channels"] == 16
    assert found["participation_ratio"] == pytest.approx((singular**2).sum() ** 2 / (singular**4).sum())
    assert "effective rank" in grnpyg("effective-rank", run).out
    other = ("--modules", "head.tower.tf.1", "--pairs", 20, "--centred", "--json")
    hidden = grnpyg("effective-rank", run, *other).json
    assert (hidden["channels"], hidden["pairs"], hidden["centred"]) == (16, 20, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--modules", "head.mlp.1"), "unknown layer 'head.mlp.1'"),
        (("--pairs", "1"), "--pairs"),
        (("--split", "train"), "unknown subset 'train'"),
        (("-o", "x.csv"), "cannot write .csv"),
    ],
)
def test_a_rank_that_cannot_be_measured_is_one_line(run: Path, options: tuple[str, ...], says: str) -> None:
    refused("effective-rank", run, *options, says=(says,))


def test_importances_are_listed() -> None:
    listed = grnpyg("list", "importances", "--json").json["importances"]
    assert {"activation_variance", "frequency_norm", "magnitude", "taylor", "random"} <= listed.keys()
