"""A launcher's processes train one model: the run is that of one process, and they end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.core.launch import Launch, agreed_devices, launched
from grnpyg.core.sharing import Share
from grnpyg.models.predictor import build_model
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs
from grnpyg.training.batches import Batches
from grnpyg.training.prepare import prepare
from grnpyg.training.sparse_module import SparseLinkPredictionModule, sparse_tables, training_module
from grnpyg.training.train import TrainOptions, train

Experiment = Callable[..., ExperimentConfig]
GIVE_UP = 900  # seconds after which a test fails; nothing is measured
HEAD = {"name": "dual", "hidden_channels": 16, "out_channels": 8, "dropout": 0.0}
# messages without the batch's own edges, dropout off, a structure term that counts all pairs of a batch
GRAPH = {
    "encoder": {"name": "sage", "inputs": "id", "hidden_channels": 16, "out_channels": 8, "dropout": 0.0},
    "structure": {"features": ["degree", "tf_neighbours"], "dropout": 0.0},
    "disjoint_train_ratio": 0.125,
    "head": {"name": "cross", "hidden_channels": 16, "dropout": 0.0},
    "max_epochs": 4,
    "patience": 4,
}
# embedding tables with sparse gradients, and a last batch of one pair, which one process does without
LOOKUP = {
    "head": {"name": "cross", "hidden_channels": 16, "dropout": 0.0},
    "max_epochs": 4,
    "negatives": {"ratio": 2.0},
    "batch_size": 194,
}
TORCHRUN = [sys.executable, "-m", "torch.distributed.run"]
COMMAND = ["-m", "grnpyg_cli.main", "train"]


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


def launcher_of(machines: int, each: int) -> list[str]:
    """What Python runs on each of some machines, which are this one, to start `each` processes there."""
    where = ["--standalone"] if machines == 1 else meeting_place()
    return [*TORCHRUN[1:], *where, "--nnodes", str(machines), "--nproc-per-node", str(each)]


def meeting_place() -> list[str]:
    """Where several agents of torchrun find each other: on a free port of this machine."""
    endpoint = ["--rdzv-backend", "c10d", "--rdzv-endpoint", f"localhost:{free_port()}", "--rdzv-id", "x"]
    return ["--local-addr", "localhost", *endpoint]


@contextmanager
def started(*commands: Sequence[str], **each: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes; `NAME=[...]` is the variable of each. Those that still run at the end are ended."""
    common = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    processes = []
    try:
        for number, command in enumerate(commands):
            own = {name: values[number] for name, values in each.items()}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            processes.append(subprocess.Popen(command, env=common | own, **pipes))  # type: ignore[call-overload]
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()  # torchrun ends what it started
        for process in processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate()


def ends(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str, str]]:
    """Exit code, stdout and stderr of each."""
    said = [process.communicate(timeout=GIVE_UP) for process in processes]
    return [(process.returncode, *texts) for process, texts in zip(processes, said, strict=True)]


def tasks_of_srun(arguments: Sequence[str], count: int = 2) -> Iterator[list[subprocess.Popen[str]]]:
    """What `srun --ntasks-per-node=count` starts, as far as a process can tell."""
    same = {"STEP_NUM_TASKS": count, "STEP_NUM_NODES": 1, "NTASKS": count, "NTASKS_PER_NODE": count}
    same |= {"NNODES": 1, "NODEID": 0, "JOB_ID": 17, "JOB_NAME": "x", "NODELIST": "localhost"}
    variables = {f"SLURM_{name}": [str(value)] * count for name, value in same.items()}
    numbers = [str(number) for number in range(count)]
    variables |= {
        "SLURM_PROCID": numbers,
        "SLURM_LOCALID": numbers,
        "MASTER_PORT": [str(free_port())] * count,
    }
    return started(*[[sys.executable, *arguments]] * count, **variables)  # type: ignore[return-value]


