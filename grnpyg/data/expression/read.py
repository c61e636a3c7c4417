"""Read an expression matrix (h5ad, loom, 10x, text table) into AnnData and check it."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError, examples, unknown, warn
from grnpyg.data.expression.gene_axis import check_names, choose_names, hint_raw
from grnpyg.data.expression.matrix_checks import check_one_file, check_sparse
from grnpyg.data.expression.normalisation import State, detect
from grnpyg.data.expression.not_genes import without_others
from grnpyg.data.expression.tenx import MATRIX, read_10x_folder, read_10x_h5
from grnpyg.data.text.files import read_text
from grnpyg.data.text.matrix import read_text_table
from grnpyg.data.text.table import parse_table

if TYPE_CHECKING:
    from anndata import AnnData

TEXT = (".csv", ".tsv", ".txt", ".tab", ".gct")
FORMATS = {".h5ad": "h5ad", ".h5": "10x h5", ".loom": "loom", **dict.fromkeys(TEXT, "text table")}
OTHER = {
    ".h5mu": (
        "is a MuData file, of several kinds of measurement",
        "write the one of gene expression, such as mudata.read(old)['rna'].write_h5ad(new)",
    ),
    MATRIX: (
        "is the matrix of a 10x folder, without the names of its genes and cells",
        "give the folder with matrix.mtx, features.tsv and barcodes.tsv",
    ),
    ".rds": ("is an R object", "write it as h5ad or as a 10x folder from R"),
    ".xlsx": ("is an Excel file", "save the sheet as csv"),
}
ANNDATA = "AnnData in memory"
MOST_IN_MEMORY = 2**30  # bytes of a matrix of an h5ad file; the log values take as much once more
OPTIONS = {
    ANNDATA: ("layer", "use_raw"),
    "h5ad": ("layer", "use_raw", "backed"),
    "loom": ("layer",),
    "text table": ("genes_in", "sep"),
}


def read_expression(
    source: str | Path | AnnData,
    *,
    layer: str | None = None,
    use_raw: bool = False,
    backed: bool = False,
    genes_in: Literal["auto", "rows", "columns"] = "auto",
    known_genes: Collection[str] | None = None,
    obs: str | Path | None = None,
    sep: str | None = None,
    state: State | None = None,
    var_names: str | None = None,
) -> AnnData:
    """Read and check an expression matrix; its values are not changed.

    Args:
        source: an AnnData, which stays as it is, or a path: `.h5ad`, `.loom`, 10x `.h5`, a 10x folder, or a
            text table `.csv .tsv .txt` (also `.gz`).
        layer: the layer to take instead of X (h5ad, loom).
        use_raw: take `.raw` instead of X (h5ad).
        backed: leave the matrix on disk (h5ad); the checks read it in row chunks. One of more than
            `MOST_IN_MEMORY` stays there anyway, which is said.
        genes_in: the axis of a text table that names the genes; `auto` takes the axis with more names in
            `known_genes`, otherwise the one with more Ensembl identifiers.
        known_genes: gene names that tell the axes of a text table apart.
        obs: a table of cell metadata, first column cell names. It must have at
            least half of the cells; the others get missing values.
        sep: field separator of the text table; None looks at its header.
        state: what the values are, for their check; None finds out.
        var_names: the column of `var` that names the genes; None: its index.

    Returns:
        X the chosen matrix (num_cells, num_genes), `obs_names` unique cell names, `var_names` gene names;
        also the file's `obs`, `var` and `uns["log1p"]`, and nothing else.

    Raises:
        InputError: the file, its names or its values (see `normalisation.detect`) cannot be used.
    """
    in_memory = not isinstance(source, (str, Path))
    path = Path(IN_MEMORY) if in_memory else Path(source)
    kind = ANNDATA if in_memory else _format(path)
    axis = None if genes_in == "auto" else genes_in
    given = {"layer": layer, "use_raw": use_raw, "backed": backed, "genes_in": axis, "sep": sep}
    if misplaced := [name for name, value in given.items() if value and name not in OPTIONS.get(kind, ())]:
        raise InputError(f"{misplaced[0]} does not apply to a {kind}", where=path, fix="leave it out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about duplicate names, which are handled below
        try:
            if in_memory:
                adata = _chosen(source, layer, use_raw)
            elif kind == "h5ad":
                adata = _read_h5ad(path, layer, use_raw, backed)
            elif kind == "loom":
                adata = _read_loom(path, layer)
            elif kind == "text table":
                adata = read_text_table(path, genes_in, known_genes or (), sep)
            elif kind == "10x folder":
                adata = read_10x_folder(path)
            else:
                adata = read_10x_h5(path)
            if 0 in adata.shape:
                raise InputError(f"is empty: {adata.n_obs} cells x {adata.n_vars} genes", where=path)
            if obs is not None:
                _join_obs(adata, Path(obs))
            _name_cells(adata, path)
            choose_names(adata, var_names, known_genes or (), where=path)
            adata = without_others(adata, known_genes or (), where=path)
            if "raw_names" in adata.uns:
                hint_raw(adata, adata.uns.pop("raw_names"), known_genes or (), where=path)
            check_names(adata, where=path)
            detect(adata, where=path, stated=state)
        except InputError:
            raise
        except Exception as error:  # the formats' own readers raise nearly anything at a damaged file
            reason = " ".join(str(error).split())[:200]
            fix = "it may be truncated or of another format: copy or download it again"
            raise InputError(f"cannot be read as {kind} ({reason})", where=path, fix=fix) from error
    return adata


def _name_cells(adata: AnnData, where: object) -> None:
    """Make the names of the cells unique, which is said."""
    if count := int(adata.obs_names.duplicated().sum()):
        names = adata.obs_names[adata.obs_names.duplicated()].unique()
        what = f"{count:,} cells have the name of another one ({examples(names)}): they get -1, -2, ..."
        warn(what, where=where)
        adata.obs_names_make_unique()


def _chosen(adata: AnnData, layer: str | None, use_raw: bool) -> AnnData:
    """The chosen matrix of an AnnData with its names and cell metadata; nothing is copied or changed."""
    from anndata import AnnData

    _require_one_matrix(IN_MEMORY, layer, use_raw, sorted(adata.layers))
    chosen = adata.raw if use_raw else adata
    matrix = None if chosen is None else chosen.X if layer is None else adata.layers[layer]
    if matrix is None:
        raw = not use_raw and adata.raw is not None
        fix = "read .raw with `--use-raw`" if raw else "choose another matrix"
        raise InputError(f"has no {'.raw' if use_raw else 'X'}", where=IN_MEMORY, fix=fix)
    check_sparse(matrix, where=IN_MEMORY)
    uns: dict[str, Any] = {"log1p": {}} if layer is None and not use_raw and "log1p" in adata.uns else {}
    if not use_raw and adata.raw is not None:
        uns["raw_names"] = [str(name) for name in adata.raw.var_names]
    return AnnData(matrix, obs=adata.obs.copy(), var=chosen.var.copy(), uns=uns)


def _require_one_matrix(where: object, layer: str | None, use_raw: bool, layers: list[str]) -> None:
    if layer is not None and use_raw:
        raise InputError("layer and use_raw exclude each other", where=where, fix="give one of them")
    if layer is not None and layer not in layers:
        raise unknown("layer", layer, layers or ["none: the file has no layers"], where=where)


def _format(path: Path) -> str:
    if not path.exists():
        raise InputError("no such file or folder", where=path, fix="check the path")
    if path.is_dir() and any((path / name).is_file() for name in (".zattrs", ".zgroup", "zarr.json")):
        fix = "write it as h5ad, with anndata.read_zarr(old).write_h5ad(new)"
        raise InputError("is a zarr store, which is not read", where=path, fix=fix)
    if path.is_dir():
        return "10x folder"
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    kind = FORMATS.get(suffix)
    if kind is None and suffix in OTHER:
        what, fix = OTHER[suffix]
        raise InputError(what, where=path, fix=fix)
    if kind is None or (path.suffix == ".gz" and kind != "text table"):
        if kind is not None:
            raise InputError(f"is a compressed {kind}", where=path, fix=f"unpack it with `gunzip {path}`")
        fix = "give .h5ad, .loom, 10x .h5, .csv, .tsv, .txt or .gct (these four also .gz), or a 10x folder"
        raise InputError("is not in a known expression format", where=path, fix=fix)
    if path.stat().st_size == 0:
        raise InputError("is an empty file", where=path, fix="copy or download it again")
    return kind


def _read_h5ad(path: Path, layer: str | None, use_raw: bool, backed: bool) -> AnnData:
    """Read the chosen matrix only: the other layers may be as large."""
    import h5py
    from anndata import AnnData
    from anndata.io import read_elem, sparse_dataset

    with ExitStack() as stack:
        file = stack.enter_context(h5py.File(path, "r"))
        check_one_file(file, where=path)
        if not {"obs", "var"} <= set(file):
            fix = "a 10x file should end in .h5, a loom file in .loom"
            raise InputError("is HDF5 but not h5ad: it has no obs and var", where=path, fix=fix)
        if isinstance(file["obs"], h5py.Dataset):
            fix = "rewrite it once with anndata.read_h5ad(old).write_h5ad(new)"
            raise InputError("was written by anndata older than 0.7", where=path, fix=fix)
        layers = sorted(file.get("layers", ()))
        _require_one_matrix(path, layer, use_raw, layers)
        key = "raw/X" if use_raw else "X" if layer is None else f"layers/{layer}"
        if key not in file:
            fix = f"choose another matrix: layers {', '.join(layers) or '(none)'}"
            fix = "read .raw with `--use-raw`" if key == "X" and "raw/X" in file else fix
            raise InputError(f"has no {'.raw' if use_raw else 'X'}", where=path, fix=fix)
        matrix: Any = file[key]
        check_sparse(matrix, where=path)
        by_column = isinstance(matrix, h5py.Group) and matrix.attrs.get("encoding-type") == "csc_matrix"
        if not backed and not by_column and (size := _size(matrix)) > MOST_IN_MEMORY:
            what = f"the matrix would take {size / 1e9:.1f} GB of memory, so that it stays on disk"
            warn(f"{what} and is read in blocks of cells", where=path)
            backed = True
        if not backed:
            matrix = read_elem(matrix).tocsr() if by_column else read_elem(matrix)  # once, not for each pass
        elif isinstance(matrix, h5py.Group):
            matrix = sparse_dataset(matrix)
        obs, var = read_elem(file["obs"]), read_elem(file["raw/var" if use_raw else "var"])
        uns: dict[str, Any] = {"log1p": {}} if key == "X" and "uns/log1p" in file else {}
        if not use_raw and "raw/var" in file:
            uns["raw_names"] = [str(name) for name in read_elem(file["raw/var"]).index]
        if backed:
            stack.pop_all()  # the matrix needs the open file
        return AnnData(matrix, obs=obs, var=var, uns=uns)


def _size(matrix: Any) -> int:
    """Bytes of a matrix of an open HDF5 file in memory."""
    import h5py

    parts = [matrix] if isinstance(matrix, h5py.Dataset) else [matrix["data"], matrix["indices"]]
    return sum(part.size * part.dtype.itemsize for part in parts)


def _read_loom(path: Path, layer: str | None) -> AnnData:
    import h5py
    from anndata import AnnData

    try:
        import loompy
    except ImportError as error:
        fix = 'run pip install "grnpyg[loom]"'
        raise InputError("reading loom needs the package loompy", where=path, fix=fix) from error
    with h5py.File(path, "r") as file:
        check_one_file(file, where=path)
    with loompy.connect(str(path), "r", validate=False) as ds:
        layers = [name for name in ds.layers.keys() if name]  # noqa: SIM118 (not a dict); "" is the main one
        _require_one_matrix(path, layer, False, layers)
        matrix = ds.layers[layer or ""].sparse().T.tocsr().astype(np.float32)
        obs, var = (
            pd.DataFrame({name: axis[name] for name in axis.keys() if axis[name].ndim == 1})  # noqa: SIM118
            for axis in (ds.ca, ds.ra)
        )
    for table, axis, usual in ((obs, "cell", ("CellID", "obs_names")), (var, "gene", ("Gene", "var_names"))):
        name = next((name for name in (*usual, f"{axis}_names") if name in table), None)
        if name is None:
            what = f"has no {axis} names: none of the attributes {examples(table, 9)} is called {usual[0]}"
            raise InputError(what, where=path, fix=f"store the {axis} names as {usual[0]}")
        table.index = table.pop(name).astype(str).to_numpy()
    return AnnData(matrix, obs=obs, var=var)


def _join_obs(adata: AnnData, path: Path) -> None:
    words = _cells_first(parse_table(read_text(path), path), adata, path)
    text = words.set_axis(range(words.shape[1]), axis=1).to_csv(index=False)  # pandas finds out the types
    table = pd.read_csv(io.StringIO(text), index_col=0, converters={0: str})
    table.columns = words.columns[1:]
    if not table.index.is_unique:
        repeated = table.index[table.index.duplicated()].unique()
        raise InputError(
            f"cells occur more than once: {examples(repeated)}", where=path, fix="keep one row each"
        )
    found = int(adata.obs_names.isin(table.index).sum())
    if 2 * found < adata.n_obs:
        names = f"there they are like {examples(table.index)}; in the matrix like {examples(adata.obs_names)}"
        what = f"describes only {found:,} of the {adata.n_obs:,} cells"
        raise InputError(what, where=path, fix=f"put the cell names into its first column: {names}")
    if found < adata.n_obs:
        warn(f"does not describe {adata.n_obs - found:,} of the {adata.n_obs:,} cells", where=path)
    if replaced := sorted(set(map(str, table.columns)) & set(map(str, adata.obs.columns))):
        warn(f"its columns {examples(replaced)} take the place of those in the matrix's file", where=path)
    for column, values in table.reindex(adata.obs_names).items():
        adata.obs[str(column)] = values.to_numpy()


def _cells_first(words: pd.DataFrame, adata: AnnData, path: Path) -> pd.DataFrame:
    """The table with the column that names the cells as its first, which is said."""
    found = {name: int(words[name].isin(adata.obs_names).sum()) for name in words}
    best = max(found, key=lambda name: found[name])
    if 2 * found[words.columns[0]] >= found[best] or 2 * found[best] < adata.n_obs:
        return words
    warn(f"its column {best!r} names the cells", where=path)
    return words[[best, *(name for name in words if name != best)]]
