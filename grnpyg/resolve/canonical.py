"""What of a config differs from the defaults, and the hash of it."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.data_config import Section
from grnpyg.core.files import sha256_of
from grnpyg.resolve.components import COMPONENTS
from grnpyg.resolve.teachers import teacher_values

ROOT = "experiment"  # what `versions` calls the outermost section


def config_hash(config: ExperimentConfig) -> str:
    """12 hex digits, the name of the run's directory: the same for every way to write the same experiment.

    A new key or option with a default leaves every hash as it is. Keys that only let work go on, `unhashed`
    of a section, do not count.
    """
    return digest(canonical(config))


def digest(content: dict[str, Any]) -> str:
    """The first 12 hex digits of the SHA-256 of sorted JSON."""
    return sha256_of(json.dumps(content, sort_keys=True))[:12]


def canonical(config: ExperimentConfig) -> dict[str, Any]:
    """What differs from the defaults, ready for JSON.

    A component keeps its name where it is not the default one, and the options that differ from its own
    defaults. `versions` holds every section and every component in use whose version is not 1. A teacher is
    there in its own canonical form, in place of its `changes`.

    Example:
        >>> canonical(make_config({"seed": 42, "head": {"name": "cross", "dropout": 0.5}}))
        {'head': {'name': 'cross', 'dropout': 0.5}, 'versions': {'negatives': 2}}
    """
    versions: dict[str, int] = {}
    content = changes(config, "", versions)
    if config.training.teacher is not None:
        first, *_ = teacher_values(config)  # others differ in their seed, which stands beside
        content["training"]["teacher"]["changes"] = canonical(type(config).model_validate(first))
    return content | ({"versions": versions} if versions else {})


def changes(section: Section, path: str, versions: dict[str, int]) -> dict[str, Any]:
    """The keys of a section that differ from their defaults.

    Args:
        section: the config or a section of it.
        path: where it stands, with dots between the keys; empty for the config itself.
        versions: is given the versions of the section and of all components in it, where they are not 1.
    """
    before = {
        key: version for key, (value, version) in section.as_before.items() if getattr(section, key) == value
    }
    if (version := min(before.values(), default=section.version)) != 1:
        versions[path or ROOT] = version
    found = {}
    for key, field in type(section).model_fields.items():
        if key in before or key in section.unhashed:
            continue
        place = join(path, key)
        default = None if field.is_required() else section.first_defaults.get(key, field.default)
        form = _form(getattr(section, key), default, place, versions)
        usual = _form(default, default, place, {})
        if field.is_required() or not _same(form, usual):
            if isinstance(default, dict) and "name" in usual and form.get("name") == usual["name"]:
                del form["name"]
            found[key] = form
    return found


def join(path: str, key: str) -> str:
    """The place of a key in a section: `training.lr`."""
    return f"{path}.{key}" if path else key


def _form(value: Any, default: Any, place: str, versions: dict[str, int]) -> Any:
    """The canonical form of a value: of a section what differs, of a component its name and what differs."""
    if isinstance(value, Section):
        return changes(value, place, versions)
    if isinstance(value, (tuple, list)):
        return [_form(item, None, place, versions) for item in value]
    registry = COMPONENTS.get(place)
    if registry is None or value is None:
        return to_jsonable_python(value)
    given: dict[str, Any] = {"name": value} if isinstance(value, str) else to_jsonable_python(value)
    name = given.pop("name")
    if (version := registry.version(name)) != 1:
        versions[f"{registry.kind} {name}"] = version
    usual = registry.defaults(name)
    options = {k: v for k, v in given.items() if k not in usual or not _same(v, usual[k])}
    return {"name": name, **options} if options or isinstance(default, dict) else name


def _same(value: Any, other: Any) -> bool:
    """Whether two JSON values are equal; in Python `1 == True`, too."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
