"""Trials: equally many for every model, ordinary runs, validation alone, and never twice."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from in_this_process import InThisProcess
from studies.search.conftest import Done, Values, go

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.files import sha256
from grnpyg.core.locks import locked
from grnpyg.metrics.gains import ALWAYS
from grnpyg.runs import Manifest, Run, tables
from grnpyg.studies.search import ModelResult, read_tuning, tune
from grnpyg.training.callbacks import Checkpoint

Write = Callable[..., Path]


def outcome(results: list[ModelResult]) -> list[tuple[Any, ...]]:
    return [
        (trial.model, trial.number, dict(trial.params), trial.trial.hash, trial.value)
        for result in results
        for trial in result.trials
    ]


def kinds(done: Done) -> list[str]:
    return [event.kind for event in done.events]


def folders(runs: Path) -> set[str]:
    return {path.name for path in runs.iterdir() if not path.name.startswith(".")}


def test_equal_budgets(done: Done) -> None:
    """As many trials and epochs for every model, in turn, each trial an ordinary run in the store."""
    assert [result.model for result in done.results] == ["dual", "cross"]
    assert {len(result.trials) for result in done.results} == {2}
    trials = [trial for result in done.results for trial in result.trials]
    assert {trial.trial.config.training.max_epochs for trial in trials} == {3}
    ended = [event.trial.levels["model"] for event in done.events if event.kind == "done"]
    assert ended == ["dual", "cross"] * 2
    assert folders(done.runs) == {trial.trial.hash for trial in trials}
    for trial in trials:
        run = Run.load(done.runs / trial.trial.hash)
        assert run.config == trial.trial.config
        assert run.manifest.status == "complete"
        assert run.config.training.lr == trial.params["training.lr"]
        assert run.config.encoder["embedding_dim"] == trial.params["encoder.embedding_dim"]
        assert trial.params["encoder.embedding_dim"] in (4, 8, 12)
    assert {tuple(trial.params) for trial in done.results[1].trials} == {
        ("training.lr", "encoder.embedding_dim")
    }


def test_a_trial_is_judged_by_the_validation_of_its_kept_epoch(done: Done) -> None:
    for result in done.results:
        for trial in result.trials:
            run = Run.load(done.runs / trial.trial.hash)
            epochs = run.epochs
            best = epochs.loc[epochs["val_auroc@degree_matched"].idxmax()]  # what the run keeps
            assert trial.value == (2 * best["val_auroc@degree_matched"] + best["val_ap@uniform"]) / 3
        values = [trial.value for trial in result.trials]
        assert result.ranked[0].value == max(v for v in values if v is not None)
        assert len({*values}) > 1  # or the choice would be none


@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_last_epoch_counts_where_it_is_kept(
    keep: str, write: Write, tmp_path: Path, values: Values
) -> None:
    base = values["base"] | {"training": values["base"]["training"] | {"keep": keep, "lr": 0.05}}
    path = write(base=base, trials=1, models={"dual": {}}, objective="accuracy")
    (result,) = go(path, tmp_path / "runs").results
    (trial,) = result.trials
    epochs = pd.read_parquet(tmp_path / "runs" / trial.trial.hash / "epochs.parquet")
    row = len(epochs) - 1 if keep == "last" else epochs["val_auroc@degree_matched"].idxmax()
    assert trial.value == epochs["val_accuracy@uniform"][row]


def test_rows_beside_the_trials_are_those_of_validation(done: Done, write: Write) -> None:
    objective = read_tuning(write()).objective
    run = done.runs / done.results[0].ranked[0].trial.hash
    table = pd.read_parquet(run / "metrics.parquet").set_index(["part", "regime", "row", "metric"])["value"]
    found = objective.baselines(Run.load(run))
    assert tuple(found) == ALWAYS
    for row, value in found.items():
        parts = [("degree_matched", "auroc"), ("uniform", "ap")]
        auroc, ap = (table[("validation", regime, row, metric)] for regime, metric in parts)
        assert value == pytest.approx((2 * auroc + ap) / 3)


def test_the_test_part_has_no_say(
    done: Done, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs whose test metrics and test logits are turned upside down lead to the same trials and choice."""
    runs = tmp_path / "runs"
    shutil.copytree(done.runs, runs, ignore=shutil.ignore_patterns(".tuning"))
    rng = np.random.default_rng(0)
    for name in folders(runs):
        for file in ("metrics", "predictions"):
            path = runs / name / f"{file}.parquet"
            table = pd.read_parquet(path)
            test = table["part"] == "test"
            assert test.any()
            column = "value" if file == "metrics" else "logit"
            table.loc[test, column] = rng.random(test.sum())
            table.to_parquet(path, index=False)
        manifest = Manifest.load(runs / name)
        changed = {file: sha256(runs / name / file) for file in ("metrics.parquet", "predictions.parquet")}
        manifest.model_copy(update={"files": manifest.files | changed}).write(runs / name)
    read = list[str]()
    original = tables.read

    def spy(path: Path) -> pd.DataFrame:
        read.append(path.name)
        return original(path)

    monkeypatch.setattr(tables, "read", spy)
    again = go(write(), runs)
    assert outcome(again.results) == outcome(done.results)
    assert read == ["epochs.parquet"] * 4
    assert folders(runs) == folders(done.runs)  # and nothing was trained again


