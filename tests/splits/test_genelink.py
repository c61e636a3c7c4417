"""GENELink's scheme: the counts that its program gives, its leaks by name, and no others."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, reject
from hypothesis import strategies as st
from places import SHARED, needs
from strategies import graphs
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError, LeakageError
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, build_graph, num_nodes, pair_codes
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.resolve import make_config
from grnpyg.splits import GenelinkSplit, LinkSplit, splits
from grnpyg.splits.leakage import check_evaluation, check_training
from grnpyg.testing import small_graph
from grnpyg.training.prepare import prepare

SCHEMES = ("density", "density_apart", "hard")
SPLITS = SHARED / "beeline" / "splits"
GRAPH = small_graph(9, 60, seed=1)
PARTS = ("train", "validation", "test")


def split_of(data: HeteroData = GRAPH, seed: int = 0, **options: Any) -> LinkSplit:
    return GenelinkSplit(acknowledge_leaks=True, **options).split(data, seed)


def codes(data: HeteroData, pairs: Tensor) -> set[int]:
    return set(pair_codes(data, pairs).tolist())


def of_each_tf(pairs: Tensor, num_tfs: int) -> list[int]:
    return torch.bincount(pairs[0], minlength=num_tfs).tolist()


def possible(data: HeteroData, seed: int, **options: Any) -> LinkSplit:
    """The split; a graph that it cannot divide is another example."""
    try:
        return split_of(data, seed, **options)
    except InputError:
        reject()


several = st.builds(small_graph, st.integers(2, 9), st.integers(12, 60), st.just(0), st.integers(0, 99))
networks = graphs() | several  # the former have TFs with few targets, or with nearly all genes


@given(networks, st.integers(0, 9), st.sampled_from(SCHEMES))
@pytest.mark.slow
def test_the_counts_are_those_of_the_program(data: HeteroData, seed: int, scheme: Any) -> None:
    split = possible(data, seed, scheme=scheme, density=None if scheme == "hard" else 0.4)
    num_tfs, num_genes = num_nodes(data)
    own = set(data[ENCODED_BY].edge_index[0].tolist())
    degree = of_each_tf(data[REGULATES].edge_index, num_tfs)
    positives, negative = (
        {part: of_each_tf(chosen[part], num_tfs) for part in PARTS}
        for chosen in (split.positives, split.negatives)
    )
    for tf, n in enumerate(degree):
        sizes = tuple(positives[part][tf] for part in PARTS)
        free = num_genes - n - (tf in own)
        if n == 1:
            assert sizes in ((1, 0, 0), (0, 0, 1))
        elif scheme == "hard":
            assert sizes == (int(n * 0.67), int(n * (0.67 + 0.1)) - int(n * 0.67), n - int(n * (0.67 + 0.1)))
        else:
            first = 2 * n // 3
            assert sizes == (first - first // 5, first // 5, n - first)
        if scheme != "hard":
            assert (negative["train"][tf], negative["validation"][tf]) == sizes[:2]
        elif n:
            first, second = int(free * 0.67), int(free * (0.67 + 0.1))
            assert tuple(negative[part][tf] for part in PARTS) == (first, second - first, free - second)
        else:
            assert not any(negative[part][tf] for part in PARTS)
    if scheme != "hard":
        tested = sum(positives["test"])
        assert sum(negative["test"]) == int(tested // 0.4 - tested)


@given(networks, st.integers(0, 9), st.sampled_from(SCHEMES))
@pytest.mark.slow
def test_what_is_apart_and_what_is_a_candidate(data: HeteroData, seed: int, scheme: Any) -> None:
    split = possible(data, seed, scheme=scheme)
    known = codes(data, data[REGULATES].edge_index)
    positives, negative = (
        {part: codes(data, pairs) for part, pairs in chosen.items()}
        for chosen in (split.positives, split.negatives)
    )
    assert set.union(*positives.values()) == known
    assert sum(map(len, positives.values())) == len(known)
    assert all(split.negatives[part].size(1) == len(negative[part]) for part in PARTS)
    for part in PARTS:
        for pairs in (split.positives[part], split.negatives[part]):
            assert split.is_candidate(pairs).all()
    assert not negative["train"] & negative["validation"]
    assert not negative["validation"] & negative["test"]
    for part in ("train", "validation"):
        assert not negative[part] & known
    assert not negative["test"] & (positives["test"] | positives["validation"])
    if scheme != "density":
        assert not negative["test"] & (negative["train"] | known)


@given(st.integers(0, 20), st.sampled_from(SCHEMES))
@pytest.mark.slow
def test_the_seed_decides(seed: int, scheme: Any) -> None:
    density = None if scheme == "hard" else 0.4
    first, again, other = (split_of(seed=s, scheme=scheme, density=density) for s in (seed, seed, seed + 1))
    for chosen in ("positives", "negatives"):
        for part in PARTS:
            here = getattr(first, chosen)[part]
            assert torch.equal(here, getattr(again, chosen)[part])
        assert any(
            codes(GRAPH, getattr(first, chosen)[p]) != codes(GRAPH, getattr(other, chosen)[p]) for p in PARTS
        )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_its_negatives_are_evaluated_and_trained_on(scheme: Any) -> None:
    split, sampler = split_of(scheme=scheme), negatives.build("given")
    sets = evaluation_sets(split, sampler, 1.0, 0, given=split.negatives)
    assert torch.equal(sets["test"].negatives, split.negatives["test"])
    drawn = training_pairs(split, sampler, 1.0, sets, seed=3, epoch=0).negatives
    assert codes(GRAPH, drawn) == codes(GRAPH, split.negatives["train"])


def test_training_edges_as_test_negatives_are_its_leak_and_refused_without_the_name() -> None:
    split, sampler = split_of(scheme="density", density=0.2), negatives.build("given")
    assert codes(GRAPH, split.positives["train"]) & codes(GRAPH, split.negatives["test"]), (
        "the program's leak"
    )
    sets = evaluation_sets(split, sampler, 1.0, 0, given=split.negatives)
    train = training_pairs(split, sampler, 1.0, sets, 0, 0)
    assert codes(GRAPH, train.negatives) & codes(GRAPH, sets["test"].negatives)

    def without(name: str) -> LinkSplit:
        return dataclasses.replace(split, leaks=tuple(leak for leak in split.leaks if leak != name))

    with pytest.raises(LeakageError, match="false-negative"):
        check_evaluation(without("false-negative"), sets)
    with pytest.raises(LeakageError, match="held-out-in-training"):
        check_training(without("held-out-in-training"), train, sets)


def test_a_held_out_edge_as_negative_is_refused_whatever_is_acknowledged() -> None:
    split = split_of(scheme="density")
    moved = torch.cat([split.negatives["test"], split.positives["validation"][:, :1]], dim=1)
    with pytest.raises(LeakageError, match="false-negative"):
        evaluation_sets(split, negatives.build("given"), 1.0, 0, given={**split.negatives, "test": moved})


def test_tfs_without_an_edge_are_drawn_for_the_test_by_density_and_not_by_hard() -> None:
    names = {kind: list(GRAPH[kind].name) for kind in (TF, GENE)}
    edges = pd.DataFrame(
        [(names[TF][i], names[GENE][j]) for i, j in GRAPH[REGULATES].edge_index.t().tolist()],
        columns=["source", "target"],
    )
    listed = build_graph(edges, tfs=[*names[TF], "Z"], genes=names[GENE])
    for scheme, drawn in (("density_apart", True), ("hard", False)):
        split = split_of(listed, scheme=scheme)
        at = len(names[TF])
        assert bool((split.negatives["test"][0] == at).any()) is drawn
        assert (at in split.warm[TF].tolist()) is drawn


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unacknowledged": ({}, r"known to leak .*false-negative.*acknowledge_leaks to true"),
    "unknown scheme": ({"acknowledge_leaks": True, "scheme": "easy"}, "scheme"),
    "density above one": ({"acknowledge_leaks": True, "density": 3.0}, "density 3"),
    "density of hard": ({"acknowledge_leaks": True, "scheme": "hard", "density": 0.1}, "schemes by density"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_options_are_one_clear_line(case: str) -> None:
    options, said = BAD[case]
    with pytest.raises(InputError, match=said) as caught:
        splits.build("genelink", **options)
    assert "\n" not in str(caught.value)


def test_a_graph_that_it_cannot_divide_is_refused() -> None:
    few = small_graph(6, 6)
    with pytest.raises(InputError, match="lacks a class"):
        split_of(few, scheme="hard")
    with pytest.raises(InputError, match=r"density 0.001 asks for .* test negatives"):
        split_of(density=0.001)
    full = pd.DataFrame([("T", f"g{i}") for i in range(9)], columns=["source", "target"])
    with pytest.raises(InputError, match="has 1 unlabelled genes, 6 are needed"):
        split_of(build_graph(full, genes=[f"g{i}" for i in range(10)]))


def test_another_training_ratio_than_its_own_is_refused() -> None:
    config = make_config(
        {
            "data": {"expression": None},
            "split": {"name": "genelink", "scheme": "hard", "acknowledge_leaks": True},
            "negatives": {"sampler": "given", "ratio": 2},
            "evaluation": {"negatives": ["given"]},
        }
    )
    with pytest.raises(InputError, match=r"negatives\.ratio"):
        prepare(config)


@needs("beeline/splits")
@pytest.mark.parametrize("name", ["hESC 500", "hESC 1000", "mESC 500", "mESC 1000"])
def test_the_shared_splits_are_of_the_scheme_hard(name: str) -> None:
    """A TF with several targets has as many pairs of each label in each part as ours would give it."""
    parts = {part: pd.read_csv(SPLITS / name / f"{part.title()}_set.csv", index_col=0) for part in PARTS}
    counts = {
        (part, label): table[table["Label"] == label]["TF"].value_counts()
        for part, table in parts.items()
        for label in (1, 0)
    }
    tfs = sorted(set.union(*(set(table["TF"]) for table in parts.values())))
    edges = [
        (f"t{tf}", f"g{i}") for tf in tfs for i in range(sum(counts[part, 1].get(tf, 0) for part in PARTS))
    ]
    num_genes = max(sum(c.get(tf, 0) for c in counts.values()) for tf in tfs)
    listed = build_graph(
        pd.DataFrame(edges, columns=["source", "target"]),
        tfs=[f"t{tf}" for tf in tfs],
        genes=[f"g{i}" for i in range(num_genes)],
    )
    ours = split_of(listed, scheme="hard")
    several = [i for i, tf in enumerate(tfs) if sum(counts[part, 1].get(tf, 0) for part in PARTS) > 1]
    for (part, label), theirs in counts.items():
        pairs = (ours.positives if label else ours.negatives)[part]
        here = np.array(of_each_tf(pairs, len(tfs)))
        there = np.array([theirs.get(tf, 0) for tf in tfs])
        assert (here[several] == there[several]).all()
