"""Each distinct fault that the fuzz test found, as a test of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from grnpyg.core.errors import InputError

Answer = Callable[..., object]
Change = Callable[[Path], object]


def tensors(change: Callable[[dict[str, Any], dict[str, Any]], object], key: str) -> Change:
    """Change the tensors of a safetensors file, and the JSON in one entry of its metadata."""

    def apply(path: Path) -> None:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata()
        found, inner = load_file(path), json.loads(meta[key])
        replaced = change(found, inner)
        save_file(found, path, {key: json.dumps(inner if replaced is None else replaced)})

    return apply


def put(name: str, value: Callable[[Any], Any]) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(found: dict[str, Any], _: dict[str, Any]) -> None:
        found[name] = value(found[name]).contiguous()

    return change


def without(name: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(found: dict[str, Any], _: dict[str, Any]) -> None:
        del found[name]

    return change


def column(name: str, value: Any) -> Change:
    """Fill a column of a Parquet file; None removes it."""

    def apply(path: Path) -> None:
        table = pd.read_parquet(path)
        table = table.drop(columns=name) if value is None else table.assign(**{name: [value] * len(table)})
        table.to_parquet(path)

    return apply


REGULATES = "tf|regulates|gene/edge_index"
GRAPHS: dict[str, tuple[Any, str]] = {
    "an edge to a node that is not there": (put(REGULATES, lambda t: t + 1000), "node that is not there"),
    "an edge to a negative node": (put(REGULATES, lambda t: -t - 1), "node that is not there"),
    "edges in one row": (put(REGULATES, lambda t: t.reshape(-1)), "are not pairs"),
    "edges of decimals": (put(REGULATES, lambda t: t.float()), "whole numbers"),
    "features of three dimensions": (put("gene/x", lambda t: t[..., None]), "another shape"),
    "features of NaN": (put("gene/x", lambda t: t * float("nan")), "finite"),
    "fewer features than genes": (put("gene/x", lambda t: t[:3]), "finite number for each"),
    "too few weights": (put("tf|regulates|gene/edge_weight", lambda t: t[:2]), "weights of the edges"),
    "no node that has a name": (lambda t, names: {}, "list of words"),
    "names that are no mapping": (lambda t, names: ["tf"], "not a readable graph"),
    "names that are no words": (lambda t, names: {**names, "tf": [1] * len(names["tf"])}, "list of words"),
    "no edges": (without(REGULATES), "edges regulates hold"),
}


@pytest.mark.parametrize("kind", GRAPHS)
def test_a_graph(answer: Answer, kind: str) -> None:
    change, says = GRAPHS[kind]
    with pytest.raises(InputError, match=says):
        answer("run graph", "run/graph.safetensors", tensors(change, "names"))


TEST = "evaluation/uniform/test"
SPLITS: dict[str, tuple[Any, str]] = {
    "training edges outside the graph": (put("positives/train", lambda t: t + 500), "not there"),
    "held-out edges of three rows": (put("positives/test", lambda t: torch.cat([t, t[:1]])), "not pairs"),
    "warm nodes in two dimensions": (put("warm/gene", lambda t: t[None]), "whole numbers"),
    "huge warm nodes": (put("warm/tf", lambda t: t + 2**40), "not there"),
    "labels of another number": (put(f"{TEST}/label", lambda t: t[:-1]), "one number for each pair"),
    "labels in two dimensions": (put(f"{TEST}/label", lambda t: t[:, None]), "one number for each pair"),
    "labels of 7": (put(f"{TEST}/label", lambda t: t + 7), "other labels"),
    "pairs without labels": (without(f"{TEST}/label"), "label"),
    "a header that is a list": (lambda t, f: ["parts"], "mapping"),
    "parts that are numbers": (lambda t, f: {**f, "parts": [1]}, "not words"),
    "no training edges": (lambda t, f: {**f, "parts": ["test"]}, "no training edges"),
    "a number of edges that is a word": (lambda t, f: {**f, "moved_back": "x"}, "other values"),
}


@pytest.mark.parametrize("kind", SPLITS)
def test_a_split(answer: Answer, kind: str) -> None:
    change, says = SPLITS[kind]
    with pytest.raises(InputError, match=says):
        answer("run split", "run/split.safetensors", tensors(change, "split"))


def test_weights_of_nan(answer: Answer) -> None:
    def change(path: Path) -> None:
        save_file({name: values * float("nan") for name, values in load_file(path).items()}, path)

    with pytest.raises(InputError, match="not finite"):
        answer("run weights", "run/model.safetensors", change)


def test_a_config_with_settings_that_the_split_has_not(answer: Answer) -> None:
    def change(path: Path) -> None:
        content = yaml.safe_load(path.read_text())
        content["evaluation"]["negatives"] = ["uniform", "degree_matched"]
        path.write_text(yaml.safe_dump(content))

    with pytest.raises(InputError, match="no evaluation pairs of degree_matched"):
        answer("run config", "run/config.yaml", change)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, value)
            for name in ("part", "regime", "row", "metric")
            for value in (None, 1.5, {"a": 1}, b"x")
        ),
        *(("value", value) for value in (None, "x", {"a": 1}, b"x")),
    ],
)
def test_metrics(answer: Answer, name: str, value: Any) -> None:
    with pytest.raises(InputError, match=r"not a readable table|columns of lists"):
        answer("run metrics", "run/metrics.parquet", column(name, value))


CHECKPOINTS: dict[str, Any] = {
    "a weight of another shape": lambda found, tree: found.update(
        {name: torch.zeros(7, 7) for name in list(found)[:40]}
    ),
    "a list in its place": lambda found, tree: [],
    "a mapping without anything": lambda found, tree: {"dict": []},
}


@pytest.mark.parametrize("kind", CHECKPOINTS)
def test_a_checkpoint(answer: Answer, kind: str) -> None:
    with pytest.raises(InputError, match=r"does not fit this training|not a readable checkpoint"):
        answer("checkpoint", "checkpoint/last.ckpt", tensors(CHECKPOINTS[kind], "tree"))


def test_a_checkpoint_whose_best_weights_are_of_another_shape(answer: Answer) -> None:
    """The training could go on from the last ones, and would fail at its end."""

    def change(found: dict[str, Any], tree: Any) -> None:
        (_, best), *_ = [pair for pair in items(tree, "callbacks") if pair[0] == "Best"]
        (_, value), *_ = items(best, "weights")
        found[value["tensor"]] = torch.zeros(3)

    def items(value: Any, key: str) -> Any:
        return dict(value["dict"])[key]["dict"]

    with pytest.raises(InputError, match="weights of another model"):
        answer("checkpoint", "checkpoint/last.ckpt", tensors(change, "tree"))


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 3000, b'"x"', b"3"])
def test_what_a_run_began_with(answer: Answer, content: bytes) -> None:
    with pytest.raises(InputError, match="its device changed"):
        answer("origin", "origin.json", lambda path: path.write_bytes(content))


PLANS: dict[str, Callable[[Any], Any]] = {
    "nested deeply": lambda plan: "[" * 3000,
    "hashes that are lists": lambda plan: plan["trials"][0].update(hashes=[["a"]]),
    "levels that are a list": lambda plan: plan["trials"][0].update(levels=["a"]),
    "levels that are numbers": lambda plan: plan["trials"][0].update(levels={"seed": [1]}),
    "sources that are a word": lambda plan: plan.update(sources="x"),
    "trials that are none": lambda plan: plan.update(trials=[None]),
    "a list": lambda plan: [],
}


@pytest.mark.parametrize("kind", PLANS)
def test_a_plan_that_is_none_is_made_anew(answer: Answer, kind: str) -> None:
    def change(path: Path) -> None:
        content = json.loads(path.read_text())
        changed = PLANS[kind](content)
        path.write_text(
            changed if isinstance(changed, str) else json.dumps(content if changed is None else changed)
        )

    assert answer("plan", "runs/.studies/tiny-study.json", change) is None


@pytest.mark.parametrize(("name", "value"), [("parameters", "1.5"), ("epochs", "many")])
def test_stored_rows_whose_counts_are_none(answer: Answer, name: str, value: str) -> None:
    def change(path: Path) -> None:
        pd.read_csv(path, dtype=str).assign(**{name: value}).to_csv(path, index=False)

    with pytest.raises(InputError, match=r"not a table of rows|columns of lists"):
        answer("stored rows", "rows.csv", change)


@pytest.mark.parametrize("value", [{"a": 1}, 3.5, b"x"])
@pytest.mark.parametrize("name", ["part", "config_hash"])
def test_stored_rows_whose_words_are_none(answer: Answer, name: str, value: Any) -> None:
    with pytest.raises(InputError, match=r"not a table of rows|columns of lists"):
        answer("stored rows parquet", "rows.parquet", column(name, value))


JOURNALS = {
    "no JSON": b"{,}\n",
    "a control character": b'{"op_code": "\x01"}\n',
    "nested deeply": b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"\n",
    "an unknown operation": b'{"op_code": 99, "worker_id": "x"}\n',
}


@pytest.mark.parametrize("kind", JOURNALS)
@pytest.mark.parametrize("at", [0, 1, -1])
def test_a_line_of_a_journal(answer: Answer, kind: str, at: int) -> None:
    def change(path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        lines[at] = JOURNALS[kind]
        path.write_bytes(b"".join(lines))

    with pytest.raises(InputError, match="journal cannot be read"):
        answer("journal", "journal/journal.jsonl", change)


def test_a_journal_whose_trials_lack_a_key(answer: Answer) -> None:
    def change(path: Path) -> None:
        path.write_text(path.read_text().replace("training.lr", "training.x"))

    with pytest.raises(InputError, match=r"journal cannot be read|changed since its trials began"):
        answer("journal", "journal/journal.jsonl", change)


def test_a_range_of_a_tuning_beyond_all_numbers(answer: Answer) -> None:
    def change(path: Path) -> None:
        path.write_text(path.read_text().replace("high: 0.1", f"high: {10**400}"))

    with pytest.raises(InputError, match="a number is wanted"):
        answer("tuning", "tune.yaml", change)


def test_a_key_of_a_tuning_that_is_called_str(answer: Answer) -> None:
    def change(path: Path) -> None:
        path.write_text(f"{path.read_text()}\nstr: 1\n")

    with pytest.raises(InputError, match="unknown key 'str'"):
        answer("tuning", "tune.yaml", change)


@pytest.mark.parametrize("text", ["a: " * 2000, "- " * 2000])
def test_a_message_about_a_long_text_is_short(answer: Answer, text: str) -> None:
    with pytest.raises(InputError) as error:
        answer("assignment", "head.yaml", lambda path: path.write_text(text))
    assert len(str(error.value)) < 3000


def test_a_list_of_names_in_an_h5ad_that_is_damaged(answer: Answer) -> None:
    """HDF5 visits such a file for ever, and takes all memory."""

    def change(path: Path) -> None:
        content = path.read_bytes()
        at = content.index(b"SNOD")
        path.write_bytes(content[:at] + b"SNOX" + content[at + 4 :])

    with pytest.raises(InputError, match="cannot be read as h5ad"):
        answer("h5ad", "cells.h5ad", change)


def test_the_seeds_are_read(answer: Answer, home: Path) -> None:
    from fuzz.readers import READERS

    assert np.all([(home / file).exists() for reader in READERS.values() for file in reader.files])
    for name, reader in READERS.items():
        answer(name, reader.files[0], lambda path: None)