def test_a_finished_tuning_is_not_run_again(done: Done, write: Write, tmp_path: Path) -> None:
    """Not even where its runs are gone: what was measured is in the journal."""
    shutil.copytree(done.runs / ".tuning", tmp_path / "runs" / ".tuning")
    again = go(write(), tmp_path / "runs")
    assert kinds(again) == ["reused"] * 4
    assert outcome(again.results) == outcome(done.results)


def test_more_trials_come_after_those_that_are_done(done: Done, write: Write, tmp_path: Path) -> None:
    """Fewer trials than are there: the first ones count, for every model alike."""
    shutil.copytree(done.runs, tmp_path / "runs")
    more = go(write(trials=3), tmp_path / "runs")
    assert kinds(more) == ["reused"] * 4 + ["started", "done"] * 2
    for before, after in zip(done.results, more.results, strict=True):
        assert outcome([after])[:2] == outcome([before])
    fewer = go(write(trials=1), tmp_path / "runs")
    assert [len(result.trials) for result in fewer.results] == [1, 1]
    assert [outcome([r]) for r in fewer.results] == [outcome([r])[:1] for r in done.results]


def test_another_seed_has_trials_of_its_own(done: Done, write: Write, tmp_path: Path) -> None:
    shutil.copytree(done.runs, tmp_path / "runs")
    other = go(write(trials=1), tmp_path / "runs", seed=7)
    assert kinds(other) == ["started", "done"] * 2
    (trial,) = other.results[0].trials
    assert trial.trial.config.seed == 7
    assert trial.params != done.results[0].trials[0].params
    assert kinds(go(write(), tmp_path / "runs")) == ["reused"] * 4


MOMENTS = ("before training", "in the second trial", "before the value is written", "inside a line")


def kill_at(moment: str, runs: Path) -> Callable[[pytest.MonkeyPatch], None]:
    """Arrange for this process to kill itself at a moment."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def arrange(patch: pytest.MonkeyPatch) -> None:
        from optuna import Study

        if moment == "before training":
            patch.setattr(InThisProcess, "run", lambda *args: die())
        elif moment == "in the second trial":
            save = Checkpoint._save

            def save_and_die(self: Checkpoint, trainer: Any) -> None:
                save(self, trainer)
                if trainer.current_epoch == 0 and folders(runs):
                    die()

            patch.setattr(Checkpoint, "_save", save_and_die)
        else:

            def tell(self: Study, *args: Any, **options: Any) -> None:
                if moment == "inside a line":
                    with (runs / ".tuning" / "tiny" / "journal.jsonl").open("a") as file:
                        file.write('{"op_code": 6, "trial_')
                    lock = runs / ".tuning" / "tiny" / "journal.jsonl.lock"
                    lock.symlink_to("journal.jsonl")
                die()

            patch.setattr(Study, "tell", tell)

    return arrange


@pytest.mark.slow
def test_killed_again_and_again(
    done: Done, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL at every kind of moment: the same trials, values and weights as without."""
    path, runs = write(), tmp_path / "runs"
    begun = []
    for moment in MOMENTS:
        pid = os.fork()
        if not pid:
            try:
                kill_at(moment, runs)(monkeypatch)
                go(path, runs)
            finally:
                os._exit(9)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), moment
        assert os.WTERMSIG(status) == signal.SIGKILL
        begun.append(len(folders(runs)) if runs.exists() else 0)
    assert begun == [0, 1, 2, 2]
    after = go(path, runs)
    assert (
        kinds(after).count("reused") == 2
    )  # the value of the second one was never written, its run is there
    assert outcome(after.results) == outcome(done.results)
    assert folders(runs) == folders(done.runs)
    assert not list((runs / ".partial").glob("*"))
    for name in folders(runs):
        for file in ("model.safetensors", "metrics.parquet"):
            assert sha256(runs / name / file) == sha256(done.runs / name / file)


