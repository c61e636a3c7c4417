"""The stored rows of the later-curation benchmark are of its tasks and models; openings are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from torch_geometric.data import HeteroData

from grnpyg.models.matching import TOLERANCE, count_parameters
from grnpyg.resolve import config_hash, known_hashes

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "later"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the benchmarks of the repository")


@pytest.fixture
def later(script: Callable[[Path], AbstractContextManager[ModuleType]]) -> Iterator[ModuleType]:
    with script(FOLDER / "run.py") as module:
        yield module


def test_every_row_is_of_a_task_and_a_recipe(later: ModuleType) -> None:
    for name in ("metrics", "strata"):
        rows = later.read(name)
        assert len(rows)
        for (task, recipe, seed), own in rows.groupby(["task", "recipe", "seed"]):
            known = known_hashes(later.config_of(task, recipe, int(seed)))
            assert set(own["config_hash"]) <= set(known), (name, task, recipe)


def test_every_recipe_with_rows_has_an_opening(later: ModuleType) -> None:
    opened = set(later.read("openings")[["task", "recipe"]].itertuples(index=False, name=None))
    assert opened >= set(later.read("metrics")[["task", "recipe"]].itertuples(index=False, name=None))


def test_every_entry_of_models_is_a_config(later: ModuleType) -> None:
    for recipe in later.MODELS:
        for task in later.TASKS:
            config = later.config_of(task, recipe, 1)
            assert config.split["test_ratio"] == 0
            assert config.data.labels == later.TASKS[task]["data"]["labels"]


def test_every_head_is_as_large_as_the_dual_encoder(later: ModuleType, graph: HeteroData) -> None:
    """What is below the heads is the same for all, half a million parameters on the real graph.

    Not `additive_dual`: it has a number for each node, and is as large on the symbol labels alone.
    """
    task = next(iter(later.TASKS))
    below = {**later.config_of(task, "best-dual", 1).encoder, "edges": ["regulates", "reverse"]}
    heads = [name for name in later.MODELS if name.startswith("head ") and name != "head additive_dual"]
    sizes = {
        name: count_parameters(graph, below, dict(later.config_of(task, name, 1).head))
        for name in ("best-dual", "best-cross", *heads)
    }
    assert len(heads) == 7
    assert max(abs(size - sizes["best-dual"]) for size in sizes.values()) <= TOLERANCE * 500_000, sizes


def test_seeds_are_one_opening_and_another_config_is_a_second(
    later: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(later, "RESULTS", tmp_path)
    for recipe_hash in ("aa", "aa", "bb"):
        later.count("symbol-labels-collectri", "best-dual", recipe_hash)
        later.count("trrust-dorothea", "best-dual", recipe_hash)
    table = later.read("openings")
    of_task = table[table["task"] == "symbol-labels-collectri"]
    assert of_task["opening"].tolist() == [1, 2]
    assert capsys.readouterr().err.count("opened once a recipe; this is opening 2") == 1


def test_what_is_stored_is_not_opened_again(
    later: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(later, "RESULTS", tmp_path)
    monkeypatch.setattr(later, "train", lambda *_, **__: pytest.fail("trained again"))
    config = later.config_of("trrust-dorothea", "closed forms", 42)
    later.add("metrics", pd.DataFrame([{"task": "t", "config_hash": config_hash(config)}]))
    later.open_task("trrust-dorothea", "closed forms", 42, tmp_path, 0)
    assert "stored already" in capsys.readouterr().err


def test_every_row_of_the_probabilities_is_of_a_task_and_a_recipe(
    script: Callable[[Path], AbstractContextManager[ModuleType]],
) -> None:
    with script(FOLDER / "probabilities.py") as module:
        rows = module.read()
        assert len(rows)
        for (task, recipe, seed), own in rows.groupby(["task", "recipe", "seed"]):
            known = [
                known_hashes(module.config_of(task, recipe, int(one))) for one in seed.split(module.SEVERAL)
            ]
            for hashes in set(own["config_hash"]):
                for hash_, allowed in zip(hashes.split(module.SEVERAL), known, strict=True):
                    assert hash_ in allowed, (task, recipe)
