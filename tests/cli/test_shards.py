"""`grnpyg predict --shards`: parts made apart give to the bit the network that one call gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from cli.command import contents, grnpyg, refused
from cli.shard_folders import assert_same_network, merged

from grnpyg.core.files import sha256

PAIRS = 15 * 80 - 12
pytestmark = pytest.mark.usefixtures("blocks_of_four_tfs")


def parts_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*")}


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "n.parquet"),
        ("-o", "n.tsv"),
        ("--per-tf", 3, "-o", "n.parquet"),
        ("--top", 20, "-o", "n.csv"),
        ("--tf", "G3", "--gene", "G7", "-o", "n.tsv"),
        ("--min-probability", 0.1, "-o", "n.parquet"),
    ],
    ids=str,
)
def test_the_merged_network_is_that_of_one_call_byte_by_byte(
    shards: Path, trained: Any, options: tuple[object, ...]
) -> None:
    before = contents(shards)
    one = merged(trained.run, *options).read_bytes()
    assert merged(trained.run, "--shards", shards, *options).read_bytes() == one
    assert contents(shards) == before


def test_tasks_make_what_one_call_makes(whole: Path, trained: Any, work: Path) -> None:
    """Each task alone writes its parts; the last one to end writes the manifest."""
    for number in (1, 2, 3, 4, 5):
        said = grnpyg("predict", trained.run, "--shards", "apart", "--task", f"{number}/5", "--json").json
        assert (said["made"], said["missing"]) == (1, 5 - number)
        assert Path("apart/manifest.json").exists() == (number == 5)
    assert parts_of(Path("apart")) == parts_of(whole)
    assert said["pairs"] == PAIRS
    manifest = json.loads(Path("apart/manifest.json").read_text())
    ranges = [(part["tf_start"], part["tf_stop"]) for part in manifest["parts"]]
    assert ranges == [(0, 3), (3, 6), (6, 9), (9, 12), (12, 15)]
    assert manifest["rows"] == sum(part["rows"] for part in manifest["parts"]) == PAIRS
    stored = json.loads((trained.run / "manifest.json").read_text())["sha256"]
    assert manifest["view"]["runs"][0]["sha256"] == stored


def test_parts_hold_ids_and_scores_in_the_order_of_tf_and_target(
    whole: Path, trained: Any, work: Path
) -> None:
    table = pd.read_parquet(merged(trained.run, "-o", "n.parquet"))
    names = pd.read_parquet(whole / "names.parquet")
    files = sorted(whole.glob("part-*.parquet"))
    parts = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    kinds = {"tf_id": "int32", "target_id": "int32", "importance": "float32", "probability": "float32"}
    assert parts.dtypes.astype(str).to_dict() == {**kinds, "known": "bool"}
    assert parts[["tf_id", "target_id"]].equals(
        parts[["tf_id", "target_id"]].sort_values(["tf_id", "target_id"])
    )
    for end, kind, column in (("TF", "TF", "tf_id"), ("target", "gene", "target_id")):
        parts[end] = parts[column].map(names[names["kind"] == kind].set_index("id")["name"])
    both = table.merge(parts, on=["TF", "target"], suffixes=("", "_part"), validate="one_to_one")
    assert len(both) == len(table)
    assert both["importance"].equals(both["importance_part"])
    assert both["known"].equals(both["known_part"])
    assert both["probability"].astype(np.float32).equals(both["probability_part"])


def test_a_killed_task_is_redone_alone(shards: Path, trained: Any) -> None:
    """A part without its note was not finished, one with another content was damaged: both are made again."""
    before = parts_of(shards)
    Path("net/part-00001.parquet").unlink()
    Path("net/part-00003.parquet").write_bytes(before["part-00003.parquet"][:-1])
    Path("net/manifest.json").unlink()
    said = grnpyg("predict", trained.run, "--shards", "net", "--task", "2/5", "--json").json
    assert (said["made"], said["kept"], said["missing"], said["pairs"]) == (1, 0, 1, None)
    result = grnpyg("predict", trained.run, "--shards", "net", "--json")
    assert (result.json["made"], result.json["kept"]) == (1, 4)
    assert "part-00003.parquet is damaged" in result.err
    assert parts_of(shards) == before


def test_a_changed_byte_is_found_before_the_merge(shards: Path, trained: Any) -> None:
    before = parts_of(shards)
    content = bytearray(before["part-00002.parquet"])
    content[len(content) // 2] ^= 1
    Path("net/part-00002.parquet").write_bytes(content)
    refused("export", "net", "-o", "n.tsv", says=("part-00002.parquet", "not as the manifest has it"))
    merged(trained.run, "--shards", shards, "--top", 3, "-o", "n.tsv")
    assert parts_of(shards) == before


def test_without_notes_the_manifest_tells_what_is_there(shards: Path, trained: Any) -> None:
    """Who copies a network takes the Parquet files and the manifest."""
    for path in shards.glob("part-*.json"):
        path.unlink()
    said = grnpyg("predict", trained.run, "--shards", "net", "--json").json
    assert (said["made"], said["kept"]) == (0, 5)


def test_fewer_tasks_share_out_the_parts_that_are_left(shards: Path, trained: Any) -> None:
    for number in (1, 3):
        (shards / f"part-0000{number}.parquet").unlink()
    (shards / "manifest.json").unlink()
    command = ("predict", trained.run, "--shards", "net", "--json", "--task")
    first, second = (grnpyg(*command, f"{number}/2").json for number in (1, 2))
    assert [(said["made"], said["kept"], said["missing"]) for said in (first, second)] == [
        (1, 1, 1),
        (1, 2, 0),
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--new",), ("another network", "new False, not True")),
        (("--calibrate", "isotonic"), ("another network", "calibrate")),
        (("--new-edges", 50), ("new_edges None, not 50.0",)),
        (
            ("--task", "1/6"),
            ("--task: net was begun with 5 parts, which 6 tasks cannot share out", "at most 5"),
        ),
        (("--task", "1/16"), ("16 shards are more than the 15 TFs", "at most 15")),
        (("--task", "6/5"), ("no task 6 of 5",)),
        (("--task", "0/5"), ("no task 0 of 5",)),
        (("--task", "1/0"), ("no task 1 of 0",)),
        (("--task", "first"), ("'first' is not I/N",)),
        (("--task", "1/5", "-o", "n.tsv"), ("leave out -o",)),
        (("--top", 3), ("--top", "-o FILE")),
        (("--fdr", 0.1), ("--fdr", "-o FILE")),
    ],
)
def test_what_cannot_be_asked_of_a_folder(
    shards: Path, trained: Any, options: tuple[object, ...], says: tuple[str, ...]
) -> None:
    refused("predict", trained.run, "--shards", "net", *options, says=says)


def test_another_run_and_another_folder_are_refused(shards: Path, run: Path) -> None:
    refused("predict", run, "--task", "1/2", says=("--shards DIR",))
    refused("predict", run, "--shards", run, says=("manifest.json", "no manifest of shards"))
    refused("predict", run, "--shards", "labels.tsv", says=("labels.tsv",))
    other = grnpyg("train", "--config", "small.yaml", "--seed", 2, "--json").json["run"]
    refused("predict", other, "--shards", "net", says=("other runs", "name another folder"))
    refused("export", "labels", "-o", "n.tsv", says=("labels",))


def test_several_runs_go_into_parts_with_the_score_of_each(work: Path) -> None:
    """Their order is that of the mean in double precision, which single precision would tie."""
    runs = [grnpyg("train", "--config", "small.yaml", "--seed", s, "--json").json["run"] for s in (1, 2)]
    for options in (("-o", "n.parquet"), ("--per-tf", 2, "-o", "n.parquet")):
        assert grnpyg("predict", *runs, *options).code == 0
        whole = Path("n.parquet").read_bytes()
        for number in (1, 2):
            assert grnpyg("predict", *runs, "--shards", "two", "--task", f"{number}/2").code == 0
        assert grnpyg("predict", *runs, "--shards", "two", *options).code == 0
        assert Path("n.parquet").read_bytes() == whole
    columns = pq.read_schema("two/part-00000.parquet").names
    assert columns == ["tf_id", "target_id", "importance", "probability", "known", "score_1", "score_2"]
    grnpyg("predict", *runs, "-o", "n.parquet")
    assert_same_network(Path("two"), pd.read_parquet("n.parquet"))


def test_a_baseline_keeps_its_double_precision(work: Path) -> None:
    run = grnpyg("train", "--config", "small.yaml", "--baseline", "ease_gene", "--json").json["run"]
    whole = merged(Path(run), "-o", "n.parquet").read_bytes()
    assert grnpyg("predict", run, "--shards", "base", "--task", "1/2").code == 0
    assert merged(Path(run), "--shards", "base", "-o", "n.parquet").read_bytes() == whole
    assert str(pq.read_schema("base/part-00000.parquet").field("importance").type) == "double"


BEST = """\
data: {expression: expression.h5ad, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: []}
encoder: mlp
head: {name: cross, hidden_channels: 16, out_channels: 8}
knowledge: {sources: [cells], neighbours: 5}
structure: {features: [degree, ease, similar_genes, similar_tfs, direct], hidden_channels: 8}
training: {max_epochs: 1, batch_size: 128, lr: 0.01, disjoint_train_ratio: 0.25}
"""


@pytest.mark.parametrize(
    "more", [(), ("--universe", "measured", "--tfs", "tfs.txt")], ids=["labels", "measured"]
)
def test_a_cross_encoder_with_structure_and_knowledge_in_parts(work: Path, more: tuple[object, ...]) -> None:
    Path("best.yaml").write_text(BEST)
    Path("tfs.txt").write_text("G3\nG40\nG41\n")
    run = Path(grnpyg("train", "--config", "best.yaml", "--json").json["run"])
    whole = merged(run, *more, "-o", "n.parquet").read_bytes()
    for number in (2, 1, 3):
        assert grnpyg("predict", run, *more, "--shards", "net", "--task", f"{number}/3").code == 0
    assert merged(run, *more, "--shards", "net", "-o", "n.parquet").read_bytes() == whole


def test_two_tasks_that_end_at_once_write_the_same_manifest(
    whole: Path, trained: Any, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the task that ends last writes the manifest, another one finds all parts there too."""
    from grnpyg.networks.shards import make

    command = ("predict", trained.run, "--shards", "net", "--task")
    for number in (1, 2, 3, 4):
        grnpyg(*command, f"{number}/5")
    plain, seen = make.write_text, []

    def write(path: Path, text: str) -> None:
        if path.name == "manifest.json" and not seen:
            seen.append(text)
            assert grnpyg(*command, "4/5").code == 0
            seen.append(path.read_text())
        plain(path, text)

    monkeypatch.setattr(make, "write_text", write)
    assert grnpyg(*command, "5/5").code == 0
    assert len(seen) == 2
    assert seen[0] == seen[1] == Path("net/manifest.json").read_text()
    assert parts_of(Path("net")) == parts_of(whole)


