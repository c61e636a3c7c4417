"""Several runs as one network: they must be about the same TFs, genes and known edges."""

from __future__ import annotations

from collections.abc import Sequence

from grnpyg.core.errors import InputError, examples
from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.runs import Run


def as_runs(given: Run | Sequence[Run]) -> tuple[Run, ...]:
    """One or more runs that can be joined.

    Raises:
        InputError: none, one that is named twice, or runs about different nodes or known edges.
    """
    runs = (given,) if isinstance(given, Run) else tuple(given)
    if not runs:
        raise InputError("no run is named", where="predict", fix="name one or more runs")
    hashes = [run.manifest.sha256 or str(run.path) for run in runs]
    for number, run in enumerate(runs):
        if hashes[number] in hashes[:number]:
            fix = "name each run once, for example one of each seed"
            raise InputError("the same run is named twice", where=run.path, fix=fix)
    for run in runs[1:]:
        require_same(runs[0], run)
    return runs


def require_same(first: Run, other: Run) -> None:
    """Check that two runs have the same TFs, genes and known edges; their seeds and splits may differ.

    Raises:
        InputError: they differ; says in how much.
    """
    fix = "name runs of the same labels; `grnpyg diff` compares networks of different ones"
    for kind, what in ((TF, "TFs"), (GENE, "genes")):
        one, two = (list(run.graph[kind].name) for run in (first, other))
        lost, more = sorted(set(one) - set(two)), sorted(set(two) - set(one))
        if lost or more or one != two:
            said = [
                *([f"{len(lost):,} are missing ({examples(lost)})"] if lost else []),
                *([f"{len(more):,} are only here ({examples(more)})"] if more else []),
            ]
            differs = ", ".join(said) or "they stand in another order"
            raise InputError(f"has other {what} than {first.path}: {differs}", where=other.path, fix=fix)
    a, b = (set(pair_codes(run.graph, run.graph[REGULATES].edge_index).tolist()) for run in (first, other))
    if a != b:
        counts = f"{len(a - b):,} are missing, {len(b - a):,} are only here"
        what = f"has other known edges than {first.path}: {counts}"
        raise InputError(what, where=other.path, fix=fix)
