"""What a user may write for a source: a name, a file, or a mapping with options."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grnpyg.core.data_config import KnowledgeConfig
from grnpyg.core.errors import InputError, unknown
from grnpyg.data import catalog
from grnpyg.knowledge.base import knowledge
from grnpyg.knowledge.own_file import SUFFIXES, OwnFile, label_of
from grnpyg.knowledge.refused import refuse_label_database
from grnpyg.knowledge.tables import MissingError


def source_spec(given: str | Mapping[str, Any]) -> dict[str, Any]:
    """`{"name": ..., **options}` of a source. A file is read as sets (GMT) or as vectors, by its suffix.

    Example:
        >>> source_spec("go"), source_spec("esm2.npz")
        ({'name': 'go'}, {'name': 'vectors', 'path': 'esm2.npz'})

    Raises:
        InputError: neither a source nor a file, or a database of TF -> gene edges.
    """
    if isinstance(given, Mapping):
        if isinstance(given.get("name"), str):
            return dict(given)
        if isinstance(given.get("path"), str):
            return {**source_spec(given["path"]), **given}
        fix = "{name: go} or {path: esm2.npz, tier: measured}"
        raise InputError("a source without a name or a path", where="knowledge.sources", fix=fix)
    plain = given.lower().removesuffix(".gz")
    if plain.endswith(SUFFIXES):
        name = "gene_sets" if plain.endswith(".gmt") else "vectors"
        return {"name": name, "path": given}
    if given in knowledge.names() or (":" in given and not Path(given).exists()):
        return {"name": given}
    refuse_label_database(given, where=f"knowledge {given}")
    if given in catalog.entries() and catalog.get(given).kind == "labels":
        fix = f"give it as `--labels {given}`"
        raise InputError("holds TF -> gene edges, and no knowledge from outside them", where=given, fix=fix)
    if Path(given).exists():
        fix = f"end its name in one of {', '.join(SUFFIXES)}"
        raise InputError("its name does not say what it holds", where=given, fix=fix)
    raise unknown("knowledge source", given, knowledge.names(), where="knowledge.sources")


def labelled(config: KnowledgeConfig) -> dict[str, dict[str, Any]]:
    """The sources of a config, as mappings, by what they are called in the graph.

    Raises:
        InputError: two have one name, or one is of a tier that the config does not allow.
    """
    found: dict[str, dict[str, Any]] = {}
    for spec in map(source_spec, config.sources):
        cls = knowledge.get(spec["name"])
        if issubclass(cls, OwnFile):
            label = label_of(str(spec.get("label") or spec.get("path") or spec["name"]))
        else:
            label = label_of(spec["name"].rpartition(":")[2])
        tier = knowledge.defaults(spec["name"]).get("tier", getattr(cls, "tier", None))
        tier = spec.get("tier", tier)
        where = f"knowledge {label}"
        if label in found:
            fix = "give one of them the option label, or leave it out"
            raise InputError(f"two sources are called {label}", where="knowledge.sources", fix=fix)
        if tier not in config.tiers:
            allowed = ", ".join([*config.tiers, str(tier)])
            what = f"is of the tier {tier}, which is not among the tiers {', '.join(config.tiers)}"
            fix = f"leave it out, or allow it with `--set knowledge.tiers=[{allowed}]`"
            raise InputError(what, where=where, fix=fix)
        refuse_label_database(label, where=where)
        found[label] = spec
    return found


def described() -> dict[str, dict[str, Any]]:
    """Every source by name: summary, entities, tier, date, licence, species, origin, options, and `here`.

    `here` is `yes`, or the command that brings its tables; a source of a file of the user's has none.
    """
    found = {}
    for name in knowledge.names():
        cls = knowledge.get(name)
        options = knowledge.options(name)
        found[name] = {
            "summary": (inspect.getdoc(cls) or "").partition("\n")[0],
            "entities": cls.entities,
            "tier": options.get("tier", getattr(cls, "tier", None)),
            "date": cls.date,
            "licence": cls.licence,
            "species": cls.species,
            "from": cls.origin(),
            "options": options,
            "here": "yours" if cls.own else _here(name),
        }
    return found


def _here(name: str) -> str:
    """`yes`, or what to do."""
    try:
        knowledge.build(name).files()
    except MissingError as error:
        return error.fix or error.what
    return "yes"