def written(config: ExperimentConfig, folder: Path) -> list[str]:
    """The options that name a config."""
    path = folder / "experiment.json"  # which is YAML, too
    path.write_text(config.model_dump_json())
    return ["--config", str(path), "--device", "cpu"]


def logits(run: Path) -> torch.Tensor:
    return torch.tensor(pd.read_parquet(run / "predictions.parquet")["logit"].to_numpy())


def require_equal(run: Path, config: ExperimentConfig, alone: Path) -> None:
    """The run of two processes is that of one, but for rounding, and nothing else lies beside it."""
    reference = train(config, TrainOptions(alone, "cpu"))
    assert [path.name for path in run.parent.iterdir()] == [run.name]
    assert (logits(run) - logits(reference.path)).abs().max() < 1e-5
    loaded = Run.load(run)
    assert loaded.manifest.machine.devices == 2
    assert loaded.manifest.best_epoch == reference.manifest.best_epoch
    columns = ["epoch", "val_ap", "val_auroc"]
    assert loaded.epochs[columns].to_numpy() == pytest.approx(reference.epochs[columns].to_numpy(), abs=1e-5)


@pytest.mark.slow
def test_torchrun_on_one_machine_stopped_and_resumed(experiment: Experiment, tmp_path: Path) -> None:
    """SIGTERM, as a scheduler sends it: both stop after the same epoch, and go on to the same run."""
    config = experiment(**GRAPH, seed=3)
    config = config.model_copy(update={"training": config.training.model_copy(update={"max_epochs": 60})})
    arguments = [*written(config, tmp_path), "--runs", str(tmp_path / "runs")]
    command = [*TORCHRUN, "--standalone", "--nproc-per-node", "2", *COMMAND, *arguments]
    with started(command) as processes:
        until = time.monotonic() + GIVE_UP
        while not list((tmp_path / "runs").glob(".partial/*/last.ckpt")) and time.monotonic() < until:
            assert processes[0].poll() is None, processes[0].communicate()
            time.sleep(0.1)
        processes[0].send_signal(signal.SIGTERM)
        [(code, out, err)] = ends(processes)
    assert code != 0
    assert err.count("stopped by SIGTERM") == 1, err
    assert not list((tmp_path / "runs").glob("*/manifest.json"))
    with started([*command, "--resume", "--json"]) as processes:
        [(code, out, err)] = ends(processes)
    assert code == 0, err
    assert out.count('"run"') == 1
    assert err.count("known edges") == 1, "one process prints"
    [run] = (tmp_path / "runs").glob("*/manifest.json")
    require_equal(run.parent, config, tmp_path / "alone")


@pytest.mark.slow
def test_torchrun_on_two_machines(experiment: Experiment, labels: Path, tmp_path: Path) -> None:
    """Two agents that meet over the network, here over loopback, each with one process."""
    pd.read_csv(labels, sep="\t").iloc[:1199].to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    data = {"expression": None, "labels": str(tmp_path / "labels.tsv")}
    config = experiment(**LOOKUP, data=data)
    machine = [sys.executable, *launcher_of(2, 1)]
    arguments = [*written(config, tmp_path), "--runs", str(tmp_path / "runs"), "--nodes", "2"]
    with started(*[[*machine, *COMMAND, *arguments]] * 2) as processes:
        codes = ends(processes)
    assert [code for code, *_ in codes] == [0, 0], codes
    [run] = (tmp_path / "runs").glob("*/manifest.json")
    positives = Run.load(run.parent).split.positives["train"].size(1)
    assert 3 * positives % config.training.batch_size == 1, (
        "the last batch has a pair for both: tests nothing"
    )
    require_equal(run.parent, config, tmp_path / "alone")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machines", "each", "values"),
    [
        (1, 2, {"head": HEAD, "max_epochs": 3}),
        (2, 2, LOOKUP | {"batch_size": 196, "max_epochs": 3}),
    ],
)
def test_in_float64_any_number_of_processes_is_one(
    experiment: Experiment, tmp_path: Path, machines: int, each: int, values: dict[str, Any]
) -> None:
    """In float32 the order of a sum may be enough to part two trainings: it decides whether a ReLU that is
    almost 0 is on. In float64 what is left of a difference is a mistake."""
    config = tmp_path / "config.json"
    config.write_text(experiment(**values).model_dump_json())
    found = []
    for launcher in ([], launcher_of(machines, each)):
        weights = tmp_path / f"{len(found)}.safetensors"
        script = [str(Path(__file__).with_name("in_double.py")), str(config), str(weights)]
        with started(*[[sys.executable, *launcher, *script]] * (machines if launcher else 1)) as processes:
            said = ends(processes)
        assert {code for code, *_ in said} == {0}, said
        found.append(load_file(weights))
    alone, together = found
    assert {value.dtype for value in alone.values()} == {torch.double}
    assert alone.keys() == together.keys()
    for name, value in alone.items():
        assert (value - together[name]).abs().max() < 1e-10, name


