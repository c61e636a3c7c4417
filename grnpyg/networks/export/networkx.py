"""A network as a graph of networkx."""

from __future__ import annotations

from typing import Any

import pandas as pd

from grnpyg.networks.clients import client
from grnpyg.networks.export.checked import checked
from grnpyg.networks.keys import TARGET, TF


def to_networkx(table: pd.DataFrame) -> Any:
    """A `networkx.DiGraph`: nodes named as the genes, with `is_tf`; edges with every further column.

    Raises:
        InputError: the table is no network, or networkx is not installed.
    """
    networkx = client("networkx", "a graph of networkx")
    table = checked(table)
    graph = networkx.from_pandas_edgelist(
        table, source=TF, target=TARGET, edge_attr=True, create_using=networkx.DiGraph
    )
    tfs = set(table[TF])
    networkx.set_node_attributes(graph, {name: name in tfs for name in graph}, "is_tf")
    return graph
