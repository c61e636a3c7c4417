"""The hashes of 0.1.0. tests/benchmarks/test_stored_rows.py compares them with every stored row."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from extended import uses, was_there

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.resolve import canonical, config_hash, earlier_hash, known_hashes, make_config

OWN = """
from grnpyg.models.heads.dual import DualHead
class Mine(DualHead):
    version = {version}
"""


SPARING = {"scheme": "sparing"}  # the negatives of 0.1.0


def test_the_defaults_of_then() -> None:
    config = make_config({"negatives": SPARING})
    assert earlier_hash(config) == "0f84c1c2d9d5"
    assert known_hashes(config) == ("44136fa355b3", "0f84c1c2d9d5")


def test_blind_negatives_are_new() -> None:
    """A run of 0.1.0 drew its negatives in another way, so that its hash is no hash of the same config."""
    assert earlier_hash(make_config({})) is None
    assert config_hash(make_config({})) != "44136fa355b3"


def of_then(values: dict[str, Any]) -> ExperimentConfig:
    """The config with the negatives of 0.1.0."""
    return make_config({**values, "negatives": {**values.get("negatives", {}), **SPARING}})


def test_keys_that_came_during_0_1_0_are_left_out_while_they_are_unset() -> None:
    unset = {"control": None, "prune": [], "structure": None, "evaluation": {"ranking": False}}
    assert earlier_hash(make_config({**unset, "negatives": SPARING})) == "0f84c1c2d9d5"
    ranked = make_config({"evaluation": {"ranking": True}, "negatives": SPARING})
    assert earlier_hash(ranked) not in (None, "0f84c1c2d9d5")


def test_every_component_was_there() -> None:
    """In 0.1.0 no baseline could stand in the place of a model."""
    for _, kind, name, values in uses():
        if "baseline" not in values:
            config = of_then(values)
            there = was_there(kind, name, values) and "versions" not in canonical(config)
            assert (earlier_hash(config) is not None) == there


def test_a_built_in_component_that_came_later_has_no_earlier_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.models.heads import heads

    monkeypatch.setitem(heads._classes, "newer", heads.get("dual"))
    monkeypatch.setitem(heads._versions, "newer", 1)
    config = of_then({"head": "newer"})
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
    config = of_then({"head": f"{name}:Mine"})
    versions = {} if expected == 1 else {f"head {name}:Mine": expected}
    assert canonical(config).get("versions", {}) == versions
    assert (earlier_hash(config) is None) == (expected != 1)


def test_a_version_that_is_no_number_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_bad_head.py").write_text(OWN.format(version="'two'"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="head own_bad_head:Mine: its version is 'two', not a whole number"):
        config_hash(make_config({"head": "own_bad_head:Mine"}))
