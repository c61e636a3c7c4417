"""`grnpyg bench`: what a shell sees of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from cli.command import contents, grnpyg, refused
from in_this_process import InThisProcess

from grnpyg.core.errors import GrnpygError
from grnpyg.studies import Store, Trial
from grnpyg.studies.bench import read_suite
from grnpyg.studies.bench.costs import Costs
from grnpyg.studies.bench.run import require_same_pairs
from grnpyg.studies.datasets import Datasets
from grnpyg.studies.executors import LocalExecutor
from grnpyg.studies.worker import train_trial

SUITE = """\
base: small.yaml
seeds: [1, 2]
baselines:
  svd: {}
  few: {name: bpr, epochs: 1, embedding_dim: 4}
models:
  dual: {}
"""
COSTS = ("fit_seconds", "wall_seconds", "peak_memory_mb", "parameters", "macs_per_pair")


@pytest.fixture
def suite(work: Path) -> Path:
    """suite.yaml in the current folder: five entries, degree and additive among them."""
    Path("suite.yaml").write_text(SUITE)
    return Path("suite.yaml")


@pytest.fixture
def quick(suite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, done in this process."""
    monkeypatch.setattr(LocalExecutor, "run", InThisProcess(fresh_process=True).run)
    return suite


def stored_auroc(trial: Trial) -> float:
    """Of a run's model with uniform negatives."""
    table = pd.read_parquet(Path("runs") / trial.hash / "metrics.parquet")
    wanted = {"part": "test", "regime": "uniform", "row": "model", "metric": "auroc"}
    return float(table[(table[list(wanted)] == list(wanted.values())).all(axis=1)]["value"].item())


@pytest.mark.slow
def test_every_entry_has_a_process_of_its_own(work: Path) -> None:
    Path("suite.yaml").write_text("base: small.yaml\nbaselines: {few: {name: bpr, epochs: 1}}\n")
    said = grnpyg("bench", "suite.yaml", "--jobs", 2, "--threads", 1, "--json").json
    assert (said["trials"], said["done"], said["reused"], said["failed"]) == (3, 3, 0, 0)
    assert [entry["entry"] for entry in said["entries"]] == ["degree_product", "additive", "few"]
    for entry in said["entries"]:
        assert entry["peak_memory_mb_mean"] > 100  # torch alone
        assert entry["wall_seconds_mean"] > entry["fit_seconds_mean"] >= 0
    before = contents(Path("runs"))
    again = grnpyg("bench", "suite.yaml", "--threads", 1, "--json").json
    assert (again["done"], again["reused"], again["entries"]) == (0, 3, said["entries"])
    assert contents(Path("runs")) == before


def test_scores_and_costs_of_every_entry(quick: Path) -> None:
    said = grnpyg("bench", quick, "--json").json
    assert (said["suite"], said["trials"], said["done"], said["failed"]) == ("suite", 10, 10, 0)
    entries = {entry["entry"]: entry for entry in said["entries"]}
    assert entries.keys() == {"dual", "degree_product", "additive", "svd", "few"}
    for entry in entries.values():
        assert (entry["part"], entry["n"]) == ("test", 2)
        for figure in ("uniform", "per_tf_auroc", "ap_ratio", *COSTS):
            assert entry[f"{figure}_mean"] is not None
            assert entry[f"{figure}_sd"] is not None
    assert entries["few"]["row"] == "bpr"
    assert (entries["few"]["parameters_mean"], entries["few"]["macs_per_pair_mean"]) == (95 * 4, 4)
    assert (entries["svd"]["parameters_mean"], entries["svd"]["macs_per_pair_mean"]) == (95 * 4, 4)
    trials = read_suite(quick).trials
    manifest = json.loads((Path("runs") / trials[0].hash / "manifest.json").read_text())
    assert entries["dual"]["parameters_mean"] == manifest["parameters"]["total"]
    for entry in ("dual", "few", "degree_product"):
        scores = [stored_auroc(trial) for trial in trials if trial.levels["entry"] == entry]
        assert entries[entry]["uniform_mean"] == pytest.approx(sum(scores) / 2, rel=1e-12)
    shown = grnpyg("bench", quick)
    assert "0 done now, 10 before, 0 failed" in shown.err
    for word in ("degree_product", "additive", "per TF", "peak MB", "MACs", "±"):
        assert word in shown.out


