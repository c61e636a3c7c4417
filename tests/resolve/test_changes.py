"""Laying one config over another: sections merge, a component of another name replaces the old one."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.resolve import make_config
from grnpyg.resolve.changes import level_name, merge, nested

training = st.fixed_dictionaries(
    {}, optional={"lr": st.sampled_from([0.1, 0.2]), "max_epochs": st.integers(0, 3)}
)
dual = st.fixed_dictionaries({}, optional={"name": st.just("dual"), "dropout": st.sampled_from([0.0, 0.5])})
cross = st.fixed_dictionaries({"name": st.just("cross")}, optional={"dropout": st.sampled_from([0.0, 0.5])})
head = st.one_of(dual, cross, st.sampled_from(["dual", "cross"]))
negatives = st.fixed_dictionaries(
    {}, optional={"ratio": st.sampled_from([1, 5]), "sampler": st.just("uniform")}
)
configs = st.fixed_dictionaries(
    {}, optional={"training": training, "head": head, "negatives": negatives, "seed": st.integers(0, 3)}
)


@given(configs, configs)
def test_merging_leaves_its_arguments_alone_and_twice_is_once(
    values: dict[str, Any], change: dict[str, Any]
) -> None:
    before = copy.deepcopy((values, change))
    once = merge(values, change)
    assert (values, change) == before
    assert make_config(merge(once, change)) == make_config(once)
    assert make_config(merge(values, {})) == make_config(values)
    assert make_config(merge({}, change)) == make_config(change)


@given(configs, configs, configs)
def test_changes_of_changes(values: dict[str, Any], first: dict[str, Any], second: dict[str, Any]) -> None:
    """What a change names is what comes out, whatever was there before."""
    config = make_config(merge(merge(values, first), second)).model_dump()
    for section, keys in second.items():
        for key, value in keys.items() if isinstance(keys, dict) else ():
            assert config[section][key] == ({"name": value} if key == "sampler" else value)
    for key in ("lr", "max_epochs"):
        if key not in second.get("training", {}) and key in first.get("training", {}):
            assert config["training"][key] == first["training"][key]


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        (None, "svd", {"name": "svd"}),
        ("svd", {"num_components": 9}, {"name": "svd", "num_components": 9}),
        ({"name": "svd", "num_components": 9}, "ease_gene", {"name": "ease_gene"}),
        ({"name": "svd", "num_components": 9}, {"name": "svd"}, {"name": "svd", "num_components": 9}),
        ("svd", None, None),
    ],
)
def test_a_baseline_is_a_component_that_may_be_left_out(old: Any, new: Any, merged: Any) -> None:
    assert merge({"baseline": old}, {"baseline": new}) == {"baseline": merged}


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ({"name": "dual", "dropout": 0.1}, {"name": "cross"}, {"name": "cross"}),
        ({"name": "dual", "dropout": 0.1}, "cross", {"name": "cross"}),
        ({"name": "dual", "dropout": 0.1}, {"name": "dual"}, {"name": "dual", "dropout": 0.1}),
        ({"name": "dual", "dropout": 0.1}, {"dropout": 0.2}, {"name": "dual", "dropout": 0.2}),
        ({"dropout": 0.1}, {"name": "dual"}, {"name": "dual", "dropout": 0.1}),  # dual is the default
        ({"dropout": 0.1}, {"name": "cross"}, {"name": "cross"}),
        ("dual", {"dropout": 0.2}, {"name": "dual", "dropout": 0.2}),
        ("dual", "cross", {"name": "cross"}),
        (None, {"name": "cross", "dropout": 0.2}, {"name": "cross", "dropout": 0.2}),
    ],
)
def test_a_component_keeps_its_options_as_long_as_it_keeps_its_name(old: Any, new: Any, merged: Any) -> None:
    assert merge({"head": old}, {"head": new}) == {"head": merged}


def test_a_component_below_a_section() -> None:
    values = {"negatives": {"sampler": {"name": "mine", "size": 3}, "ratio": 5}}
    merged = merge(values, {"negatives": {"sampler": "uniform"}})
    assert merged == {"negatives": {"sampler": {"name": "uniform"}, "ratio": 5}}


def test_lists_and_values_are_replaced() -> None:
    merged = merge({"evaluation": {"negatives": ["uniform"]}}, {"evaluation": {"negatives": ["mine"]}})
    assert merged == {"evaluation": {"negatives": ["mine"]}}


def test_a_dotted_key() -> None:
    assert nested("negatives.ratio", 5) == {"negatives": {"ratio": 5}}
    assert nested("seed", 5) == {"seed": 5}


@pytest.mark.parametrize(
    ("value", "name"),
    [(5, "5"), (5.0, "5"), (0.05, "0.05"), (1e-5, "1e-05"), (True, "true"), (None, "null"), ("x", "x")],
)
def test_names_of_levels(value: Any, name: str) -> None:
    assert level_name(value) == name
