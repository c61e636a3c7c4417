"""Relatives by symbol, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from grnpyg.data.graph import GENE, TF, build_graph
from grnpyg.data.relatives import name_similarity
from grnpyg.models.baselines import Family
from grnpyg.splits import LabelledPairs, splits
from grnpyg.splits.messages import with_messages
from grnpyg.testing import check_baseline
from grnpyg.testing.graph import small_graph


def test_contract() -> None:
    check_baseline("family")


def test_a_cold_tf_inherits_from_its_relatives_and_a_stranger_inherits_nothing() -> None:
    edges = [("HOXA1", "COL1A1"), ("HOXA2", "COL1A2"), ("MYC", "TP53"), ("MYC", "COL1A1")]
    data = build_graph(pd.DataFrame(edges, columns=["source", "target"]))
    tf, gene = ({name: i for i, name in enumerate(data[kind].name)} for kind in (TF, GENE))
    known = edges[:1] + edges[2:]
    train = torch.tensor([[tf[a] for a, _ in known], [gene[b] for _, b in known]])
    split = splits.build("transductive").split(small_graph(), 0)
    split = replace(split, graph=with_messages(data, train), positives={"train": train})
    baseline = Family()
    baseline.fit(split, LabelledPairs.join(train, train[:, :0]))
    table = baseline.score_all(torch.arange(3), torch.arange(3))
    like_tf, like_gene = ((4 - 2) / (5 - 2)) ** 2, ((5 - 2) / (6 - 2)) ** 2
    inherits = like_tf / (1 + like_tf)
    passes_on = like_gene / (1 + like_gene)
    assert table[tf["HOXA2"], gene["COL1A1"]] == pytest.approx(inherits, rel=1e-6)
    assert table[tf["HOXA1"], gene["COL1A2"]] == pytest.approx(passes_on, rel=1e-6)
    assert table[tf["HOXA2"], gene["COL1A2"]] == pytest.approx(inherits * passes_on, rel=1e-6)
    assert np.count_nonzero(table) == 4  # and MYC -> COL1A2


@pytest.mark.parametrize("others", [["SOX1", "Hoxa2", "HOX"], []])
def test_the_similarity_of_many_names_is_that_of_each_two(others: list[str]) -> None:
    names = ["HOXA1", "hoxa1", "HOXA10", "HOX", "A", "", "αβγδ", "αβγε", "ENSG00000139618", "Q9Y6K9", "1234"]
    alone = [[name_similarity([a], [b]).toarray()[0, 0] for b in others] for a in names]
    np.testing.assert_array_equal(
        name_similarity(names, others).toarray(), np.reshape(alone, (len(names), -1))
    )
    assert name_similarity(["HOXA1"], ["HOXA10"]).toarray() == pytest.approx((3 / 4) ** 2)
    assert name_similarity(["αβγδ"], ["αβγε"]).toarray() == pytest.approx((1 / 2) ** 2)
