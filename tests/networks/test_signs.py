"""The sign and the provenance of pairs: known from the labels, new by a rule that may stay silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import REGULATES, build_graph, num_nodes, pair_codes
from grnpyg.networks import provenance_of, sign_accuracy, signs_of
from grnpyg.networks.sign_evidence import SignEvidence
from grnpyg.networks.sign_rule import CLEAR, SignRule, clear_signs
from grnpyg.networks.signs import rule_of
from grnpyg.splits.messages import with_messages


def made_up(kind: str, tfs: int = 20, genes: int = 60, share: float = 0.3) -> HeteroData:
    """Edges whose signs are those of the `TF`, of random `modules` of TFs against genes, or `random`."""
    rng = numpy_generator(3, "signs", kind)
    tf, gene = np.nonzero(rng.random((tfs, genes)) < share)
    side = {"tf": rng.choice([-1, 1], tfs), "gene": rng.choice([-1, 1], genes)}
    sign = {
        "TF": side["tf"][tf],
        "modules": side["tf"][tf] * side["gene"][gene],
        "random": rng.choice([-1, 1, 1], tf.size),
    }[kind]
    table = {"source": [f"T{i}" for i in tf], "target": [f"g{i}" for i in gene], "sign": sign}
    return build_graph(pd.DataFrame(table), labels="made up")


def every_code(graph: HeteroData) -> np.ndarray:
    return np.arange(np.prod(num_nodes(graph)))


def test_known_edges_keep_the_sign_of_the_labels_whatever_their_order() -> None:
    edges = pd.DataFrame({"source": list("BAAB"), "target": list("xyxz"), "sign": [1, -1, 0, 1]})
    graph = build_graph(edges)
    codes = pair_codes(graph, graph[REGULATES].edge_index).numpy()
    assert signs_of(graph)(codes).tolist() == [1, -1, 0, 1]
    assert signs_of(graph)(codes[::-1]).tolist() == [1, 0, -1, 1]
    assert not signs_of(graph)(np.setdiff1d(every_code(graph), codes)).any()  # three signs teach nothing


def test_a_graph_without_signs_gives_none() -> None:
    graph = made_up("TF")
    bare = with_messages(graph, graph[REGULATES].edge_index)
    assert not signs_of(bare)(every_code(bare)).any()
    assert signs_of(bare)(every_code(bare)).dtype == np.int8


@pytest.mark.parametrize(("kind", "least"), [("TF", 0.95), ("modules", 0.9)])
def test_the_rule_finds_signs_that_follow_from_others(kind: str, least: float) -> None:
    table = sign_accuracy(made_up(kind)).set_index("method")
    assert table.loc["rule", "accuracy"] > least
    assert table.loc["rule", "right"] > least
    assert table.loc["rule", "signed"] > 0.5


def test_only_similar_tfs_tell_modules_apart() -> None:
    table = sign_accuracy(made_up("modules")).set_index("method")
    assert table.loc["by TF and gene", "auroc"] < 0.7 < table.loc["by TF, gene and similar TFs", "auroc"]


def test_where_signs_are_random_the_rule_stays_silent() -> None:
    graph = made_up("random")
    new = np.setdiff1d(every_code(graph), pair_codes(graph, graph[REGULATES].edge_index).numpy())
    assert (signs_of(graph)(new) == 0).mean() > 0.95
    table = sign_accuracy(graph).set_index("method")
    assert table.loc["rule", "accuracy"] <= table.loc["all activation", "accuracy"] + 0.05


def test_the_evidence_on_an_edge_does_not_read_its_own_sign() -> None:
    """Turned round, the sign of an edge changes the evidence on others, and not that on itself."""
    rng = numpy_generator(0, "own")
    tf, gene = np.nonzero(rng.random((6, 9)) < 0.6)
    sign = rng.choice([-1, 1], tf.size)
    sign[0] = 1
    turned = sign.copy()
    turned[0] = -1
    first, other = (SignEvidence(tf, gene, s, (6, 9)) for s in (sign, turned))
    first.mean = other.mean = 0.0
    one, two = first.of_edges(tf, gene, sign), other.of_edges(tf, gene, turned)
    np.testing.assert_allclose(one[0], two[0], atol=1e-12)
    assert not np.allclose(one[1:], two[1:])


def test_votes_are_those_of_the_written_formula() -> None:
    rng = numpy_generator(1, "votes")
    s = rng.choice([-1, 0, 0, 1], (5, 8))
    tf, gene = np.nonzero(s)
    evidence = SignEvidence(tf, gene, s[tf, gene], s.shape)
    new = np.nonzero(s == 0)
    found = evidence.of_pairs(*new)[:, 2]
    d = np.abs(s).sum(1)
    for t, g, value in zip(*new, found, strict=True):
        others = [u for u in range(5) if u != t]
        a = {u: (s[t] * s[u]).sum() / np.sqrt(max(d[t], 1) * max(d[u], 1)) for u in others}
        n = {u: np.abs(s[t] * s[u]).sum() / np.sqrt(max(d[t], 1) * max(d[u], 1)) for u in others}
        want = sum(a[u] * s[u, g] for u in others) / (sum(n[u] * abs(s[u, g]) for u in others) + 0.5)
        assert value == pytest.approx(want)


def test_a_sign_is_given_where_it_is_clear_and_more_likely_than_for_any_edge() -> None:
    probability = np.array([0.99, CLEAR, 0.5, 0.05, 0.9])
    assert clear_signs(probability, 0.6).tolist() == [1, 1, 0, -1, 1]
    assert clear_signs(probability, 0.95).tolist() == [1, 0, 0, -1, 0]


def test_hardly_any_repression_is_not_told() -> None:
    """On DoRothEA .45 of the repressions that the rule would give were right: it gives none there."""
    rng = numpy_generator(0, "rare")
    tf, gene = np.nonzero(rng.random((20, 60)) < 0.3)
    sign = np.where(rng.random(tf.size) < 0.08, -1, 1)
    assert -1 not in SignRule.fit(tf, gene, sign, (20, 60)).gives


def test_provenance_names_the_label_set_and_the_level() -> None:
    table = {"source": list("BAA"), "target": list("xyx"), "confidence": ["A", "", "C"]}
    graph = build_graph(pd.DataFrame(table), labels="dorothea")
    codes = pair_codes(graph, torch.tensor([[1, 0, 0, 1], [0, 1, 0, 1]])).numpy()
    assert provenance_of(graph)(codes).tolist() == ["dorothea:A", "dorothea", "dorothea:C", ""]
    plain = build_graph(pd.DataFrame({"source": ["A"], "target": ["x"]}), genes=["x", "y"], labels="mine.tsv")
    assert provenance_of(plain)(np.array([0, 1])).tolist() == ["mine.tsv", ""]


def test_too_few_signs_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"2 known edges activate and 1 repress: too few signs"):
        sign_accuracy(
            build_graph(pd.DataFrame({"source": list("AAB"), "target": list("xyx"), "sign": [1, 1, -1]}))
        )


def test_the_rule_is_the_same_each_time() -> None:
    graph = made_up("modules")
    first, second = (rule_of(graph) for _ in range(2))
    assert first.reads == second.reads
    assert (first.weights == second.weights).all()
