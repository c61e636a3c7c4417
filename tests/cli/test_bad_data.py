"""Expression files that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli.command import grnpyg, refused

CHECK = ("data", "check", "--config", "small.yaml")
TRAIN = ("train", "--config", "small.yaml")


@pytest.mark.parametrize("command", [CHECK, TRAIN])
def test_missing_expression(work: Path, command: tuple[str, ...]) -> None:
    refused(*command, "--data", "nowhere.h5ad", says=("nowhere.h5ad", "grnpyg data list"))


@pytest.mark.parametrize("command", [CHECK, TRAIN])
def test_missing_labels(work: Path, command: tuple[str, ...]) -> None:
    refused(*command, "--labels", "nowhere.tsv", says=("nowhere.tsv", "grnpyg data list"))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_truncated_h5ad(work: Path, share: float) -> None:
    whole = Path("expression.h5ad").read_bytes()
    Path("cut.h5ad").write_bytes(whole[: int(share * len(whole))])
    refused(*TRAIN, "--data", "cut.h5ad", says=("cut.h5ad", "again"))


@pytest.mark.slow
def test_flipped_bytes_never_give_a_traceback(work: Path) -> None:
    whole = Path("expression.h5ad").read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.choice(len(whole), 25, replace=False):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        Path("damaged.h5ad").write_bytes(damaged)
        result = grnpyg(*CHECK, "--data", "damaged.h5ad", "--json")
        assert "Traceback" not in result.err, (at, result.err)
        assert result.code in (0, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.h5ad", b"source\ttarget\n"),
        ("x.h5", b"\x89HDF\r\n\x1a\n"),
        ("x.loom", b"nothing"),
        ("x.csv", b""),
        ("x.csv", b"\x00\x01\x02\n"),
        ("x.csv", b"cell,G0,G1\nc0,1\n"),
        ("x.csv", b"cell,G0,G1\nc0,1,high\n"),
        ("x.csv.gz", b"\x1f\x8b\x08\x00broken"),
        ("x.png", b"\x89PNG"),
        ("no_suffix", b"1 2 3"),
    ],
)
@pytest.mark.slow
def test_other_file_as_expression(work: Path, name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    refused(*CHECK, "--data", name, says=(name,))


def test_layer_that_is_not_there_lists_the_layers(work: Path, make_h5ad: Callable[..., Path]) -> None:
    x = np.ones((60, 83), np.float32)
    make_h5ad(Path("layers.h5ad"), layers={"counts": x, "logcounts": x})
    refused(
        *TRAIN,
        "--data",
        "layers.h5ad",
        "--layer",
        "count",
        says=("layers.h5ad", "counts, logcounts", "did you mean"),
    )
    refused(*TRAIN, "--layer", "counts", says=("expression.h5ad", "no layers"))


def test_use_raw_without_raw(work: Path) -> None:
    refused(*TRAIN, "--use-raw", says=("expression.h5ad", "no .raw"))


def test_layer_and_use_raw_together(work: Path) -> None:
    refused(*CHECK, "--use-raw", "--layer", "counts", says=("use_raw",))


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "NaN"), (np.inf, "infinite"), (-3.0, "negative counts"), (-0.5, "negative")]
)
@pytest.mark.parametrize("backed", [False, True])
def test_values_that_are_no_expression(
    work: Path, make_h5ad: Callable[..., Path], value: float, says: str, backed: bool
) -> None:
    x = np.ones((60, 83), np.float32)
    x[::2] = 2.0
    x[3, 7] = value
    make_h5ad(Path("bad.h5ad"), x=x)
    refused(*TRAIN, "--data", "bad.h5ad", *(["--backed"] if backed else []), says=("bad.h5ad", says))


def test_all_zero(work: Path, make_h5ad: Callable[..., Path]) -> None:
    make_h5ad(Path("zero.h5ad"), x=np.zeros((60, 83), np.float32))
    refused(*CHECK, "--data", "zero.h5ad", says=("zero.h5ad", "zero"))


def test_no_cells(work: Path, make_h5ad: Callable[..., Path]) -> None:
    make_h5ad(Path("empty.h5ad"), x=np.zeros((0, 83), np.float32))
    refused(*CHECK, "--data", "empty.h5ad", says=("empty.h5ad", "0 cells"))


def test_a_few_genes_of_the_labels(work: Path) -> None:
    Path("two.csv").write_text("cell,G0,G1,G2\nc0,1,0,3\nc1,0,2,1\n")
    refused(*TRAIN, "--data", "two.csv", says=("only 3 of 15 TFs", "one species"))


def test_duplicate_gene_names(work: Path, make_h5ad: Callable[..., Path]) -> None:
    genes = [f"G{i}" for i in range(82)]
    make_h5ad(Path("twice.h5ad"), genes=[*genes, "G5"])
    refused(*TRAIN, "--data", "twice.h5ad", says=("twice.h5ad", "more than once", "G5"))


@pytest.mark.parametrize(
    ("names", "fix"),
    [
        ([f"g{i}" for i in range(83)], "differ in case"),
        ([f"ENSG{i:011d}" for i in range(83)], "map symbol to ensembl"),
        ([f"OTHER{i}" for i in range(83)], "same gene names"),
    ],
)
def test_no_gene_in_common(work: Path, make_h5ad: Callable[..., Path], names: list[str], fix: str) -> None:
    make_h5ad(Path("other.h5ad"), genes=names)
    refused(*TRAIN, "--data", "other.h5ad", says=("labels.tsv", "none of the 15 TFs", fix))


def test_ambiguous_text_table_names_the_option(work: Path) -> None:
    Path("x.csv").write_text("name,A1,A2\nB1,1,2\nB2,3,4\n")
    refused(*CHECK, "--data", "x.csv", says=("x.csv", "--genes-in"))
