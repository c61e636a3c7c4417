"""`train --tracker`: what MLflow, TensorBoard and W&B are told, and that no training depends on them."""

from __future__ import annotations

import importlib.util
import json
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import yaml
from cli.command import grnpyg, refused
from networks.tables import client

from grnpyg.resolve import make_config
from grnpyg.runs import Run
from grnpyg.training import trackers
from grnpyg.training.callbacks import History

TRAIN = ("train", "--config", "small.yaml", "--json")
Told = tuple[dict[str, str], dict[str, list[tuple[int, float]]]]
"""Config keys, and metric -> (step, value) in the order in which they were told."""


def of_mlflow(folder: Path) -> Told:
    """What the only run in a file store holds, read as files."""
    (run,) = [path.parent for path in folder.glob("*/*/metrics")]
    params = {
        str(p.relative_to(run / "params")): p.read_text() for p in (run / "params").rglob("*") if p.is_file()
    }
    metrics: dict[str, list[tuple[int, float]]] = {}
    for path in (run / "metrics").rglob("*"):
        if path.is_file():
            lines = [line.split() for line in path.read_text().splitlines()]
            metrics[str(path.relative_to(run / "metrics"))] = [(int(n), float(x)) for _, x, n in lines]
    return params, metrics


def of_tensorboard(folder: Path) -> Told:
    """What the only run in a folder holds, through TensorBoard's own reader."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (run,) = folder.iterdir()
    events = EventAccumulator(str(run), size_guidance={"scalars": 0})
    events.Reload()
    metrics = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    config = yaml.safe_load((run / "hparams.yaml").read_text())
    return {
        f"{a}/{b}": str(x) for a, part in config.items() if isinstance(part, dict) for b, x in part.items()
    }, metrics


def of_wandb(folder: Path) -> Told:
    """What the only run that was kept offline holds: a log of W&B's records."""
    (file,) = offline(folder)
    params: dict[str, str] = {}
    metrics: dict[str, list[tuple[int, float]]] = {}
    for record in records(file):
        for item in (*record.run.config.update, *record.config.update):
            value = json.loads(item.value_json)
            params |= {f"{item.key}/{k}": str(v) for k, v in value.items()} if isinstance(value, dict) else {}
        told = {"/".join(item.nested_key) or item.key: item.value_json for item in record.history.item}
        for key, text in told.items():
            if not key.startswith(("_", "trainer/")):
                step = int(json.loads(told["trainer/global_step"]))
                metrics.setdefault(key, []).append((step, float(json.loads(text))))
    return params, metrics


def offline(folder: Path) -> list[Path]:
    """The runs that W&B kept on this machine."""
    return sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))


