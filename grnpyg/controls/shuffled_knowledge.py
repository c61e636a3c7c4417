"""Facts of each node given to another node: the remaining score does not come from knowledge."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.controls.base import Control, controls
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import NUMBERS, OF_SOURCE, is_knowledge


@controls.register("shuffled_knowledge")
class ShuffledKnowledge(Control):
    """Permute the nodes of every knowledge source: what it says of one node it then says of another.

    Each source, and each of its node types, has a permutation of its own. All numbers and degrees remain: a
    model reads as many facts as before, and they fit no longer.
    """

    def before_training(self, data: HeteroData, seed: int) -> HeteroData:
        """See `Control.before_training`."""
        types = [edge_type for edge_type in data.edge_types if is_knowledge(edge_type)]
        kinds = [kind for kind in data.node_types if NUMBERS in data[kind]]
        if not types and not kinds:
            raise InputError(
                "the graph has no knowledge to shuffle",
                where="control shuffled_knowledge",
                fix="name a source, for example `--knowledge go`",
            )
        result = copy.copy(data)
        for sender, name, receiver in types:
            found = OF_SOURCE.fullmatch(name)
            assert found is not None
            ends = [
                _order(data, kind, seed, found[2])[ids]
                for kind, ids in zip((sender, receiver), data[sender, name, receiver].edge_index, strict=True)
            ]
            result[sender, name, receiver].edge_index = torch.stack(ends)
        for kind in kinds:
            result[kind][NUMBERS] = data[kind][NUMBERS][_order(data, kind, seed, NUMBERS)]
        return result


def _order(data: HeteroData, kind: str, seed: int, source: str) -> Tensor:
    """(num_nodes,) which node has the facts of each node."""
    generator = torch_generator(seed, "control", "knowledge", source, kind)
    return torch.randperm(int(data[kind].num_nodes), generator=generator)
