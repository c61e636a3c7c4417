"""A real SLURM on the loopback address: a study comes to the same bits whatever happens to its jobs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from slurm.cluster import Cluster, wait_for
from slurm.conftest import REAL
from slurm.disturbed import EPOCHS, contents, disturb, finished, sixteen, states, table, told

from grnpyg.studies import Study, run_studies, study_status
from grnpyg.studies.executors import LocalExecutor

pytestmark = REAL


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Sixteen trials, long enough to be caught at work."""
    return sixteen(tmp_path_factory.mktemp("sixteen"))


def test_sixteen_trials_whatever_happens_to_their_jobs(slurm: Cluster, study: Study, tmp_path: Path) -> None:
    """5 cancels, 3 requeues, the submitter killed, slurmd restarted: all done, none twice, the same bits."""
    runs = tmp_path / "runs"
    said = disturb(slurm, study, runs).said[-1]
    assert said["done"] + said["reused"] == 16
    assert states(study, runs) == {"done": 16}
    assert study_status(study.file or Path(), runs).counts["done"] == 16
    assert not (runs / ".failed").exists()
    once = dict.fromkeys((trial.hash for trial in study.trials), 1)
    assert finished(runs) == once, "trained twice, or never"
    assert any(event["kind"] == "stopped" for event in told(runs))
    for trial in study.trials:
        epochs = pd.read_parquet(runs / trial.hash / "epochs.parquet")["epoch"]
        assert list(epochs) == list(range(1, EPOCHS + 1))
    assert not list(runs.glob(".partial/*/*.ckpt"))
    local = tmp_path / "local"
    run_studies([study], local, LocalExecutor(jobs=2, threads=1))
    assert table(study, runs) == table(study, local)
    assert contents(study, runs) == contents(study, local)


def test_detached_then_cancelled_then_finished(slurm: Cluster, study: Study, tmp_path: Path) -> None:
    """The commands of a person: submit, look, cancel, submit again; nothing of it is a failure."""
    from cli.command import grnpyg

    file, runs = str(study.file), ("--runs", tmp_path / "runs")
    few = tmp_path / "few.yaml"
    few.write_text(
        Path(file).read_text() + "exclude: {seed: [2, 3, 4, 5, 6, 7]}\nexecutor: {name: slurm, time: 1h}\n"
    )
    said = grnpyg("study", "run", few, *runs, "--detach", "--json").json
    assert (said["queued"], said["done"]) == (4, 0)

    def states() -> dict[str, int]:
        content: dict[str, int] = grnpyg("study", "status", few, *runs, "--json").json
        return content

    wait_for(lambda: states()["running"], "nothing runs")
    trials = grnpyg("study", "status", few, *runs, "--trials", "--json").json["states"]
    (running, *_) = [trial for trial in trials if trial["state"] == "running"]
    assert running["node"] == "localhost"
    assert "to train" in grnpyg("study", "logs", running["config_hash"], *runs).out
    assert grnpyg("study", "cancel", few, *runs, "--json").json["trials"] > 0
    wait_for(lambda: states()["running"] + states()["queued"] == 0, "it is not cancelled")
    assert states()["failed"] == 0
    again = grnpyg("study", "run", few, *runs, "--json").json
    assert again["done"] + again["reused"] == 4
