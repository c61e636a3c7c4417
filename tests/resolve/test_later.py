"""What a later release may change: new options keep every hash, a changed default needs a new version."""

from __future__ import annotations

import copy
from typing import Any

import defaults
import pytest
from extended import ADDED, NAMES, REGISTRIES, add_key, add_option, sections, uses, was_there

from grnpyg.resolve import canonical, check, config_hash, earlier_hash, known_hashes, make_config
from grnpyg.resolve.components import COMPONENTS

pytestmark = pytest.mark.slow  # hashes of configs that use every component, before and after

PLACES = dict(sections())
OF_SECTION: dict[str, dict[str, Any]] = {
    "knowledge": {"knowledge": {"neighbours": 20}},
    "negatives.mining": {"negatives": {"mining": {"candidates": 4}}},
    "prune": {"prune": [{"ratio": 0.5}]},
    "structure": {"structure": {"dropout": 0.3}, "training": {"disjoint_train_ratio": 0.25}},
    "training.teacher": {"training": {"teacher": {"changes": {"head": "cross"}}}},
}


def of_then(values: dict[str, Any]) -> dict[str, Any]:
    """With the training negatives of 0.1.0, whose hashes are known."""
    return {**values, "negatives": {**values.get("negatives", {}), "scheme": "sparing"}}


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_an_option_with_a_default_keeps_every_hash(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = [of_then(values) for _, k, n, values in uses() if (k, n) == (kind, name)]
    before = [known_hashes(make_config(values)) for values in configs]
    there = [
        was_there(kind, name, values) and "versions" not in canonical(make_config(values))
        for values in configs
    ]
    assert [len(found) for found in before] == [1 + was for was in there]
    add_option(monkeypatch, kind, name)
    assert REGISTRIES[kind].options(name)[ADDED] == 3
    assert [known_hashes(make_config(values)) for values in configs] == before


@pytest.mark.parametrize(
    "place", ["split", "encoder", "head", "loss", "negatives.sampler", "prune.importance"]
)
def test_a_new_option_that_is_set_gives_a_hash_that_no_earlier_run_has(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = COMPONENTS[place]
    name, values = next((n, of_then(v)) for p, _, n, v in uses() if p == place)
    before = config_hash(make_config(values))
    add_option(monkeypatch, registry.kind, name)
    text = {"name": name, ADDED: 4}
    config = make_config(_replaced(values, name, text))
    assert config_hash(config) != before
    assert earlier_hash(config) is None


def _replaced(values: Any, name: str, spec: Any) -> Any:
    if isinstance(values, dict):
        return {key: _replaced(value, name, spec) for key, value in values.items()}
    if isinstance(values, list):
        return [_replaced(value, name, spec) for value in values]
    return spec if values == name else values


@pytest.mark.parametrize("place", PLACES)
def test_a_key_with_a_default_keeps_every_hash(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = [of_then(values) for values in ({"seed": 1, "head": "cross"}, *OF_SECTION.values())]
    before = [known_hashes(make_config(values)) for values in configs]
    add_key(monkeypatch, place)
    assert ADDED in dict(sections(check.ExperimentConfig))[place].model_fields
    assert [known_hashes(make_config(values)) for values in configs] == before
    section = {ADDED: 4}
    for part in reversed(place.split(".") if place else []):
        section = {part: section}
    if place in OF_SECTION:
        section = copy.deepcopy(OF_SECTION[place])
        inner: Any = section
        for part in place.split("."):
            inner = inner[part]
        (inner[0] if place == "prune" else inner)[ADDED] = 4
    config = make_config(section)
    assert canonical(config) != canonical(make_config(OF_SECTION.get(place, {})))
    assert earlier_hash(config) is None


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_another_version_of_a_component_gives_another_hash_where_it_is_used(
    kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = [of_then(values) for _, k, n, values in uses() if (k, n) == (kind, name)]
    before = [make_config(values) for values in configs]
    versions = [canonical(config).get("versions", {}) for config in before]
    hashes = [config_hash(config) for config in before]
    monkeypatch.setitem(REGISTRIES[kind]._versions, name, 7)
    for values, others, hash_ in zip(configs, versions, hashes, strict=True):
        config = make_config(values)
        assert canonical(config)["versions"] == {**others, f"{kind} {name}": 7}
        assert config_hash(config) != hash_
        assert known_hashes(config) == (config_hash(config),)


def test_a_version_of_what_is_not_used_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = known_hashes(make_config(of_then({})))
    monkeypatch.setitem(REGISTRIES["head"]._versions, "cross", 7)
    monkeypatch.setattr(PLACES["structure"], "version", 7)
    monkeypatch.setattr(PLACES["prune"], "version", 7)
    assert known_hashes(make_config(of_then({}))) == before


@pytest.mark.parametrize("place", PLACES)
def test_another_version_of_a_section_gives_another_hash(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = OF_SECTION.get(place, {})
    before = config_hash(make_config(values))
    monkeypatch.setattr(PLACES[place], "version", 7)
    config = make_config(values)
    assert canonical(config)["versions"][place or "experiment"] == 7
    assert config_hash(config) != before
    assert earlier_hash(config) is None


def test_no_default_changed_without_another_version() -> None:
    """A config does not hold its defaults, so a run of the old default would be taken for one of the new."""
    now, before = defaults.present(), defaults.stored()
    assert not (sentences := defaults.broken(before, now)), "\n".join(sentences)
    assert now == before, (
        "options or versions are new: run `python tests/defaults.py` and commit defaults.json"
    )


@pytest.mark.parametrize("name", ["encoder lookup", "section training"])
def test_a_changed_default_is_said_unless_the_version_is_another(name: str) -> None:
    before = defaults.stored()
    now = copy.deepcopy(before)
    key = next(iter(now[name]["defaults"]))
    now[name]["defaults"][key] = "other"
    (sentence,) = defaults.broken(before, now)
    assert f"{name}: the default of {key} is 'other'" in sentence
    assert f"Raise the version of {name} to 2" in sentence
    now[name]["version"] = 2
    assert not defaults.broken(before, now)


def test_every_place_of_a_component_is_a_key() -> None:
    for place in COMPONENTS:
        section, _, key = place.rpartition(".")
        assert key in PLACES[section].model_fields


def test_every_key_that_holds_a_component_is_listed() -> None:
    """A component that `COMPONENTS` does not list would be hashed with its defaults written out."""
    written = {
        f"{path}.{key}" if path else key
        for path, section in PLACES.items()
        for key, field in section.model_fields.items()
        if isinstance(field.default, dict) and "name" in field.default
    }
    assert written
    assert written <= COMPONENTS.keys()
