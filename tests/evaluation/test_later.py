"""The later-curation benchmark on graphs whose numbers can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import DataWarning, InputError
from grnpyg.data.graph import build_graph
from grnpyg.evaluation.later.candidates import LaterSet, later_set
from grnpyg.evaluation.later.measure import SAMPLED, Weights, measure, resample
from grnpyg.evaluation.later.strata import degree_strata, file_strata, sign_table, stratum_table
from grnpyg.evaluation.other_labels import OtherLabels, read_other_labels
from grnpyg.metrics.bootstrap import bootstrap_pairs
from grnpyg.splits import LabelledPairs
from grnpyg.testing import small_graph

DATA = DataConfig(expression=None, labels="labels.tsv")


def graph(edges: str = "A:b A:c B:c C:A", **universe: list[str]) -> HeteroData:
    pairs = [edge.split(":") for edge in edges.split()]
    return build_graph(pd.DataFrame(pairs, columns=["source", "target"]), **universe)  # type: ignore[arg-type]


def later_file(edges: str, path: Path) -> str:
    lines = [edge.replace(":", "\t") for edge in edges.split()]
    path.write_text("\n".join(["source\ttarget", *lines]) + "\n")
    return str(path)


def other(data: HeteroData, edges: str, tmp_path: Path) -> OtherLabels:
    return read_other_labels(data, DATA, later_file(edges, tmp_path / "later.tsv"))


@pytest.fixture
def pairs(tmp_path: Path) -> LaterSet:
    """TFs A, B, C and genes A, b, c. Known: A:b A:c B:c C:A; A:A is no candidate; new: B:b, C:c."""
    data = graph()
    return later_set(data, other(data, "B:b C:c A:b", tmp_path))


def matched(pairs: LaterSet) -> LabelledPairs:
    return LabelledPairs.join(pairs.found.positives["later"], torch.tensor([[1, 2], [0, 1]]))


def test_what_is_ranked_is_what_the_labels_do_not_name(pairs: LaterSet) -> None:
    assert pairs.ranked.candidate.tolist() == [[False] * 3, [True, True, False], [False, True, True]]
    assert np.argwhere(pairs.ranked.positives).tolist() == [[1, 1], [2, 2]]
    assert pairs.known.positives["train"].size(1) == 4
    assert "later" not in pairs.known.positives  # what methods are fitted on knows nothing of it


def test_nodes_without_a_known_edge_are_ranked_as_in_predict(tmp_path: Path) -> None:
    data = graph("A:b", tfs=["A", "Z"], genes=["b", "y"])
    found = later_set(data, other(data, "Z:y", tmp_path))
    assert found.ranked.candidate.sum() == 3
    assert found.ranked.positives[1, 1]


def test_counts_of_what_is_left_out(tmp_path: Path) -> None:
    labels = other(graph(), "A:b B:b X:b B:y X:y B:B", tmp_path)
    assert labels.counts == {
        **{"edges": 5, "tf_missing": 2, "gene_missing": 2, "outside": 3},
        **{"inside": 2, "known": 1, "new": 1},
    }
    assert "5 edges, 3 left out" in labels.line()


def test_former_names_are_read_as_those_of_the_run(tmp_path: Path) -> None:
    data = graph("MYC:TERT TP53:KMT2D TP53:TERT")
    with pytest.warns(DataWarning, match="MLL2 is now KMT2D"):
        labels = other(data, "MYC:MLL2", tmp_path)
    assert labels.counts["new"] == 1
    kept = DATA.model_copy(update={"aliases": False})
    with pytest.raises(InputError, match="joins a TF and a gene of the run"):
        read_other_labels(data, kept, str(tmp_path / "later.tsv"))


def test_a_complex_is_no_evidence_for_each_of_its_members(tmp_path: Path) -> None:
    data = graph("RELA:TNF NFKB1:IL6 RELA:IL6")
    labels = other(data, "NFKB:TNF RELA:TNF NFKB1:TNF", tmp_path)
    assert (labels.counts["outside"], labels.counts["new"]) == (1, 1)


def test_labels_with_nothing_new_or_of_other_genes_are_refused(tmp_path: Path) -> None:
    data = graph()
    with pytest.raises(InputError, match=r"all of its 2 edges .* are labels of the run"):
        later_set(data, other(data, "A:b B:c", tmp_path))
    with pytest.raises(InputError, match=r"none of its 1 edges .*names x1; the run A, B, C"):
        other(data, "x1:x2", tmp_path)


def test_few_nodes_in_common_are_said(tmp_path: Path) -> None:
    data = graph()
    edges = "B:b " + " ".join(f"S{i}:g{i}" for i in range(20))
    with (
        pytest.warns(DataWarning, match="only 1 of its 21 genes are nodes"),
        pytest.warns(DataWarning, match="only 1 of its 21 TFs are nodes"),
    ):
        other(data, edges, tmp_path)


def test_every_metric_by_hand(pairs: LaterSet) -> None:
    """Candidates B:A B:b C:b C:c score 3 2 2 1; B:b and C:c are positive."""
    table = np.array([[9.0, 9, 9], [3, 2, 9], [9, 2, 1]])
    found = measure(pairs.ranked, table, matched(pairs))
    # B:b is below B:A and ties with C:b (1/2 of 2); C:c is below both
    assert found["auroc"] == pytest.approx(0.5 / 4)
    # at score 2 one of three is positive, at score 1 two of four
    assert found["ap"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert found["degree_matched_auroc"] == pytest.approx(0.5 / 4)
    assert np.isnan(found["precision_at_100"])  # there are four pairs
    assert np.isnan(found["per_tf_auroc"])  # no TF has three positives
    assert (found["ranked_tfs"], found["distinct_scores"]) == (0, 3)


def test_a_resample_in_which_all_are_drawn_once_has_the_metrics_themselves(tmp_path: Path) -> None:
    data = small_graph(8, 40)
    pairs, table = drawn(data, tmp_path)
    once = Weights(np.ones((8, 60), np.int32), np.ones((40, 60), np.int32))
    own = pairs.degree_matched(0)
    value = measure(pairs.ranked, table, own)
    samples = resample(pairs.ranked, table, own, once, 0)
    assert set(samples) == set(SAMPLED)
    for name in ("auroc", "ap", "precision_at_100"):
        assert samples[name] == pytest.approx([value[name]] * 60), name


def test_resamples_are_those_of_the_pair_bootstrap(tmp_path: Path) -> None:
    """In blocks or at once, with the same draws: more than one block, so that none is lost or repeated."""
    data = small_graph(8, 40)
    pairs, table = drawn(data, tmp_path)
    weights = Weights.draw(8, 40, 120, seed=3)
    samples = resample(pairs.ranked, table, pairs.degree_matched(0), weights, 3)
    tf, gene = np.nonzero(pairs.ranked.candidate)
    label, score = pairs.ranked.label[tf, gene], {"m": table[tf, gene]}
    expected = bootstrap_pairs(tf, gene, label, score, resamples=120, seed=3)["m"]
    assert samples["auroc"] == pytest.approx(expected["auroc"].to_numpy(), nan_ok=True)
    assert samples["ap"] == pytest.approx(expected["ap"].to_numpy(), nan_ok=True)
    assert {len(sample) for sample in samples.values()} == {120}


def drawn(data: HeteroData, tmp_path: Path) -> tuple[LaterSet, np.ndarray]:
    """Thirty random new edges, and rounded scores that know a little of them."""
    rng = np.random.default_rng(0)
    known = {tuple(edge) for edge in data["tf", "regulates", "gene"].edge_index.t().tolist()}
    names = data["tf"].name, data["gene"].name
    free = [(i, j) for i in range(8) for j in range(40) if (i, j) not in known and names[0][i] != names[1][j]]
    new = [free[k] for k in rng.choice(len(free), 30, replace=False)]
    edges = " ".join(f"{names[0][i]}:{names[1][j]}" for i, j in new)
    pairs = later_set(data, other(data, edges, tmp_path))
    return pairs, np.round(rng.normal(size=(8, 40)) + pairs.ranked.label, 1)


def test_matched_negatives_leave_degree_nothing(tmp_path: Path) -> None:
    data = small_graph(8, 40)
    pairs, _ = drawn(data, tmp_path)
    own = pairs.degree_matched(0)
    drawn_pairs = own.negatives.numpy()
    assert pairs.ranked.negatives[*drawn_pairs].all()
    table = np.outer(pairs.degree["tf"], pairs.degree["gene"]).astype(float)
    assert abs(measure(pairs.ranked, table, own)["degree_matched_auroc"] - 0.5) < 0.1


def test_pairs_that_a_third_database_reports_are_no_candidates(tmp_path: Path) -> None:
    data = graph()
    later = other(data, "B:b C:c", tmp_path)
    found = later_set(data, later, other(data, "B:A C:c A:b", tmp_path))
    assert found.left_out == 1  # C:c is a positive and A:b is known
    assert not found.ranked.candidate[1, 0]
    assert found.ranked.positives.sum() == 2


def test_strata_compare_pairs_of_the_same_degree_only(pairs: LaterSet) -> None:
    """Gene c has two known edges, A and b one: by gene degree alone nothing is above another pair."""
    of_genes = degree_strata(pairs)[0]
    table = np.tile(pairs.degree["gene"], (3, 1)).astype(float)
    lines = pd.DataFrame(stratum_table("gene_degree", pairs, table, of_genes)).set_index("stratum")
    assert lines.index.tolist() == ["0 to 1", "2 to 4"]
    assert lines.loc["0 to 1", ["auroc", "positives", "pairs"]].tolist() == [0.5, 1, 3]
    assert lines.loc["2 to 4", ["positives", "pairs"]].tolist() == [1, 1]
    assert np.isnan(lines.loc["2 to 4", "auroc"])


def test_thirds_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "papers.tsv"
    rows = [f"g{i}\t{i // 2}" for i in range(6)]
    path.write_text("\n".join(["gene\tpublications", *rows]))
    with pytest.warns(DataWarning, match="6 of the 8 genes"):
        strata = file_strata(path, [*(f"g{i}" for i in range(6)), "x", "y"])
    assert strata.name == "publications"
    assert strata.stratum.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert strata.names == ("0 to 0", "1 to 1", "2 to 2", "no number")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gene\nA\n", "one column"),
        ("gene\tn\nA\tmany\n", "no numbers: many"),
        ("gene\tn\nA\t1\nA\t2\n", "two numbers: A"),
        ("gene\tn\nx\t1\n", "0 of the 3 genes"),
    ],
)
def test_files_that_give_no_strata_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "values.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        file_strata(path, ["A", "b", "c"])


def test_signs(tmp_path: Path) -> None:
    """Activation B:b above all unlabelled pairs, repression C:c below them."""
    data, path = graph(), tmp_path / "signed.csv"
    path.write_text("source,target,weight\nB,b,1\nC,c,-1\n")
    labels = read_other_labels(data, DATA, str(path))
    assert labels.has_signs
    pairs = later_set(data, labels)
    table = np.array([[0.0, 0, 0], [2, 3, 0], [0, 2, 1]])
    lines = pd.DataFrame(sign_table("m", pairs, table)).set_index("sign")
    assert lines["positives"].to_dict() == {"activation": 1, "repression": 1, "unknown": 0}
    assert lines["auroc"].tolist()[:2] == [1.0, 0.0]


def test_labels_without_weights_have_no_signs(tmp_path: Path) -> None:
    assert not other(graph(), "B:b", tmp_path).has_signs


def test_scores_that_are_not_finite_are_refused(pairs: LaterSet) -> None:
    table = np.zeros((3, 3))
    table[1, 0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        measure(replace(pairs.ranked), table, matched(pairs))
