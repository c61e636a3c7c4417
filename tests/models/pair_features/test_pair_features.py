"""Pair features: their promises, over every registered one, and what each counts on graphs done by hand."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from known_graphs import add_numbers, add_similar
from numpy.typing import NDArray
from strategies import graphs
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import GENE, REGULATES, TF, build_graph, num_nodes, pair_codes
from grnpyg.models.pair_features import Messages, PairFeature, PairNumber, pair_features
from grnpyg.models.pair_features.numbers import Ids, Lookup, OfTF, Values
from grnpyg.splits import splits
from grnpyg.splits.folds import fold
from grnpyg.splits.messages import with_messages
from grnpyg.testing import check_pair_feature
from grnpyg.testing.graph import small_graph
from grnpyg.testing.pair_feature import pair_tables


def prepared(data: HeteroData) -> HeteroData:
    """The graph with the matrices and the knowledge that a feature may ask for."""
    add_numbers(add_similar(data, "made_up", 0), {TF: 2, GENE: 3})
    data[TF].pearson = torch.linspace(-1, 1, num_nodes(data)[0] * num_nodes(data)[1]).view(num_nodes(data))
    return data


class Good(PairFeature):
    num_values: ClassVar[int] = 1

    def numbers(self, messages: Messages) -> list[PairNumber]:
        return [Lookup(messages.edges)]


class TooFew(Good):
    num_values: ClassVar[int] = 2


class Narrow(Good):
    def numbers(self, messages: Messages) -> list[PairNumber]:
        return [Lookup(messages.edges[:, :3])]


class DividesByDegree(Good):
    def numbers(self, messages: Messages) -> list[PairNumber]:
        with np.errstate(all="ignore"):
            return [OfTF(1 / messages.tf_degree, messages.edges.shape[1])]


class TurnsRows(Good):
    def numbers(self, messages: Messages) -> list[PairNumber]:
        class Turned(Lookup):
            def rows(self, tf: Ids) -> Values:
                return super().rows(tf)[:, ::-1]

        return [Turned(messages.edges)]


class Remembers(Good):
    first: Any = None

    def numbers(self, messages: Messages) -> list[PairNumber]:
        self.first = messages.edges if self.first is None else self.first
        return [Lookup(self.first)]


class Writes(Good):
    def numbers(self, messages: Messages) -> list[PairNumber]:
        messages.graph[TF].x += 1
        return super().numbers(messages)


@pytest.mark.parametrize("spec", [*pair_features.names(), Good])
def test_every_feature_keeps_its_promises(spec: str | type[PairFeature]) -> None:
    check_pair_feature(spec)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (TooFew, "gives 1 numbers for a pair but declares 2"),
        (Narrow, r"shape \(6, 3\) for 6 TFs x 20 genes"),
        (DividesByDegree, "not finite"),
        (TurnsRows, "at and rows"),
        (Remembers, "seen before"),
        (Writes, "changes the graph"),
    ],
)
def test_a_broken_promise_is_named(spec: type[PairFeature], says: str) -> None:
    with pytest.raises((InputError, AssertionError), match=says):
        check_pair_feature(spec)


@pytest.mark.parametrize("name", pair_features.names())
@settings(max_examples=15, deadline=None)
@given(data=graphs())
def test_numbers_are_finite_on_any_graph_with_nodes_that_have_no_edge(name: str, data: HeteroData) -> None:
    fewer = with_messages(prepared(data), data[REGULATES].edge_index[:, ::3])
    pair_tables(pair_features.build(name), fewer)  # which checks it


EDGELESS = {"coexpression", "direct", "family", "node_facts"}  # they read no message edge


@pytest.mark.parametrize("name", sorted(set(pair_features.names()) - EDGELESS))
def test_numbers_follow_the_edges_of_the_graph_that_is_passed_in(name: str) -> None:
    data = prepared(small_graph())
    fewer = with_messages(data, data[REGULATES].edge_index[:, ::2])
    feature = pair_features.build(name)
    pairs = zip(pair_tables(feature, data), pair_tables(feature, fewer), strict=True)
    assert any(not np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("num_tfs", [5, 20, 70])
@pytest.mark.parametrize("name", pair_features.names())
def test_pairs_have_values_in_the_range_of_training(name: str, num_tfs: int) -> None:
    """A rank-64 SVD of at most 64 TFs was 0 for every training pair and large for pairs that are scored.

    Training pairs are read on the graph without their fold, held-out and unlabelled pairs on the whole one.
    """
    split = splits.build("transductive").split(prepared(small_graph(num_tfs, 90)), 0)
    feature = pair_features.build(name)
    num_genes = num_nodes(split.graph)[1]
    pairs = torch.cartesian_prod(*map(torch.arange, num_nodes(split.graph))).t()
    known = torch.isin(pair_codes(split.graph, pairs), pair_codes(split.graph, split.positives["train"]))
    others = pairs[:, ~known]
    seen = []
    for number in range(4):
        part = fold(split, number, 4, seed=0)
        asked = torch.cat([part.positives["train"], others[:, number::4]], dim=1).numpy()
        values = np.stack([t[tuple(asked)] for t in pair_tables(feature, part.graph)], axis=1)
        seen.append(values)
    scored = np.stack([t[tuple(others.numpy())] for t in pair_tables(feature, split.graph)], axis=1)
    assert scored.shape == (num_tfs * num_genes - int(known.sum()), feature.width(split.graph))
    low, high = np.concatenate(seen).min(axis=0), np.concatenate(seen).max(axis=0)
    margin = (high - low) / 2 + 1e-6
    assert (scored >= low - margin).all()
    assert (scored <= high + margin).all()


@pytest.mark.parametrize("name", ["spectral", "svd"])
@pytest.mark.parametrize(("num_tfs", "most"), [(2, 1), (3, 1), (9, 4)])
def test_a_rank_is_at_most_half_the_linked_nodes(name: str, num_tfs: int, most: int) -> None:
    data = small_graph(num_tfs, 40)
    for table in pair_tables(pair_features.build(name), data):
        score = np.sign(table) * np.expm1(np.abs(table.astype(np.float64)))
        assert np.linalg.matrix_rank(score, tol=1e-3 * np.abs(score).max()) <= most
    alone = with_messages(data, data[REGULATES].edge_index[:, :1])
    assert not any(table.any() for table in pair_tables(pair_features.build(name), alone))


def in_parts(order: NDArray[np.int64] | None = None) -> HeteroData:
    """A part of 40 TFs and 60 genes, and 60 TFs with two genes each that no other TF regulates."""
    linked = np.zeros((100, 180), bool)
    linked[:40, :60] = numpy_generator(0, "parts").random((40, 60)) < 0.2
    linked[40:, 60:] = np.kron(np.eye(60), [1, 1])
    names = [f"T{i}" for i in range(100)], [f"G{j}" for j in range(180)]
    edges = pd.DataFrame(
        [(names[0][i], names[1][j]) for i, j in np.argwhere(linked)], columns=["source", "target"]
    )
    tfs = names[0] if order is None else [names[0][i] for i in order]
    return build_graph(edges, tfs=tfs, genes=names[1])


@pytest.mark.parametrize("name", ["degree", "ease", "gene_neighbours", "spectral", "tf_neighbours", "walks"])
def test_a_number_does_not_depend_on_the_order_of_nodes(name: str) -> None:
    """`svd` fails: 60 equal parts share the largest singular value, and rounding chooses among them."""
    order = numpy_generator(1, "order").permutation(100)
    plain, turned = (pair_tables(pair_features.build(name), in_parts(given)) for given in (None, order))
    for one, other in zip(plain, turned, strict=True):
        np.testing.assert_allclose(other, one[order], atol=1e-4 * np.abs(one).max())


def test_equal_singular_values_are_kept_or_left_out_together() -> None:
    """The rank, 50, would cut through the 60 equal values of the small parts, which follow 40 larger ones."""
    for table in pair_tables(pair_features.build("spectral"), in_parts()):
        assert table[:40, :60].any()
        assert not table[40:].any()


def test_bpr_puts_an_edge_above_the_same_edge_with_another_end() -> None:
    """Two groups of TFs with their own genes: within a group a pair scores above one across."""
    within = np.kron(np.eye(2), np.ones((6, 20))) * (np.random.default_rng(0).random((12, 40)) < 0.6)
    edges = pd.DataFrame([(f"T{i}", f"G{j}") for i, j in np.argwhere(within)], columns=["source", "target"])
    data = build_graph(edges, tfs=[f"T{i}" for i in range(12)], genes=[f"G{j}" for j in range(40)])
    (table,) = pair_tables(pair_features.build("bpr"), data)
    left_out = (np.kron(np.eye(2), np.ones((6, 20))) > 0) & (within == 0)
    across = np.kron(np.eye(2), np.ones((6, 20))) == 0
    linked = within.any(axis=1)[:, None] & within.any(axis=0)
    assert table[left_out & linked].min() > table[across & linked].max()
    again = with_messages(data, data[REGULATES].edge_index.flip(1))
    assert np.array_equal(pair_tables(pair_features.build("bpr"), again)[0], table)


def by_hand() -> HeteroData:
    """A regulates x and y, B regulates x and z; B is also a gene and A regulates it."""
    edges = pd.DataFrame(
        [("A", "x"), ("A", "y"), ("A", "B"), ("B", "x"), ("B", "z")], columns=["source", "target"]
    )
    return build_graph(edges)  # TFs A, B; genes B, x, y, z


def test_walks_count_ways_through_another_tf() -> None:
    count, probability = pair_tables(pair_features.build("walks"), by_hand())
    # from A over x to B, and from there to x or z
    assert np.expm1(count[0]).tolist() == pytest.approx([0, 1, 0, 1])
    # 1/3 to take x, 1/2 to go to B (x has two TFs), 1/2 to take z
    assert np.expm1(probability[0]) * 1e-4 == pytest.approx([0, 1 / 12, 0, 1 / 12], rel=1e-5)


def family_by_hand(names: dict[str, str]) -> list[Any]:
    edges = [("HOXA1", "COL1A1"), ("HOXA2", "COL1A2"), ("MYC", "TP53"), ("MYC", "COL1A1")]
    table = pd.DataFrame([(names.get(a, a), names.get(b, b)) for a, b in edges], columns=["source", "target"])
    data = build_graph(table)
    order = [list(data[kind].name) for kind in (TF, GENE)]
    rows, columns = (
        [names_of.index(names.get(name, name)) for name in wanted]
        for names_of, wanted in zip(
            order, (("HOXA1", "HOXA2", "MYC"), ("COL1A1", "COL1A2", "TP53")), strict=True
        )
    )
    return [found[np.ix_(rows, columns)] for found in pair_tables(pair_features.build("family"), data)]


def test_relatives_share_the_stem_of_their_symbol() -> None:
    of_tf, of_gene, both, direct, tfs, genes = family_by_hand({})
    tf, gene = ((4 - 2) / (5 - 2)) ** 2, ((5 - 2) / (6 - 2)) ** 2  # HOXA1 and 2; COL1A1 and 2
    assert of_tf == pytest.approx(np.array([[0, tf, 0], [tf, 0, 0], [0, 0, 0]]) / (1 + tf), rel=1e-6)
    assert of_gene == pytest.approx(
        np.array([[0, gene, 0], [gene, 0, 0], [0, gene, 0]]) / (1 + gene), rel=1e-6
    )
    # HOXA2 -> COL1A2 is from a relative of HOXA1 to one of COL1A1
    assert np.expm1(both) * 0.1 == pytest.approx(
        np.array([[tf * gene, 0, 0], [0, tf * gene, 0], [0, 0, 0]]), rel=1e-5
    )
    assert not direct.any()
    assert np.expm1(tfs[:, 0]) == pytest.approx([tf, tf, 0], rel=1e-6)
    assert np.expm1(genes[0]) == pytest.approx([gene, gene, 0], rel=1e-6)


def test_case_does_not_matter_and_accessions_have_no_relatives() -> None:
    mouse = {name: name.capitalize() for name in ("HOXA1", "HOXA2", "MYC", "COL1A1", "COL1A2", "TP53")}
    for one, other in zip(family_by_hand(mouse), family_by_hand({}), strict=True):
        np.testing.assert_array_equal(one, other)
    ids = {name: f"ENSG{number:011d}" for number, name in enumerate(mouse)}
    assert not any(table.any() for table in family_by_hand(ids))


def test_neighbours_weigh_the_other_tf_by_shared_targets() -> None:
    total, mean, rare, _ = pair_tables(pair_features.build("tf_neighbours"), by_hand())
    cosine = 1 / np.sqrt(3 * 2)
    assert np.expm1(total[0]) * 0.1 == pytest.approx([0, cosine, 0, cosine], rel=1e-5)
    assert np.expm1(mean[0]) * 0.01 == pytest.approx([0, cosine / 2, 0, cosine], rel=1e-5)
    weighted = 0.5 / np.sqrt((0.5 + 1 + 1) * (0.5 + 1))  # x counts half, it has two TFs
    assert np.expm1(rare[0]) * 0.1 == pytest.approx([0, weighted, 0, weighted], rel=1e-5)


def test_own_gene_turns_the_pair_round() -> None:
    is_tf, turned, targets, regulators, of_gene, of_tf = pair_tables(
        pair_features.build("own_gene"), by_hand()
    )
    assert is_tf.tolist() == [[1, 0, 0, 0]] * 2
    # only B has a gene of its own: the pair (B, B) turned round is no edge
    assert not turned.any()
    assert targets[0, 0] == pytest.approx(1 / np.sqrt(6))
    assert not targets[:, 1:].any()
    # B's own gene is regulated by A; so are x (of two TFs) and y
    assert regulators[1] == pytest.approx([1, 1 / np.sqrt(2), 1, 0])
    assert not regulators[0].any()
    assert of_gene[0, 0] == pytest.approx(np.log(3))
    assert of_tf[1] == pytest.approx(np.log(2))
