"""The hash of a config: the same for every way to write it, another for another experiment."""

from __future__ import annotations

from typing import Any

import pytest
from extended import REGISTRIES, built_in, uses
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.config_file import override
from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry
from grnpyg.resolve import canonical, config_hash, make_config
from grnpyg.resolve.components import COMPONENTS

PLAIN: dict[str, list[Any]] = {
    "seed": [1, 42],
    "split_seed": [None, 1],
    "control": [None, "rewired_labels"],
    "data.confidence": [None, ["A"], ["A", "B"]],
    "data.use_raw": [False, True],
    "features.n_components": [50, 10],
    "negatives.ratio": [1, 5],
    "negatives.scheme": ["blind", "sparing"],
    "evaluation.ranking": [False, True],
    "evaluation.negatives": [
        ["uniform"],
        ["uniform", "hard"],
        ["uniform", "same_tf", "degree_matched", "hard"],
    ],
    "evaluation.baselines": [["svd"], [{"name": "svd", "num_components": 9}], []],
    "training.lr": [1e-3, 0.01],
    "prune": [[], [{"ratio": 0.5}], [{"ratio": 0.5, "what": "all"}, {"ratio": 0.5}]],
}


def other_options(registry: Registry[Any], name: str) -> dict[str, Any]:
    """For every option of a component whose type says how, a value that is not the default."""
    found = {}
    for key, default in registry.defaults(name).items():
        for other in (not default,) if isinstance(default, bool) else (1, 0.25):
            try:
                checked = registry.options(name, {key: other})
            except InputError:
                continue
            if checked[key] != default:
                found[key] = checked[key]
    return found


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """Some keys away from their defaults, and some components with some options."""
    chosen = draw(st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in PLAIN.items()}))
    values = override({}, [])
    for key, value in chosen.items():
        *parents, last = key.split(".")
        place = values
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    for key in ("split", "encoder", "head", "loss"):
        if draw(st.booleans()):
            name = draw(st.sampled_from(built_in(COMPONENTS[key])))
            options = other_options(COMPONENTS[key], name)
            kept = draw(st.sets(st.sampled_from(sorted(options)))) if options else set()
            values[key] = {"name": name, **{option: options[option] for option in kept}}
    if {"none", "zero"} & {values.get(key, {}).get("name") for key in ("encoder", "head")}:
        values = override(
            values, ["encoder=none", "head=zero", "structure={}", "training.disjoint_train_ratio=0.25"]
        )
    return values


def turned(value: Any) -> Any:
    """The same content with every mapping in the opposite order."""
    return {k: turned(v) for k, v in reversed(value.items())} if isinstance(value, dict) else value


@settings(deadline=None, max_examples=60)
@given(configs())
@pytest.mark.slow
def test_order_and_spelled_out_defaults_do_not_matter(values: dict[str, Any]) -> None:
    config = make_config(values)
    hash_ = config_hash(config)
    assert len(hash_) == 12
    assert config_hash(make_config(turned(values))) == hash_
    assert config_hash(make_config(config.model_dump())) == hash_
    assert config_hash(make_config(turned(config.model_dump(mode="json")))) == hash_


@settings(deadline=None, max_examples=60)
@given(configs(), configs())
def test_the_hash_is_another_exactly_where_the_content_is(one: dict[str, Any], two: dict[str, Any]) -> None:
    first, second = make_config(one), make_config(two)
    assert (config_hash(first) == config_hash(second)) == (first == second)


@pytest.mark.parametrize("kind", REGISTRIES)
def test_a_name_alone_and_a_mapping_are_the_same_and_every_option_counts(kind: str) -> None:
    for place, of_kind, name, values in uses():
        if of_kind != kind:
            continue
        plain = config_hash(make_config(values))
        if place in ("evaluation.negatives", "structure.features", "control"):
            continue  # names alone
        registry = COMPONENTS[place]
        for options in ({}, registry.defaults(name)):
            assert config_hash(make_config(_with(values, name, {"name": name, **options}))) == plain
        for key, value in other_options(registry, name).items():
            assert config_hash(make_config(_with(values, name, {"name": name, key: value}))) != plain, key


def _with(values: Any, name: str, spec: dict[str, Any]) -> Any:
    """The values with a mapping in the place of a component's name."""
    if isinstance(values, dict):
        return {key: _with(value, name, spec) for key, value in values.items()}
    if isinstance(values, list):
        return [_with(value, name, spec) for value in values]
    return spec if values == name else values


def test_the_canonical_form_is_what_differs() -> None:
    assert canonical(make_config({})) == {"versions": {"negatives": 2}}
    assert canonical(make_config({"negatives": {"scheme": "sparing"}})) == {}
    values = {
        "seed": 42,
        "encoder": {"name": "lookup", "embedding_dim": 64},
        "head": "cross",
        "negatives": {"sampler": {"name": "mixed", "uniform": 3}, "ratio": 1},
        "evaluation": {
            "baselines": ["svd", {"name": "ease_gene", "regularisation": 3}, {"name": "additive"}]
        },
        "prune": [{"ratio": 0.5, "importance": "taylor", "what": "hidden"}],
        "structure": {},
        "training": {"disjoint_train_ratio": 0.25},
    }
    with pytest.raises(InputError, match="passes no messages"):
        make_config({**values, "structure": None})
    assert canonical(make_config(values)) == {
        "encoder": {"embedding_dim": 64},
        "head": {"name": "cross"},
        "negatives": {"sampler": {"name": "mixed", "uniform": 3.0}},
        "evaluation": {"baselines": ["svd", {"name": "ease_gene", "regularisation": 3.0}, "additive"]},
        "prune": [{"ratio": 0.5, "importance": {"name": "taylor"}}],
        "structure": {
            "features": [
                "degree",
                "ease",
                "spectral",
                "tf_neighbours",
                "gene_neighbours",
                "walks",
                "own_gene",
            ]
        },
        "training": {"disjoint_train_ratio": 0.25},
        "versions": {"negatives": 2, "structure": 2},
    }


def test_a_value_that_was_the_default_keeps_the_hash_of_runs_from_then() -> None:
    first = ["degree", "ease", "svd", "tf_neighbours", "gene_neighbours", "walks", "own_gene"]
    values = {"structure": {"features": first}, "training": {"disjoint_train_ratio": 0.25}}
    assert canonical(make_config(values)) == {
        "structure": {},
        "training": {"disjoint_train_ratio": 0.25},
        "versions": {"negatives": 2, "structure": 2, "pair_feature svd": 2},
    }
    assert config_hash(make_config(values)) != config_hash(make_config({**values, "structure": {}}))
