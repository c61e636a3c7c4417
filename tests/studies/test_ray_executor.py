"""Trials as tasks of a Ray cluster: the same bits as on this machine, also when a node dies under them.

A cluster comes up in ten seconds on an idle machine and in minutes on a busy one. Nothing here is timed.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from places import REPOSITORY

from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.files import sha256
from grnpyg.studies import Store, Study, run_studies
from grnpyg.studies.executors import Event, LocalExecutor, RayExecutor, executors
from grnpyg.studies.run import run_trials

ReadStudy = Callable[..., Study]
PAGE = REPOSITORY / "docs" / "ray.md"
FILES = ("predictions.parquet", "model.safetensors", "metrics.parquet")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without processors and two nodes of one processor each, to which this process is connected."""
    pytest.importorskip("ray", reason="needs ray: pip install 'grnpyg[ray]'")
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made.nodes = [made.add_node(num_cpus=1), made.add_node(num_cpus=1)]
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def equal(study: Study, one: Path, other: Path) -> None:
    for trial in study.trials:
        for name in FILES:
            assert sha256(one / trial.hash / name) == sha256(other / trial.hash / name), trial.name


@pytest.mark.ray
def test_sixteen_trials_and_a_node_that_dies(study: ReadStudy, tmp_path: Path, cluster: Any) -> None:
    """Every trial is done, and the tables are those of this machine to the bit."""
    sixteen, events = study(axes={"seed": list(range(16))}), list[Event]()

    def note(event: Event) -> None:
        events.append(event)
        if event.kind == "done" and len([event for event in events if event.kind == "done"]) == 3:
            cluster.remove_node(cluster.nodes.pop(), allow_graceful=False)

    summary = run_studies([sixteen], tmp_path / "ray", RayExecutor(), note)
    assert (len(summary.done), summary.failed, summary.interrupted) == (16, (), ())
    assert len(cluster.nodes) == 1, "a node was killed on the way"
    ended = [event.trial.hash for event in events if event.kind == "done"]
    assert sorted(ended) == sorted(trial.hash for trial in sixteen.trials)
    run_studies([sixteen], tmp_path / "here", LocalExecutor(threads=1))
    equal(sixteen, tmp_path / "ray", tmp_path / "here")


@pytest.mark.ray
def test_trials_that_an_event_asks_for_follow_and_failures_are_told(
    study: ReadStudy, tmp_path: Path, cluster: Any
) -> None:
    """A search draws its next trials so; a trial that cannot be trained leaves the others alone."""
    good = study(axes={"seed": [1]}).trials
    bad = study(axes={"data": {"none": {"data": {"labels": "/nowhere/labels.tsv"}}}, "seed": [2]}).trials
    later, events = study(axes={"seed": [9]}).trials, list[Event]()

    def note(event: Event) -> Any:
        events.append(event)
        return later if (event.kind, event.trial.hash) == ("done", good[0].hash) else None

    run_trials([*bad, *good], tmp_path, RayExecutor(group=2, jobs=1), note)
    ended = {event.trial.hash: event for event in events if event.kind in ("done", "failed", "interrupted")}
    assert {hash_: event.kind for hash_, event in ended.items()} == {
        bad[0].hash: "failed",
        good[0].hash: "done",
        later[0].hash: "done",
    }
    assert "/nowhere/labels.tsv" in ended[bad[0].hash].error
    assert Store(tmp_path).state(bad[0]) == "failed"


@pytest.mark.ray
@pytest.mark.parametrize(
    ("options", "says"),
    [({"threads": 64}, "64 processors"), ({"gpus": 1.5}, "1.5 GPUs"), ({"memory": 1e6}, "bytes of memory")],
)
def test_a_task_that_no_node_has_room_for_is_refused(
    study: ReadStudy, tmp_path: Path, cluster: Any, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        run_studies([study(axes={"seed": [1]})], tmp_path, RayExecutor(**options), lambda event: None)


@pytest.mark.ray
def test_no_cluster_at_the_address(study: ReadStudy, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs ray: pip install 'grnpyg[ray]'")
    with pytest.raises(GrnpygError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        run_studies(
            [study(axes={"seed": [1]})], tmp_path, RayExecutor(address="127.0.0.1:1"), lambda event: None
        )


def test_an_unknown_option_lists_the_known() -> None:
    with pytest.raises(InputError, match="address"):
        executors.build("ray", adress="auto")


@pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository")
def test_the_page_has_the_options_of_the_executor() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(inspect.signature(RayExecutor).parameters)
    (command,) = re.findall(r"^grnpyg .+$", PAGE.read_text(), re.MULTILINE)
    options = dict(re.findall(r"--executor-option (\w+)=(\S+)", command))
    assert isinstance(executors.build("ray", **options), RayExecutor)


def test_without_ray_the_extra_is_named(
    study: ReadStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.endswith("ray_session")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install 'grnpyg\[ray\]'"):
        run_studies([study(axes={"seed": [1]})], tmp_path, RayExecutor(), lambda event: None)