def test_a_task_that_is_started_twice_leaves_one_whole_part(
    whole: Path, trained: Any, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grnpyg.networks.shards import make

    command = ("predict", trained.run, "--shards", "net", "--task", "2/5")
    plain, begun = make.write_part, []

    def write(*arguments: Any) -> int:
        if not begun:
            begun.append(True)
            assert grnpyg(*command).code == 0
        return plain(*arguments)

    monkeypatch.setattr(make, "write_part", write)
    assert grnpyg(*command).code == 0
    expected = {
        name: content for name, content in parts_of(whole).items() if "00001" in name or "names" in name
    }
    assert parts_of(Path("net")) == expected


def test_a_full_disk_is_one_line_and_leaves_whole_parts_alone(
    shards: Path, trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grnpyg.networks.shards import make

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    (shards / "part-00002.parquet").unlink()
    before = parts_of(shards)
    monkeypatch.setattr(make, "write_part", full)
    refused("predict", trained.run, "--shards", "net", says=("net", "No space left"))
    assert parts_of(shards) == before


def test_only_the_block_of_a_tf_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are merged in any order of questions, and hold no more than a few row groups."""
    from grnpyg.data.graph import build_graph
    from grnpyg.networks import Candidates
    from grnpyg.networks.shards import form, part

    monkeypatch.setattr("grnpyg.networks.scores.PAIRS", 100)
    names = [f"t{i}" for i in range(10)]
    graph = build_graph(
        pd.DataFrame({"source": names, "target": "g0"}), tfs=names, genes=[f"g{i}" for i in range(50)]
    )
    values = np.random.default_rng(0).normal(size=(10, 50)).astype(np.float32)
    candidates = Candidates(graph, new=True)

    class Given:
        shape = (10, 50)

        def rows(self, start: int, stop: int) -> Any:
            return values[start:stop]

    facts = {"format": 1, "grnpyg": "", "runs": [{"sha256": "", "config_hash": ""}], "new": True}
    facts |= {"calibrate": None, "prior": None, "new_edges": None, "universe": "labels", "names": "0" * 64}
    view = form.ShardView.model_validate({**facts, "tfs": 10, "genes": 50, "parts": 3})
    parts = []
    for number in range(3):
        path, tfs = Path(form.file_of(number)), view.range_of(number)
        rows = part.write_part(path, tfs, [Given()], [lambda score: score], candidates)
        sizes = {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256(path)}
        parts.append(form.Part(file=path.name, tf_start=tfs[0], tf_stop=tfs[1], **sizes))
    scores = part.PartScores(Path(), form.manifest_of(view, parts), 0, candidates)
    for start, stop in [(0, 2), (2, 3), (2, 6), (1, 2), (9, 10), (0, 10), (5, 5)]:
        there = candidates.rows(start, stop)
        assert np.array_equal(scores.rows(start, stop), np.where(there, values[start:stop], 0))
    for tf in range(10):
        scores.rows(tf, tf + 1)
        assert scores._held[0].size <= 3 * 100
