from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from grnpyg.data.graph import build_graph
from grnpyg.evaluation.negatives_report import reached, sentence
from grnpyg.negatives import DegreeMatchedNegatives, SameTFNegatives, UniformNegatives, evaluation_sets
from grnpyg.runs.manifest import Reached
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages


def split_by_hand() -> LinkSplit:
    """Training degrees: a 3, b 1, c 1; w 2, x 1, y 2, z 0."""
    train = [("a", "w"), ("a", "x"), ("a", "y"), ("b", "w"), ("c", "y")]
    test = [("b", "x"), ("c", "z")]
    edges = pd.DataFrame(train + test, columns=["source", "target"])
    graph = build_graph(edges, tfs=list("abc"), genes=list("wxyz"))
    index = graph["tf", "regulates", "gene"].edge_index
    parts = {"train": index[:, :5], "test": index[:, 5:]}
    every = {"tf": torch.arange(3), "gene": torch.arange(4)}
    return LinkSplit(with_messages(graph, parts["train"]), parts, every, 0, index[:, :0])


def by_name(split: LinkSplit, pairs: list[str]) -> Tensor:
    tfs, genes = split.graph["tf"].name, split.graph["gene"].name
    return torch.tensor([[tfs.index(tf), genes.index(gene)] for tf, gene in pairs]).t()


def test_the_ratio_and_what_training_degrees_get() -> None:
    split = split_by_hand()
    drawn = by_name(split, ["az", "by", "bz"])
    facts = reached(split, "test", LabelledPairs.join(split.positives["test"], drawn))
    label = np.array([1, 1, 0, 0, 0])
    degrees = {
        "degree_product": np.array([1.25 * 1.25, 1.25 * 0.25, 3.25 * 0.25, 1.25 * 2.25, 1.25 * 0.25]),
        "tf_degree": np.array([1, 1, 3, 1, 1]),
        "gene_degree": np.array([1, 0, 0, 2, 0]),
    }
    auroc = {name: pytest.approx(roc_auc_score(label, score)) for name, score in degrees.items()}
    content = facts.to_dict()
    assert content == {"part": "test", "positives": 2, "negatives": 3, "ratio": 1.5, "auroc": auroc}
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_one_class_alone_has_no_auroc() -> None:
    split = split_by_hand()
    for positives, ratio in ((split.positives["test"], 0.0), (split.known[:, :0], None)):
        negatives = by_name(split, ["az"])[:, : positives.size(1) == 0]
        facts = reached(split, "test", LabelledPairs.join(positives, negatives))
        assert set(facts.auroc.values()) == {None}
        assert facts.ratio == ratio
        json.dumps(facts.to_dict(), allow_nan=False)


def facts_of(negatives: int, product: float | None) -> Reached:
    auroc = {"degree_product": product, "tf_degree": 0.9, "gene_degree": 0.9}
    return Reached(part="test", positives=100, negatives=negatives, ratio=negatives / 100, auroc=auroc)


@pytest.mark.parametrize(
    ("sampler", "negatives", "ratio", "product", "said"),
    [
        ("degree_matched", 100, 1, 0.529, ""),
        ("degree_matched", 100, 1, 0.471, ""),
        ("degree_matched", 100, 1, None, ""),
        ("same_tf", 100, 1, 0.66, ""),  # only degree-matched negatives promise it
        ("uniform", 150, 1.504, 0.92, ""),  # 150.4 pairs cannot be drawn
        ("same_tf", 99, 1, 0.66, "0.99 negatives per positive instead of 1: no more fit the scheme"),
        ("degree_matched", 100, 1, 0.531, "degree product alone still has AUROC 0.531, not 0.50 +- 0.03"),
        ("degree_matched", 100, 1, 0.469, "AUROC 0.469"),
    ],
)
def test_the_sentence_names_what_falls_short(
    sampler: str, negatives: int, ratio: float, product: float | None, said: str
) -> None:
    text = sentence(facts_of(negatives, product), sampler, ratio)
    assert said in text
    assert bool(text) == bool(said)
    assert not text or text.startswith(f"{sampler} negatives of the test subset: ")


def test_both_shortfalls_stand_in_one_sentence() -> None:
    text = sentence(facts_of(932, 0.558), "degree_matched", 10)
    assert "9.32 negatives per positive instead of 10" in text
    assert "0.558" in text


def test_the_residue_falls_with_what_the_sampler_matches(split: LinkSplit) -> None:
    residue = {}
    for sampler in (UniformNegatives(), SameTFNegatives(), DegreeMatchedNegatives()):
        pairs = evaluation_sets(split, sampler, 1, 0)["test"]
        residue[type(sampler)] = reached(split, "test", pairs).auroc
    assert residue[SameTFNegatives]["tf_degree"] == pytest.approx(0.5)
    assert set(residue[UniformNegatives]) == {"degree_product", "tf_degree", "gene_degree"}
