"""Find and read what a data config names: a data set of the catalogue, a file, or objects in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256
from grnpyg.data import catalog
from grnpyg.data.expression import normalisation
from grnpyg.data.expression.read import read_expression

if TYPE_CHECKING:
    from anndata import AnnData

    from grnpyg.core.data_config import DataConfig


def in_catalogue(source: str) -> bool:
    """Whether a source is a data set of the catalogue, by its name or as a copy of its file."""
    path = Path(source)
    if source == IN_MEMORY or not path.is_file():
        return source != IN_MEMORY and source in catalog.entries()
    size = path.stat().st_size
    hashes = [
        file.sha256 for entry in catalog.entries().values() for file in entry.files if file.size == size
    ]
    return bool(hashes) and sha256(path) in hashes


def label_file(labels: str) -> tuple[Path, Sequence[str] | None]:
    """The file or folder of a label set, and its column names if it has no header."""
    found = catalog.resolve(labels)
    if isinstance(found, Path):
        return found, None
    roles = {file.role: file for file in found.files}
    if "Label" in roles:  # a GENELink folder
        return catalog.path(found, "Label").parent, None
    if "labels" in roles:
        return catalog.path(found, "labels"), roles["labels"].columns
    raise InputError(f"data set {labels!r} holds no labels", fix="`grnpyg data list` shows which do")


def label_name(labels: str) -> str:
    """What a label set is called: its name in the catalogue, or that of its file or folder."""
    return labels if labels == IN_MEMORY or labels in catalog.entries() else Path(labels).name


def single(source: str) -> Path:
    """The file of a source that has one, such as an id map."""
    found = catalog.resolve(source)
    return found if isinstance(found, Path) else catalog.path(found, found.files[0].role)


def stated(data: DataConfig) -> normalisation.State | None:
    """What the config says about the values, or None where that has to be found out."""
    return None if data.state == "auto" else data.state


def read_cells(data: DataConfig, known: Collection[str], expression: AnnData | None) -> AnnData:
    """The cells of a config.

    Args:
        data: what to read.
        known: names of the labels, which tell the axis of the genes.
        expression: cells in memory, in place of `data.expression`.

    Raises:
        InputError: they cannot be read.
    """
    if expression is not None:
        obs = single(data.obs) if data.obs else None
        return read_expression(
            expression,
            layer=data.layer,
            use_raw=data.use_raw,
            obs=obs,
            known_genes=known,
            state=stated(data),
            var_names=data.var_names,
        )
    assert data.expression is not None
    found = catalog.resolve(data.expression)
    genes_in, sep, obs = data.genes_in, None, single(data.obs) if data.obs else None
    if isinstance(found, Path):
        path = found
    else:
        path = catalog.path(found, "expression")
        files = {file.role: file for file in found.files}
        genes_in, sep = files["expression"].genes or genes_in, files["expression"].sep
        if obs is None and "obs" in files:
            obs = catalog.path(found, "obs")
    return read_expression(
        path,
        layer=data.layer,
        use_raw=data.use_raw,
        backed=data.backed,
        genes_in=genes_in,
        known_genes=known,
        obs=obs,
        state=stated(data),
        var_names=data.var_names,
        sep=sep,
    )
