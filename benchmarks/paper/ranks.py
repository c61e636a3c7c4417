"""Effective rank of the stored models of both heads, whole and pruned, for collect.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from grnpyg.compress import RankOptions, effective_rank
from grnpyg.runs import Run
from grnpyg.studies import Store, Study, Trial

SEEDS = ("42", "123", "456")
LEVELS = ("0.00", "0.60", "0.90")
KEY = ["study", "model", "removed", "seed", "centred"]


def wanted(studies: Mapping[str, Study]) -> Iterator[tuple[str, str, Trial]]:
    """Settings, share removed and cell: as coded whole and pruned post hoc, as described whole."""
    for cell in studies["pruning_posthoc"].trials:
        if cell.levels["removed"] in LEVELS:
            yield "as_coded", cell.levels["removed"], cell
    for cell in studies["as_described"].trials:
        if cell.levels["ratio"] == "1" and cell.levels["seed"] in SEEDS:
            yield "as_described", "0.00", cell


def measured(
    studies: Mapping[str, Study], runs: Path, known: set[str]
) -> tuple[list[dict[str, object]], list[pd.DataFrame]]:
    """Rows of effective ranks, and spectra of the first seed, of runs whose hashes are not known yet."""
    store = Store(runs)
    lines: list[dict[str, object]] = []
    spectra = []
    for study, removed, cell in wanted(studies):
        if store.manifest(cell) is None or not known.isdisjoint(cell.hashes):
            continue
        run = Run.load(store.path(cell))
        about = {
            "study": study,
            "model": cell.levels["model"],
            "removed": removed,
            "seed": int(cell.levels["seed"]),
        }
        for centred in (False, True):
            rank = effective_rank(run, "test", RankOptions(centred=centred))
            own = {**about, "centred": centred, "config_hash": cell.hash}
            facts = rank.to_dict() | {"layers": "+".join(rank.layers)}
            lines.append({**own, **{name: value for name, value in facts.items() if name != "centred"}})
            if cell.levels["seed"] == SEEDS[0]:
                spectra.append(rank.to_frame().assign(**own))
    return lines, spectra
