"""Read a folder of shards as a network, without the runs that scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.arguments import require_whole
from grnpyg.core.errors import InputError
from grnpyg.networks.candidates import Codes
from grnpyg.networks.keys import IMPORTANCE, KNOWN, PROBABILITY, TARGET, TF
from grnpyg.networks.ranking import Best, best, mean
from grnpyg.networks.shards.form import MANIFEST, NAMES, read_manifest
from grnpyg.networks.shards.names import read_names
from grnpyg.networks.shards.part import AGAIN, groups_of, score_columns

MOST = 50_000_000  # pairs that are given at once


def is_shards(path: Path) -> bool:
    """Whether a path is a folder that `make_shards` finished."""
    return (path / MANIFEST).is_file() and (path / NAMES).is_file()


def read_shards(
    folder: str | Path,
    *,
    top: int | None = None,
    per_tf: int | None = None,
    new: bool = False,
    min_probability: float | None = None,
) -> pd.DataFrame:
    """The pairs of a folder of shards, best first; memory grows with those that are kept.

    Every file is checked against the manifest, and the manifest against itself.

    Args:
        folder: from `make_shards`.
        top: keep the best so many.
        per_tf: keep the best so many of each TF.
        new: leave the known edges out.
        min_probability: keep pairs of at least this probability.

    Returns:
        `TF`, `target`, `importance`, `probability`, `known`.

    Raises:
        InputError: no such folder, a part that is missing or changed, or too many pairs.
    """
    folder = Path(folder)
    for name, count in (("top", top), ("per_tf", per_tf)):
        if count is not None:
            require_whole(count, name, 1, where="read_shards")
    manifest = read_manifest(folder)
    tfs, genes = read_names(folder, manifest.view)
    columns = score_columns(len(manifest.view.runs))
    found = Best(top, scored=len(columns))  # the probability goes along, and whether a pair is known
    for part in manifest.parts:
        for codes, read in groups_of(folder, manifest, part, [*columns, PROBABILITY, KNOWN]):
            each = np.stack([read[name].to_numpy() for name in columns])
            chance, known = read[PROBABILITY].to_numpy(), read[KNOWN].to_numpy()
            if np.isnan(each).any():
                raise InputError("has scores that are nan", where=folder / part.file, fix=AGAIN)
            keep = ~known if new else np.ones(codes.size, dtype=bool)
            if min_probability is not None:
                keep &= chance >= min_probability
            if per_tf is not None:
                keep = _best_of_each(mean(each), codes, codes // len(genes), keep, per_tf)
            found.add(codes[keep], np.stack([*each, chance, known])[:, keep])
            if top is None and found.held > MOST:
                what = f"has more than the {MOST:,} pairs that are read at once"
                fix = f"keep fewer: `grnpyg export {folder} --top 100000 -o top.parquet`"
                raise InputError(what, where=folder, fix=fix)
    codes, (*scores, chance, known) = found.found()
    tf, target = np.divmod(codes, len(genes))
    values = {
        TF: tfs[tf],
        TARGET: genes[target],
        IMPORTANCE: mean(np.stack(scores)),
        PROBABILITY: chance.astype(np.float64),
        KNOWN: known.astype(bool),
    }
    return pd.DataFrame(values)


def _best_of_each(
    score: NDArray[Any], codes: Codes, tf: Codes, keep: NDArray[np.bool_], count: int
) -> NDArray[np.bool_]:
    """(n,) the best so many of those that are kept, of each TF; a TF stands in one piece."""
    kept = np.zeros(codes.size, dtype=bool)
    for there in np.split(np.arange(codes.size), np.flatnonzero(np.diff(tf)) + 1):
        own = there[keep[there]]
        kept[own[best(score[own], codes[own], count)]] = True
    return kept