def test_interrupted(done: Done, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal to a worker leaves an interrupted run, which is continued and not taken for a trial."""
    path, runs = write(models={"dual": {}}, trials=1), tmp_path / "runs"
    save = Checkpoint._save

    def save_and_interrupt(self: Checkpoint, trainer: Any) -> None:
        save(self, trainer)
        os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "_save", save_and_interrupt)
        with pytest.raises(GrnpygError, match="model=dual trial=1 failed: a signal interrupted it"):
            go(path, runs)
    (name,) = folders(runs)
    assert Run.load(runs / name).manifest.status == "interrupted"
    assert outcome(go(path, runs).results) == outcome(done.results)[:1]
    shutil.rmtree(runs / ".tuning")
    Manifest.load(runs / name).model_copy(update={"status": "interrupted"}).write(runs / name)
    with pytest.raises(GrnpygError, match=r"its checkpoint is gone\. Remove"):
        go(path, runs)


def test_a_trial_that_diverges_counts_and_loses(write: Write, tmp_path: Path) -> None:
    space = {"training.lr": {"choices": [0.01, 1.0e30]}}
    path = write(space=space, models={"dual": {}}, trials=5)
    done = go(path, tmp_path / "runs")
    (result,) = done.results
    assert len(result.trials) == 5
    lost = [trial for trial in result.trials if trial.value is None]
    assert {trial.params["training.lr"] for trial in lost} == {1e30}
    assert {trial.params["training.lr"] for trial in result.ranked} == {0.01}
    (error,) = {event.error for event in done.events if event.kind == "failed"}
    assert "diverged" in error
    assert outcome(go(path, tmp_path / "runs").results) == outcome(done.results)
    path = write(name="all", space={"training.lr": {"choices": [1.0e29, 1.0e30]}}, trials=1)
    with pytest.raises(GrnpygError, match="every trial of the model dual diverged"):
        go(path, tmp_path / "runs")


def test_one_process_at_a_time(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / ".tuning" / "tiny"
    with locked(folder), pytest.raises(InputError, match="another process is at work on this tuning"):
        go(write(), tmp_path / "runs")


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("space", {"space": {"training.lr": {"low": 0.001, "high": 0.2, "log": True}}}),
        ("objective", {"objective": "ap"}),
        ("config", {"models": {"dual": {"head": {"hidden_channels": 9}}}}),
    ],
)
def test_a_journal_of_another_tuning(
    what: str, keys: Values, done: Done, write: Write, tmp_path: Path
) -> None:
    shutil.copytree(done.runs / ".tuning", tmp_path / "runs" / ".tuning")
    journal = tmp_path / "runs" / ".tuning" / "tiny" / "journal.jsonl"
    before = journal.read_bytes()
    with pytest.raises(InputError, match=rf"the {what} of the model dual changed .* another name"):
        go(write(**keys), tmp_path / "runs")
    assert journal.read_bytes() == before


def test_data_that_changed(labels: Path, values: Values, write: Write, tmp_path: Path) -> None:
    copy = tmp_path / "labels.tsv"
    shutil.copy(labels, copy)
    base = values["base"] | {"data": {"expression": None, "labels": str(copy)}}
    path = write(base=base, trials=1, models={"dual": {}})
    go(path, tmp_path / "runs")
    copy.write_text(copy.read_text().rsplit("\n", 2)[0] + "\n")
    with pytest.raises(InputError, match="the data of the model dual changed"):
        go(path, tmp_path / "runs")


def test_a_journal_that_cannot_be_read(write: Write, tmp_path: Path) -> None:
    journal = tmp_path / "runs" / ".tuning" / "tiny" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text("nonsense\n{}\n")
    with pytest.raises(InputError, match=r"the journal cannot be read\. Remove it"):
        tune(read_tuning(write()), tmp_path / "runs", InThisProcess())
