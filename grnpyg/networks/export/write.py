"""Write a network in the format that a file's suffix, or a name, asks for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.core.files import check_output
from grnpyg.networks.export.base import Format, formats


def by_suffix() -> dict[str, str]:
    """Suffix -> the format that it stands for."""
    chosen = {name: formats.get(name) for name in formats.names()}
    return {suffix: name for name, cls in chosen.items() if cls.by_suffix for suffix in cls.suffixes}


def format_of(path: Path, format: str | None = None, cells: Path | None = None) -> Format:
    """The format for a file, before any work is done.

    Args:
        path: to be written.
        format: its name; None: by the suffix.
        cells: an h5ad file that the network is put into, where the format has cells.

    Raises:
        InputError: the format is not known, is not written to such a file, or has no cells; or the file
            cannot be written.
    """
    if format is None:
        known = by_suffix()
        check_output(path, tuple(known))
        format = known[path.suffix]
    cls = formats.get(format)
    check_output(path, cls.suffixes)
    if cells is not None and "cells" not in formats.options(format):
        holds = [name for name in formats.names() if "cells" in formats.options(name)]
        raise InputError(f"{format} holds no cells", where="--cells", fix=f"write {' or '.join(holds)}")
    return formats.build(format, **({} if cells is None else {"cells": cells}))


def write_network(
    table: pd.DataFrame, path: Path, format: str | None = None, *, cells: Path | None = None
) -> None:
    """Write a network, whole or not at all.

    Args:
        table: `TF`, `target` and any other column of `grnpyg.networks.keys.OWN`; best first.
        path: its suffix says the format, unless one is named.
        format: a name of `formats`, for example `decoupler`.
        cells: for h5ad and h5mu: the h5ad file whose cells the network is put beside.

    Raises:
        InputError: see `format_of` and `Format.write`.
    """
    format_of(path, format, cells).write(table, path)
