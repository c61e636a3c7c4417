"""A study: a base config, named axes of named changes, and one trial per combination of levels."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.resolve import known_hashes, make_config
from grnpyg.studies.changes import merge
from grnpyg.studies.study_file import (
    SEEDS,
    Comparison,
    Matching,
    Selection,
    StudyFile,
    changes_of,
    read_study_file,
)


@dataclass(frozen=True)
class Trial:
    """One config of a study.

    Attributes:
        study: name of the study.
        levels: axis -> name of the level, in the order of the axes.
        config: checked, every default filled in.
        over: the axes that the tables average over.
        notes: kept in the manifest of the run, for example what the widths were matched to.
    """

    study: str
    levels: Mapping[str, str]
    config: ExperimentConfig
    over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The levels in words: `head=dual seed=42`."""
        return _words(self.levels)

    @property
    def group(self) -> tuple[str, ...]:
        """The study and every level but those of the averaged axes."""
        return (self.study, *(level for axis, level in self.levels.items() if axis not in self.over))

    @property
    def hash(self) -> str:
        """The config's hash, the name of the run directory."""
        return self.hashes[0]

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """Every hash under which a run or stored rows of the config may be found, the present one first."""
        return known_hashes(self.config)


@dataclass(frozen=True)
class Study:
    """A study file that was read and checked.

    Attributes:
        name: of the study, the file's stem by default.
        base: the config that the changes are laid over, every default included or not.
        axes: axis -> level -> change.
        over: the axes that the tables average over.
        compare: the paired differences that the tables show.
        match: which trials get the parameter count of another one.
        drafts: the trials in the order of the axes, the last one fastest, before widths are matched.
    """

    name: str
    base: Mapping[str, Any]
    axes: Mapping[str, Mapping[str, dict[str, Any]]]
    over: tuple[str, ...]
    compare: tuple[Comparison, ...]
    match: Matching | None
    drafts: tuple[Trial, ...] = field(default=(), repr=False)

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The trials as they are trained. With `match` this loads the data of the study.

        Raises:
            InputError: the data cannot be used, or no width gives the parameter count wanted.
        """
        if self.match is None:
            return self.drafts
        from grnpyg.studies.widths import matched

        return matched(self)

    def known_hashes(self, trial: Trial) -> tuple[str, ...] | None:
        """The config hashes of a draft; None where they depend on widths that the data decide."""
        rule = self.match
        if rule is None or trial.levels[rule.axis] == rule.to or trial.config.baseline is not None:
            return trial.hashes
        return None if not rule.levels or trial.levels[rule.axis] in rule.levels else trial.hashes

    def draft(self, levels: Mapping[str, str]) -> Trial:
        """The trial at one level of every axis, before widths are matched.

        Raises:
            InputError: the config that comes out is not valid; says which trial.
        """
        values = dict(self.base)
        for axis, level in levels.items():
            values = merge(values, self.axes[axis][level])
        try:
            config = make_config(values)
        except InputError as error:
            raise InputError(str(error), where=f"study {self.name}, trial {_words(levels)}") from None
        return Trial(self.name, dict(levels), config, self.over)


def read_study(path: Path) -> Study:
    """Read a study file and check every trial's config.

    Raises:
        InputError: a key, axis or level that is not known, or a trial whose config is not valid.
    """
    file = read_study_file(path)
    return make_study(file, path)


def make_study(file: StudyFile, path: Path) -> Study:
    """Expand a study file; `path` is where its relative paths start from and what errors name.

    Raises:
        InputError: see `read_study`.
    """
    base, axes = changes_of(file, path)
    over = tuple(axis for axis in (SEEDS if file.over is None else file.over) if axis in axes)
    study = Study(file.name or path.stem, base, axes, over, file.compare, file.match)
    points = [dict(zip(axes, levels, strict=True)) for levels in itertools.product(*axes.values())]
    chosen = [point for point in points if _chosen(point, file.include, file.exclude)]
    if not chosen:
        raise InputError("include and exclude leave no trial", where=path)
    drafts = tuple(study.draft(point) for point in chosen)
    _require_different(study, drafts, path)
    return replace(study, drafts=drafts)


def _require_different(study: Study, drafts: tuple[Trial, ...], path: Path) -> None:
    """One run that is counted twice would pass for two: no deviation, and an interval of no width."""
    seen: dict[tuple[tuple[str, ...], str], Trial] = {}
    for trial in drafts:
        other = seen.setdefault((trial.group, trial.hash), trial)
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


def _words(levels: Mapping[str, str]) -> str:
    return " ".join(f"{axis}={level}" for axis, level in levels.items()) or "base"
