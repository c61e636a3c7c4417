"""Random inputs for property tests."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st
from torch_geometric.data import HeteroData

from grnpyg.data.graph import build_graph


@st.composite
def graphs(draw: st.DrawFn) -> HeteroData:
    """A bipartite graph: some TFs share a gene's name, some nodes may have no edge."""
    num_tfs, num_genes = draw(st.integers(2, 7)), draw(st.integers(4, 14))
    shared = draw(st.integers(0, min(num_tfs, num_genes)))
    genes = [f"g{i}" for i in range(num_genes)]
    tfs = [*genes[:shared], *(f"t{i}" for i in range(shared, num_tfs))]
    possible = [(tf, gene) for tf in tfs for gene in genes if tf != gene]
    chosen = draw(st.sets(st.sampled_from(possible), min_size=len(possible) // 8 + 2))
    edges = pd.DataFrame(sorted(chosen), columns=["source", "target"])
    return build_graph(edges, tfs=tfs, genes=genes)