def records(file: Path) -> list[Any]:
    """The records of a run that has ended. A process of W&B writes them, the last ones after `finish`."""
    from wandb.proto.wandb_internal_pb2 import Record

    for _ in range(600):
        found = [Record.FromString(data) for data in logged(file.read_bytes())]
        if any(record.HasField("exit") for record in found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{file} has no end")


def logged(content: bytes) -> Iterator[bytes]:
    """The entries of a log in LevelDB's format, behind W&B's head of seven bytes.

    Blocks of 32 KiB hold parts: a checksum of four bytes, the length in two, the kind in one (1 whole, 2
    first, 3 middle, 4 last), then the bytes. No part begins in the last six bytes of a block.
    """
    at, whole = 7, b""
    while at + 7 <= len(content):
        left = 32_768 - at % 32_768
        if left < 7:
            at += left
            continue
        size, kind = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        part = content[at + 7 : at + 7 + size]
        if len(part) < size:  # it is being written
            return
        whole = part if kind in (1, 2) else whole + part
        if kind in (1, 4):
            yield whole
        at += 7 + size


READ: dict[str, Callable[[Path], Told]] = {
    "mlflow": of_mlflow,
    "tensorboard": of_tensorboard,
    "wandb": of_wandb,
}


@pytest.fixture(params=READ)
def name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tracker whose client is installed. That of W&B is no part of the extra `test`: it is large."""
    found = str(request.param)
    if found == "wandb":
        pytest.importorskip("wandb", reason='needs W&B: pip install "grnpyg[wandb]"')
        monkeypatch.setenv("WANDB_MODE", "offline")
    else:
        client(found)
    return found


def test_a_tracker_holds_what_the_run_holds(name: str, work: Path) -> None:
    run = Run.load(Path(grnpyg(*TRAIN, "--runs", "told", "--tracker", f"{name}:curves").json["run"]))
    params, metrics = READ[name](Path("curves"))
    assert params["encoder/embedding_dim"] == "8"
    for key in ("loss", "val_auroc", "val_auroc@uniform"):
        expected = list(zip(run.epochs["epoch"], run.epochs[key], strict=True))
        assert metrics[key.replace("@", ".")] == [(n, pytest.approx(x, rel=1e-6)) for n, x in expected]
    for line in run.metrics("validation").to_dict("records"):
        key = "{subset}/{setting}/{method}/{metric}".format(**line)
        if math.isfinite(line["value"]):
            assert metrics[key] == [(2, pytest.approx(line["value"], rel=1e-6))]
    assert metrics["parameters"] == [(2, run.manifest.parameters.total)]
    assert not [key for key in metrics if key.startswith("test")]


@pytest.mark.parametrize("name", ["wandb"], indirect=True)
def test_two_trainings_of_a_process_are_two_runs_of_wandb(name: str, work: Path) -> None:
    """Lightning leaves the run of W&B open, and the next training of the process was told to it as well."""
    for seed in (1, 2):
        assert grnpyg(*TRAIN, "--seed", seed, "--runs", "told", "--tracker", f"{name}:{seed}").code == 0
    assert [len(offline(Path(str(seed)))) for seed in (1, 2)] == [1, 1]
    assert [len(READ[name](Path(str(seed)))[1]["parameters"]) for seed in (1, 2)] == [1, 1]


def test_a_tracker_changes_no_bit_and_no_hash(name: str, work: Path, trained: Any) -> None:
    said = grnpyg(*TRAIN, "--runs", "told", "--tracker", f"{name}:curves").json
    assert Path(said["run"]).name == trained.run.name
    tables = [pd.read_parquet(Path(path) / "predictions.parquet") for path in (said["run"], trained.run)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_a_run_that_is_there_is_not_told_again(work: Path) -> None:
    client("tensorboard")
    assert grnpyg(*TRAIN, "--runs", "told").code == 0
    again = grnpyg(*TRAIN, "--runs", "told", "--tracker", "tensorboard:curves")
    assert again.code == 0
    assert "no tracker was told anything" in again.err
    assert not Path("curves").exists()


@pytest.mark.parametrize("at", ["open", "log_metrics", "finalize"])
def test_one_that_fails_is_named_once_and_the_run_is_whole(
    at: str, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    class Failing:
        def __getattr__(self, name: str) -> Callable[..., None]:
            def told(*_: object, **__: object) -> None:
                calls.append(name)
                if name == at:
                    raise OSError("no space\nleft on the server")

            return told

    def opened(place: str, name: str) -> Any:
        if at == "open":
            calls.append("open")
            raise ConnectionError("no space left on the server")
        return Failing()

    monkeypatch.setitem(trackers.OPEN, "wandb", opened)
    monkeypatch.setitem(trackers.PACKAGES, "wandb", ("torch",))
    result = grnpyg(*TRAIN, "--runs", "told", "--tracker", "wandb")
    assert result.json["status"] == "complete"
    lines = [line for line in result.err.splitlines() if "tracker" in line]
    assert lines == [
        "warning: --tracker wandb: the tracker failed, and gets nothing more (no space left on the server)"
    ]
    if at in ("open", "log_metrics"):
        assert calls.count(at) == 1  # of two epochs and the end


def test_earlier_epochs_of_a_resumed_training_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, float]] = []
    logger = SimpleNamespace(
        log_hyperparams=lambda values: None,
        log_metrics=lambda values, step: told.append((step, values["loss"])),
    )
    monkeypatch.setitem(trackers.OPEN, "wandb", lambda place, name: logger)
    monkeypatch.setitem(trackers.PACKAGES, "wandb", ("torch",))
    history = History()
    trainer: Any = SimpleNamespace(callbacks=[history])
    mirrors = trackers.Mirrors(("wandb",), make_config({}))
    for epochs in (3, 4):  # the first three come from a checkpoint
        history.load_state_dict({"rows": [{"epoch": n, "loss": n / 2} for n in range(1, epochs + 1)]})
        mirrors.on_train_epoch_end(trainer, None)  # type: ignore[arg-type]
    assert told == [(1, 0.5), (2, 1.0), (3, 1.5), (4, 2.0)]


def test_bad_trackers_are_refused_before_anything_is_done(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(*TRAIN, "--tracker", "comet", says=("comet", "mlflow", "tensorboard", "wandb"))
    monkeypatch.setitem(trackers.PACKAGES, "wandb", ("torch",))
    refused(*TRAIN, "--tracker", "wandb:", says=("names no folder", "wandb:FOLDER"))
    refused(*TRAIN, "--tracker", "wandb", "--tracker", "wandb:a", says=("twice",))


@pytest.mark.parametrize("name", trackers.PLACES)
def test_a_missing_package_names_its_extra(name: str, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    refused(*TRAIN, "--tracker", name, says=(f'pip install "grnpyg[{name}]"',))
