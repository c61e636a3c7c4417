"""`grnpyg study`: what a shell sees of run, status, table and export."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from cli.command import contents, grnpyg, refused

from grnpyg.studies import Store, read_study
from grnpyg.studies.jobs import job_folders

STUDY = """\
base: small.yaml
axes:
  head:
    dual: {}
    cross: {head: {name: cross, hidden_channels: 16}}
  seed: [1, 2]
compare: {axis: head, level: cross, to: dual}
"""
SCRIPT = Path(__file__).resolve().parents[1] / "studies" / "scripted_worker.py"


@pytest.fixture
def study(work: Path) -> Path:
    """study.yaml in the current folder: four trials on the small config."""
    Path("study.yaml").write_text(STUDY)
    return Path("study.yaml")


@pytest.fixture
def done(study: Path) -> Path:
    """The same with the four runs in runs, and rows.csv; the training is done in this process."""
    from grnpyg.studies.datasets import Datasets
    from grnpyg.studies.worker import train_trial

    store, datasets = Store(Path("runs")), Datasets()
    for trial in read_study(study).trials:
        assert train_trial(trial, store, datasets)["kind"] == "done"
    return study


@pytest.mark.slow
def test_run_then_read(study: Path) -> None:
    """Real workers: trained once, handed back afterwards, one trial that fails does not stop the others."""
    Path("other.yaml").write_text(
        "base: small.yaml\naxes: {labels: {good: {}, bad: {data: {labels: nowhere.tsv}}}, seed: [1]}\n"
    )
    first = grnpyg("study", "run", "study.yaml", "other.yaml", "--jobs", 2, "--threads", 1, "--json")
    assert first.code == 1
    said = json.loads(first.out)
    assert (said["studies"], said["runs"], said["trials"]) == (["study", "other"], "runs", 6)
    assert (said["reused"], said["done"], said["failed"]) == (0, 4, 1)  # other's good trial is study's first
    (failure,) = said["failures"]
    assert (failure["study"], failure["trial"]) == ("other", "labels=bad seed=1")
    assert "nowhere.tsv" in failure["error"]
    assert first.err.count("done: study: head=") == 4
    assert "validation AP 0." in first.err
    assert "failed: other: labels=bad seed=1: " in first.err
    before = contents(Path("runs"))
    again = grnpyg("study", "run", "study.yaml", "--json").json
    assert (again["reused"], again["done"], again["failed"]) == (4, 0, 0)
    assert contents(Path("runs")) == before
    status = grnpyg("study", "status", "other.yaml")
    assert "1 done, 0 running, 1 failed" in status.out
    assert "failed: labels=bad seed=1: " in status.out
    rows = grnpyg("study", "table", "study.yaml", "--json").json["rows"]
    assert {row["n"] for row in rows} == {2}
    manifest = json.loads((Path("runs") / read_study(study).trials[0].hash / "manifest.json").read_text())
    assert manifest["machine"]["threads"] == 1


@pytest.mark.slow
def test_run_with_seeds_together(study: Path) -> None:
    """Those of the cross-encoder; those of the dual encoder, which has dropout, one by one, which is said."""
    dual = "{split_seed: 1, head: {name: dual, hidden_channels: 16, out_channels: 8, dropout: 0.1}}"
    text = STUDY.replace("dual: {}", f"dual: {dual}").replace("cross: {head", "cross: {split_seed: 1, head")
    study.write_text(text)
    said = grnpyg("study", "run", study, "--batch-seeds", 2, "--threads", 1, "--device", "cpu", "--json")
    assert said.json["done"] == 4, said.err
    assert "2 of 4 trials are trained one by one: dropout draws inside the model (2)" in said.err
    [job] = job_folders(Path("runs"))
    assert [trial["levels"]["head"] for trial in job.work[0]["trials"]] == ["cross", "cross"]
    assert job.events(0) == [{"kind": "done", "warnings": []}]


def test_one_seed_is_no_batch(study: Path) -> None:
    refused("study", "run", study, "--batch-seeds", 1, says=("batch-seeds", "2"))


def test_status(done: Path) -> None:
    said = grnpyg("study", "status", done, "--json").json
    counts = {"done": 4, "running": 0, "failed": 0, "interrupted": 0, "queued": 0, "pending": 0}
    assert (
        said.items() >= {"study": "study", "runs": "runs", "trials": 4, "seconds_left": 0, **counts}.items()
    )
    assert (said["failures"], "states" in said) == ([], False)
    trials = grnpyg("study", "status", done, "--trials", "--json").json["states"]
    assert [trial["trial"] for trial in trials][:2] == ["head=dual seed=1", "head=dual seed=2"]
    assert {trial["state"] for trial in trials} == {"done"}
    assert all((Path("runs") / trial["config_hash"]).is_dir() for trial in trials)
    shown = grnpyg("study", "status", done, "--trials").out
    assert (
        "study: 4 trials: 4 done, 0 running, 0 failed, 0 interrupted, 0 queued, 0 pending; 0 s left" in shown
    )
    assert "head=cross seed=2" in shown
    none = grnpyg("study", "status", done, "--runs", "elsewhere")
    assert "4 pending; unknown time left" in none.out
    assert not Path("elsewhere").exists()


def test_the_status_of_matched_trials_without_a_plan(study: Path) -> None:
    """They count as pending, which is said on stderr; the data are not loaded to find out."""
    study.write_text(f"{STUDY}match: {{axis: head, to: dual}}\n")
    Path("labels.tsv").unlink()
    result = grnpyg("study", "status", study, "--trials", "--json")
    assert (result.json["pending"], result.err.count("\n")) == (4, 1)
    assert result.err.startswith("2 trials count as pending: their widths have not been matched")
    assert [trial["config_hash"] is None for trial in result.json["states"]] == [False, False, True, True]


def test_table(done: Path) -> None:
    said = grnpyg("study", "table", done, "--json").json
    assert {"rows", "differences", "missing"} <= said.keys()
    assert (said["runs"], said["done"], said["missing"]) == (4, 4, [])
    assert {"model", "degree_product", "additive"} <= {row["row"] for row in said["rows"]}
    first = said["rows"][0]
    assert first.keys() >= {
        "head",
        "regime",
        "row",
        "n",
        "of",
        "leaks",
        "parameters_min",
        "auroc_mean",
        "ap_sd",
    }
    scores = [
        pd.read_parquet(Path("runs") / trial.hash / "metrics.parquet")
        .query("part == 'test' and row == 'model' and metric == 'auroc'")["value"]
        .item()
        for trial in read_study(done).trials[:2]
    ]
    assert first["auroc_mean"] == pytest.approx(sum(scores) / 2, rel=1e-12)
    (difference,) = said["differences"]
    assert difference["head"] == "cross - dual"
    assert difference["auroc_low"] < difference["auroc_mean"] < difference["auroc_high"]
    shown = grnpyg("study", "table", done)
    assert shown.out.startswith(
        "| head | row | parameters | over degree | over additive | AUROC | AP | n |\n"
    )
    assert shown.err == ""
    lines = list(csv.DictReader(io.StringIO(grnpyg("study", "table", done, "--format", "csv").out)))
    assert float(lines[0]["auroc_mean"]) == first["auroc_mean"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_export_and_a_table_from_it(done: Path, suffix: str) -> None:
    """The rows are all that a table needs: neither runs nor data."""
    file = f"rows.{suffix}"
    said = grnpyg("study", "export", done, "-o", file, "--json").json
    rows = pd.read_csv(file) if suffix == "csv" else pd.read_parquet(file)
    assert (said["rows"], said["runs"], said["output"]) == (len(rows), 4, file)
    for style in ("md", "csv", "latex"):
        from_runs = grnpyg("study", "table", done, "--format", style).out
        Path("runs").rename("hidden")
        Path("labels.tsv").rename("hidden.tsv")
        assert grnpyg("study", "table", done, "--from", file, "--format", style).out == from_runs
        Path("hidden").rename("runs")
        Path("hidden.tsv").rename("labels.tsv")
    assert grnpyg("study", "export", done, "--subset", "validation", "-o", file).code == 0
    assert grnpyg("study", "table", done, "--from", file, "--subset", "validation").code == 0
    assert grnpyg("study", "table", done, "--from", file).out == grnpyg("study", "table", done).out


def test_rows_that_the_study_has_no_trial_for_are_counted_and_kept(done: Path) -> None:
    assert grnpyg("study", "export", done, "-o", "rows.csv").code == 0
    rows = pd.read_csv("rows.csv", dtype=str, keep_default_na=False)
    gone = rows.assign(config_hash="0123456789ab")
    pd.concat([rows, gone]).to_csv("rows.csv", index=False)
    for command in (("table", done, "--from", "rows.csv"), ("export", done, "-o", "rows.csv")):
        result = grnpyg("study", *command, "--json")
        assert result.json["rows"]
        (line,) = result.err.splitlines()
        assert f"rows.csv: {len(gone)} stored rows of 4 trials that the study does not have" in line
        assert "0123456789ab" in line
        assert len(pd.read_csv("rows.csv")) == 2 * len(rows)


@pytest.fixture
def of_then(work: Path) -> None:
    """The small config with the training negatives of 0.1.0; blind ones have no hash of then."""
    with Path("small.yaml").open("a") as file:
        file.write("negatives: {scheme: sparing}\n")


def test_runs_and_rows_of_0_1_0_are_used(of_then: None, done: Path) -> None:
    """They lie under the hash that 0.1.0 gave their configs."""
    trials = read_study(done).trials
    assert grnpyg("study", "export", done, "-o", "rows.csv").code == 0
    names = {trial.hash: trial.hashes[1] for trial in trials}
    rows = pd.read_csv("rows.csv", dtype=str, keep_default_na=False)
    rows.assign(config_hash=rows["config_hash"].map(names)).to_csv("rows.csv", index=False)
    table = grnpyg("study", "table", done).out
    assert grnpyg("study", "table", done, "--from", "rows.csv").out == table
    said = grnpyg("study", "run", done, "--runs", "elsewhere", "--stored", "rows.csv", "--json").json
    assert (said["reused"], said["done"]) == (4, 0)
    for now, before in names.items():
        (Path("runs") / now).rename(Path("runs") / before)
    said = grnpyg("study", "run", done, "--json").json
    assert (said["reused"], said["done"]) == (4, 0)
    assert grnpyg("study", "table", done).out == table


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_trials_whose_rows_are_stored_are_not_run_again(done: Path, suffix: str) -> None:
    """Rows from another machine count: nothing is left to train, so no worker is started."""
    file = f"rows.{suffix}"
    assert grnpyg("study", "export", done, "-o", file).code == 0
    said = grnpyg("study", "run", done, "--runs", "elsewhere", "--stored", file, "--json").json
    assert (said["reused"], said["done"], said["failed"]) == (4, 0, 0)
    assert [path.name for path in Path("elsewhere").iterdir()] == [".studies"]


def test_runs_of_data_that_changed_are_not_handed_back(done: Path) -> None:
    """As `grnpyg train` does it; data that are not there any more are not missed."""
    labels = Path("labels.tsv").read_text()
    Path("labels.tsv").write_text(f"{labels}\n")
    refused("study", "run", done, says=("labels", "changed since the run", "remove the run"))
    Path("labels.tsv").unlink()
    assert grnpyg("study", "run", done, "--json").json["reused"] == 4


@pytest.mark.parametrize("name", ["table.md", "table.csv", "table.tex"])
def test_a_table_in_a_file(done: Path, name: str) -> None:
    result = grnpyg("study", "table", done, "-o", name)
    style = {"table.md": "md", "table.csv": "csv", "table.tex": "latex"}[name]
    assert (result.code, result.out) == (0, "")
    assert Path(name).read_text() == grnpyg("study", "table", done, "--format", style).out


def test_a_study_that_is_half_done_says_so(done: Path) -> None:
    trial = read_study(done).trials[-1]
    (Path("runs") / trial.hash).rename(Path("runs") / "away")
    said = grnpyg("study", "table", done, "--json").json
    assert said["missing"] == [{"head": "cross", "seed": "2"}]
    assert "from 3 of 4 runs" in grnpyg("study", "table", done).out
    assert "1 pending" in grnpyg("study", "status", done).out


BAD: list[tuple[str, tuple[str, ...]]] = [
    ("axis: {}\n", ("study.yaml", "'axis'", "axes")),
    ("axes: {seed: [1, 1]}\n", ("axes.seed", "twice")),
    ("axes: {head: {x: {head: crss}}}\n", ("trial head=x", "did you mean 'cross'")),
    ("axes: {head: {x: nowhere.yaml}}\n", ("nowhere.yaml",)),
    ("axes: {seed: [1]}\nover: sede\n", ("did you mean 'seed'",)),
    ("axes: {seed: [1]}\nexclude: [{seed: 2}]\n", ("unknown level",)),
    ("axes: {seed: [1]}\nname: a b\n", ("a b",)),
    ("axes: [\n", ("not YAML",)),
]


@pytest.mark.parametrize(("text", "says"), BAD, ids=[text for text, _ in BAD])
@pytest.mark.parametrize("command", ["run", "status", "table"])
def test_a_bad_study_is_refused(work: Path, text: str, says: tuple[str, ...], command: str) -> None:
    Path("study.yaml").write_text(text)
    refused("study", command, "study.yaml", says=says)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "nowhere.yaml"), ("nowhere.yaml",)),
        (("run", "study.yaml", "--jobs", "0"), ("--jobs", "--help")),
        (("run", "study.yaml", "--threads", "0"), ("--threads", "--help")),
        (("run", "study.yaml", "--device", "tpu"), ("tpu", "cuda")),
        (("run", "study.yaml", "--executor", "slrm"), ("unknown executor 'slrm'", "local", "slurm")),
        (("run", "study.yaml", "--runs", "labels.tsv"), ("labels.tsv", "--runs")),
        (("run",), ("--help",)),
        (("run", "study.yaml", "--stored", "nowhere.csv"), ("nowhere.csv",)),
        (("run", "study.yaml", "--stored", "labels.tsv"), ("labels.tsv", "rows")),
        (("table", "study.yaml"), ("no trial is done", "grnpyg study run")),
        (("table", "study.yaml", "--from", "nowhere.csv"), ("nowhere.csv",)),
        (("table", "study.yaml", "--from", "labels.tsv"), ("labels.tsv", "study export")),
        (("table", "study.yaml", "--format", "html"), ("html", "latex")),
        (("table", "study.yaml", "-o", "table.html"), (".html", ".md")),
        (("table", "study.yaml", "-o", "nowhere/table.md"), ("nowhere",)),
        (("table", "study.yaml", "--subset", "train"), ("train", "validation")),
        (("export", "study.yaml"), ("-o", "--help")),
        (("export", "study.yaml", "-o", "rows.json"), (".json", ".parquet")),
        (("export", "study.yaml", "-o", "rows.csv", "--subset", "train"), ("train", "validation")),
        (("statuss", "study.yaml"), ("--help",)),
    ],
)
def test_bad_options_are_refused(study: Path, arguments: tuple[str, ...], says: tuple[str, ...]) -> None:
    refused("study", *arguments, says=says)


def test_ctrl_c_keeps_what_there_is(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grnpyg.studies.executors.local._Session.run", interrupt)
    result = grnpyg("study", "run", study)
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("interrupted: finished trials and checkpoints are kept")


def test_lines_for_people(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain lines where stderr is no terminal, and the next command."""
    from grnpyg.studies.executors import process

    text = STUDY.replace("head:\n    dual: {}\n    cross:", "deed:\n    fine: {}\n    killed:")
    Path("study.yaml").write_text(
        text.replace("axis: head, level: cross, to: dual", "axis: deed, level: killed, to: fine")
    )
    monkeypatch.setattr(process, "COMMAND", (sys.executable, str(SCRIPT)))
    result = grnpyg("study", "run", study)
    assert result.code == 1
    assert result.out == ""
    assert "done: study: deed=fine seed=1: " in result.err
    assert result.err.count("failed: study: deed=killed seed=2: the worker was killed by SIGKILL") == 2
    assert "2 done now, 0 before, 2 failed" in result.err
    assert "next: grnpyg study table study.yaml --runs runs" in result.err
    assert "\x1b" not in result.err


def test_the_bar_in_a_terminal(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grnpyg.studies.executors import Event
    from grnpyg_cli.study_progress import StudyProgress

    loaded = read_study(study)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with StudyProgress(loaded.trials, 2, bar=True) as progress:
        progress.note(Event("reused", loaded.trials[0], 60.0))
        progress.note(Event("started", loaded.trials[1]))
        progress.note(Event("elsewhere", loaded.trials[2]))
        progress.note(Event("failed", loaded.trials[3], error="no"))
    shown = capsys.readouterr().err
    assert "2/4" in shown
    assert "1 running, 1 failed, 1 min 00 s left" in shown
    assert "running elsewhere: study: head=cross seed=1" in shown


@pytest.mark.parametrize("name", ["run", "status", "table", "export"])
def test_help_shows_an_example_and_json(name: str) -> None:
    result = grnpyg("study", name, "--help")
    assert result.code == 0
    assert f"Example: grnpyg study {name}" in " ".join(result.out.split())
    assert "--json" in result.out
