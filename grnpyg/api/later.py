"""`evaluate_later`: a run judged by the edges that another, later database reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grnpyg.core.arguments import require_whole
from grnpyg.core.errors import InputError
from grnpyg.evaluation.later import LaterOptions, LaterResult
from grnpyg.evaluation.later import evaluate_later as evaluate_run
from grnpyg.runs import Run


def evaluate_later(
    run: Run | str | Path,
    labels: str | Path,
    *,
    confidence: Sequence[str] | None = None,
    known_elsewhere: str | Path | None = None,
    by: str | Path | None = None,
    resamples: int = 1000,
    trust_plugins: bool = False,
) -> LaterResult:
    """Rank every pair that a run's labels do not name; edges of a later database are the positives.

    Args:
        run: a run or its folder.
        labels: the later database, a catalogue name or a file.
        confidence: levels of it to keep.
        known_elsewhere: labels whose further pairs are no negatives.
        by: a table of genes and numbers, such as publications: AUROC in thirds of the genes.
        resamples: of the two-way bootstrap behind the intervals; 0: no intervals.
        trust_plugins: whether to run plug-in files that the run names and the trust file does not list.

    Returns:
        A result with `to_frame()` (one line per method), `strata`, `signs` and `to_dict()`.

    Raises:
        InputError: no run, labels that cannot be read, that lie outside the run's nodes, or that name nothing
            new.

    Example:
        >>> import grnpyg as gp
        >>> result = gp.evaluate_later("runs/1f0c5d2a9b3e", "collectri.csv")  # doctest: +SKIP
        >>> result.to_frame()[["method", "auroc", "precision_at_100"]]  # doctest: +SKIP
    """
    if isinstance(resamples, int) and resamples < 0:
        raise InputError(f"{resamples} resamples", where="evaluate_later", fix="0 for no intervals, or more")
    require_whole(resamples, "resamples", 0, where="evaluate_later")
    if isinstance(confidence, str):
        raise InputError("confidence is a string", where="evaluate_later", fix='give a list: ["A", "B"]')
    opened = run if isinstance(run, Run) else Run.load(run, trust_plugins=trust_plugins)
    options = LaterOptions(
        confidence,
        None if known_elsewhere is None else str(known_elsewhere),
        None if by is None else Path(by),
        resamples,
    )
    return evaluate_run(opened, str(labels), options)
