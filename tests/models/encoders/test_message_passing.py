"""What every encoder that passes messages has in common: its options do what they say."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from encoder_graphs import MESSAGES, coexpressed_graph, small
from hypothesis import given, settings
from hypothesis import strategies as st
from pairwise import pairwise
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import forked
from grnpyg.data.graph import COEXPRESSED, ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF, num_nodes
from grnpyg.models.encoders import NodeEncoder, encoders
from grnpyg.testing import check_encoder, check_pruning, small_graph
from grnpyg.testing.rules import close, count, equal, perturbed

LAYERED = [name for name in MESSAGES if "jumping_knowledge" in encoders.options(name)]
TYPES = {
    "regulates": REGULATES,
    "reverse": REGULATED_BY,
    "encoded_by": ENCODED_BY,
    "coexpressed": COEXPRESSED,
}
DUAL = {"name": "dual", "hidden_channels": 6, "out_channels": 4}


def encoder_of(name: str, data: HeteroData, seed: int = 0, **options: Any) -> NodeEncoder:
    with forked(seed, "test"):
        return perturbed(encoders.build(name, data, **small(name), **options))


def test_the_encoders_of_the_field_are_there() -> None:
    assert {"gcn", "sage", "gat", "gin", "transformer", "rgcn", "hgt", "lightgcn"} <= set(MESSAGES)


@pytest.mark.parametrize("name", LAYERED)
@pytest.mark.parametrize(
    ("jumping_knowledge", "norm", "residual", "num_layers"),
    [
        ("last", "layer", True, 3),
        ("cat", "batch", False, 3),
        ("max", "layer", False, 2),
        ("mean", "batch", True, 1),
    ],
)
@pytest.mark.slow
def test_combinations_keep_the_contract(
    name: str, jumping_knowledge: str, norm: str, residual: bool, num_layers: int
) -> None:
    check_encoder(
        name,
        coexpressed_graph(),
        **small(name),
        jumping_knowledge=jumping_knowledge,
        norm=norm,
        residual=residual,
        num_layers=num_layers,
        dropout=0.3,
        edges=("regulates", "reverse", "encoded_by", "coexpressed"),
    )


@pytest.mark.parametrize(
    ("name", "norm", "residual", "jumping_knowledge"),
    pairwise(["sage", "gat"], ["none", "batch"], [False, True], ["last", "cat", "max", "mean"]),
)
@pytest.mark.slow
def test_cutting_equals_masking_whatever_two_options_meet(
    name: str, norm: str, residual: bool, jumping_knowledge: str
) -> None:
    options = {"norm": norm, "residual": residual, "jumping_knowledge": jumping_knowledge, "num_layers": 2}
    check_pruning({"name": name, **small(name), **options}, DUAL)


def test_units_that_keep_their_h_are_joined_over_the_layers() -> None:
    """With `regulates` alone nothing is sent to a TF: its h goes through all layers as it is."""
    check_pruning({"name": "sage", **small("sage"), "edges": ("regulates",), "num_layers": 2}, DUAL)


@pytest.mark.parametrize("name", LAYERED)
def test_layer_normalisation_leaves_the_hidden_units_out(name: str) -> None:
    spec = {"name": name, **small(name), "norm": "layer"}
    with pytest.raises(InputError, match="does not say which units hidden_channels has"):
        check_pruning(spec, DUAL, what="hidden")
    check_pruning(spec, DUAL, what="embedding")


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize(
    "asked", [("regulates",), ("reverse",), ("regulates", "encoded_by"), ("coexpressed", "reverse")]
)
def test_exactly_the_message_types_that_are_named_are_read(name: str, asked: tuple[str, ...]) -> None:
    data = coexpressed_graph()
    encoder = encoder_of(name, data, edges=asked, num_layers=1)
    z = encoder(data)
    for edge, edge_type in TYPES.items():
        without = copy.copy(data)
        without[edge_type].edge_index = data[edge_type].edge_index[:, 3:]
        assert equal(encoder(without), z) == (edge not in asked), edge


def test_a_tf_and_its_own_gene_send_to_each_other() -> None:
    data = small_graph()
    encoder = encoder_of("sage", data, edges=("encoded_by",), num_layers=1)
    z = encoder(data)
    tf, gene = data[ENCODED_BY].edge_index[:, 0]
    for kind, node, receiver, end in ((TF, tf, GENE, gene), (GENE, gene, TF, tf)):
        other = copy.copy(data)
        other[kind].x = data[kind].x.clone()
        other[kind].x[node] += 1
        changed = (encoder(other)[receiver] != z[receiver]).any(dim=1)
        assert changed.nonzero().flatten().tolist() == [int(end)]


@pytest.mark.parametrize("name", LAYERED)
def test_options_change_z(name: str) -> None:
    """The same parameters (but for the width that `cat` adds) give another z under every other option."""
    data = small_graph()
    plain = encoder_of(name, data)
    z = plain(data)[GENE]
    for option in ({"residual": True}, {"jumping_knowledge": "max"}, {"jumping_knowledge": "mean"}):
        other = encoder_of(name, data, **option)
        other.load_state_dict(plain.state_dict())
        assert not close(other(data)[GENE], z), option
    wider = encoder_of(name, data, jumping_knowledge="cat")
    assert count(wider) > count(plain)
    for norm, module in (("layer", nn.LayerNorm), ("batch", nn.BatchNorm1d)):
        found = [part for part in encoder_of(name, data, norm=norm).modules() if isinstance(part, module)]
        assert len(found) == 2 * 2  # layers times node types


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("inputs", ["features", "both"])
def test_a_graph_without_features_is_refused(name: str, inputs: str) -> None:
    data = small_graph(num_features=0)
    with pytest.raises(InputError, match=r"expression features.*encoder.inputs to id"):
        encoders.build(name, data, inputs=inputs)
    assert encoders.build(name, data, inputs="id")(data)[TF].isfinite().all()


@pytest.mark.parametrize("name", MESSAGES)
def test_with_features_alone_nodes_that_training_never_saw_are_encoded(name: str) -> None:
    """The parameters fit a graph with more nodes, and the z of its cold genes follows their expression."""
    seen, unseen = small_graph(6, 20), small_graph(8, 30, seed=5)
    encoder = encoder_of(name, seen, inputs="features", **({} if name == "lightgcn" else {"residual": True}))
    larger = encoder_of(name, unseen, inputs="features", **({} if name == "lightgcn" else {"residual": True}))
    larger.load_state_dict(encoder.state_dict())
    edges = unseen[REGULATES].edge_index
    unseen[REGULATES].edge_index = edges = edges[:, edges[1] > 9]
    unseen[REGULATED_BY].edge_index = edges.flip(0)
    z = larger(unseen)[GENE]
    cold = z[5:10]  # genes without any edge
    assert cold.isfinite().all()
    assert len({tuple(row) for row in cold.tolist()}) == 5


@pytest.mark.parametrize("inputs", ["features", "both"])
def test_a_node_without_expression_is_not_an_average_node(inputs: str) -> None:
    """Filler zeros are also the mean of standardised features: the mask tells them apart."""
    data = small_graph()
    encoder = encoder_of("sage", data, inputs=inputs)
    z = encoder(data)[GENE][-1]
    data[GENE].has_expression = torch.ones(20, dtype=torch.bool)
    assert not close(encoder(data)[GENE][-1], z)


def test_edges_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(InputError, match="no co-expressed genes"):
        encoders.build("sage", small_graph(), edges=("coexpressed",))
    with pytest.raises(InputError, match="names a message type twice"):
        encoders.build("gcn", small_graph(), edges=("reverse", "reverse"))
    with pytest.raises(InputError, match="edges"):
        encoders.build("gcn", small_graph(), edges=())
    with pytest.raises(InputError, match="edges"):
        encoders.build("gcn", small_graph(), edges=("regulate",))


def renumbered(data: HeteroData, orders: dict[str, Tensor]) -> HeteroData:
    """The same graph; node `order[i]` of each type becomes node i, and the edges are listed backwards."""
    result = copy.copy(data)
    new = {kind: order.argsort() for kind, order in orders.items()}
    for kind, order in orders.items():
        result[kind].x, result[kind].has_expression = data[kind].x[order], data[kind].has_expression[order]
        result[kind].name = [data[kind].name[i] for i in order]
    for edge_type in data.edge_types:
        sender, receiver = data[edge_type].edge_index.flip(1)
        result[edge_type].edge_index = torch.stack([new[edge_type[0]][sender], new[edge_type[2]][receiver]])
    return result


@pytest.mark.parametrize("name", MESSAGES)
@settings(deadline=None, max_examples=5)
@given(choice=st.data())
@pytest.mark.slow
def test_numbering_the_nodes_anew_numbers_z_anew(name: str, choice: st.DataObject) -> None:
    data = coexpressed_graph(
        choice.draw(st.integers(2, 7)), choice.draw(st.integers(8, 14)), seed=choice.draw(st.integers(0, 99))
    )
    sizes = dict(zip((TF, GENE), num_nodes(data), strict=True))
    orders = {kind: torch.tensor(choice.draw(st.permutations(range(size)))) for kind, size in sizes.items()}
    options: dict[str, Any] = {"inputs": "both", "edges": tuple(TYPES)}
    encoder = encoder_of(name, data, **options)
    other = encoder_of(name, data, **options)
    state = encoder.state_dict()
    for kind, order in orders.items():
        state[f"inputs.embedding.{kind}.weight"] = state[f"inputs.embedding.{kind}.weight"][order]
    other.load_state_dict(state)
    z, again = encoder(data), other(renumbered(data, orders))
    for kind, order in orders.items():
        assert close(again[kind], z[kind][order])
