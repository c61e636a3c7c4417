"""Contract checks for node encoders."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, NUMBERS, REGULATES, TF, num_nodes
from grnpyg.models.encoders import NodeEncoder, encoders
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.splits.messages import with_messages
from grnpyg.testing.graph import small_graph, some_pairs
from grnpyg.testing.rules import (
    check_repeatable,
    check_same,
    check_start,
    check_trains,
    check_widths,
    count,
    ensure,
    equal,
    perturbed,
)


def check_encoder(spec: str | type[NodeEncoder], data: HeteroData | None = None, **options: Any) -> None:
    """Check a node encoder.

    `z` has the declared shapes and is finite. `encode_pairs` equals the plain path in value and gradient.
    Start values depend on the seed only. Evaluation is repeatable and changes nothing. `widths` are real
    options. `z` depends only on the edges of the graph that is passed in and, with `uses_messages = False`,
    on no edge. The state_dict is complete. Every parameter gets a gradient, also under bf16 autocast.

    Args:
        spec: name, `module:Class` or class.
        data: the graph to check it on; default `small_graph()`, with made-up numbers of knowledge sources.
        options: of the encoder.

    Raises:
        AssertionError: the broken rule.
        InputError: unknown name or option, or the encoder refuses the graph.
    """
    data = _with_numbers(small_graph()) if data is None else data

    def build(seed: int, graph: HeteroData, **changed: Any) -> PairModel:
        head = {"name": "dual", "hidden_channels": 8, "out_channels": 4}
        return build_model(graph, {"name": spec, **options, **changed}, head, seed)

    check_start(lambda seed: build(seed, data).encoder)
    check_widths(encoders, spec, options, lambda changed: count(build(0, data, **changed).encoder))

    model = perturbed(build(0, data))
    encoder = model.encoder
    before = copy.deepcopy(data.to_dict())
    z = check_repeatable(encoder, lambda: encoder(data))
    ensure(equal(before, data.to_dict()), "forward changes the graph it is given")
    _check_shapes(encoder, data, z)

    pairs = some_pairs(data)
    plain = NodeEncoder.encode_pairs(encoder, data, pairs)
    check_same(encoder.encode_pairs(data, pairs), plain, encoder.parameters(), "encode_pairs against forward")

    fewer = with_messages(data, data[REGULATES].edge_index[:, ::2])
    fresh = perturbed(build(0, fewer)).encoder(fewer)
    ensure(
        equal(encoder(fewer), fresh), "z depends on edges that were seen in __init__ or in an earlier call"
    )
    if not encoder.uses_messages:
        ensure(equal(encoder(_without_edges(data)), z), "uses_messages is False, but z depends on the edges")

    other = build(1, data).eval()
    other.load_state_dict(model.state_dict())
    ensure(equal(other.encoder(data), z), "z changes when the state_dict moves to another instance")
    check_trains(encoder.train(), lambda: model(data, pairs))


def _with_numbers(data: HeteroData) -> HeteroData:
    for kind, size in zip((TF, GENE), num_nodes(data), strict=True):
        data[kind][NUMBERS] = torch.randn(size, 3, generator=torch_generator(0, "check_encoder", kind))
    return data


def _check_shapes(encoder: NodeEncoder, data: HeteroData, z: dict[str, Tensor]) -> None:
    ensure(set(z) == {TF, GENE}, f"forward gives z of {sorted(z)}, not of {TF} and {GENE}")
    for kind, size in zip((TF, GENE), num_nodes(data), strict=True):
        declared = (size, encoder.out_channels[kind])
        ensure(
            z[kind].shape == declared, f"z of {kind} has shape {tuple(z[kind].shape)}, declared {declared}"
        )
        ensure(z[kind].is_floating_point(), f"z of {kind} is {z[kind].dtype}")
        ensure(bool(z[kind].isfinite().all()), f"z of {kind} is not finite")
    narrowest = min(encoder.out_channels.values())
    ensure(
        0 <= encoder.latent_channels <= narrowest,
        f"latent_channels is {encoder.latent_channels}, but the narrower z has {narrowest} columns",
    )


def _without_edges(data: HeteroData) -> HeteroData:
    result = copy.copy(data)
    for edge_type in data.edge_types:
        for key, value in data[edge_type].items():
            result[edge_type][key] = value[:, :0] if key == "edge_index" else value[:0]
    return result
