"""A part of a network as Parquet: the pairs of a range of TFs, in the order of TF and target.

Columns: `tf_id`, `target_id` int32; `importance` (float32; float64 where a baseline scored); `probability`
float32; `known` bool; with several runs also `score_1`, `score_2`, ..., whose mean the importance is. The
file has a row group for each block of TFs. Nothing is packed by repetition, so a small file is a small table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, unlinked
from grnpyg.networks.candidates import Candidates, Codes
from grnpyg.networks.ranking import mean
from grnpyg.networks.scores import Rows, blocks
from grnpyg.networks.shards.form import Part, ShardManifest
from grnpyg.networks.table import Probability
from grnpyg.networks.wanted import mean_probability
from grnpyg.runs.parquet import check_form

AGAIN = "make it again with `grnpyg predict RUN --shards DIR`"


def schema_of(num_runs: int, dtype: np.dtype[Any]) -> pa.Schema:
    """The columns of a part whose scores have this type."""
    score = pa.from_numpy_dtype(dtype)
    fields = [("tf_id", pa.int32()), ("target_id", pa.int32()), ("importance", score)]
    fields += [("probability", pa.float32()), ("known", pa.bool_())]
    several = [(name, score) for name in score_columns(num_runs)] if num_runs > 1 else []
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in [*fields, *several]])


def score_columns(num_runs: int) -> list[str]:
    """The columns with the scores of each run."""
    return [f"score_{number}" for number in range(1, num_runs + 1)] if num_runs > 1 else ["importance"]


def write_part(
    file: Path,
    tfs: tuple[int, int],
    runs: Sequence[Rows],
    probabilities: Sequence[Probability],
    candidates: Candidates,
) -> int:
    """Write the candidate pairs of some TFs; memory holds a block of them.

    Args:
        file: to be written.
        tfs: first TF, and the one behind the last.
        runs: the scores of each run.
        probabilities: of each run.
        candidates: which pairs there are.

    Returns:
        How many pairs.
    """
    rows, writer, num_genes = 0, None, candidates.shape[1]
    touched = [block for block in blocks(*candidates.shape) if block[0] < tfs[1] and block[1] > tfs[0]]
    try:
        for a, b in touched:
            start, stop = max(a, tfs[0]), min(b, tfs[1])
            there = candidates.rows(start, stop)
            each = np.stack([run.rows(start, stop)[there] for run in runs])
            codes = np.flatnonzero(there) + start * num_genes
            tf, target = np.divmod(codes, num_genes)
            schema = schema_of(len(runs), each.dtype)
            if writer is None:
                writer = pq.ParquetWriter(file, schema, compression="snappy", use_dictionary=False)
            columns = {
                "tf_id": tf.astype(np.int32),
                "target_id": target.astype(np.int32),
                "importance": mean(each).astype(each.dtype),
                "probability": mean_probability(probabilities, each).astype(np.float32),
                "known": candidates.known(codes),
            }
            if len(runs) > 1:
                columns |= dict(zip(score_columns(len(runs)), each, strict=True))
            writer.write_table(pa.table(columns, schema=schema), row_group_size=max(1, codes.size))
            rows += codes.size
    finally:
        if writer is not None:
            writer.close()
    return rows


def opened_part(folder: Path, part: Part, num_runs: int) -> pq.ParquetFile:
    """A part, checked against what the manifest says of it before anything is read.

    Raises:
        InputError: it is missing, changed, or no part of a network.
    """
    path = unlinked(folder, part.file)
    if not is_whole(folder, part):
        what = "is not as the manifest has it" if path.is_file() else "is missing"
        raise InputError(what, where=path, fix=AGAIN)
    try:
        file = pq.ParquetFile(path)
        check_form(path, file.metadata)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"is not readable ({reason})", where=path, fix=AGAIN) from None
    kinds = [schema_of(num_runs, np.dtype(kind)) for kind in (np.float32, np.float64)]
    if file.schema_arrow.remove_metadata() not in kinds or file.metadata.num_rows != part.rows:
        raise InputError("has other columns or rows than a part of a network", where=path, fix=AGAIN)
    return file


def is_whole(folder: Path, part: Part) -> bool:
    """Whether the file of a part is there as it was written."""
    path = unlinked(folder, part.file)
    return path.is_file() and path.stat().st_size == part.bytes and sha256(path) == part.sha256


def groups_of(
    folder: Path, manifest: ShardManifest, part: Part, columns: Sequence[str]
) -> Iterator[tuple[Codes, pa.Table]]:
    """The row groups of a part, checked: (n,) ascending codes of the pairs, and the columns that are asked.

    Raises:
        InputError: see `opened_part`; or pairs that do not belong there.
    """
    with opened_part(folder, part, len(manifest.view.runs)) as file:
        last = part.tf_start * manifest.view.genes - 1
        for number in range(file.num_row_groups):
            read = file.read_row_group(number, columns=["tf_id", "target_id", *columns])
            tf, target = (read[name].to_numpy().astype(np.int64) for name in ("tf_id", "target_id"))
            codes = tf * manifest.view.genes + target
            ordered = np.all(np.diff(codes, prepend=last) > 0)
            inside = np.all((target >= 0) & (target < manifest.view.genes) & (tf < part.tf_stop))
            if codes.size and not (ordered and inside):
                raise InputError("has pairs that do not belong there", where=folder / part.file, fix=AGAIN)
            last = codes[-1] if codes.size else last
            yield codes, read


class PartScores:
    """The scores of a run from the parts of a folder, as `grnpyg.networks.scores.StoredRows`.

    Args:
        folder: of the parts.
        manifest: read from it.
        number: of the run, from 0.
        candidates: which pairs the parts hold.

    Raises:
        InputError: a part is missing or changed.
    """

    def __init__(self, folder: Path, manifest: ShardManifest, number: int, candidates: Candidates) -> None:
        self.shape = candidates.shape
        self._folder, self._manifest, self._candidates = folder, manifest, candidates
        self._column = score_columns(len(manifest.view.runs))[number]
        kinds = set()
        for part in manifest.parts:
            with opened_part(folder, part, len(manifest.view.runs)) as file:
                kinds.add(file.schema_arrow.field(self._column).type.to_pandas_dtype())
        self.dtype: np.dtype[Any] = np.result_type(*kinds)
        self._reader: Iterator[tuple[Codes, NDArray[Any]]] = iter(())
        self._held = np.empty(0, np.int64), np.empty(0, self.dtype)
        self._dropped = self.shape[0] * self.shape[1]  # codes below it are not held, and not to come

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """(stop - start, num_genes) scores of some TFs; 0 where a pair is no candidate.

        Read in the order of the TFs, each part is read once.

        Raises:
            InputError: a part was changed, or lacks pairs.
        """
        num_genes = self.shape[1]
        first, last = start * num_genes, stop * num_genes
        if first < self._dropped:
            self._reader, self._held = self._from(start), (self._held[0][:0], self._held[1][:0])
        parts = [self._held]
        while not parts[-1][0].size or parts[-1][0][-1] < last - 1:
            more = next(self._reader, None)
            if more is None:
                break
            if more[0].size and more[0][-1] >= first:
                parts.append(more)
        codes, values = (np.concatenate([part[end] for part in parts]) for end in (0, 1))
        a, b = np.searchsorted(codes, [first, last])
        there = self._candidates.rows(start, stop).ravel()
        if not np.array_equal(codes[a:b] - first, np.flatnonzero(there)):
            what = f"lacks pairs of the TFs {start} to {stop - 1}"
            raise InputError(what, where=self._folder, fix=AGAIN)
        found = np.zeros(there.size, self.dtype)
        found[there] = values[a:b]
        self._held, self._dropped = (codes[a:], values[a:]), first
        return found.reshape(stop - start, num_genes)

    def _from(self, tf: int) -> Iterator[tuple[Codes, NDArray[Any]]]:
        for part in self._manifest.parts:
            if part.tf_stop > tf:
                for codes, read in groups_of(self._folder, self._manifest, part, [self._column]):
                    yield codes, read[self._column].to_numpy().astype(self.dtype)
