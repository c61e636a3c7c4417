"""Components as Python code gives them (a name, a class, a mapping) as a config writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry


def spec_of(registry: Registry[Any], given: Any, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`{"name": ..., **options}` of a component.

    Args:
        registry: of its kind.
        given: a name, a class or `{"name": ..., option: ...}`.
        options: further options; they win.

    Raises:
        InputError: something else, or a class of another kind.
    """
    if isinstance(given, Mapping):
        name, own = given.get("name"), {key: value for key, value in given.items() if key != "name"}
    else:
        name, own = given, {}
    if isinstance(name, type):
        name = registry.name_of(name)
    if not isinstance(name, str):
        raise InputError(
            f"{given!r} is no {registry.kind}: neither a name nor a class",
            fix=f"known: {', '.join(registry.names())}",
        )
    return {"name": name, **own, **(options or {})}
