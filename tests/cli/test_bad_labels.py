"""Label tables that cannot be used, or only after they were cleaned, and ratios of negatives."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg, refused

CHECK = ("data", "check", "--config", "small.yaml")
TRAIN = ("train", "--config", "small.yaml")


def write_labels(text: str) -> str:
    Path("bad.tsv").write_text(text)
    return "bad.tsv"


def counts_of(*arguments: object) -> dict[str, int]:
    return dict(grnpyg(*CHECK, *arguments, "--json").json["counts"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("source\ttarget\n", "no edge"),
        ("source\ttarget\nG1\tG1\nG2\tG2\n", "no edge"),
        ("factor_name\tthing_name\nG1\tG2\n", "source"),
        ("source\tweight\nG1\t1\n", "target"),
        ("G1\tG2\nG3\tG4\n", "without a header"),
        ("source\ttarget\tweight\nG1\tG2\thigh\n", "high"),
        ("source\ttarget\nG1\tG2\nG1\tG3\textra\n", "fields"),
        ("{", "JSON"),
        ('{"G1": "G2"}', "JSON"),
        ("[1, 2]", "JSON"),
    ],
)
def test_labels_that_are_no_regulon(work: Path, text: str, says: str) -> None:
    refused(*TRAIN, "--labels", write_labels(text), says=("bad.tsv", says))


def test_binary_labels(work: Path) -> None:
    refused(*TRAIN, "--labels", "expression.h5ad", says=("expression.h5ad", "HDF5"))


def test_a_folder_as_labels(work: Path) -> None:
    refused(*TRAIN, "--labels", "cache", says=("cache", "Label.csv"))


def test_self_loops_and_duplicates_are_removed_and_counted(work: Path) -> None:
    clean = counts_of()
    lines = Path("labels.tsv").read_text()
    first = "\n".join(lines.splitlines()[1:6])
    cleaned = counts_of("--labels", write_labels(f"{lines}G1\tG1\nG2\tG2\nG3\tG3\n{first}\n"))
    assert cleaned["self_loops_removed"] == 3
    assert cleaned["duplicates_merged"] == 5
    assert cleaned["rows_read"] == clean["rows_read"] + 8
    assert cleaned["edges"] == clean["edges"] == 400
    report = grnpyg(*CHECK, "--labels", "bad.tsv").out
    assert "self-loops 3" in report
    assert "merged duplicates 5" in report


def test_mixed_namespaces(work: Path) -> None:
    table = pd.read_csv("labels.tsv", sep="\t")
    swapped = {f"G{i}": f"P{10000 + i}" for i in range(40, 80)}
    table.replace({"target": swapped}).to_csv("mixed.tsv", sep="\t", index=False)
    refused(
        *TRAIN,
        "--labels",
        "mixed.tsv",
        says=("mixed.tsv", "40 uniprot", "--id-map", "--allow-mixed-ids", "%"),
    )
    report = grnpyg(*CHECK, "--labels", "mixed.tsv", "--allow-mixed-ids", "--json").json
    assert report["identifiers"]["labels"]["counts"] == {"symbol": 43, "uniprot": 40}
    pd.DataFrame([(v, k) for k, v in swapped.items()], columns=["accession", "symbol"]).to_csv(
        "map.tsv", sep="\t", index=False
    )
    mapped = grnpyg(*CHECK, "--labels", "mixed.tsv", "--id-map", "map.tsv", "--json").json
    assert mapped["identifiers"]["labels"]["counts"] == {"symbol": 83}
    assert mapped["counts"]["edges"] == 400


def test_sources_outside_the_tf_list(work: Path) -> None:
    Path("tfs.txt").write_text("\n".join(f"G{i}" for i in range(12)))
    refused(*TRAIN, "--tfs", "tfs.txt", says=("labels.tsv", "3 of 15", "TFA, TFB, TFC"))
    Path("tfs.txt").write_text("\n".join([*(f"G{i}" for i in range(12)), "TFA", "TFB", "TFC"]))
    assert grnpyg(*CHECK, "--tfs", "tfs.txt").code == 0


@pytest.mark.parametrize("option", ["--tfs", "--id-map", "--obs"])
@pytest.mark.parametrize("name", ["nowhere.tsv", "expression.h5ad", "empty.tsv", "cache"])
def test_side_files_that_cannot_be_used(work: Path, option: str, name: str) -> None:
    Path("empty.tsv").write_text("")
    refused(*TRAIN, option, name, says=(name,))


@pytest.mark.parametrize("key", ["negatives.ratio", "evaluation.ratio"])
def test_an_infeasible_ratio_names_the_largest_that_works(work: Path, key: str) -> None:
    """Whoever follows the advice gets a run: the advice once counted one part of the split alone."""
    line = refused(*TRAIN, "--set", f"{key}=1000", says=("largest feasible", "ratio"))
    largest = re.search(r"largest feasible ratio here is ([\d.]+)", line)
    assert largest
    value = largest[1].rstrip(".")
    assert grnpyg(*TRAIN, "--set", f"{key}={value}", "--max-epochs", 0).code == 0
    refused(*TRAIN, "--set", f"{key}={float(value) + 0.2}", "--runs", "other")


def test_an_infeasible_training_ratio_is_found_before_training(work: Path) -> None:
    for epochs in (0, 1):
        refused(*TRAIN, "--ratio", 500, "--max-epochs", epochs, says=("largest feasible",))


@pytest.mark.parametrize("ratio", ["0", "-1", "nan", "inf", "1e300", "0.000001"])
def test_ratios_that_mean_nothing(work: Path, ratio: str) -> None:
    refused(*TRAIN, "--ratio", ratio, says=("ratio",))
    refused(
        *TRAIN, "--set", f"evaluation.ratio={ratio if ratio[0] in '-01' else '.' + ratio}", says=("ratio",)
    )


@pytest.mark.parametrize("edges", [1, 2, 3, 6])
def test_a_regulon_too_small_to_split(work: Path, edges: int) -> None:
    rows = "".join(f"G{i}\tG{i + 20}\n" for i in range(edges))
    labels = write_labels(f"source\ttarget\n{rows}")
    refused(*TRAIN, "--labels", labels, says=("validation subset", "empty", "share target genes"))


def test_a_regulon_without_any_unlabelled_pair(work: Path) -> None:
    rows = "".join(f"TF{a}\tG{i}\n" for a in "ABC" for i in range(40))
    line = refused(*TRAIN, "--labels", write_labels(f"source\ttarget\n{rows}"), says=("unlabelled",))
    assert "ratio here is 0" not in line, "a ratio of 0 is not accepted either"
