"""Configs as a study or tuning file gives them: written out, as the path of a file, or as a recipe."""

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
    """Read a config that is written out, or given as `recipe:NAME` or as a path relative to the file `path`.

    Args:
        given: the value in the file.
        path: the file.
        key: of the value, for messages.

    Raises:
        InputError: a file that cannot be read, an unknown recipe, or neither config nor path.
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
    """Read a change of `base`. A recipe stands for its difference from `base`, apart from the seed.

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
