"""The hash that grnpyg 0.1.0 gave a config, so that its runs and stored rows are still found.

0.1.0 hashed the whole config with every default written out. `earlier.json` holds what there was to write
out: the keys of every section and the options of every built-in component, with their defaults. It is never
changed.
"""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from typing import Any

from pydantic_core import to_jsonable_python

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.data_config import Section
from grnpyg.core.registry import Registry
from grnpyg.resolve.canonical import canonical, changes, config_hash, digest, join
from grnpyg.resolve.components import COMPONENTS


def known_hashes(config: ExperimentConfig) -> tuple[str, ...]:
    """Every hash under which runs and rows of a config may be stored, the present one first."""
    earlier = earlier_hash(config)
    return (config_hash(config), *([] if earlier is None else [earlier]))


def earlier_hash(config: ExperimentConfig) -> str | None:
    """The config's hash in grnpyg 0.1.0; None for what 0.1.0 could not do or did in another way."""
    if "versions" in canonical(config):
        return None
    try:
        return digest(_section(config, ""))
    except _NewerError:
        return None


class _NewerError(Exception):
    """0.1.0 did not have this."""


@cache
def _frozen() -> dict[str, Any]:
    file = importlib.resources.files("grnpyg.resolve") / "earlier.json"
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def _section(section: Section, path: str) -> dict[str, Any]:
    """Every key that the section had; a key that came later must have its default."""
    had: dict[str, Any] = _frozen()["sections"][path]
    if changes(section, path, {}).keys() - had.keys():
        raise _NewerError
    unset = _frozen()["left_out_unset"].get(path, ())
    content = {}
    for key, default in had.items():
        value = getattr(section, key, default)
        if value or key not in unset:
            content[key] = _value(value, join(path, key))
    return content


def _value(value: Any, place: str) -> Any:
    if isinstance(value, Section):
        return _section(value, place)
    if isinstance(value, (tuple, list)):
        return [_value(item, place) for item in value]
    registry = COMPONENTS.get(place)
    if registry is None or value is None:
        return to_jsonable_python(value)
    spec = _component(registry, value)
    if place == "evaluation.baselines" and isinstance(spec, dict) and len(spec) == 1:
        return spec["name"]  # a baseline without options was a name however it was written
    return spec


def _component(registry: Registry[Any], spec: str | dict[str, Any]) -> Any:
    """A component with every option that it had; one of the user's own has those that it has now."""
    name = spec if isinstance(spec, str) else spec["name"]
    had = _frozen()["components"][registry.kind].get(name)
    if had is None and registry.get(name).__module__.startswith("grnpyg."):
        raise _NewerError
    if isinstance(spec, str):
        return spec
    given = to_jsonable_python({key: value for key, value in spec.items() if key != "name"})
    if had is None:
        return {"name": name, **given}
    usual = registry.defaults(name)
    if any(key not in had and (key not in usual or given[key] != usual[key]) for key in given):
        raise _NewerError
    return {"name": name, **{key: given.get(key, default) for key, default in had.items()}}
