"""What a network will take: pairs, memory and disk, said before the work and refused where it cannot do."""

from __future__ import annotations

from grnpyg.core.errors import InputError
from grnpyg.core.memory import free_memory
from grnpyg.networks.wanted import Wanted

ROW = 400  # bytes of a pair that is kept: its line of the table, and what its places are found with
SQUARE = 60  # bytes of each pair of two TFs: the factors of the pair features, of one graph and of a fold
PART = 1 << 20  # pairs that are in memory at once where they are written part by part
BASE = 1 << 30  # bytes of the program, the data and a block of pairs


def memory_needed(shape: tuple[int, int], wanted: Wanted, *, by_parts: bool = False) -> int:
    """Bytes that a network will take at most, an estimate.

    Args:
        shape: (num_tfs, num_genes).
        wanted: which pairs are kept.
        by_parts: they are written part by part.
    """
    num_tfs, num_genes = shape
    rows, columns = len(wanted.tf) or num_tfs, len(wanted.gene) or num_genes
    kept = PART if by_parts else rows * min(columns, wanted.per_tf or columns)
    return BASE + SQUARE * num_tfs**2 + ROW * min(kept, wanted.top or kept)


def plan(shape: tuple[int, int], wanted: Wanted, runs: int, *, by_parts: bool = False) -> str:
    """What will be done, in a sentence.

    Args:
        shape: (num_tfs, num_genes).
        wanted: which pairs are kept.
        runs: how many are averaged.
        by_parts: the pairs are sorted on disk and written part by part.

    Raises:
        InputError: the machine has not the memory; says what it would take.
    """
    pairs, need, there = shape[0] * shape[1], memory_needed(shape, wanted, by_parts=by_parts), free_memory()
    size = f"{shape[0]:,} TFs x {shape[1]:,} genes = {pairs:,} pairs"
    if there is not None and need > there:
        what = f"{size} take about {need / 1e9:.0f} GB of memory, and {there / 1e9:.0f} GB are free"
        fix = "keep fewer pairs with `--per-tf 100` or `--top 100000`, write .parquet, .tsv or .csv (any "
        fix += "number of pairs), or name a shorter list of TFs"
        raise InputError(what, where="predict", fix=fix)
    minutes = max(1, round(pairs * runs * 5e-6 / 60))
    disk = pairs * (4 * runs + (8 + 4 * runs) * by_parts) / 1e9
    return (
        f"{size}: about {need / 1e9:.1f} GB of memory, {disk:.1f} GB of temporary files, "
        f"up to {minutes:,} min with the model of recipe best."
    )
