"""The bundled tables on the bundled labels: they know the genes, and it has to do with regulation."""

from __future__ import annotations

import numpy as np
import pytest
from places import SHARED, needs
from scipy.sparse import csr_array
from torch_geometric.data import HeteroData

from grnpyg.api.grn import build_grn
from grnpyg.controls import controls
from grnpyg.data.graph import GENE, NUMBERS, SIMILAR, knowledge_edges
from grnpyg.data.grn import GRN
from grnpyg.models.pair_features import Messages

pytestmark = pytest.mark.slow
SOURCES = ("go", "pfam", "tf_family", "tissues", "cells", "position")


@pytest.fixture(scope="module")
def grn() -> GRN:
    return build_grn(knowledge=SOURCES)


def test_they_know_nearly_all_genes(grn: GRN) -> None:
    known = {name: facts["known"] for name, facts in grn.report.identifiers["knowledge"].items()}
    assert known.keys() == set(SOURCES)
    assert all(known[name] > 0.85 for name in ("go", "pfam", "tissues", "position"))
    assert known["tf_family"] > 0.5  # cofactors are in no family
    assert grn.graph[GENE][NUMBERS].shape[1] == 3


def common_regulators(data: HeteroData) -> dict[str, float]:
    """Source -> mean cosine of the regulators of a gene and of a similar gene."""
    edges = Messages(data).edges
    unit = csr_array(edges.T / np.sqrt(np.maximum(edges.sum(axis=0), 1))[:, None])
    found = {}
    for edge_type in knowledge_edges(data, SIMILAR, GENE):
        sender, receiver = data[edge_type].edge_index.numpy()
        found[edge_type[1].removeprefix(SIMILAR)] = float(
            unit[sender].multiply(unit[receiver]).sum(axis=1).mean()
        )
    return found


def test_similar_genes_have_more_regulators_in_common_than_shuffled_ones(grn: GRN) -> None:
    real = common_regulators(grn.graph)
    shuffled = common_regulators(controls.build("shuffled_knowledge").before_training(grn.graph, 0))
    for source in ("go", "pfam", "tissues", "position"):
        assert real[source] > 1.1 * shuffled[source], source


@needs("regulons", "paper")
def test_accessions_of_the_study_are_known() -> None:
    labels = SHARED / "paper" / "merged_priors.json"
    grn = build_grn(None, labels, knowledge=["pfam", "go"], allow_mixed_ids=True)
    known = grn.report.identifiers["knowledge"]
    assert known["pfam"]["known"] > 0.85
    assert known["go"]["known"] > 0.85
