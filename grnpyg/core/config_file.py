"""Read config files as plain dictionaries, and apply assignments to them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from grnpyg.core.errors import InputError

LIMIT = 1 << 20  # bytes of a file
NODES = 100_000  # values of a file, with every alias written out


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a config file as a dictionary.

    Raises:
        InputError: missing, not YAML, or not a mapping.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
        if len(content) > LIMIT:
            raise InputError("longer than 1 MB, which no config is", where=path)
        values = _loaded(content.decode(), path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({getattr(error, 'strerror', None) or error})", where=path
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2024-01-99
        raise InputError(f"not YAML: {' '.join(str(error).split())}", where=path) from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError("a config is a mapping of keys to values", where=path)
    _plain(values, path)
    return values


def override(values: dict[str, Any], assignments: list[str]) -> dict[str, Any]:
    """A copy of `values` with `a.b=value` assignments applied; values are read as YAML.

    Raises:
        InputError: an assignment without `=`, or a path through something that is not a section.
    """
    result = copy.deepcopy(values)
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals or not path:
            raise InputError(f"{assignment!r} is not KEY=VALUE", where="--set", fix="--set training.lr=0.01")
        keys, section = path.strip().split("."), result
        for key in keys[:-1]:
            below = section.setdefault(key, {})
            if isinstance(below, str):  # a component given by its name alone
                below = section[key] = {"name": below}
            if not isinstance(below, dict):
                raise InputError(f"{key!r} in {path!r} is a value, not a section", where="--set")
            section = below
        try:
            section[keys[-1]] = _loaded(text, f"--set {path}")
        except (yaml.YAMLError, ValueError, RecursionError):
            raise InputError(f"{text!r} is not a YAML value", where=f"--set {path}") from None
        _plain(section[keys[-1]], f"--set {path}")
    return result


def _loaded(text: str, where: object) -> Any:
    """The value of a YAML text, whose size with every alias written out is known before it is built."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _written_out(node, {}, where) > NODES:
            raise InputError(f"more than {NODES:,} values with every alias written out", where=where)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _written_out(node: yaml.Node, sizes: dict[int, int], where: object) -> int:
    """How many values a node holds, an alias counted as what it stands for."""
    if id(node) not in sizes:
        sizes[id(node)] = 0  # 0: being counted
        below: list[Any] = node.value if isinstance(node, yaml.CollectionNode) else []
        items = [item for pair in below for item in (pair if isinstance(pair, tuple) else (pair,))]
        sizes[id(node)] = 1 + sum(_written_out(item, sizes, where) for item in items)
    elif not sizes[id(node)]:
        raise InputError("a part of the config holds itself", where=where, fix="remove the YAML anchor")
    return sizes[id(node)]


def _plain(value: Any, where: object, *, inside: tuple[int, ...] = ()) -> None:
    """Refuse what YAML can say and a config cannot: dates, keys that are not words, recursive anchors."""
    if isinstance(value, (dict, list)):
        if id(value) in inside:
            raise InputError("a part of the config holds itself", where=where, fix="remove the YAML anchor")
        for key in value if isinstance(value, dict) else ():
            if not isinstance(key, str):
                raise InputError(f"the key {key} is not a word", where=where, fix="put it in quotes")
        for item in value.values() if isinstance(value, dict) else value:
            _plain(item, where, inside=(*inside, id(value)))
    elif not (value is None or isinstance(value, (str, int, float, bool))):
        kind = type(value).__name__
        raise InputError(f"{value} is a {kind}, not a word or number", where=where, fix="put it in quotes")
