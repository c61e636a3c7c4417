"""Changes of a config: partial, nested configs that are applied to another one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from grnpyg.core.config import ExperimentConfig

DEFAULTS: dict[str, Any] = ExperimentConfig().model_dump(mode="json")


def merge(values: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A copy of `values` with `change` applied.

    Sections are merged key by key. If the name of a component (encoder, head, ...) changes, the options of
    the old one are dropped; otherwise they are kept.

    Example:
        >>> merge({"head": {"name": "cross", "dropout": 0.1}, "seed": 1}, {"head": {"dropout": 0.2}})
        {'head': {'name': 'cross', 'dropout': 0.2}, 'seed': 1}
    """
    return _merge(values, change, DEFAULTS)


def difference(values: Mapping[str, Any], to: Mapping[str, Any], full: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest change that turns `values` into `to`.

    Args:
        values: a config.
        to: another one.
        full: `to` with every default written out, for keys that `values` sets and `to` does not.
    """
    return _difference(values, to, full, DEFAULTS)


def nested(key: str, value: Any) -> dict[str, Any]:
    """The change that sets one key: `negatives.ratio` -> `{"negatives": {"ratio": value}}`."""
    for part in reversed(key.split(".")):
        value = {part: value}
    change: dict[str, Any] = value
    return change


def level_name(value: Any) -> str:
    """The name of a value as the level of an axis: a word itself, `5` for 5.0, `null` for None."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def _merge(values: dict[str, Any], change: dict[str, Any], defaults: Any) -> dict[str, Any]:
    merged = dict(values)
    for key, new in change.items():
        old, default = values.get(key), defaults.get(key) if isinstance(defaults, dict) else None
        optional = defaults is DEFAULTS and key == "baseline"  # a component that is left out by default
        if optional or (isinstance(default, dict) and "name" in default):
            old, new = (spec if optional and spec is None else _component(spec) for spec in (old, new))
            if isinstance(new, dict) and "name" in new and isinstance(old, dict):
                standard = default["name"] if default else None
                old = old if old.get("name", standard) == new["name"] else {}
        merged[key] = _merge(old, new, default) if isinstance(old, dict) and isinstance(new, dict) else new
    return merged


def _difference(
    values: Mapping[str, Any], to: Mapping[str, Any], full: Mapping[str, Any], defaults: Any
) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for key in dict.fromkeys((*to, *values)):
        default = defaults.get(key) if isinstance(defaults, dict) else None
        old, new = values.get(key), to.get(key, full[key])
        if isinstance(default, dict) and "name" in default:
            old, new = ({"name": default["name"], **_component(spec)} for spec in (old, new))
            if old["name"] != new["name"]:
                change[key] = new
                continue
        if isinstance(old, dict) and isinstance(new, dict):
            if below := _difference(old, new, full[key], default):
                change[key] = below
        elif key not in values or old != new:
            change[key] = new
    return change


def _component(spec: Any) -> Any:
    """A component as a mapping: a word is its name, nothing is its default."""
    return {"name": spec} if isinstance(spec, str) else {} if spec is None else spec
