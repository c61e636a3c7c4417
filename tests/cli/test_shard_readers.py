"""Folders of shards as others read them, and as somebody else may have written them."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli.command import grnpyg, refused
from cli.shard_folders import assert_same_network, merged
from networks.tables import client

PAIRS = 15 * 80 - 12


def test_the_folder_is_a_network_without_its_run(shards: Path, trained: Any) -> None:
    """`export`, `diff` and the door read it; what is cut is never held."""
    from grnpyg.networks import read_shards

    table = pd.read_parquet(merged(trained.run, "-o", "n.parquet"))
    assert_same_network(shards, table)
    ends = ["TF", "target"]
    assert read_shards(shards, top=7)[ends].equals(table[ends].head(7))
    assert read_shards(shards, per_tf=2)[ends].equals(
        table[table["rank_in_tf"] <= 2][ends].reset_index(drop=True)
    )
    new = table[~table["known"] & table["probability"].ge(0.1)].head(5)
    options = ("--new", "--min-probability", 0.1, "--top", 5, "-o", "top.tsv")
    assert grnpyg("export", "net", *options).code == 0
    assert pd.read_csv("top.tsv", sep="\t")[ends].equals(new[ends].reset_index(drop=True))
    found = grnpyg("diff", "net", "n.parquet", "--top", 50, "--json").json
    assert (found["rbo"], found["kept"]) == (pytest.approx(1.0), 50)


def damaged_manifest(folder: Path, change: Any) -> None:
    """Change the manifest as somebody would who knows how it is made."""
    from grnpyg.networks.shards.form import digest

    content = json.loads((folder / "manifest.json").read_text())
    change(content)
    content["sha256"] = digest(content)
    (folder / "manifest.json").write_text(json.dumps(content))


def one_row_less(content: Any) -> None:
    content["parts"][0]["rows"] -= 1
    content["rows"] -= 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["parts"][0].update(file="../labels.tsv"), "parts.0.file"),
        (lambda c: c["parts"][0].update(file="/etc/passwd"), "parts.0.file"),
        (lambda c: c["parts"][0].update(file="part-00001.parquet"), "its parts are not those of its TFs"),
        (lambda c: c["parts"][1].update(tf_start=0), "its parts are not those of its TFs"),
        (lambda c: c["parts"].pop(), "its parts are not those of its TFs"),
        (lambda c: c["parts"][0].update(rows=10**12), "more pairs than there are"),
        (lambda c: c.update(rows=3), "counts of pairs disagree"),
        (lambda c: c["view"].update(format=2), "view.format"),
        (lambda c: c["view"].update(parts=10**9), "view.parts"),
        (lambda c: c["view"].update(genes=81), "names.parquet"),
        (lambda c: c["view"].update(genes="80"), "view.genes"),
        (one_row_less, "other columns or rows"),
        (lambda c: c.update(further=1), "further"),
    ],
)
def test_a_manifest_of_somebody_else_is_not_trusted(shards: Path, change: Any, says: str) -> None:
    damaged_manifest(shards, change)
    refused("export", "net", "-o", "n.tsv", says=(says,))


def test_a_manifest_that_is_changed_too_large_or_no_json(shards: Path) -> None:
    path, text = shards / "manifest.json", (shards / "manifest.json").read_text()
    path.write_text(text.replace('"universe": "labels"', '"universe": "labelz"'))
    refused("export", "net", "-o", "n.tsv", says=("changed after it was written",))
    for content in ("", "{", "[]", "nul\0", text[:-9]):
        path.write_text(content)
        refused("export", "net", "-o", "n.tsv", says=("no manifest of shards",))
    with path.open("wb") as file:
        file.truncate(1 << 40)
    refused("export", "net", "-o", "n.tsv", says=("larger than",))
    path.unlink()
    path.symlink_to("/etc/hostname")
    refused("export", "net", "-o", "n.tsv", says=("symbolic link",))


@pytest.mark.parametrize(
    "kind", ["other columns", "pairs of another part", "ids out of range", "a link", "packed"]
)
def test_a_part_of_somebody_else_is_not_trusted(shards: Path, kind: str) -> None:
    """With its right SHA-256 in the manifest."""
    from grnpyg.core.files import sha256

    path = shards / "part-00000.parquet"
    table = pq.read_table(path)
    schema, says = table.schema, "do not belong there"
    if kind == "other columns":
        table, says = table.drop_columns(["known"]), "other columns"
    elif kind == "pairs of another part":
        table = pq.read_table(shards / "part-00001.parquet").slice(0, len(table))
    elif kind == "ids out of range":
        ids = table["target_id"].to_numpy().copy()
        ids[-1] = 80
        table = pd.DataFrame({name: table[name].to_numpy() for name in table.column_names}).assign(
            target_id=ids
        )
        table = pa.Table.from_pandas(table, schema, preserve_index=False)
    if kind == "a link":
        path.rename("elsewhere.parquet")
        path.symlink_to(Path("elsewhere.parquet").resolve())
        says = "symbolic link"
    else:
        pq.write_table(
            table, path, compression="gzip" if kind == "packed" else "snappy", use_dictionary=False
        )
        says = "GZIP" if kind == "packed" else says

    def change(content: Any) -> None:
        rows = pq.read_metadata(path).num_rows
        content["rows"] += rows - content["parts"][0]["rows"]
        content["parts"][0].update(rows=rows, bytes=path.stat().st_size, sha256=sha256(path))

    damaged_manifest(shards, change)
    refused("export", "net", "-o", "n.tsv", says=(says,))


QUERY = """
select t.name as TF, g.name as target, importance from '{folder}/part-*.parquet' p
join '{folder}/names.parquet' t on t.kind = 'TF' and t.id = p.tf_id
join '{folder}/names.parquet' g on g.kind = 'gene' and g.id = p.target_id
where not known order by importance desc, tf_id, target_id limit 20
"""


def best_new(run: Path) -> list[tuple[str, str]]:
    table = pd.read_parquet(merged(run, "-o", "n.parquet"))
    table = table[~table["known"]].head(20)
    return list(zip(table["TF"], table["target"], strict=True))


def test_duckdb_reads_the_parts(whole: Path, trained: Any, work: Path) -> None:
    rows = client("duckdb").sql(QUERY.format(folder=whole)).fetchall()
    assert [row[:2] for row in rows] == best_new(trained.run)


def test_polars_reads_the_parts(whole: Path, trained: Any, work: Path) -> None:
    pl = client("polars")
    names = pl.read_parquet(whole / "names.parquet")
    found = pl.scan_parquet(whole / "part-*.parquet").filter(~pl.col("known"))
    found = (
        found.sort(["importance", "tf_id", "target_id"], descending=[True, False, False]).head(20).collect()
    )
    for column, kind in (("tf_id", "TF"), ("target_id", "gene")):
        ids = names.filter(pl.col("kind") == kind).select(
            pl.col("id").alias(column), pl.col("name").alias(kind)
        )
        found = found.join(ids, on=column, maintain_order="left")
    assert found.select("TF", "gene").rows() == best_new(trained.run)


@pytest.mark.slow
def test_ray_data_reads_the_parts(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray starts processes of its own, so this only runs where it is installed."""
    ray = pytest.importorskip("ray")
    data = pytest.importorskip("ray.data")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # Ray takes the handler and keeps it, and later tests of the same process need it
    before = signal.getsignal(signal.SIGTERM)
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20)
    try:
        rows = data.read_parquet([str(path) for path in sorted(whole.glob("part-*.parquet"))])
        assert rows.count() == PAIRS
        assert rows.filter(lambda row: row["known"]).count() == 400
    finally:
        ray.shutdown()
        signal.signal(signal.SIGTERM, before)
