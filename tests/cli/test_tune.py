"""`grnpyg tune`: what a shell sees of it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from cli.command import contents, grnpyg, refused
from in_this_process import InThisProcess

from grnpyg.resolve import config_hash, make_config
from grnpyg.studies.executors import LocalExecutor

TUNING = """\
base: small.yaml
space:
  training.lr: {low: 1e-3, high: 1e-1, log: true}
  encoder.embedding_dim: {choices: [4, 8]}
models:
  dual: {}
  cross: {head: {name: cross, hidden_channels: 8}}
trials: 2
objective: auroc@uniform
"""


@pytest.fixture
def tuning(work: Path) -> Path:
    Path("tuning.yaml").write_text(TUNING)
    return Path("tuning.yaml")


@pytest.mark.slow
def test_tune_then_train(tuning: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted, gone on with, read again; the best files are whole configs of runs that are there."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("grnpyg.studies.executors.local._Session.run", interrupt)
        stopped = grnpyg("tune", tuning)
    assert (stopped.code, stopped.out) == (1, "")
    assert stopped.err.splitlines()[-1].startswith("interrupted: finished trials and checkpoints are kept")
    assert not list(work.glob("best-*"))
    monkeypatch.setattr(LocalExecutor, "run", InThisProcess().run)
    Path("found").mkdir()
    first = grnpyg("tune", tuning, "--json", "-o", "found")
    said = first.json
    lines = [line for line in first.err.splitlines() if ": trial " in line]
    assert [line.partition(" (best")[0].rpartition(":")[0] for line in lines] == [
        f"{model}: trial {number} of 2" for number in (1, 2) for model in ("dual", "cross")
    ]
    assert (said["objective"], said["trials"], said["seed"]) == ({"auroc@uniform": 1}, 2, 42)
    for entry in said["models"]:
        assert len(entry["trials"]) == 2
        best = max(entry["trials"], key=lambda trial: trial["value"])
        assert {key: entry["best"][key] for key in best} == best
        assert {"degree_product", "additive"} <= set(entry["baselines"])
        path = Path(entry["best"]["config"])
        assert path == Path("found") / f"best-{entry['model']}.yaml"
        config = make_config(yaml.safe_load(path.read_text()))
        assert config_hash(config) == best["config_hash"]
        assert config.model_dump(mode="json") == yaml.safe_load(path.read_text())  # whole
        trained = grnpyg("train", "--config", path, "--json").json
        assert (trained["reused"], trained["run"]) == (True, entry["best"]["run"])
    before = {path: state for path, state in contents(work).items() if not path.startswith("found")}
    table = grnpyg("tune", tuning, "--top", 1, "-o", "found")
    assert table.code == 0
    assert before == {path: state for path, state in contents(work).items() if not path.startswith("found")}
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.out.splitlines()]
    rows = [row for row in cells if row and row[0].isdigit()]
    shown = [f"{entry['best']['value']:.4f}" for entry in said["models"]]
    assert [row[1] for row in rows] == shown  # --top 1: one trial of each model
    assert [row[0] for row in cells if row].count("additive") == 2
    assert re.findall(r"^run: (\S+)$", table.out, re.MULTILINE) == [
        entry["best"]["run"] for entry in said["models"]
    ]


@pytest.mark.slow
def test_jobs_change_no_bit(tuning: Path) -> None:
    """Two models in parallel and trials of a batch in parallel, in worker processes; one after another."""
    tuning.write_text(f"{TUNING}batch: 2\n")
    found = []
    for jobs in (1, 3):
        options = ("--jobs", jobs, "--threads", 1, "--runs", f"runs{jobs}", "--json")
        found.append(grnpyg("tune", tuning, *options).json["models"])
    assert [entry["trials"] for entry in found[0]] == [entry["trials"] for entry in found[1]]
    assert all(len({trial["config_hash"] for trial in entry["trials"]}) == 2 for entry in found[0])


def test_bad_input(tuning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused("tune", "nowhere.yaml", says=("nowhere.yaml", "cannot be read"))
    refused("tune", tuning, "--device", "tpu", says=("device", "cuda"))
    refused("tune", tuning, "-o", "nowhere", says=("nowhere", "does not exist"))
    refused("tune", tuning, "--top", 0, says=("--top",))
    Path("bad.yaml").write_text(TUNING.replace("high: 1e-1", "high: 1e-4"))
    refused("tune", "bad.yaml", says=("space.training.lr", "low=0.001, high=0.0001"))
    Path("bad.yaml").write_text(TUNING.replace("training.lr:", "training.rl:"))
    refused("tune", "bad.yaml", says=("space.training.rl", "unknown key 'rl'", "known: batch_size"))
    Path("bad.yaml").write_text(TUNING.replace("@uniform", "@hard"))
    refused("tune", "bad.yaml", says=("objective", "unknown setting 'hard'"))
    monkeypatch.setitem(sys.modules, "optuna", None)
    refused("tune", tuning, says=("optuna is not installed", 'pip install "grnpyg[tune]"'))


def test_the_example_of_the_help_is_a_tuning(work: Path) -> None:
    """What `--help` shows as a file can be typed in."""
    from grnpyg.studies.search import read_tuning
    from grnpyg_cli.tune import tune

    (example,) = re.findall(r"^ *(\{base: .*\})$", tune.__doc__ or "", re.MULTILINE | re.DOTALL)
    Path("example.yaml").write_text(example)
    found = read_tuning(Path("example.yaml"))
    assert [candidate.name for candidate in found.candidates] == ["dual", "cross"]
    assert [candidate.config({}).head["name"] for candidate in found.candidates] == ["dual", "cross"]
    assert found.objective.names == {"auroc@degree_matched": 1}
