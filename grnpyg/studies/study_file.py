"""The schema of a study file. Unknown keys, and axes or levels that do not exist, are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from grnpyg.core.data_config import Section
from grnpyg.core.errors import InputError, unknown
from grnpyg.resolve.changes import level_name, nested
from grnpyg.studies.sources import change_of, config_of, read_section

Level = Annotated[str, BeforeValidator(level_name)]
Changes = dict[str, dict[str, dict[str, Any]]]  # axis -> level -> change

# Columns of rows and tables, which no axis may be named after.
RESERVED = frozenset(
    {"study", "part", "regime", "row", "kind", "metric", "value", "mean", "sd", "n", "of", "parameters"}
    | {"best_epoch", "epochs", "seconds", "config_hash", "run_seed", "leaks", "threads", "auroc", "ap"}
    | {"accuracy", "f1", "distinct_scores", "positives", "negatives", "auroc_probability", "ap_probability"}
    | {"distinct_probabilities", "found", "grnpyg", "python", "torch"}
)


def _as_list(value: Any) -> Any:
    return [] if value is None else [value] if isinstance(value, dict) else value


def _as_names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_section(value: Any) -> Any:
    if isinstance(value, dict) and not isinstance(value.get("name"), str):
        raise ValueError("has no name, as in {name: slurm, time: 2h}")
    return {"name": value} if isinstance(value, str) else value


def _as_levels(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Levels = Annotated[tuple[Level, ...], BeforeValidator(_as_levels)]
SEEDS = ("split_seed", "seed")  # axes that tables average over by default
Selection = dict[str, Levels]  # axis -> the selected levels


class Comparison(Section):
    """A paired difference: trials at `level` of the axis minus those at `to`, all other levels equal."""

    axis: str
    level: Level
    to: Level


class Matching(Section):
    """Trials at other levels of the axis get the parameter count of the one at `to`, other levels equal.

    Attributes:
        axis: the axis.
        to: the level whose widths are kept.
        levels: the levels that are matched; by default all others.
    """

    axis: str
    to: Level
    levels: Levels = ()

    def applies_to(self, levels: Mapping[str, str]) -> bool:
        """Whether the trial at these levels is matched."""
        level = levels[self.axis]
        return level != self.to and (not self.levels or level in self.levels)


class StudyFile(Section):
    """The keys of a study file.

    Attributes:
        name: a word; the file's stem by default.
        base: a config file, relative to the study file, `recipe:NAME`, or a config.
        axes: axis -> levels. A mapping gives each level a change of the base: a partial config, a config
            file, or `recipe:NAME` for the difference between the base and that recipe. A list holds values of
            the config key that the axis is named after.
        include: if given, only trials that match an entry are kept.
        exclude: trials that match an entry are left out.
        over: the axis or axes that tables average over; by default `split_seed` and `seed`, if the study has
            them.
        compare: paired differences for the tables.
        match: parameter matching.
        executor: where `study run` trains, a name or `{name: slurm, time: 2h, ...}`. It is no part of any
            trial's config.
    """

    name: str | None = None
    base: Any = None
    axes: dict[str, Any]
    include: Annotated[tuple[Selection, ...], BeforeValidator(_as_list)] = ()
    exclude: Annotated[tuple[Selection, ...], BeforeValidator(_as_list)] = ()
    over: Annotated[tuple[str, ...] | None, BeforeValidator(_as_names)] = None
    compare: Annotated[tuple[Comparison, ...], BeforeValidator(_as_list)] = ()
    match: Matching | None = None
    executor: Annotated[dict[str, Any] | None, BeforeValidator(_as_section)] = None


def read_study_file(path: Path) -> StudyFile:
    """Read a study file.

    Raises:
        InputError: not YAML, an unknown key (lists the valid ones) or a value of the wrong kind.
    """
    return read_section(StudyFile, path, {"compare": Comparison, "match": Matching})


def changes_of(file: StudyFile, path: Path) -> tuple[dict[str, Any], Changes]:
    """Read the base config and the change of every level.

    Raises:
        InputError: a level given twice, an axis or level that does not exist, a file that cannot be read.
    """
    base = config_of(file.base, path, "base")
    axes = {axis: dict(_levels(axis, levels, base, path)) for axis, levels in file.axes.items()}
    lowered = [axis.lower() for axis in axes]
    for axis in axes:
        if lowered.count(axis.lower()) > 1:
            raise InputError(f"two axes differ only in capitals: {axis.lower()!r}", where=path)
        if axis.lower() in RESERVED or not axis.strip("."):
            raise InputError(f"an axis cannot be called {axis!r}", where=path, fix="choose another name")
    for key, selections in (("include", file.include), ("exclude", file.exclude)):
        for selection in selections:
            for axis, levels in selection.items():
                _require(axes, axis, levels, f"{path}: {key}")
    over = SEEDS if file.over is None else file.over
    for axis in file.over or ():
        _require(axes, axis, (), f"{path}: over")
    for comparison in file.compare:
        _require(axes, comparison.axis, (comparison.level, comparison.to), f"{path}: compare")
        if comparison.axis in over or comparison.level == comparison.to:
            raise InputError("compares trials with themselves", where=f"{path}: compare")
    if file.match is not None:
        _require(axes, file.match.axis, (file.match.to, *file.match.levels), f"{path}: match")
    return base, axes


def _levels(axis: str, levels: Any, base: dict[str, Any], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    where = f"{path}: axes.{axis}"
    if not isinstance(levels, (dict, list)) or not levels:
        raise InputError("levels are a mapping of names to changes, or a list of values", where=where)
    if isinstance(levels, dict):
        for level, change in levels.items():
            yield level, change_of(change, base, path, f"axes.{axis}.{level}")
        return
    seen = set[str]()
    for value in levels:
        if (level := level_name(value)) in seen:
            raise InputError(f"the level {level} is given twice", where=where)
        seen.add(level)
        yield level, nested(axis, value)


def _require(axes: Changes, axis: str, levels: tuple[str, ...], where: str) -> None:
    if axis not in axes:
        raise unknown("axis", axis, axes, where=where)
    for level in levels:
        if level not in axes[axis]:
            raise unknown(f"level of {axis}", level, axes[axis], where=where)
