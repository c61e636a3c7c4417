"""Fixtures for all tests. No test reads the user's home, caches, settings or current folder."""

from __future__ import annotations

import isolation  # noqa: F401 (before numba, matplotlib and torch)  # isort: skip

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:  # the process that hands the tests out to others runs none: it needs no torch
    from torch_geometric.data import HeteroData

    from grnpyg.core.config import ExperimentConfig
    from grnpyg.splits import LinkSplit

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


settings.register_profile("fast", max_examples=20, deadline=None)  # of a property without a number of its own
CLUSTERS = ("slurm", "ray")  # markers of tests that start one


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="skip tests that train a model or start a process")
    for kind in CLUSTERS:
        parser.addoption(
            f"--{kind}", action="store_true", help=f"run the tests that start a cluster of {kind}"
        )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--fast`, a module whose tests are all left out is not imported either."""
    if not config.getoption("fast"):
        return None
    if collection_path == Path(__file__).parent / "benchmarks":  # stored rows, not the library
        return True
    slow = (
        collection_path.suffix == ".py" and "\npytestmark = pytest.mark.slow" in collection_path.read_text()
    )
    return True if slow else None  # None: other reasons to leave it out hold


LONGEST = ("test_readme.py", "test_end_to_end.py", "test_resume.py")  # begun first, so that no worker idles


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
    for kind in CLUSTERS:
        for item in items:
            if item.get_closest_marker(kind) and not config.getoption(kind):
                item.add_marker(pytest.mark.skip(reason=f"starts a cluster: `make test-{kind}`"))
    if config.getoption("fast"):
        settings.load_profile("fast")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="--fast: marked slow"))


@pytest.fixture(autouse=True, scope="session")
def _nothing_long(pytestconfig: pytest.Config) -> Iterator[None]:
    """With `--fast`, a test is skipped as soon as it trains or starts Python: none needs a mark."""
    with pytest.MonkeyPatch.context() as patch:
        if pytestconfig.getoption("fast"):
            from pytorch_lightning import Trainer

            from grnpyg.models.baselines.pyg_model import PyGModel

            start = subprocess.Popen.__init__

            def fit(*_: Any, **__: Any) -> None:
                pytest.skip("--fast: trains a model")

            def popen(self: Any, args: Any, *rest: Any, **options: Any) -> None:
                if not isinstance(args, str) and sys.executable in map(str, args):
                    pytest.skip("--fast: starts a process")
                start(self, args, *rest, **options)

            patch.setattr(Trainer, "fit", fit)
            patch.setattr(PyGModel, "fit", fit)
            patch.setattr(subprocess.Popen, "__init__", popen)
        yield


@pytest.fixture(autouse=True, scope="session")
def _session_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is made once for many tests is not made in the folder where pytest was called, either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("session"))
        yield


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test has an empty folder and cache of data sets; modules imported from there end with it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRNPYG_CACHE", str(tmp_path / "cache"))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:  # or the next test's module of the same name is not read
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """On a busy machine a second thread costs tiny tensors ten times what it gains."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def graph() -> HeteroData:
    from grnpyg.testing import small_graph

    return small_graph()


@pytest.fixture
def split(graph: HeteroData) -> LinkSplit:
    from grnpyg.splits import TransductiveSplit

    return TransductiveSplit().split(graph, seed=0)


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,200 edges of 25 TFs to 150 genes, denser where TF and gene belong to the same half."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    tf, gene = np.divmod(np.arange(25 * 150), 150)
    weight = np.where(tf % 2 == gene % 2, 4.0, 1.0)
    chosen = rng.choice(tf.size, 1200, replace=False, p=weight / weight.sum())
    table = pd.DataFrame(
        {"source": [f"TF{i}" for i in tf[chosen]], "target": [f"G{i}" for i in gene[chosen]]}
    )
    path = tmp_path_factory.mktemp("labels") / "labels.tsv"
    table.to_csv(path, sep="\t", index=False)
    return path


@pytest.fixture(scope="session")
def experiment(labels: Path) -> Callable[..., ExperimentConfig]:
    """`experiment(head="cross", max_epochs=5, ...)`: keys of the section training, or of the top."""
    from grnpyg.core.config import TrainingConfig
    from grnpyg.resolve import make_config

    def make(**changes: Any) -> ExperimentConfig:
        training = {"max_epochs": 8, "patience": 3, "batch_size": 64, "lr": 0.01}
        values: dict[str, Any] = {
            "data": {"expression": None, "labels": str(labels)},
            "encoder": {"name": "lookup", "embedding_dim": 16},
            "head": {"name": "dual", "hidden_channels": 16, "out_channels": 8, "dropout": 0.2},
            "seed": 7,
        }
        for key, value in changes.items():
            (training if key in TrainingConfig.model_fields else values)[key] = value
        return make_config(values | {"training": training})

    return make
