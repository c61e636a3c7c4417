"""The labels of a data config: read, mapped to other identifiers, restricted to a list of TFs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from grnpyg.core.errors import InputError, warn
from grnpyg.data.matching.aliases import listed_otherwise
from grnpyg.data.matching.id_map import IdMap, apply_map
from grnpyg.data.matching.settle import Settled, Use, settle
from grnpyg.data.matching.species import stated_species
from grnpyg.data.names.marks import mended
from grnpyg.data.names.namespaces import MINOR_SHARE, detect, without_version
from grnpyg.data.regulons.regulon import Regulon, read_regulon, read_tf_list, rename, restrict
from grnpyg.data.sources import in_catalogue, label_file, single

if TYPE_CHECKING:
    from grnpyg.core.data_config import DataConfig


@dataclass(frozen=True)
class Labels:
    """Labels as a graph is made from them.

    Args:
        regulon: the known edges.
        as_read: the same before the id map and the list of TFs.
        id_map: the map that was used, if any.
        sentences, identifiers: what was done, for the report.
    """

    regulon: Regulon
    as_read: Regulon
    id_map: IdMap | None
    sentences: list[str]
    identifiers: dict[str, Any]

    @property
    def known(self) -> set[str]:
        """Every name, and what it is in an id map read in the other direction."""
        names = {*self.regulon.sources_all, *self.regulon.targets_all}
        return names if self.id_map is None else names | set(self._mapped(self.id_map.back).values())

    def fitted(self, data: DataConfig, var_names: Iterable[str]) -> Labels:
        """The labels, with the id map turned round if that leads to more genes of the expression.

        Args:
            data: what was read.
            var_names: genes of the expression; none if there is none.
        """
        if self.id_map is None:
            return self
        genes = {without_version(name) for name in var_names}
        there = sum(name in genes for name in self._mapped(self.id_map.names).values())
        back = sum(name in genes for name in self._mapped(self.id_map.back).values())
        if back <= there:
            if not self.identifiers["id_map"]["mapped"]:
                what = f"maps {self.id_map.from_namespace} to {self.id_map.to_namespace}"
                warn(f"{what}, but holds none of the names of the labels", where=self.id_map.where)
            return self
        turned = self.id_map.turned()
        warn(
            f"goes from {self.id_map.from_namespace} to {self.id_map.to_namespace}, and the labels hold what "
            f"it leads to: it is read the other way round and leads to {back:,} genes of the expression",
            where=self.id_map.where,
        )
        return _labels(data, self.as_read, turned)

    def _mapped(self, names: Mapping[str, str]) -> dict[str, str]:
        """Every name as read -> the identifier that a map gives it, or itself."""
        ids = {*self.as_read.sources_all, *self.as_read.targets_all}
        return {name: names.get(without_version(name), without_version(name)) for name in ids}


def read_labels(
    data: DataConfig,
    regulons: pd.DataFrame | Mapping[str, Sequence[str]] | None = None,
    *,
    complexes: bool = True,
) -> Labels:
    """Read the labels of a config, or take those in memory in their place.

    Args:
        data: what to read.
        regulons: known edges in memory.
        complexes: in a file, put the members of a complex in its place; False: it keeps its own name.

    Raises:
        InputError: they cannot be used, or mix several kinds of identifiers.
    """
    source, columns = (regulons, None) if regulons is not None else label_file(data.labels)
    regulon = read_regulon(
        source,
        columns=columns,
        confidence=data.confidence,
        listed_tfs=data.listed_tfs,
        chosen=data.columns,
        min_weight=data.min_weight,
        complexes=complexes,
    )
    if names := mended({*regulon.sources_all, *regulon.targets_all}, data.labels):
        regulon = rename(regulon, names)
    ids = {*regulon.sources_all, *regulon.targets_all}
    return _labels(data, regulon, None if data.id_map is None else IdMap.read(single(data.id_map), ids))


def _labels(data: DataConfig, as_read: Regulon, id_map: IdMap | None) -> Labels:
    regulon = as_read
    sentences = [f"Labels {data.labels}: {' '.join(regulon.lines())}"]
    identifiers: dict[str, Any] = {}
    use = renaming(data)
    if id_map is not None:
        settled = Settled()
        if not id_map.names.keys().isdisjoint({*regulon.sources_all, *regulon.targets_all}):
            regulon, settled = settle(regulon, id_map.names, use, where=data.labels, there="the id map")
        regulon, mapped = apply_map(regulon, id_map)
        sentences += [*settled.lines(), *mapped.lines()]
        identifiers["id_map"] = mapped.to_dict() | settled.to_dict()
    if data.tfs is None and data.tfs_action != "require":
        raise InputError(f"data.tfs_action: {data.tfs_action} needs a list of TFs", fix="give one with --tfs")
    if data.tfs is not None:
        listed = _tf_list(data.tfs)
        if use.aliases:
            listed |= listed_otherwise(regulon.sources_all, listed)
        regulon = restrict(regulon, listed, data.tfs_action)
    namespaces = detect((*regulon.sources_all, *regulon.targets_all))
    if data.misfits == "say" and namespaces.minor_share > MINOR_SHARE and not data.allow_mixed_ids:
        what = f"{namespaces.mixed()}: kept as they are, so that a gene may stand under two names"
        warn(what, where=data.labels, fix="map to one namespace with `--id-map FILE`")
    elif not data.allow_mixed_ids:
        namespaces.require_one(data.labels)
    sentences += namespaces.lines()
    return Labels(regulon, as_read, id_map, sentences, identifiers | {"labels": namespaces.to_dict()})


def renaming(data: DataConfig) -> Use:
    """What names are settled by.

    By default they are not where all data are of the catalogue: stored results rest on the names as they are.
    """
    own = not all(in_catalogue(source) for source in (data.labels, data.expression) if source is not None)
    return Use(own, own if data.aliases is None else data.aliases, stated_species(data))


def _tf_list(source: str) -> set[str]:
    names = read_tf_list(single(source))
    better = mended(names, source)
    return {better.get(name, name) for name in names}
