"""What a run says of itself: its tables, and the widths that pruning left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from grnpyg.compress.prune import prune
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256
from grnpyg.data.graph import pair_codes
from grnpyg.models.pruned_widths import model_specs
from grnpyg.resolve import config_hash, make_config, prune_step
from grnpyg.runs import Manifest, Run, read_metrics
from grnpyg.runs.draws import epoch_pairs
from grnpyg.runs.tables import METRIC_COLUMNS
from grnpyg.splits.split_file import load_split, save_split
from grnpyg.training.train import TrainOptions, train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    edges = [(f"TF{i % 12}", f"G{(i * 7 + i // 12) % 80}") for i in range(500)]
    labels = pd.DataFrame(edges, columns=["source", "target"]).drop_duplicates()
    labels.to_csv(folder / "labels.tsv", sep="\t", index=False)
    return train(config(folder / "labels.tsv"), TrainOptions(folder / "runs"))


def config(labels: Path) -> ExperimentConfig:
    return make_config(
        {
            "data": {"expression": None, "labels": str(labels)},
            "encoder": {"name": "lookup", "embedding_dim": 4},
            "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
            "evaluation": {"negatives": ["uniform", "same_tf"]},
            "training": {"max_epochs": 2, "batch_size": 128},
        }
    )


def test_metrics_are_lines_that_can_be_chosen(run: Run) -> None:
    whole = run.metrics()
    assert list(whole.columns) == METRIC_COLUMNS
    assert set(whole["subset"]) == {"validation", "test"}
    assert set(whole["setting"]) == {"uniform", "same_tf"}
    some = run.metrics("test", ["uniform"], ["model", "additive"])
    assert set(some["method"]) == {"model", "additive"}
    assert set(some["subset"]) == {"test"}
    assert set(some["setting"]) == {"uniform"}
    assert run.metrics("nowhere").empty
    assert read_metrics(run.path, Manifest.load(run.path)).equals(whole)


def test_columns_of_the_files_are_those_of_earlier_versions(run: Run) -> None:
    metrics = pd.read_parquet(run.path / "metrics.parquet")
    assert list(metrics.columns) == ["part", "regime", "row", "metric", "value"]
    predictions = pd.read_parquet(run.path / "predictions.parquet")
    assert list(predictions.columns) == ["regime", "part", "TF", "target", "label", "logit"]
    assert list(run.predictions.columns) == ["setting", "subset", "TF", "target", "label", "logit"]
    assert run.epochs["epoch"].tolist() == [1, 2]


def test_metrics_of_earlier_versions_have_the_names_of_today(run: Run, tmp_path: Path) -> None:
    table = pd.read_parquet(run.path / "metrics.parquet")
    table["metric"] = table["metric"].str.replace("gain_over", "lift_over")
    from grnpyg.core.files import sha256

    table.to_parquet(tmp_path / "metrics.parquet", index=False)
    digest = sha256(tmp_path / "metrics.parquet")
    old = run.manifest.model_copy(update={"files": {"metrics.parquet": digest}})
    assert read_metrics(tmp_path, old).equals(run.metrics())


def test_changed_metrics_are_refused(run: Run) -> None:
    other = replace(run, manifest=run.manifest.model_copy(update={"files": {"metrics.parquet": "0"}}))
    with pytest.raises(InputError, match=r"metrics\.parquet was changed"):
        other.metrics()


def test_a_run_knows_the_widths_that_it_was_built_with(run: Run, tmp_path: Path) -> None:
    assert run.specs == (run.config.encoder, run.config.head)
    pruned = prune(run, prune_step(ratio=0.5, what="all"), TrainOptions(tmp_path))
    assert pruned.specs[1]["hidden_channels"] == 4
    assert pruned.specs == (pruned.manifest.encoder, pruned.manifest.head)
    old = replace(pruned, manifest=pruned.manifest.model_copy(update={"encoder": None, "head": None}))
    assert old.specs == model_specs(pruned.config) == pruned.specs
    assert old.model.num_parameters() == pruned.model.num_parameters()


def test_what_was_built_counts_and_not_what_pruning_would_do_today(run: Run, tmp_path: Path) -> None:
    """A rule of rounding that changes must not keep an old run from being read."""
    pruned = prune(run, prune_step(ratio=0.5, what="all"), TrainOptions(tmp_path))
    steps = (pruned.config.prune[0].model_copy(update={"ratio": 0.9}),)
    other = replace(pruned, config=pruned.config.model_copy(update={"prune": steps}))
    assert other.model.num_parameters() == pruned.model.num_parameters()


def test_a_config_of_another_version_is_named_as_such(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "newer"
    shutil.copytree(run.path, folder)
    text = (folder / "config.yaml").read_text() + "\nnewer: 3\n"
    (folder / "config.yaml").write_text(text)
    manifest = Manifest.load(folder)
    for version, says in (
        ("99.0", r"a run of grnpyg 99\.0, this is .*Install grnpyg 99\.0"),
        (None, "Known: "),
    ):
        versions = manifest.versions | ({} if version is None else {"grnpyg": version})
        files = manifest.files | {"config.yaml": sha256(folder / "config.yaml")}
        manifest.model_copy(update={"versions": versions, "files": files}).write(folder)
        with pytest.raises(InputError, match=says):
            Run.load(folder)


def test_a_run_without_a_scheme_of_negatives_spared_what_is_held_out(
    experiment: Callable[..., ExperimentConfig], tmp_path: Path
) -> None:
    """Runs before 0.2.0 have no such key: read as blind, `eval` would fit baselines on other negatives."""
    config = experiment(max_epochs=0, negatives={"scheme": "sparing"})
    run = train(config, TrainOptions(tmp_path))
    assert run.manifest.leaks == run.split.leaks == ("negatives-spare-held-out",)
    values = yaml.safe_load((run.path / "config.yaml").read_text())
    del values["negatives"]["scheme"]
    (run.path / "config.yaml").write_text(yaml.safe_dump(values))
    stored, _ = load_split(run.path / "split.safetensors", run.graph)
    save_split(replace(stored, leaks=()), run.evaluation, run.path / "split.safetensors")
    files = {name: sha256(run.path / name) for name in run.manifest.files}
    run.manifest.model_copy(update={"leaks": (), "files": files}).write(run.path)
    old = Run.load(run.path)
    assert old.config == config
    assert config_hash(old.config) == run.path.name
    assert old.split.leaks == ("negatives-spare-held-out",)
    seen = epoch_pairs(old.config, old.split, old.evaluation, 0).negatives
    assert not torch.isin(pair_codes(run.graph, seen), pair_codes(run.graph, run.split.known)).any()
