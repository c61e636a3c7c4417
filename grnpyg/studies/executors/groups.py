"""Which trials a job trains one after another, in one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grnpyg.resolve import config_hash
from grnpyg.studies.trial import Trial

ENOUGH = 1800.0  # seconds of training that are worth the start of a process and the reading of a data set


def groups(
    trials: Sequence[Trial],
    size: int | None = None,
    seconds: Mapping[str, float] | None = None,
    enough: float = ENOUGH,
) -> list[list[Trial]]:
    """Trials in groups, each of one study whose trials read the same data set.

    Trials that are cut from one run (`prune`) are never apart, those with fewer steps first: every one but
    the first finds what it is cut from. Where it is known how long trials take, a group is filled up to
    `enough` seconds; otherwise it holds one trial, or all that are cut from one run.

    Args:
        trials: in order; groups and their trials are in this order, too.
        size: so many trials in a group, whatever they take; more only if they are cut from one run.
        seconds: config hash -> expected time.
        enough: seconds of a group.
    """
    families: dict[tuple[str, ...], list[Trial]] = {}
    for trial in trials:
        uncut = trial.config.model_copy(update={"prune": ()})
        root = config_hash(uncut) if trial.config.prune else trial.hash
        families.setdefault((trial.study, _data(trial), root), []).append(trial)
    filled: dict[tuple[str, ...], list[list[Trial]]] = {}
    for (study, data, _), family in families.items():
        family.sort(key=lambda trial: len(trial.config.prune))
        made = filled.setdefault((study, data), [])
        if made and _has_room(made[-1], family, size, seconds or {}, enough):
            made[-1] += family
        else:
            made.append(family)
    return [group for made in filled.values() for group in made]


def _data(trial: Trial) -> str:
    """The same for trials that read the same files in the same way."""
    config = trial.config
    knowledge = "" if config.knowledge is None else config.knowledge.model_dump_json()
    return f"{config.data.model_dump_json()} {config.features.model_dump_json()} {knowledge}"


def _has_room(
    group: list[Trial], family: list[Trial], size: int | None, seconds: Mapping[str, float], enough: float
) -> bool:
    both = [*group, *family]
    if size is not None:
        return len(both) <= size
    return all(trial.hash in seconds for trial in both) and sum(seconds[t.hash] for t in both) <= enough
