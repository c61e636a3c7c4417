from __future__ import annotations

import re
from itertools import product
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.nn import SAGEConv

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF, build_graph
from grnpyg.models.encoders import NodeEncoder, encoders
from grnpyg.models.heads import Head, PairShape, heads
from grnpyg.models.matching import TOLERANCE, count_parameters, match, nearest_width
from grnpyg.models.predictor import build_model
from grnpyg.testing import small_graph
from grnpyg.testing.rules import generators_untouched


def spec(kind: Any, name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, **kind.options(name, options)}


@pytest.fixture(scope="module")
def paper() -> HeteroData:
    """The sizes of the study: 1,164 TFs, 7,664 genes, 11 features a node."""
    tfs, genes = [f"t{i}" for i in range(1164)], [f"g{i}" for i in range(7664)]
    features = pd.DataFrame(1.0, index=[*tfs, *genes], columns=[f"f{i}" for i in range(11)])
    return build_graph(pd.DataFrame({"source": ["t0"], "target": ["g0"]}), features, tfs=tfs, genes=genes)


@pytest.mark.parametrize(
    ("head", "options", "count"),
    [
        ("dual", {}, 5_581_824),
        ("cross", {}, 5_581_313),
        ("cross", {"product": False}, 5_319_169),
        ("dual", {"learn_temperature": True}, 5_581_825),
        ("dual", {"bias": "global"}, 5_581_825),
        ("dual", {"bias": "per_node"}, 5_581_824 + 1164 + 7664),
    ],
)
def test_the_papers_models_have_the_papers_sizes(
    paper: HeteroData, head: str, options: dict[str, Any], count: int
) -> None:
    """Added up by hand: tables, towers of 523 -> 512 -> 512, or 1,558 (or 1,046) -> 512 -> 512 -> 1."""
    tables = 512 * (1164 + 7664)
    second = 512 * 512 + 512
    by_hand = {
        "dual": tables + 2 * (523 * 512 + 512 + second),
        "cross": tables + (1558 * 512 + 512) + second + 513,
    }
    if not options:
        assert by_hand[head] == count
    assert count_parameters(paper, spec(encoders, "lookup"), spec(heads, head, **options)) == count


def test_a_built_model_has_the_count_that_was_told(paper: HeteroData) -> None:
    model = build_model(paper, spec(encoders, "lookup"), spec(heads, "dual"), 0)
    assert model.num_parameters() == {
        "total": 5_581_824,
        "encoder": 512 * (1164 + 7664),
        "head": 5_581_824 - 512 * (1164 + 7664),
    }


@pytest.mark.parametrize("options", [{}, {"product": False}])
def test_a_cross_head_matches_a_dual_reference(paper: HeteroData, options: dict[str, Any]) -> None:
    """Only the head moves: both models are compared on the same encoder."""
    lookup, dual = spec(encoders, "lookup"), spec(heads, "dual")
    reference = count_parameters(paper, lookup, dual)
    encoder, head, count = match(paper, lookup, spec(heads, "cross", **options), reference)
    assert encoder == lookup
    assert abs(count - reference) <= 1e-3 * reference
    assert build_model(paper, encoder, head, 0).num_parameters()["total"] == count


def test_a_model_that_matches_already_is_left_alone(paper: HeteroData) -> None:
    lookup, dual = spec(encoders, "lookup"), spec(heads, "dual")
    encoder, head, count = match(paper, lookup, dual, 5_581_824)
    assert (encoder, head, count) == (lookup, dual, 5_581_824)


def test_a_budget_below_the_tables_shrinks_the_encoder_too(paper: HeteroData) -> None:
    encoder, _, count = match(paper, spec(encoders, "lookup"), spec(heads, "dual"), 1_000_000)
    assert encoder["embedding_dim"] < 512
    assert abs(count - 1_000_000) <= 1000


class LazySage(NodeEncoder):
    """Has no parameters until it has seen a graph."""

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels",)

    def __init__(self, data: HeteroData, *, hidden_channels: int = 16) -> None:
        super().__init__(hidden_channels)
        self.to_gene = SAGEConv((-1, -1), hidden_channels)
        self.to_tf = SAGEConv((-1, -1), hidden_channels)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        tf, gene = data[TF].x, data[GENE].x
        return {
            TF: self.to_tf((gene, tf), data[REGULATED_BY].edge_index),
            GENE: self.to_gene((tf, gene), data[REGULATES].edge_index),
        }


def test_lazy_modules_are_counted_as_they_will_be() -> None:
    graph = small_graph(num_features=5)
    encoder, head = spec(encoders, LazySage), spec(heads, "dual", hidden_channels=8, out_channels=4)
    sage = 2 * (5 * 16 + 16 + 5 * 16)  # per layer: neighbours with bias, root without
    towers = 2 * (16 * 8 + 8 + 8 * 4 + 4)
    assert count_parameters(graph, encoder, head) == sage + towers
    assert build_model(graph, encoder, head, 0).num_parameters()["encoder"] == sage


def test_a_lazy_encoder_is_matched() -> None:
    graph = small_graph()
    encoder, head, count = match(graph, spec(encoders, LazySage), spec(heads, "cross"), 300_000)
    assert abs(count - 300_000) <= 300
    assert build_model(graph, encoder, head, 0).num_parameters()["total"] == count


def brute_force(graph: HeteroData, encoder: str, head: str, top: int) -> set[int]:
    """Every count with all declared widths from 1 to `top`."""
    base = spec(encoders, encoder), spec(heads, head)
    declared = encoders.get(encoder).widths, heads.get(head).widths
    names = [(part, name) for part in (0, 1) for name in declared[part]]
    counts = set()
    for widths in product(range(1, top + 1), repeat=len(names)):
        specs = [dict(part) for part in base]
        for (part, name), width in zip(names, widths, strict=True):
            specs[part][name] = width
        counts.add(count_parameters(graph, *specs))
    return counts


