"""A real SLURM on the loopback address: `srun` starts two processes that train one model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from cli.command import grnpyg
from slurm.cluster import Cluster
from slurm.conftest import REAL

from grnpyg.runs import Run

pytestmark = REAL
TRAIN = ("train", "--config", "small.yaml", "--device", "cpu", "--json")


def srun(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command under `srun` with the modules of this process."""
    paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry)
    variables = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return subprocess.run(["srun", *words], capture_output=True, text=True, env=variables)


@pytest.mark.parametrize("spread", [("--ntasks=2",), ("--nodes=1", "--ntasks-per-node=2")], ids=str)
def test_two_tasks_of_srun_train_as_one_process(
    slurm: Cluster, base: dict[str, Any], spread: tuple[str, ...]
) -> None:
    """The result is that of one process but for rounding; one of the two writes and prints."""
    base = {**base, "head": {**base["head"], "dropout": 0.0}}
    Path("small.yaml").write_text(yaml.safe_dump(base))
    alone = grnpyg(*TRAIN, "--runs", "alone").json["run"]
    done = srun(*spread, sys.executable, "-m", "grnpyg_cli.main", *TRAIN, "--runs", "shared")
    assert done.returncode == 0, done.stderr
    (run,) = Path("shared").iterdir()
    assert done.stdout.count(str(run)) == 1
    assert Run.load(run).manifest.machine.devices == 2
    one, two = (pd.read_parquet(Path(path) / "predictions.parquet")["logit"] for path in (alone, run))
    assert (one - two).abs().max() < 1e-5


def test_an_error_of_both_tasks_is_said_once(slurm: Cluster) -> None:
    done = srun("--ntasks=2", sys.executable, "-m", "grnpyg_cli.main", *TRAIN)
    lines = [line for line in done.stderr.splitlines() if "small.yaml" in line]
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 1), done.stderr
