"""The registries and the sections of the config as a later release might have them: with more options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import create_model

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.data_config import Section
from grnpyg.core.registry import Registry
from grnpyg.resolve import check
from grnpyg.resolve.components import COMPONENTS
from grnpyg.resolve.earlier import _frozen

ADDED = "added_later"
REGISTRIES: dict[str, Registry[Any]] = {registry.kind: registry for registry in COMPONENTS.values()}


def built_in(registry: Registry[Any]) -> list[str]:
    """The names of the components that grnpyg brings itself."""
    return [name for name in registry.names() if registry.get(name).__module__.startswith("grnpyg.")]


NAMES = [(kind, name) for kind, registry in REGISTRIES.items() for name in built_in(registry)]


def sections(model: type[Section] = ExperimentConfig, path: str = "") -> Iterator[tuple[str, type[Section]]]:
    """Place and class of every section, the config itself (an empty place) first."""
    yield path, model
    for key, field in model.model_fields.items():
        for part in (field.annotation, *get_args(field.annotation)):
            if inspect.isclass(part) and issubclass(part, Section):
                yield from sections(part, f"{path}.{key}" if path else key)


def add_option(monkeypatch: pytest.MonkeyPatch, kind: str, name: str, default: Any = 3) -> None:
    """A component gets an option with a default."""
    cls = REGISTRIES[kind].get(name)
    signature = inspect.signature(cls)
    added = inspect.Parameter(ADDED, inspect.Parameter.KEYWORD_ONLY, default=default)
    *others, last = [*signature.parameters.values(), None]
    assert last is None
    if others and others[-1].kind is inspect.Parameter.VAR_KEYWORD:
        others.insert(-1, added)
    else:
        others.append(added)
    later = type(
        cls.__name__,
        (cls,),
        {"__signature__": signature.replace(parameters=others), "__module__": cls.__module__},
    )
    monkeypatch.setitem(REGISTRIES[kind]._classes, name, later)


def add_key(monkeypatch: pytest.MonkeyPatch, *places: str) -> None:
    """Sections get a key with a default."""
    monkeypatch.setattr(check, "ExperimentConfig", _with_key(ExperimentConfig, "", places))


def _with_key(model: type[Section], path: str, places: tuple[str, ...]) -> type[Section]:
    fields: dict[str, Any] = {ADDED: (int, 3)} if path in places else {}
    for key, field in model.model_fields.items():
        place = f"{path}.{key}" if path else key
        for part in (field.annotation, *get_args(field.annotation)):
            if inspect.isclass(part) and issubclass(part, Section):
                later = _with_key(part, place, places)
                if isinstance(field.default, Section):
                    fields[key] = (later, later())
                else:
                    fields[key] = (tuple[later, ...] if field.default == () else later | None, field.default)  # type: ignore[valid-type]
    return create_model(model.__name__, __base__=model, **fields)


def was_there(kind: str, name: str, values: dict[str, Any]) -> bool:
    """Whether 0.1.0 had a component; there no baseline could stand in the place of a model."""
    return name in _frozen()["components"].get(kind, ()) and "baseline" not in values


def using(place: str, name: str) -> dict[str, Any]:
    """A config that has a component at a place."""
    values: Any = name
    if place in ("evaluation.negatives", "evaluation.baselines", "structure.features", "knowledge.sources"):
        values = [name]
    *parents, key = place.split(".")
    values = {key: values}
    if parents == ["prune"]:
        values = {"prune": [{"ratio": 0.5, **values}]}
    elif parents:
        values = {parents[0]: values}
    if name in ("none", "zero"):  # nothing without pair features
        values |= {"encoder": "none", "head": "zero", "structure": {}}
    if "structure" in values:
        values["training"] = {"disjoint_train_ratio": 0.25}
    return values


def uses() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Place, kind, name and a config for every component at every place where one may stand."""
    for place, registry in COMPONENTS.items():
        for name in built_in(registry):
            yield place, registry.kind, name, using(place, name)
