"""Study, suite and tuning files, and the configs in them: in place, as the path of a file, or as a recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from grnpyg.core.config_file import read_yaml
from grnpyg.core.data_config import Section
from grnpyg.core.errors import InputError, unknown
from grnpyg.recipes import PREFIX, read_recipe
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import difference

S = TypeVar("S", bound=Section)


def read_section(kind: type[S], path: Path, inner: Mapping[str, type[Section]] | None = None) -> S:
    """Read a YAML file of one kind and check its keys and its name.

    Args:
        kind: what the file holds.
        path: the file.
        inner: key -> kind of the sections below it, whose keys are listed if one of them is unknown.

    Raises:
        InputError: not YAML, an unknown key (lists the valid ones), a missing key or a wrong value.
    """
    try:
        content = kind.model_validate(read_yaml(path))
    except ValidationError as error:
        errors = error.errors()  # a misspelt key is also a missing one: the misspelling says more
        first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
        top, *below = first["loc"] or ("the file",)
        *parents, key = [str(top), *(str(part) for part in below if part not in ("str", "dict[str,any]"))]
        where = f"{path}: {'.'.join(parents)}" if parents else str(path)
        if first["type"] == "extra_forbidden":
            section = (inner or {}).get(parents[0], kind) if parents else kind
            raise unknown("key", key, section.model_fields, where=where) from None
        if first["type"] == "missing":
            raise InputError(f"has no {key}", where=where) from None
        raise InputError(f"{key}: {first['msg'].removeprefix('Value error, ')}", where=where) from None
    require_word(getattr(content, "name", None) or path.stem, "name", path)
    return content


def require_word(name: str, kind: str, path: Path) -> None:
    """Refuse a name that cannot be a part of a file name.

    Raises:
        InputError: it is not a word of letters, digits, `-`, `_` and `.`.
    """
    if not re.fullmatch(r"[\w.-]+", name):
        raise InputError(f"the {kind} {name!r} is not a word of letters, digits, - _ and .", where=path)


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
