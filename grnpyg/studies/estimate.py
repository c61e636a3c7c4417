"""How long the trials that are left will take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grnpyg.studies.trial import AnyTrial


def seconds_left(
    todo: Iterable[AnyTrial],
    trials: Iterable[AnyTrial],
    seconds: Mapping[str, float],
    jobs: int,
    undrawn: int = 0,
) -> float | None:
    """Estimate the remaining time from the trials that are done.

    A trial is expected to take the mean time of the finished trials of its group, which differ from it only
    in the averaged axes; without one, the mean time of all. A trial that is running or interrupted counts in
    full. Trials with the same config count once.

    Args:
        todo: the trials that are not done.
        trials: all trials.
        seconds: config hash -> seconds, of the trials that are done.
        jobs: how many trials are trained at a time.
        undrawn: number of trials that a search will still draw.

    Returns:
        Seconds, at least those of the longest trial; 0 if nothing is left, None if nothing is done.
    """
    left = {trial.hash or trial.name: trial for trial in todo}
    if not left and not undrawn:
        return 0.0
    if not seconds:
        return None
    times = [*expected_seconds(left.values(), trials, seconds), *[fmean(seconds.values())] * undrawn]
    return max(sum(times) / jobs, *times)


def expected_seconds(
    todo: Iterable[AnyTrial], trials: Iterable[AnyTrial], seconds: Mapping[str, float]
) -> list[float]:
    """What each trial is expected to take, see `seconds_left`; empty as long as nothing is done."""
    if not seconds:
        return []
    groups: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for trial in trials:
        if trial.hash in seconds:
            groups[trial.group].append(seconds[trial.hash])
    overall = fmean(seconds.values())
    return [fmean(groups[trial.group]) if trial.group in groups else overall for trial in todo]


def duration(seconds: float | None) -> str:
    """Seconds in words: `1 h 05 min`, `3 min 20 s`, `12 s`; `unknown time` for None."""
    if seconds is None:
        return "unknown time"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
