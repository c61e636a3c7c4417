"""Where labels are too few for a split, the message names what works with them, and it does."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
import yaml
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import GENE, TF, build_graph
from grnpyg.negatives import UniformNegatives
from grnpyg.resolve import make_config
from grnpyg.runs.draws import cycle
from grnpyg.splits import LinkSplit, splits

Pairs = list[tuple[str, str]]


def graph_of(pairs: Pairs, genes: int = 0) -> HeteroData:
    more = [f"more{i}" for i in range(genes)]
    table = pd.DataFrame(pairs, columns=["source", "target"])
    return build_graph(table, genes=[*dict.fromkeys(table["target"]), *more])


def grid(tfs: int, genes: int) -> Pairs:
    return [(f"T{i}", f"g{j}") for i in range(tfs) for j in range(genes)]


def sparse(edges: int, tfs: int = 6, genes: int = 8) -> Pairs:
    chosen = numpy_generator(edges, "sparse").choice(tfs * genes, edges, replace=False)
    return [(f"T{i // genes}", f"g{i % genes}") for i in chosen]


LABELS: dict[str, HeteroData] = {
    "a star": graph_of(grid(1, 10)),
    "a star beside other genes": graph_of(grid(1, 10), genes=30),
    "pairs": graph_of([(f"T{i}", f"g{i}") for i in range(6)]),
    "three edges": graph_of([(f"T{i}", f"g{i}") for i in range(3)]),
    "one edge": graph_of(grid(1, 1)),
    "every pair": graph_of(grid(4, 6)),
    "twelve edges": graph_of(sparse(12)),
    "twenty edges": graph_of(sparse(20)),
    "nearly every pair": graph_of(sparse(45)),
}
SPLITS: list[dict[str, Any]] = [
    {"name": "transductive"},
    {"name": "transductive", "isolated": "set_aside"},
    {"name": "transductive", "val_ratio": 0.0},
    {"name": "transductive", "val_ratio": 0.05, "test_ratio": 0.05},
    {"name": "cold_start"},
    {"name": "cold_start", "tf_ratio": 0.05, "val_ratio": 0.05},
    {"name": "cold_start", "folds": 9, "fold": 8},
    {"name": "pooled", "acknowledge_leaks": True},
    {"name": "genelink", "acknowledge_leaks": True},
    {"name": "genelink", "acknowledge_leaks": True, "density": 0.001},
    {"name": "genelink", "acknowledge_leaks": True, "scheme": "hard"},
]


def made(data: HeteroData, spec: dict[str, Any]) -> LinkSplit | str:
    """The split, or why there is none."""
    try:
        return splits.build_from(spec).split(data, 0)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("spec", SPLITS, ids=lambda spec: "-".join(map(str, spec.values())))
@pytest.mark.parametrize("labels", LABELS)
def test_the_options_that_a_message_names_make_a_split(labels: str, spec: dict[str, Any]) -> None:
    said = made(LABELS[labels], spec)
    if not isinstance(said, str):
        return
    named = {k: yaml.safe_load(v) for k, v in re.findall(r"--set split\.(\w+)=([\w.]+)", said)}
    if not named:
        assert "give labels" in said or "use labels" in said.lower(), said
        assert labels in ("a star", "one edge", "every pair", "nearly every pair"), said
        return
    assert ("in place of the options" in said) == ("name" in named), said
    followed = made(LABELS[labels], named if "name" in named else spec | named)
    assert isinstance(followed, LinkSplit), f"{said}\n{followed}"
    assert all(edges.size(1) for edges in followed.positives.values())
    if not followed.negatives:  # the next step has what it needs as well
        for subset in followed.positives:
            smallest = 1 / followed.positives[subset].size(1)
            assert UniformNegatives().sample(followed, subset, smallest, 0).size(1) == 1


def trained_on(data: HeteroData) -> LinkSplit:
    """A split with every known edge in training."""
    edges = data["tf", "regulates", "gene"].edge_index
    warm = {TF: edges[0].unique(), GENE: edges[1].unique()}
    return LinkSplit(data, {"train": edges, "test": edges[:, :1]}, warm, 0, edges[:, :0])


def turns(split: LinkSplit, share: float | None) -> int | str:
    """How many folds there are, or why there are none."""
    config = make_config({"encoder": "sage", "training": {"disjoint_train_ratio": share}})
    try:
        return len(cycle(config, split))
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("labels", ["twelve edges", "twenty edges", "pairs", "a star beside other genes"])
@pytest.mark.parametrize("share", [0.5, 0.3, 0.06, 0.01])
def test_the_share_of_a_fold_that_a_message_names_works(labels: str, share: float) -> None:
    split = trained_on(LABELS[labels])
    said = turns(split, share)
    if isinstance(said, str):
        named = re.search(r"--set training\.disjoint_train_ratio=([\w.]+\w)", said)
        assert named, said
        assert isinstance(turns(split, yaml.safe_load(named[1])), int), said
    assert isinstance(said, str) or labels in ("twelve edges", "twenty edges")


def test_a_ratio_for_unseen_nodes_is_feasible_in_all_their_subsets() -> None:
    shares = {"tf_ratio": 0.4, "gene_ratio": 0.4, "val_ratio": 0.3, "test_ratio": 0.3}
    split = splits.build("cold_start", **shares).split(graph_of(sparse(60, 10, 14)), 0)
    for subset in split.universes:
        with pytest.raises(InputError, match=r"evaluation\.ratio: .*largest feasible ratio") as refused:
            UniformNegatives().sample(split, subset, 50.0, 0)
        largest = float(str(refused.value).split()[-1])
        for other in split.universes:
            assert UniformNegatives().sample(split, other, largest, 0).size(1)
