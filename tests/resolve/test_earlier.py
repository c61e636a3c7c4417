"""The hashes of 0.1.0. tests/benchmarks/test_stored_rows.py compares them with every stored row."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from extended import uses

from grnpyg.core.errors import InputError
from grnpyg.resolve import canonical, config_hash, earlier_hash, known_hashes, make_config

OWN = """
from grnpyg.models.heads.dual import DualHead
class Mine(DualHead):
    version = {version}
"""


def test_the_defaults() -> None:
    config = make_config({})
    assert earlier_hash(config) == "0f84c1c2d9d5"
    assert known_hashes(config) == (config_hash(config), "0f84c1c2d9d5")


def test_keys_that_came_during_0_1_0_are_left_out_while_they_are_unset() -> None:
    unset = {"control": None, "prune": [], "structure": None, "evaluation": {"ranking": False}}
    assert earlier_hash(make_config(unset)) == "0f84c1c2d9d5"
    assert earlier_hash(make_config({"evaluation": {"ranking": True}})) not in (None, "0f84c1c2d9d5")


def test_every_component_was_there() -> None:
    # in 0.1.0 no baseline could stand in the place of a model
    # and what came in another version since then has no hash of 0.1.0
    configs = [make_config(values) for *_, values in uses() if "baseline" not in values]
    hashes = {earlier_hash(config) for config in configs if "versions" not in canonical(config)}
    assert None not in hashes


def test_a_built_in_component_that_came_later_has_no_earlier_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.models.heads import heads

    monkeypatch.setitem(heads._classes, "newer", heads.get("dual"))
    monkeypatch.setitem(heads._versions, "newer", 1)
    config = make_config({"head": "newer"})
    assert earlier_hash(config) is None
    assert known_hashes(config) == (config_hash(config),)


@pytest.mark.parametrize(("version", "expected"), [("1", 1), ("3", 3)])
def test_a_component_from_a_file_has_a_version_of_its_own(
    version: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"own_head_{version}"
    (tmp_path / f"{name}.py").write_text(OWN.format(version=version))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    config = make_config({"head": f"{name}:Mine"})
    versions = {} if expected == 1 else {f"head {name}:Mine": expected}
    assert canonical(config).get("versions", {}) == versions
    assert (earlier_hash(config) is None) == (expected != 1)


def test_a_version_that_is_no_number_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_bad_head.py").write_text(OWN.format(version="'two'"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="head own_bad_head:Mine: its version is 'two', not a whole number"):
        config_hash(make_config({"head": "own_bad_head:Mine"}))
