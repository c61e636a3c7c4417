"""Which trials a job trains one after another, in one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grnpyg.core.config import ExperimentConfig
from grnpyg.resolve import config_hash, teacher_configs
from grnpyg.studies.trial import Trial

ENOUGH = 1800.0  # seconds of training that are worth the start of a process and the reading of a data set


def groups(
    trials: Sequence[Trial],
    size: int | None = None,
    seconds: Mapping[str, float] | None = None,
    enough: float = ENOUGH,
) -> list[list[Trial]]:
    """Trials in groups, each of one study whose trials read the same data set.

    Trials that are cut from one run (`prune`) or taught by one are never apart, those with fewer steps first,
    and the teacher before its pupils: every one but the first finds what it builds on. Where it is known how
    long trials take, a group is filled up to `enough` seconds; otherwise it holds one trial, or all that
    build on one run.

    Args:
        trials: in order; groups and their trials are in this order, too.
        size: so many trials in a group, whatever they take; more only if they build on one run.
        seconds: config hash -> expected time.
        enough: seconds of a group.
    """
    families: dict[tuple[str, ...], list[Trial]] = {}
    for trial in trials:
        root = _root(trial.config) or trial.hash
        families.setdefault((trial.study, _data(trial), root), []).append(trial)
    filled: dict[tuple[str, ...], list[list[Trial]]] = {}
    for (study, data, _), family in families.items():
        family.sort(key=lambda trial: _steps(trial.config))
        made = filled.setdefault((study, data), [])
        if made and _has_room(made[-1], family, size, seconds or {}, enough):
            made[-1] += family
        else:
            made.append(family)
    return [group for made in filled.values() for group in made]


def _root(config: ExperimentConfig) -> str | None:
    """Hash of the run that others build on; None where nothing comes before it."""
    if config.prune:
        config = config.model_copy(update={"prune": ()})
        return _root(config) or config_hash(config)
    teachers = teacher_configs(config)
    return (_root(teachers[0]) or config_hash(teachers[0])) if teachers else None


def _steps(config: ExperimentConfig) -> int:
    """How many runs come before the one of a config."""
    teachers = teacher_configs(config)
    return len(config.prune) + (1 + _steps(teachers[0]) if teachers else 0)


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
