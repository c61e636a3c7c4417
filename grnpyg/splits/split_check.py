"""Check a split that was read from a file, before its numbers index anything."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF, num_nodes
from grnpyg.data.graph_check import check_ids, check_pairs


def check_facts(facts: Any) -> None:
    """Check what the header of a split says in words and numbers.

    Raises:
        ValueError: another shape than `save_split` writes.
    """
    if not isinstance(facts, dict):
        raise ValueError("its header is no mapping")
    for key in ("parts", "leaks"):
        words = facts.get(key, ["train"])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"its {key} are not words")
    if "train" not in facts.get("parts", ["train"]):
        raise ValueError("it has no training edges")
    if type(facts.get("moved_back")) is not int or not isinstance(facts.get("regime", ""), str):
        raise ValueError("its header holds other values than a split's")


def check_tensors(tensors: dict[str, Tensor], graph: HeteroData) -> None:
    """Check that every pair and every node of a split is one of the graph.

    Args:
        tensors: name in the file -> tensor.
        graph: the whole graph.

    Raises:
        ValueError: a tensor of another shape, type or range; names it.
    """
    sizes = num_nodes(graph)
    for name, values in tensors.items():
        if name.startswith(("warm/", "universes/")):
            check_ids(values, dict(zip((TF, GENE), sizes, strict=True))[name.rpartition("/")[2]], name)
        elif not name.endswith("/label"):
            check_pairs(values, sizes, name)
        else:
            index = tensors[name.removesuffix("label") + "index"]
            if values.dtype != torch.float32 or values.shape != index.shape[1:]:
                raise ValueError(f"{name} is not one number for each pair")
            if not bool(((values == 0) | (values == 1)).all()):
                raise ValueError(f"{name} holds other labels than 0 and 1")
