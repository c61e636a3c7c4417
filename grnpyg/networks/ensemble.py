"""Several runs as one network: they must be about the same TFs, genes and known edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.runs import Run


def as_runs(given: Run | Sequence[Run]) -> tuple[Run, ...]:
    """One or more runs that can be joined; all of them hand out one method, see `common_method`.

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
    names = sorted({run.config.model_name for run in runs})
    if len(names) > 1:
        what = f"the runs are of different methods ({', '.join(names)}), whose scores have different scales"
        warn(what, where="predict", fix="name runs of one config; their mean follows the wider scale")
    method = common_method(runs)
    others = sum(run.manifest.handed_out != method for run in runs)
    if others:
        name = method or "the trained model"
        warn(f"{others} of {len(runs)} runs hand out another method; {name} scores in all of them")
    return tuple(with_method(run, method) for run in runs)


def common_method(runs: Sequence[Run]) -> str | None:
    """What most of the runs hand out: a baseline, or None for the trained model, which also wins a tie.

    Scores of a model and of the baseline that took its place have different scales, and no mean.
    """
    counts = Counter(run.manifest.handed_out for run in runs)
    return max(counts, key=lambda name: (counts[name], name is None, name or ""))


def with_method(run: Run, method: str | None) -> Run:
    """The run, handing out a baseline, or for None its trained model."""
    return replace(run, manifest=run.manifest.model_copy(update={"handed_out": method}))


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