def test_tables_are_dense_where_sparse_gradients_cannot_be_added_up(experiment: Experiment) -> None:
    """NCCL, which several GPUs talk by, cannot; one GPU need not, and gloo can."""
    config = experiment()
    ready = prepare(config)
    for accelerator, processes, expected in (("cpu", 2, True), ("gpu", 1, True), ("gpu", 2, False)):
        model = build_model(ready.grn.graph, config.encoder, config.head, config.seed)
        shared = {"accelerator": accelerator, "processes": processes}
        module = training_module(model, ready.split, ready.evaluation, config, **shared)
        assert isinstance(module, SparseLinkPredictionModule) == bool(sparse_tables(model)) == expected


@pytest.mark.slow
def test_srun_shares_a_training_and_rank_0_works_alone_where_nothing_is_shared(
    experiment: Experiment, tmp_path: Path
) -> None:
    config = experiment(head=HEAD, max_epochs=1)
    arguments = [*written(config, tmp_path), "--runs", str(tmp_path / "runs"), "--json"]
    for more, what in (((), "trained"), ((), "reused"), (("--max-epochs", "0"), "nothing to share")):
        with tasks_of_srun([*COMMAND, *arguments, *more]) as processes:
            first, second = ends(processes)
        assert (first[0], second[0]) == (0, 0), (what, first, second)
        assert '"run"' in first[1]
        assert second[1:] == ("", ""), what
    assert len(list((tmp_path / "runs").glob("*/manifest.json"))) == 2


