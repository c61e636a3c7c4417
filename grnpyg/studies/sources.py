"""Configs as a study or tuning file gives them: in place, as the path of a file, or as a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import InputError
from grnpyg.recipes import PREFIX, read_recipe
from grnpyg.resolve import make_config
from grnpyg.studies.changes import difference


def config_of(given: Any, path: Path, key: str) -> dict[str, Any]:
    """A config given in place, as `recipe:NAME`, or as the path of a file relative to `path`.

    Args:
        given: what stands in the file.
        path: the file.
        key: where in the file it stands.

    Raises:
        InputError: a file that cannot be read, no such recipe, or neither config nor path.
    """
    if given is None:
        return {}
    if isinstance(given, str):
        recipe = given.removeprefix(PREFIX)
        return read_yaml(path.parent / given) if recipe == given else read_recipe(recipe)
    if not isinstance(given, dict):
        raise InputError(f"{given!r} is neither a config nor the path of one", where=f"{path}: {key}")
    return given


def change_of(given: Any, base: Mapping[str, Any], path: Path, key: str) -> dict[str, Any]:
    """A change of `base`, given like a config; a recipe is what leads from `base` to it, the seed aside.

    Raises:
        InputError: see `config_of`.
    """
    config = config_of(given, path, key)
    if not isinstance(given, str) or not given.startswith(PREFIX):
        return config
    change = difference(base, config, make_config(config, where=given).model_dump(mode="json"))
    if "seed" not in config:  # no recipe chooses it
        change.pop("seed", None)
    return change
