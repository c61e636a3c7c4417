"""Encoders against their formulas in dense matrices."""

from __future__ import annotations

import pytest
import torch
from encoder_graphs import coexpressed_graph
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.nn import LightGCN

from grnpyg.data.graph import COEXPRESSED, GENE, REGULATES, TF
from grnpyg.models.encoders import encoders
from grnpyg.models.encoders.message_edges import edges_into, symmetric_weights
from grnpyg.testing import small_graph
from grnpyg.testing.rules import close, perturbed


def dense(data: HeteroData, *, normalised: bool = False) -> Tensor:
    """(num_tfs, num_genes) 1 where there is an edge, or 1 / sqrt(d_tf d_gene)."""
    table = torch.zeros(6, 20)
    table[tuple(data[REGULATES].edge_index)] = 1
    return table / (table.sum(1, keepdim=True) * table.sum(0)).sqrt() if normalised else table


def test_lightgcn_is_the_papers_propagation() -> None:
    """Equation 8 of arXiv 2002.02126 on the joint adjacency matrix, and PyG's own LightGCN model."""
    data = small_graph()
    encoder = encoders.build("lightgcn", data, embedding_dim=4, num_layers=3)
    z = encoder(data)
    table = dense(data, normalised=True)
    joint = torch.cat(
        [torch.cat([torch.zeros(6, 6), table], 1), torch.cat([table.t(), torch.zeros(20, 20)], 1)]
    )
    start = torch.cat([encoder.inputs.embedding[kind].weight for kind in (TF, GENE)])
    wanted = sum(torch.linalg.matrix_power(joint, power) @ start for power in range(4)) / 4
    assert close(torch.cat([z[TF], z[GENE]]), wanted)
    model = LightGCN(26, 4, num_layers=3)
    model.embedding.weight.data = start.detach().clone()
    tf, gene = data[REGULATES].edge_index
    both_ways = torch.stack([torch.cat([tf, gene + 6]), torch.cat([gene + 6, tf])])
    assert close(torch.cat([z[TF], z[GENE]]), model.get_embedding(both_ways))


def layer_of(name: str, data: HeteroData) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """Parameters, inputs and z of an encoder of one layer that only genes hear."""
    encoder = perturbed(
        encoders.build(name, data, hidden_channels=4, out_channels=3, num_layers=1, edges=("regulates",))
    )
    state = dict(encoder.state_dict())
    return state, encoder.inputs(data), encoder(data)


@pytest.mark.parametrize(
    ("name", "neighbours", "root"),
    [("sage", "lin_l", "lin_r"), ("gcn", "lin_rel", "lin_root")],
)
def test_one_layer_of_sage_and_gcn(name: str, neighbours: str, root: str) -> None:
    data = small_graph()
    state, x, z = layer_of(name, data)
    table = dense(data, normalised=name == "gcn")
    if name == "sage":
        table = table / table.sum(0)
    conv = "convs.0.conv.convs.<tf___regulates___gene>"
    h = table.t() @ x[TF] @ state[f"{conv}.{neighbours}.weight"].t() + state[f"{conv}.{neighbours}.bias"]
    h = (h + x[GENE] @ state[f"{conv}.{root}.weight"].t()).relu()
    assert close(z[GENE], h @ state["out.gene.weight"].t() + state["out.gene.bias"])
    assert close(z[TF], x[TF] @ state["out.tf.weight"].t() + state["out.tf.bias"])  # nobody sends to it


def test_weights_between_genes_count_both_ends() -> None:
    data = coexpressed_graph()
    edges = {COEXPRESSED: data[COEXPRESSED].edge_index}
    sender, receiver = edges[COEXPRESSED]
    sent, heard = torch.bincount(sender, minlength=20), torch.bincount(receiver, minlength=20)
    wanted = 1 / (sent[sender] * heard[receiver]).float().sqrt()
    assert close(symmetric_weights({GENE: data[GENE].x}, edges)[COEXPRESSED], wanted)


def test_edges_into_some_nodes_keep_their_order_and_weights() -> None:
    edges = {REGULATES: torch.tensor([[0, 1, 2, 0, 1], [3, 1, 3, 0, 2]])}
    weights = {"weight": {REGULATES: torch.tensor([0.1, 0.2, 0.3, 0.4, 0.5])}}
    x = {TF: torch.zeros(3, 1), GENE: torch.zeros(4, 1)}
    fewer, kept = edges_into({TF: torch.tensor([1]), GENE: torch.tensor([1, 3])}, x, edges, weights)
    assert fewer[REGULATES].tolist() == [[0, 1, 2], [1, 0, 1]]
    assert close(kept["weight"][REGULATES], torch.tensor([0.1, 0.2, 0.3]))
