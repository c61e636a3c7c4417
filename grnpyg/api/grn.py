"""`build_grn`: cells and known edges, from memory or from files, to a `GRN`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from grnpyg.api.specs import spec_of
from grnpyg.core.arguments import require_list, require_whole
from grnpyg.core.data_config import DataConfig, FeatureConfig, KnowledgeConfig
from grnpyg.core.errors import DataWarning, InputError, unknown
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn
from grnpyg.knowledge import extension
from grnpyg.knowledge import knowledge as sources
from grnpyg.resolve import make_config

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

Source = (str, Path)


def build_grn(
    expression: AnnData | str | Path | None = "bundled",
    regulons: pd.DataFrame | Mapping[str, Sequence[str]] | str | Path = "bundled",
    *,
    coexpression: Sequence[str] = (),
    neighbours: int = 0,
    knowledge: Sequence[str | Path | type | Mapping[str, Any]] = (),
    seed: int = 42,
    **options: Any,
) -> GRN:
    """A gene regulatory network from single-cell expression and known TF -> gene edges.

    Args:
        expression: an AnnData (cells x genes, counts or log values), a file, or a name of `grnpyg data list`;
            None for a graph without expression. The AnnData is not changed.
        regulons: the known edges: a table with the columns `source` and `target` (or `TF` and `target`), a
            mapping `{TF: [genes]}`, a file, or a name of `grnpyg data list`.
        coexpression: correlations of TFs and genes over the cells to keep in the graph: `pearson`,
            `spearman`. The methods of these names need them.
        neighbours: edges from each gene to so many co-expressed genes, for encoders that read them.
        knowledge: facts about genes from outside the known edges, see docs/knowledge.md: names of
            `grnpyg list knowledge`, files with a vector for each gene, or mappings with options,
            `{"path": "esm2.npz", "label": "esm2"}`.
        seed: of clustering and of principal components.
        options: any key of the config's sections `data` (`layer`, `use_raw`, `obs`, `id_map`, `tfs`,
            `min_cells`, `unmeasured`, ...) and `features` (`obs_key`, `kind`, `n_components`, ...).

    Returns:
        A `GRN` with `graph` (a `HeteroData`) and `report`.

    Raises:
        InputError: data that cannot be used, or an option that is not known (the message lists the known).

    Example:
        >>> import grnpyg as gp
        >>> grn = gp.build_grn(None, {"STAT1": ["IRF1", "CXCL10"], "GATA1": ["HBB", "IRF1"]})
        >>> grn.graph["tf"].name
        ['GATA1', 'STAT1']
        >>> print(grn.report)  # doctest: +ELLIPSIS
        Labels (in memory): 4 rows gave 4 edges, 2 TFs to 3 genes...
    """
    for name, value in (("seed", seed), ("neighbours", neighbours)):
        require_whole(value, name, 0, where="build_grn")
    require_list(coexpression, "coexpression", where="build_grn")
    require_list(knowledge, "knowledge", where="build_grn")
    sections = {"data": dict[str, Any](), "features": dict[str, Any]()}
    known = {"data": DataConfig.model_fields, "features": FeatureConfig.model_fields}
    for key, value in options.items():
        section = next((name for name, fields in known.items() if key in fields), None)
        if section is None or key in ("expression", "labels"):
            names = {*DataConfig.model_fields, *FeatureConfig.model_fields} - {"expression", "labels"}
            raise unknown("option", key, names, where="build_grn")
        sections[section][key] = str(value) if isinstance(value, Path) else value
    if not isinstance(regulons, (*Source, Mapping)) and not hasattr(regulons, "columns"):
        kind = type(regulons).__name__
        fix = "give a DataFrame with source and target, a mapping {TF: [genes]}, a path or a catalogue name"
        raise InputError(f"a {kind} is not a table of known edges", where="build_grn", fix=fix)
    from_files = {"labels": regulons} if isinstance(regulons, Source) else {}
    if expression is None or isinstance(expression, Source):
        from_files["expression"] = expression  # type: ignore[assignment]
    for role, source in from_files.items():
        sections["data"][role] = None if source is None else str(source)
    try:
        data = DataConfig.model_validate(sections["data"])
        features = FeatureConfig.model_validate(sections["features"])
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{key}: {first['msg']}", where="build_grn") from None
    grn = load_grn(
        data,
        features,
        seed,
        expression=None if "expression" in from_files else expression,
        regulons=None if "labels" in from_files else regulons,  # type: ignore[arg-type]
        coexpression=tuple(coexpression),
        neighbours=neighbours,
        extension=extension(_sources(knowledge)),
    )
    for line in grn.report.warnings:
        warnings.warn(line, DataWarning, stacklevel=2)
    return grn


def _sources(given: Sequence[str | Path | type | Mapping[str, Any]]) -> KnowledgeConfig | None:
    """The section `knowledge` of a config with these sources; None without any."""
    listed = [
        str(one) if isinstance(one, Path) else spec_of(sources, one) if isinstance(one, type) else one
        for one in given
    ]
    return make_config({"knowledge": {"sources": listed}}, where="build_grn").knowledge if listed else None
