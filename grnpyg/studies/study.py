"""A study: a base config, named axes of named changes, and one trial per combination of levels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grnpyg.core.errors import InputError
from grnpyg.resolve import config_hash, make_config
from grnpyg.resolve.changes import merge
from grnpyg.studies.study_file import (
    SEEDS,
    Comparison,
    Matching,
    Selection,
    StudyFile,
    changes_of,
    read_study_file,
)
from grnpyg.studies.trial import Trial, in_words

LARGEST = 100_000  # trials of a study


@dataclass(frozen=True)
class Study:
    """A study file that was read and checked.

    Attributes:
        name: of the study, by default the file's name without its suffix.
        base: the config that the changes are applied to.
        axes: axis -> level -> change.
        over: the axes that tables average over.
        compare: the paired differences that tables show.
        match: which trials get the parameter count of another one; see `resolve_widths`.
        trials: in the order of the axes, the last axis changing fastest.
        file: the study file; None for a study that no file describes.
        executor: name and options of the executor that the file asks for.
    """

    name: str
    base: Mapping[str, Any]
    axes: Mapping[str, Mapping[str, dict[str, Any]]]
    over: tuple[str, ...]
    compare: tuple[Comparison, ...]
    match: Matching | None
    trials: tuple[Trial, ...] = field(default=(), repr=False)
    file: Path | None = None
    executor: Mapping[str, Any] | None = None

    def trial_at(self, levels: Mapping[str, str]) -> Trial:
        """The trial at one level of every axis, whether or not the study includes it.

        Raises:
            InputError: the resulting config is not valid; says which trial.
        """
        values = dict(self.base)
        for axis, level in levels.items():
            values = merge(values, self.axes[axis][level])
        try:
            config = make_config(values)
        except InputError as error:
            raise InputError(str(error), where=f"study {self.name}, trial {in_words(levels)}") from None
        # a baseline has no widths to match
        matched = self.match is None or config.baseline is not None or not self.match.applies_to(levels)
        return Trial(study=self.name, levels=dict(levels), over=self.over, config=config, matched=matched)


def read_study(path: Path) -> Study:
    """Read a study file and check the config of every trial. No data are loaded.

    Example:
        >>> study = read_study(Path("study.yaml"))
        >>> [trial.name for trial in study.trials]
        ['head=dual seed=1', 'head=dual seed=2', 'head=cross seed=1', 'head=cross seed=2']

    Raises:
        InputError: an unknown key, axis or level, or a trial whose config is not valid.
    """
    return replace(make_study(read_study_file(path), path), file=path)


def make_study(file: StudyFile, path: Path) -> Study:
    """Expand a study file; relative paths start at `path`, which error messages name.

    Raises:
        InputError: see `read_study`.
    """
    base, axes = changes_of(file, path)
    over = tuple(axis for axis in (SEEDS if file.over is None else file.over) if axis in axes)
    study = Study(file.name or path.stem, base, axes, over, file.compare, file.match)
    study = replace(study, executor=file.executor)
    if (count := math.prod(map(len, axes.values()))) > LARGEST:
        raise InputError(f"its axes have {count:,} combinations, more than {LARGEST:,}", where=path)
    points = [dict(zip(axes, levels, strict=True)) for levels in itertools.product(*axes.values())]
    chosen = [point for point in points if _chosen(point, file.include, file.exclude)]
    if not chosen:
        raise InputError("include and exclude leave no trial", where=path)
    study = replace(study, trials=tuple(study.trial_at(point) for point in chosen))
    _require_different(study, path)
    return study


def _require_different(study: Study, path: Path) -> None:
    """Refuse to count one run as two: tables would show no deviation and an interval of no width."""
    seen: dict[tuple[tuple[str, ...], str], Trial] = {}
    for trial in study.trials:
        other = seen.setdefault((trial.group, config_hash(trial.config)), trial)
        if other is not trial:
            raise InputError(
                f"the trials {other.name} and {trial.name} are the same experiment",
                where=path,
                fix=f"a change of another axis undoes that of {' or '.join(study.over)}",
            )


def _chosen(point: Mapping[str, str], include: tuple[Selection, ...], exclude: tuple[Selection, ...]) -> bool:
    def named(selections: tuple[Selection, ...]) -> bool:
        return any(all(point[axis] in levels for axis, levels in entry.items()) for entry in selections)

    return (not include or named(include)) and not named(exclude)
