"""Small files that would take all memory or all time: refused in one line before anything is built."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from cli.command import grnpyg, refused
from cli.test_foreign_runs import seal

from grnpyg.core.config_file import override, read_yaml
from grnpyg.core.errors import InputError
from grnpyg.runs import Manifest, read_metrics

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefghijkl", "bcdefghijklm", strict=True)
)
YAML = {
    "aliases": (ALIASES, "aliases|values"),
    "merge keys": (MERGES, "aliases|values"),
    "recursion": ("a: &a [*a]\n", "holds itself"),
    "depth": ("[" * 50_000, "not YAML"),
    "length": (f"a: '{'x' * (1 << 20)}'\n", "1 MB"),
}


@pytest.mark.parametrize("kind", YAML)
@pytest.mark.slow
def test_a_config_that_grows(kind: str, tmp_path: Path) -> None:
    text, says = YAML[kind]
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=says):
        read_yaml(tmp_path / "config.yaml")


def test_a_run_whose_config_grows(run: Path) -> None:
    (run / "config.yaml").write_text(ALIASES)
    seal(run)
    refused("eval", run, says=("config.yaml", "alias"))


def test_an_assignment_that_holds_itself() -> None:
    with pytest.raises(InputError, match="holds itself"):
        override({}, ["seed=&a [*a]"])


def test_aliases_of_an_ordinary_config_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a\n")
    assert read_yaml(tmp_path / "config.yaml") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


def test_a_table_of_a_run_that_grows(run: Path) -> None:
    one = pa.table({name: pa.nulls(1 << 20) for name in ("part", "regime", "row", "metric", "value")})
    with pq.ParquetWriter(run / "metrics.parquet", one.schema) as file:
        for _ in range(1 << 8):
            file.write_table(one)
    assert (run / "metrics.parquet").stat().st_size < 1 << 22
    seal(run)
    with pytest.raises(InputError, match=r"metrics.parquet: declares 268,435,456 rows"):
        read_metrics(run, Manifest.load(run))


def text_table(text: str, rows: int) -> pa.Table:
    texts = pa.array([text] * rows)
    return pa.table(dict.fromkeys(("part", "regime", "row", "metric"), texts) | {"value": [0.5] * rows})


@pytest.mark.parametrize(
    ("table", "options", "says"),
    [
        (text_table("x" * (1 << 22), 40), {"compression": "gzip", "use_dictionary": False}, "packed as"),
        (text_table("x" * (1 << 22), 40), {"compression": "zstd", "use_dictionary": False}, "packed as"),
        (
            text_table("x" * 1000, 40),
            {"use_dictionary": False, "column_encoding": {"part": "DELTA_BYTE_ARRAY"}},
            "packed as",
        ),
        (pa.table({"part": [[1] * 1000]}), {}, "lists"),
        (pa.table({"part": [{"a": 1}]}), {}, "columns of"),
        (pa.table({"part": pa.nulls(1 << 22)}), {}, "declares 4,194,304 rows"),
    ],
    ids=["gzip", "zstd", "prefixes", "lists", "structs", "rows"],
)
def test_a_table_that_is_packed_to_grow(
    run: Path, table: pa.Table, options: dict[str, Any], says: str
) -> None:
    pq.write_table(table, run / "metrics.parquet", **options)
    seal(run)
    with pytest.raises(InputError, match=says):
        read_metrics(run, Manifest.load(run))


def test_a_table_that_declares_fewer_bytes_than_its_pages_hold(run: Path) -> None:
    """The footer says what the reader decompresses to; pages that say otherwise are no table."""
    path = run / "metrics.parquet"
    pq.write_table(text_table("x" * 10_000, 10), path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    assert content[4:7] == b"\x15\x00\x15"  # the kind of the first page; now comes its size
    content[7] ^= 0x40
    path.write_bytes(content)
    seal(run)
    with pytest.raises(InputError, match=r"metrics\.parquet"):
        read_metrics(run, Manifest.load(run))


def test_a_long_text_that_every_row_repeats_is_held_once(run: Path) -> None:
    """As a dictionary, 8 MB in the file are 80 GB in a column of separate texts."""
    rows = 10_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), ["x" * (8 << 20)])
    names = ("part", "regime", "row", "metric")
    table = pa.table({name: column if name == "part" else ["a"] * rows for name in names})
    pq.write_table(table.append_column("value", pa.array([0.5] * rows)), run / "metrics.parquet")
    seal(run)
    assert len(read_metrics(run, Manifest.load(run))) == rows


def test_a_table_of_a_run_that_is_none(run: Path) -> None:
    (run / "metrics.parquet").write_bytes(b"PAR1 no table PAR1")
    seal(run)
    with pytest.raises(InputError, match=r"metrics.parquet: not a readable table"):
        read_metrics(run, Manifest.load(run))


@pytest.mark.parametrize("name", ["model.safetensors", "graph.safetensors", "split.safetensors"])
@pytest.mark.parametrize("header", [1 << 40, 100], ids=["long header", "long tensor"])
def test_tensors_larger_than_their_file(run: Path, name: str, header: int) -> None:
    tensor = b'{"x":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'.ljust(100)
    (run / name).write_bytes(struct.pack("<Q", header) + tensor)
    seal(run)
    refused("predict", run, says=(name, "readable"))


@pytest.mark.parametrize("option", ["encoder.embedding_dim", "head.hidden_channels", "head.out_channels"])
def test_a_width_that_no_memory_holds(work: Path, option: str) -> None:
    line = refused("train", "--config", "small.yaml", "--set", f"{option}=100000000000")
    assert option.rpartition(".")[2] in line


HUGE = 100_000_000_000
OPTIONS: dict[str, tuple[list[object], str]] = {
    "epochs": (["train", "--config", "small.yaml", "--max-epochs", HUGE], "max_epochs"),
    "batch": (["train", "--config", "small.yaml", "--set", f"training.batch_size={HUGE}"], "batch_size"),
    "layers": (["train", "--encoder", "sage", "--set", f"encoder.num_layers={HUGE}"], "num_layers"),
    "heads": (["train", "--encoder", "gat", "--set", f"encoder.heads={HUGE}"], "heads"),
    "components": (["train", "--set", f"features.n_components={HUGE}"], "n_components"),
    "baseline": (["train", "--set", f"baseline={{name: gae, hidden_channels: {HUGE}}}"], "hidden_channels"),
    "walks": (
        ["train", "--set", f"baseline={{name: metapath2vec, walks_per_node: {HUGE}}}"],
        "walks_per_node",
    ),
    "rows": (
        ["train", "--set", f"evaluation.baselines=[{{name: transe, hidden_channels: {HUGE}}}]"],
        "hidden_channels",
    ),
    "pruning": (["prune", "RUN", "--ratio", 0.5, "--finetune-epochs", HUGE], "finetune_epochs"),
    "resamples": (["eval", "RUN", "--resamples", HUGE], "resamples"),
    "compared": (["compare", "RUN", "RUN", "--resamples", HUGE], "resamples"),
    "ratio": (["train", "--ratio", HUGE], "ratio"),
    "study jobs": (["study", "run", "study.yaml", "--jobs", HUGE], "jobs"),
    "study threads": (["study", "run", "study.yaml", "--threads", HUGE], "threads"),
    "study": (["study", "run", "study.yaml"], "combinations"),
    "tuning": (["tune", "tuning.yaml"], "trials"),
    "bench": (["bench", "suite.yaml"], "combinations"),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_number_that_no_memory_holds(run: Path, kind: str) -> None:
    arguments, says = OPTIONS[kind]
    axes = {f"axis{number}": {f"l{level}": {"seed": level} for level in range(10)} for number in range(11)}
    values = {"base": "small.yaml", "axes": axes if kind == "study" else {"seed": [1]}}
    Path("study.yaml").write_text(yaml.safe_dump(values))
    space = {"training.lr": {"low": 0.1, "high": 1}}
    values = {
        "base": "small.yaml",
        "space": space,
        "models": {"dual": {}},
        "trials": HUGE,
        "objective": "ap@uniform",
    }
    Path("tuning.yaml").write_text(yaml.safe_dump(values))
    Path("suite.yaml").write_text(yaml.safe_dump({"base": "small.yaml", "seeds": list(range(60_000))}))
    refused(*(run if part == "RUN" else part for part in arguments), says=(says,))


def test_more_pairs_than_there_are_may_be_asked_for(run: Path) -> None:
    assert grnpyg("predict", run, "--top", HUGE, "--json").json["pairs"] < HUGE


def test_a_manifest_of_any_length_is_not_read(run: Path) -> None:
    from grnpyg.runs.manifest import LIMIT

    with (run / "manifest.json").open("r+b") as file:
        file.truncate(LIMIT + 1)  # zeros that take no room on the disk
    for command in ("eval", "predict"):
        refused(command, run, says=("manifest.json is not readable",))


def test_a_record_of_a_failure_of_any_length_is_not_read(run: Path) -> None:
    from grnpyg.studies.store import LIMIT

    record = run.parent / ".failed" / f"{run.name}.json"
    record.parent.mkdir()
    with record.open("wb") as file:
        file.truncate(LIMIT + 1)
    (run / "manifest.json").unlink()
    Path("study.yaml").write_text("base: small.yaml\naxes: {all: {same: {}}}\n")
    said = grnpyg("study", "status", "study.yaml", "--json").json
    assert [failure["error"] for failure in said["failures"]] == ["the record of the failure cannot be read"]


def test_a_deep_record_of_a_failure_is_not_read(run: Path) -> None:
    record = run.parent / ".failed" / f"{run.name}.json"
    record.parent.mkdir()
    record.write_text("[" * 200_000)
    (run / "manifest.json").unlink()
    Path("study.yaml").write_text("base: small.yaml\naxes: {all: {same: {}}}\n")
    said = grnpyg("study", "status", "study.yaml", "--json").json
    assert [failure["error"] for failure in said["failures"]] == ["the record of the failure cannot be read"]


def test_rows_that_never_end_are_not_read(work: Path) -> None:
    Path("study.yaml").write_text("{base: small.yaml, axes: {seed: [1]}}")
    refused("study", "table", "study.yaml", "--from", "/dev/zero", says=("/dev/zero", "is not a file"))


def test_the_resamples_that_a_message_names_are_for_all_nodes(run: Path) -> None:
    """Each subset has its own number of nodes, and the one before was resampled already."""
    line = refused("eval", run, "--resamples", 10**11, says=("80 nodes",))
    assert line == refused("compare", run, run, "--resamples", 10**11)


@pytest.mark.parametrize(
    "sizes", ["coordinate real general\n9 1 2000000000", "array real general\n90000 90000"]
)
def test_a_matrix_that_declares_more_values_than_its_file_holds(work: Path, sizes: str) -> None:
    ten_x(work / "tenx").joinpath("matrix.mtx").write_text(f"%%MatrixMarket matrix {sizes}\n1 1 1\n")
    refused("data", "check", "--data", "tenx", "--labels", "labels.tsv", says=("matrix.mtx", "declares"))


def test_a_list_of_genes_that_grows(work: Path) -> None:
    folder = ten_x(work / "tenx")
    folder.joinpath("genes.tsv").unlink()
    folder.joinpath("genes.tsv.gz").write_bytes(gzip.compress(b"G1\tG1\n" * (1 << 22)))
    refused("data", "check", "--data", "tenx", "--labels", "labels.tsv", says=("genes.tsv.gz", "MiB of text"))


def ten_x(folder: Path) -> Path:
    """A folder as Cell Ranger writes it, of one gene and one cell."""
    folder.mkdir()
    (folder / "genes.tsv").write_text("G1\tG1\n")
    (folder / "barcodes.tsv").write_text("c1\n")
    (folder / "matrix.mtx").write_text("%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 1\n")
    return folder
