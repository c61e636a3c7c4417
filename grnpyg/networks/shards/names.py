"""names.parquet: which TF and which gene an id is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.core.files import replacing, sha256_of, unlinked
from grnpyg.networks.shards.form import NAMES, ShardView
from grnpyg.runs.parquet import check_form

Names = tuple[NDArray[Any], NDArray[Any]]  # of the TFs and of the genes
KINDS = ("TF", "gene")
AGAIN = "make it again with `grnpyg predict RUN --shards DIR`"


def names_digest(names: Names) -> str:
    """SHA-256 of the names of TFs and of genes."""
    lines = (f"{kind}\t{name}\n".encode() for kind, of in zip(KINDS, names, strict=True) for name in of)
    return sha256_of(lines)


def write_names(folder: Path, names: Names) -> None:
    """Write names.parquet: `kind` (`TF` or `gene`), `id` int32 and `name`."""
    columns = {
        "kind": [kind for kind, of in zip(KINDS, names, strict=True) for _ in of],
        "id": np.concatenate([np.arange(len(of), dtype=np.int32) for of in names]),
        "name": [str(name) for of in names for name in of],
    }
    with replacing(unlinked(folder, NAMES)) as file:
        pq.write_table(pa.table(columns), file, compression="snappy")


def read_names(folder: Path, view: ShardView) -> Names:
    """The names of the TFs and of the genes of a folder of shards.

    Raises:
        InputError: the file is missing, or not the one that the parts were made with.
    """
    path = unlinked(folder, NAMES)
    try:
        facts = pq.read_metadata(path)
        check_form(path, facts)
        if facts.num_rows != view.tfs + view.genes:
            raise ValueError(f"{facts.num_rows:,} names, not {view.tfs + view.genes:,}")
        table = pq.read_table(path, columns=["kind", "id", "name"], partitioning=None)
        words = np.array(table["name"].to_pylist(), dtype=object)
        names = words[: view.tfs], words[view.tfs :]
        if names_digest(names) != view.names:
            raise ValueError("other names than those of the parts")
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"does not name the ids of the parts ({reason})", where=path, fix=AGAIN) from None
    return names
