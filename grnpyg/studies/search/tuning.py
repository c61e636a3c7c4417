"""A tuning: a base config, the models compared, and what may vary in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import merge, nested
from grnpyg.studies.search.objective import Objective, make_objective
from grnpyg.studies.search.tuning_file import FIXED, Parameter, TuningFile, read_tuning_file
from grnpyg.studies.sources import change_of, config_of

MODEL, NUMBER = "model", "trial"  # the axes of a tuning's trials


@dataclass(frozen=True)
class Candidate:
    """One of the models compared.

    Attributes:
        name: of the model.
        values: its config before any trial.
        space: dotted config key -> what it may be.
    """

    name: str
    values: Mapping[str, Any]
    space: Mapping[str, Parameter]

    def config(self, params: Mapping[str, Any]) -> ExperimentConfig:
        """The config of a trial, checked and complete.

        Args:
            params: config key -> value.

        Raises:
            InputError: the values do not make a valid config.
        """
        values = dict(self.values)
        for key in self.space:
            if key in params:
                values = merge(values, nested(key, params[key]))
        return make_config(values)


@dataclass(frozen=True)
class Tuning:
    """A tuning file that was read and checked.

    Attributes:
        name: of the tuning, the file's stem by default.
        path: of the file.
        candidates: the models compared.
        trials: of every model.
        batch: so many trials of a model are drawn at a time, from those of the batches before.
        objective: what a trial is judged by.
        seed: of the draws and of every trial's run.
    """

    name: str
    path: Path
    candidates: tuple[Candidate, ...]
    trials: int
    batch: int
    objective: Objective
    seed: int


def read_tuning(path: Path, seed: int | None = None) -> Tuning:
    """Read a tuning file and check every model at the ends of its space.

    Args:
        path: the file.
        seed: in the place of the base's.

    Raises:
        InputError: an unknown key, metric or regime, a range that is none, models that are not measured
            alike, or values that make no valid config.
    """
    file = read_tuning_file(path)
    base = config_of(file.base, path, "base")
    if seed is not None:
        base = {**base, "seed": seed}
    candidates = tuple(
        Candidate(
            model,
            merge(base, change_of(change, base, path, f"models.{model}")),
            {key: p for key, p in file.space.items() if p.models is None or model in p.models},
        )
        for model, change in file.models.items()
    )
    first, *others = [_checked(candidate, path) for candidate in candidates]
    for candidate, config in zip(candidates[1:], others, strict=True):
        _require_alike(candidate.name, config, first, path)
    _require_fixed(file, first, path)
    objective = make_objective(file.objective, first, f"{path}: objective")
    return Tuning(file.name or path.stem, path, candidates, file.trials, file.batch, objective, first.seed)


def _checked(candidate: Candidate, path: Path) -> ExperimentConfig:
    """The candidate's config without any trial's values; both ends of every range are tried beside it."""
    if not candidate.space:
        raise InputError(f"nothing of the space is for the model {candidate.name}", where=path)
    where = f"{path}: models.{candidate.name}"
    try:
        config = make_config(dict(candidate.values))
    except InputError as error:
        raise InputError(error.what, where=where, fix=error.fix) from None
    if config.prune:
        raise InputError("a tuning has no pruning steps", where=where, fix="prune the best run afterwards")
    if not config.training.max_epochs:
        raise InputError("nothing is trained in 0 epochs", where=where, fix="set training.max_epochs")
    start = {key: parameter.edges[0] for key, parameter in candidate.space.items()}
    for key, parameter in candidate.space.items():
        for value in parameter.edges:
            try:
                candidate.config({**start, key: value})
            except InputError as error:
                at = f"{path}: space.{key} = {value}, model {candidate.name}"
                raise InputError(str(error), where=at) from None
    return config


def _require_alike(model: str, config: ExperimentConfig, first: ExperimentConfig, path: Path) -> None:
    """Models are compared on the same pairs after the same number of epochs."""
    for key in FIXED:
        ours, theirs = config.model_dump(), first.model_dump()
        for part in key.split("."):
            ours, theirs = ours[part], theirs[part]
        if ours != theirs:
            raise InputError(
                f"{key} is not that of the first model, so that the two could not be compared",
                where=f"{path}: models.{model}",
                fix="set it in the base",
            )


def _require_fixed(file: TuningFile, config: ExperimentConfig, path: Path) -> None:
    """Hard negatives are chosen by similar features, so that with other features they are other pairs."""
    varied = [key for key in file.space if key.partition(".")[0] == "features"]
    if varied and "hard" in config.evaluation.negatives:
        raise InputError(
            "changes which pairs are hard negatives, so that trials could not be compared",
            where=f"{path}: space.{varied[0]}",
            fix="leave hard out of evaluation.negatives of the base",
        )
