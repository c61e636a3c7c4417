"""How long the cells that are left will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean

from grnpyg.studies.study import Cell


def seconds_left(
    todo: Iterable[Cell], cells: Iterable[Cell], seconds: Mapping[str, float], jobs: int
) -> float | None:
    """An estimate from the cells that are done.

    A cell takes as long as the mean of the done ones that differ from it only in the averaged axis, else as
    the mean of all. One that is running or interrupted counts as a whole one.

    Args:
        todo: the cells that are not done.
        cells: all cells.
        seconds: config hash -> seconds, of the cells that are done.
        jobs: how many cells are trained at a time.

    Returns:
        Seconds, at least those of the longest cell; 0 if nothing is left, None if nothing is done.
    """
    left = {cell.hash: cell for cell in todo}
    if not left:
        return 0.0
    if not seconds:
        return None
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for cell in cells:
        if cell.hash in seconds:
            groups[cell.group].append(seconds[cell.hash])
    overall = fmean(seconds.values())
    times = [fmean(groups[cell.group]) if cell.group in groups else overall for cell in left.values()]
    return max(sum(times) / jobs, *times)


def duration(seconds: float | None) -> str:
    """Seconds in words: `1 h 05 min`, `3 min 20 s`, `12 s`; `unknown time` for None."""
    if seconds is None:
        return "unknown time"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
