"""A real SLURM on the loopback address: killed shares of a network are redone alone, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from cli.command import grnpyg
from slurm.cluster import Cluster, wait_for
from slurm.conftest import REAL

from grnpyg.studies.jobs import Jobs, LiveTask

pytestmark = REAL
SHARED = ("--shards", "net", "--executor", "slurm")
BLOCKED = ("--executor-option", "setup=until [ -e go ]; do sleep 0.1; done")


def test_killed_shares_are_redone_alone(slurm: Cluster, base: dict[str, Any]) -> None:
    """One is killed at work and one while it waits; the same command attaches to the other two and merges."""
    Path("small.yaml").write_text(yaml.safe_dump(base))
    predict = ("predict", grnpyg("train", "--config", "small.yaml", "--json").json["run"])
    best = (*predict, "--per-tf", 3)
    assert grnpyg(*best, "-o", "one.parquet").code == 0
    said = grnpyg(*predict, *SHARED, "--tasks", 4, *BLOCKED, "--detach", "--json").json
    jobs = Jobs(Path("net"))

    def live(state: str) -> list[LiveTask]:
        return [task for task in jobs.live() if task.state == state and not task.ending]

    wait_for(lambda: len(live("running")) == 2, "no two tasks run")
    at_work, waiting = live("running")[0], live("queued")[0]
    assert slurm.ask("scancel", "--full", "--signal=KILL", at_work.id) == ""
    assert slurm.ask("scancel", waiting.id) == ""
    killed = {at_work.id, waiting.id}
    wait_for(lambda: not killed & {task.id for task in live("running") + live("queued")}, "nothing is killed")
    again = grnpyg(*predict, *SHARED, *BLOCKED, "--detach", "--json").json
    assert (again["tasks"], again["jobs"][0], len(again["jobs"])) == (4, said["jobs"][0], 2)
    Path("go").touch()
    merged = grnpyg(*best, *SHARED, "-o", "merged.parquet")
    assert merged.code == 0, merged.err
    assert Path("merged.parquet").read_bytes() == Path("one.parquet").read_bytes()
    first, second = jobs.folders
    assert [line["share"] for line in second.work] == sorted(task.index + 1 for task in (at_work, waiting))
    events = [e for job in (first, second) for task in range(len(job.work)) for e in job.events(task)]
    assert [(event["made"], event["kept"]) for event in events] == [(1, 0)] * 4, "made twice, or never"
