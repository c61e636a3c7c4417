"""No component escapes its registry, and a reader finds each in a file of its own."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from typing import Any

import pytest

import grnpyg
from grnpyg.controls import controls
from grnpyg.core.registry import Registry
from grnpyg.knowledge import knowledge
from grnpyg.models.baselines import baselines
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.importances import importances
from grnpyg.models.losses import losses
from grnpyg.models.pair_features import pair_features
from grnpyg.negatives import negatives
from grnpyg.networks.export import formats
from grnpyg.splits import splits
from grnpyg.studies.executors import executors

REGISTRIES = {
    "models.encoders": encoders,
    "models.heads": heads,
    "negatives": negatives,
    "splits": splits,
    "models.losses": losses,
    "models.baselines": baselines,
    "controls": controls,
    "studies.executors": executors,
    "models.importances": importances,
    "models.pair_features": pair_features,
    "knowledge": knowledge,
    "networks.export": formats,
}
by_folder = pytest.mark.parametrize(("folder", "registry"), REGISTRIES.items(), ids=REGISTRIES)


def subclasses(base: type) -> set[type]:
    below = set(base.__subclasses__())
    return below | {deeper for cls in below for deeper in subclasses(cls)}


def own(registry: Registry[Any]) -> dict[str, type]:
    """The registered classes that grnpyg itself defines; installed plug-ins are left out."""
    classes = {name: registry.get(name) for name in registry.names()}
    return {name: cls for name, cls in classes.items() if cls.__module__.startswith("grnpyg.")}


@pytest.fixture(scope="module", autouse=True)
def _every_module() -> None:
    for module in pkgutil.walk_packages(grnpyg.__path__, "grnpyg."):
        importlib.import_module(module.name)


def test_every_registry_of_the_package_is_checked_here() -> None:
    found = {
        id(value): f"{module.name}.{key}"
        for module in pkgutil.walk_packages(grnpyg.__path__, "grnpyg.")
        for key, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, Registry)
    }
    missing = [name for identity, name in found.items() if identity not in set(map(id, REGISTRIES.values()))]
    assert missing == []


@by_folder
def test_every_concrete_subclass_is_registered(folder: str, registry: Registry[Any]) -> None:
    concrete = {
        cls
        for cls in subclasses(registry.base)
        if cls.__module__.startswith("grnpyg.") and not inspect.isabstract(cls)
        if getattr(sys.modules[cls.__module__], cls.__name__) is cls  # not one that another test has made
    }
    assert concrete == set(own(registry).values())


@by_folder
def test_every_name_has_a_module_of_its_own(folder: str, registry: Registry[Any]) -> None:
    """Variants share a module only if they share a base class that is defined there too."""
    modules: dict[str, list[type]] = {}
    for cls in own(registry).values():
        modules.setdefault(cls.__module__, []).append(cls)
    for module, classes in modules.items():
        package, _, stem = module.rpartition(".")
        assert package == f"grnpyg.{folder}"
        assert stem != "base"
        if len(classes) > 1:
            shared = set.intersection(*(set(cls.__mro__[1:]) for cls in classes))
            assert any(cls.__module__ == module for cls in shared), f"{module} defines {classes}"


@by_folder
def test_components_are_exported_and_described(folder: str, registry: Registry[Any]) -> None:
    package = importlib.import_module(f"grnpyg.{folder}")
    for name, cls in own(registry).items():
        assert getattr(package, cls.__name__) is cls
        assert cls.__name__ in package.__all__
        assert (cls.__doc__ or "").strip(), f"{name} has no docstring"
        # an option that a shared base class takes is described there
        described = "".join(base.__doc__ or "" for base in cls.__mro__ if issubclass(base, registry.base))
        for option in registry.options(name):
            assert f"{option}:" in described, f"the docstring of {name} leaves out {option}"