def test_nothing_is_run_twice(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert grnpyg("bench", quick, "--seed", 1).code == 0
    before = contents(Path("runs"))

    def never(*arguments: object) -> None:
        raise AssertionError("run again")

    monkeypatch.setattr(LocalExecutor, "run", never)
    again = grnpyg("bench", quick, "--seed", 1, "--json").json
    assert (again["trials"], again["reused"], again["done"]) == (5, 5, 0)
    assert contents(Path("runs")) == before


def test_tables_as_files(quick: Path) -> None:
    said = grnpyg("bench", quick, "--seed", 2, "-o", "bench.csv", "--json").json
    with Path("bench.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["entry"] for line in lines] == [entry["entry"] for entry in said["entries"]]
    assert [float(line["uniform_mean"]) for line in lines] == [e["uniform_mean"] for e in said["entries"]]
    assert lines[0]["uniform_sd"] == ""  # one seed
    shown = grnpyg("bench", quick, "--seed", 2, "-o", "bench.md")
    assert shown.out == ""
    head, _, *rows = Path("bench.md").read_text().splitlines()
    assert head.startswith(
        "| entry | uniform | per TF | AP ratio | fit s | process s | peak MB | parameters |"
    )
    assert len(rows) == 5


def test_a_run_that_a_study_made_is_measured_and_stays_as_it_is(quick: Path) -> None:
    trials = [trial for trial in read_suite(quick, (1,)).trials if trial.levels["entry"] == "few"]
    assert train_trial(trials[0], Store(Path("runs")), Datasets())["kind"] == "done"
    assert Costs(Path("runs")).read(trials[0]) is None
    run = Path("runs") / trials[0].hash
    before = contents(run)
    said = grnpyg("bench", quick, "--seed", 1, "--json").json
    assert (said["reused"], said["done"]) == (1, 4)
    assert contents(run) == before
    assert all(entry["peak_memory_mb_mean"] for entry in said["entries"])
    assert {path.name for path in (Path("runs") / ".bench").iterdir()} == {
        f"{trial.hash}.json" for trial in read_suite(quick, (1,)).trials
    }


def test_an_entry_that_fails_does_not_stop_the_others(quick: Path) -> None:
    """A model that needs expression, on labels alone."""
    config = Path("small.yaml").read_text().replace("expression: expression.h5ad", "expression: null")
    Path("labels_only.yaml").write_text(config)
    Path("suite.yaml").write_text("base: labels_only.yaml\nmodels: {mlp: {encoder: mlp}}\n")
    result = grnpyg("bench", "suite.yaml", "--json")
    assert result.code == 1
    said = json.loads(result.out)
    assert (said["done"], said["failed"]) == (2, 1)
    assert "mlp" in said["failures"][0]["error"]
    assert [entry["entry"] for entry in said["entries"]] == ["degree_product", "additive"]
    assert "failed: entry=mlp seed=42: " in result.err


def test_entries_on_different_pairs_are_no_comparison(quick: Path) -> None:
    suite, store = read_suite(quick, (1,)), Store(Path("runs"))
    for number, trial in enumerate(suite.trials[:2]):
        store.path(trial).mkdir(parents=True)
        split = {"evaluation_sha256": {"uniform": {"test": f"{number}"}}}
        manifest = {"status": "complete", "split": split}
        (store.path(trial) / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(GrnpygError, match=r"dual and degree_product were evaluated on different pairs"):
        require_same_pairs(suite, store)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", ("suite.yaml", "has no base")),
        ("base: nowhere.yaml", ("nowhere.yaml", "cannot be read")),
        ("base: 3", ("base",)),
        ("base: {data: {lables: x}}", ("lables", "labels")),
        ("base: {}\nmodel: {}", ("'model'", "did you mean 'models'")),
        ("base: {}\nbaselines: {gea: {}}", ("entry=gea", "did you mean 'gae'", "lightgcn")),
        ("base: {}\nbaselines: {gae: {epoch: 3}}", ("option 'epoch'", "did you mean 'epochs'")),
        ("base: {}\nbaselines: {gae: {epochs: -3}}", ("epochs", "greater")),
        ("base: {}\nbaselines: {gae: 3}", ("baselines: gae", "dictionary")),
        ("base: {}\nbaselines: {x: {name: 3}}", ("not a word",)),
        ("base: {}\nbaselines: [gae, gae]", ("twice", "label")),
        ("base: {}\nbaselines: [3]", ("names",)),
        ("base: {}\nbaselines: [gae]\nmodels: {gae: {}}", ("'gae'", "rename")),
        ("base: {}\nmodels: {x: {encoder: foo}}", ("entry=x", "encoder", "lookup")),
        ("base: {}\nmodels: {x: {split: cold_start}}", ("x", "changes split")),
        ("base: {}\nmodels: {x: no.yaml}", ("no.yaml", "cannot be read")),
        ("base: {}\nmodels: {x: [3]}", ("models: x",)),
        ("base: {}\nseeds: []", ("seeds", "at least 1")),
        ("base: {}\nseeds: [a]", ("seeds", "integer")),
        ("base: {}\nseeds: [1, 1]", ("seeds", "twice")),
    ],
)
def test_a_bad_suite_is_refused(work: Path, content: str, says: tuple[str, ...]) -> None:
    Path("suite.yaml").write_text(f"{content}\n")
    refused("bench", "suite.yaml", says=says)


def test_a_bad_option_is_refused(suite: Path) -> None:
    refused("bench", "missing.yaml", says=("missing.yaml",))
    refused("bench", suite, "-o", "table.txt", says=("table.txt", ".md or .csv"))
    refused("bench", suite, "--seed", -1, says=("seed",))
    refused("bench", suite, "--device", "tpu", says=("tpu", "cuda"))