def nearest_named(error: InputError) -> int:
    found = re.search(r"nearest reachable count is ([\d,]+) \(", str(error))
    assert found, error
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("head", ["dual", "cross"])
@pytest.mark.slow
def test_an_unreachable_budget_names_the_nearest_count(head: str) -> None:
    graph = small_graph(3, 5, 2)
    smallest = min(brute_force(graph, "lookup", head, top=2))
    with pytest.raises(InputError, match=f"no widths of lookup \\+ {head} give 7 parameters") as error:
        match(graph, spec(encoders, "lookup"), spec(heads, head), 7)
    assert nearest_named(error.value) == smallest
    assert "encoder.embedding_dim=1, head.hidden_channels=1, head.out_channels=1" in str(error.value)


class FixedEncoder(NodeEncoder):
    """No widths of its own: what is out of the head's reach cannot be reached."""

    def __init__(self, data: HeteroData) -> None:
        super().__init__(4)
        self.conv = SAGEConv((5, 5), 4)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        raise NotImplementedError


COUNTS = {
    "linear": lambda width: 7 + 513 * width,
    "quadratic": lambda width: 40 + 3 * width + 2 * width**2,
    "cubic": lambda width: width**3,
    "flat": lambda width: 5,
    "in steps": lambda width: 100 * (width // 3),
    "of blocks of eight": lambda width: width * (-(-width // 8)),
}


@pytest.mark.parametrize("kind", COUNTS)
@given(budget=st.integers(1, 200_000), largest=st.integers(3, 400))
def test_the_nearest_width_is_that_of_a_search_through_all(kind: str, budget: int, largest: int) -> None:
    count = COUNTS[kind]
    counts = [count(width) for width in range(1, largest + 1)]
    enough = next((width for width in range(1, largest) if count(width) >= budget), largest)
    lower = max(1, enough - 1)
    nearer = lower if abs(count(lower) - budget) < abs(count(enough) - budget) else enough
    width, reached = nearest_width(count, budget, largest)
    assert (width, reached) == (nearer, count(nearer))
    assert abs(reached - budget) == min(abs(some - budget) for some in counts)


@pytest.mark.parametrize("kind", ["linear", "quadratic"])
def test_five_counts_settle_the_usual_width(kind: str) -> None:
    """Halving would build 14 models, and a match looks for hundreds of widths."""
    asked = []

    def count(width: int) -> int:
        asked.append(width)
        return COUNTS[kind](width)

    nearest_width(count, COUNTS[kind](1234) + 1, 1 << 14)
    assert sorted(asked) == [1, 2, 3, 1234, 1235]


@pytest.mark.slow
def test_an_encoder_without_widths_leaves_it_to_the_head() -> None:
    graph = small_graph()
    encoder, _, count = match(graph, spec(encoders, FixedEncoder), spec(heads, "dual"), 50_000)
    assert encoder == {"name": FixedEncoder}
    assert abs(count - 50_000) <= TOLERANCE * 50_000
    with pytest.raises(InputError) as error:
        match(graph, spec(encoders, FixedEncoder), spec(heads, "dual"), 20)
    assert nearest_named(error.value) > 20


class CoarseHead(Head):
    """Each unit of its only width costs 1,000 parameters."""

    widths: ClassVar[tuple[str, ...]] = ("units",)

    def __init__(self, shape: PairShape, *, units: int = 3) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(units, 1000))

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        raise NotImplementedError


@pytest.mark.parametrize(("above", "units"), [(5_300, 5), (5_700, 6), (4_998, 5)])
def test_the_nearest_count_may_lie_on_either_side(above: int, units: int) -> None:
    """Reachable counts are those of the encoder plus a multiple of 1,000."""
    graph = small_graph()
    coarse = spec(heads, CoarseHead)
    fixed = count_parameters(graph, spec(encoders, FixedEncoder), coarse) - 3_000
    assert fixed == 2 * 5 * 4 + 4
    if abs(above - 1000 * units) <= TOLERANCE * (fixed + above):
        found = match(graph, spec(encoders, FixedEncoder), coarse, fixed + above)
        assert (found[1]["units"], found[2]) == (units, fixed + 1000 * units)
    else:
        with pytest.raises(InputError, match=rf"\(head\.units={units}\)") as error:
            match(graph, spec(encoders, FixedEncoder), coarse, fixed + above)
        assert nearest_named(error.value) == fixed + 1000 * units


def test_counting_draws_no_random_number(graph: HeteroData) -> None:
    with generators_untouched("count_parameters"):
        count_parameters(graph, spec(encoders, "lookup"), spec(heads, "dual"))
        count_parameters(graph, spec(encoders, LazySage), spec(heads, "dual"))


class Computes(NodeEncoder):
    """Sizes itself by a NumPy computation over the features."""

    def __init__(self, data: HeteroData) -> None:
        super().__init__(4)
        self.weight = nn.Parameter(torch.as_tensor(np.ones((4, 2), np.float32)) * torch.ones(2).numpy())

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        raise NotImplementedError


def test_an_encoder_that_computes_with_numpy_is_counted(graph: HeteroData) -> None:
    head = spec(heads, "dual", hidden_channels=8, out_channels=4)
    assert count_parameters(graph, spec(encoders, Computes), head) == 8 + 2 * (4 * 8 + 8 + 8 * 4 + 4)


def test_unknown_names_are_input_errors(graph: HeteroData) -> None:
    with pytest.raises(InputError, match="unknown encoder 'nope'"):
        count_parameters(graph, {"name": "nope"}, {"name": "dual"})
