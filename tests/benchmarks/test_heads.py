"""The scripts of the study of heads: which heads no cheaper one reaches, and pairs that all heads have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "heads"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs the benchmarks of the repository")
Script = Callable[[Path], AbstractContextManager[ModuleType]]
small = st.integers(0, 5)  # few numbers, so that many are tied


@pytest.fixture(scope="module")
def cost(script: Script) -> Iterator[ModuleType]:
    with script(FOLDER / "cost.py") as module:
        yield module


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(small, small), min_size=1, max_size=12))
def test_the_front_has_what_is_above_all_that_costs_no_more(
    cost: ModuleType, pairs: list[tuple[int, int]]
) -> None:
    names = [f"head {number}" for number in range(len(pairs))]
    paid, value = (pd.Series(list(numbers), index=names, dtype=float) for numbers in zip(*pairs, strict=True))
    front = cost.front(paid, value)
    wanted = {(c, v) for c, v in pairs if not any((a <= c and b >= v) and (a, b) != (c, v) for a, b in pairs)}
    assert [(paid[name], value[name]) for name in front] == sorted(wanted)


def test_a_seed_that_one_head_lacks_is_left_out_for_all(script: Script) -> None:
    rows = [("dual", 1, 0.5), ("dual", 2, 0.9), ("cross", 1, 0.7)]
    table = pd.DataFrame(rows, columns=["head", "run_seed", "auroc"]).assign(row="model", regime="uniform")
    with script(FOLDER / "paired.py") as module:
        found = module.values(table, "model", "uniform")
    assert found.to_dict() == {"dual": {1: 0.5}, "cross": {1: 0.7}}


def test_differences_are_taken_seed_by_seed_and_have_a_sign(script: Script) -> None:
    scores = {"dual": (0.5, 0.6), "tucker": (0.1, 0.1), "poly": (0.2, 0.2), "cross": (0.7, 1.0)}
    rows = [
        {"head": head, "run_seed": seed, "row": row, "regime": regime, "auroc": value, "per_tf_auroc": value}
        for head, values in scores.items()
        for seed, value in enumerate(values)
        for regime in ("uniform", "same_tf", "degree_matched", "ranking")
        for row in ("model", "degree_product", "additive")
    ]
    with script(FOLDER / "interactions.py") as module:
        said = module.nearest(pd.DataFrame(rows))
        table = module.beside(pd.DataFrame(rows), "dual")
    assert said.count("-0.3000 [-1.5706, +0.9706] (`dual`, `cross`)") == 4
    assert "| `cross` | 0.8500 (+0.3000 [-0.9706, +1.5706]) |" in table
    assert "| *degree product* | 0.5500 | 0.5500 |" in table
