"""A manifest keeps what it does not know, fills in what is missing, and notices every change."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grnpyg.core.errors import InputError
from grnpyg.runs.manifest import Manifest, MethodCost, PrunedFrom, Reached, _digest


def written(folder: Path, content: dict[str, Any]) -> Path:
    """A manifest as some other version may have written it."""
    text = json.dumps(content | {"sha256": _digest(content)})
    (folder / "manifest.json").write_text(text)
    return folder


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    reached = Reached(part="test", positives=2, negatives=0, ratio=None, auroc={"degree_product": None})
    manifest = Manifest(
        status="complete",
        seed=3,
        parameters={"total": 5, "encoder": 2, "head": 3},
        split={"train": 7, "negatives_reached": {"uniform": {"test": reached}}},
        costs={"svd": MethodCost(seconds=0.1, parameters=4, macs_per_pair=None)},
        pruned_from=PrunedFrom(config_hash="a", weights_sha256="b"),
    )
    manifest.write(tmp_path)
    again = Manifest.load(tmp_path)
    assert again.model_copy(update={"sha256": ""}) == manifest
    content = json.loads((tmp_path / "manifest.json").read_text())
    assert content["rows"] == {"svd": {"seconds": 0.1, "parameters": 4, "macs_per_pair": None}}
    assert content["parameters"] == {"total": 5, "encoder": 2, "head": 3}
    assert content["split"]["train"] == 7
    assert content["split"]["negatives_reached"]["uniform"]["test"]["ratio"] is None
    assert "encoder" not in content  # what was not given is not written


def test_a_manifest_without_the_keys_of_this_version_has_defaults(tmp_path: Path) -> None:
    manifest = Manifest.load(written(tmp_path, {"status": "complete", "parameters": {"total": 9}}))
    assert manifest.parameters.total == 9
    assert (manifest.encoder, manifest.head, manifest.pruned_from) == (None, None, None)
    assert (manifest.leaks, manifest.inputs, manifest.costs, manifest.files) == ((), {}, {}, {})


def test_keys_of_another_version_are_kept(tmp_path: Path) -> None:
    content = {"status": "complete", "weather": {"rain": True}, "machine": {"threads": 2, "fans": 3}}
    manifest = Manifest.load(written(tmp_path, content))
    manifest.write(tmp_path)
    again = json.loads((tmp_path / "manifest.json").read_text())
    del again["sha256"]
    assert again == content


@pytest.mark.parametrize("content", [{}, {"status": "excellent"}, {"status": "complete", "epochs": "many"}])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    written(tmp_path, content)
    with pytest.raises(InputError, match="not readable"):
        Manifest.load(tmp_path)
    assert Manifest.glance(tmp_path) is None


def test_a_change_is_noticed_and_a_glance_does_not_look_for_it(tmp_path: Path) -> None:
    Manifest(status="complete", seconds=1.0).write(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace("1.0", "2.0"))
    with pytest.raises(InputError, match="was changed"):
        Manifest.load(tmp_path)
    glanced = Manifest.glance(tmp_path)
    assert glanced is not None
    assert glanced.seconds == 2.0


def test_a_missing_manifest_is_said_and_a_glance_sees_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json is missing"):
        Manifest.load(tmp_path)
    assert Manifest.glance(tmp_path) is None


def test_it_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Manifest(status="complete").seed = 4


def test_manifest_and_tables_are_read_without_torch() -> None:
    program = (
        "import sys, grnpyg.runs as r; r.Manifest, r.read_metrics, r.read_epochs\n"
        "assert not {'torch', 'numba', 'sklearn'} & sys.modules.keys()\n"
        "r.Run; assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