ONE_FAILS = """
import os, sys
import grnpyg.training.train
from grnpyg.core.errors import InputError
from grnpyg_cli.main import main
def prepare(*_):
    {error}
if os.environ["SLURM_PROCID"] == "1":
    sys.modules["grnpyg.training.train"].prepare = prepare
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        ("raise InputError('this disk is not mounted here')", 2, "error: this disk is not mounted here"),
        ("os.kill(os.getpid(), 9)", 1, "failed: the connection to another process of srun was lost"),
    ],
)
def test_an_error_of_one_process_ends_all_with_one_line(
    experiment: Experiment, tmp_path: Path, error: str, code: int, line: str
) -> None:
    arguments = [*written(experiment(), tmp_path), "--runs", str(tmp_path / "runs")]
    script = tmp_path / "one_fails.py"
    script.write_text(ONE_FAILS.format(error=error))
    with tasks_of_srun([str(script), "train", *arguments]) as processes:
        first, second = ends(processes)
    assert first[0] == code, first
    assert second[0] in (code, -signal.SIGKILL), second
    said = [text for text in (first[2] + second[2]).splitlines() if text.startswith(("error", "failed"))]
    assert len(said) == 1
    assert said[0].startswith(line)
    assert "Traceback" not in first[2] + second[2]
    assert not list((tmp_path / "runs").glob("*/manifest.json"))


@pytest.mark.slow
def test_what_does_not_fit_together_is_refused_once(experiment: Experiment, tmp_path: Path) -> None:
    arguments = [*written(experiment(), tmp_path), "--runs", str(tmp_path / "runs")]
    cases = {
        ("--devices", "3"): "error: --devices: 3 asked for, but srun, which decides, started 2 processes",
        (
            "--set",
            "training.batch_size=65",
        ): "error: srun: batch_size 65 cannot be shared evenly by 2",
        ("--no-such-option",): "error: No such option",
    }
    for more, line in cases.items():
        with tasks_of_srun([*COMMAND, *arguments, *more]) as processes:
            first, second = ends(processes)
        assert (first[0], second[0]) == (2, 2)
        assert first[2].startswith(line), first
        assert len(first[2].splitlines()) == 1
        assert second[2] == ""
    assert not (tmp_path / "runs").exists()


def test_a_launcher_is_known_by_its_variables() -> None:
    torchrun = {"TORCHELASTIC_RUN_ID": "x", "RANK": "3", "WORLD_SIZE": "4", "GROUP_WORLD_SIZE": "2"}
    torchrun |= {"LOCAL_WORLD_SIZE": "2"}
    assert launched(torchrun) == Launch("torchrun", rank=3, size=4, nodes=2, devices=2)
    srun = {"SLURM_STEP_NUM_TASKS": "6", "SLURM_PROCID": "5", "SLURM_STEP_NUM_NODES": "2"}
    assert launched(srun) == Launch("srun", rank=5, size=6, nodes=2, devices=3)
    for spread, devices in (("3(x2)", 3), ("4,2", 0), ("2(x2),1(x2)", 0)):
        found = launched(srun | {"SLURM_STEP_TASKS_PER_NODE": spread})
        assert found == Launch("srun", rank=5, size=6, nodes=2, devices=devices)
    batch_script = {"SLURM_NTASKS": "4", "SLURM_PROCID": "0", "SLURM_JOB_ID": "1"}
    for variables in ({}, batch_script, srun | {"SLURM_STEP_NUM_TASKS": "1"}):
        assert launched(variables) is None


def test_the_launcher_decides_how_many_devices_there_are() -> None:
    launch = Launch("torchrun", rank=0, size=4, nodes=2, devices=2)
    assert agreed_devices(launch, None, None) == agreed_devices(launch, 2, 2) == 2
    assert agreed_devices(None, 3, None) == 3
    with pytest.raises(InputError, match="--nodes: 1 asked for, but torchrun, which decides, started 2"):
        agreed_devices(launch, None, 1)
    with pytest.raises(InputError, match="needs a launcher"):
        agreed_devices(None, 1, 2)
    with pytest.raises(InputError, match="not spread evenly"):
        agreed_devices(Launch("srun", rank=0, size=3, nodes=2, devices=1), None, None)


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_processes_share_every_batch_and_every_pair_once(processes: int) -> None:
    """The last batch may have fewer pairs than there are processes: each is scored, and none twice."""
    index = torch.arange(22).view(2, 11)
    pairs = LabelledPairs(index, torch.arange(11.0))
    shares = [Batches(pairs, 8, rank, processes) for rank in range(processes)]
    assert {len(batches) for batches in shares} == {2}
    for item, rows in enumerate((slice(0, 8), slice(8, 11))):
        found = torch.zeros_like(index[:, rows])
        for rank, batches in enumerate(shares):
            batch = batches[item]
            assert torch.equal(batch.all_pairs, index[:, rows])
            assert torch.equal(batch.label, pairs.edge_label[rows])
            assert batch.pairs.size(1) > 0
            share = Share(batch.label.numel(), rank, processes)
            found[:, share.own] += batch.pairs[:, : share.size]
        assert torch.equal(found, index[:, rows])
