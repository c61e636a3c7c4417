"""The experiments whose models teach another one."""

from __future__ import annotations

from typing import Any

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError
from grnpyg.resolve.changes import difference, merge

WHERE = "training.teacher"
SHARED = ("data", "features", "split", "control")  # what a teacher and its pupil have in common


def teacher_values(config: ExperimentConfig) -> tuple[dict[str, Any], ...]:
    """What the configs of the teachers of an experiment hold; nothing where it has none.

    Raises:
        InputError: a teacher whose data or split are others.
    """
    teacher = config.training.teacher
    if teacher is None:
        return ()
    own = _without_teacher(config)
    values = merge(own, teacher.changes)
    for key in SHARED:
        if values[key] != own[key]:
            raise InputError(
                f"{key} is another for the teacher: it would know edges that are held out here",
                where=WHERE,
                fix=f"leave {key} out of its changes",
            )
    seed = values["seed"] if values.get("split_seed") is None else values["split_seed"]
    if seed != config.data_seed:
        raise InputError(
            f"the teacher is split by seed {seed}, this experiment by {config.data_seed}",
            where=WHERE,
            fix=f"choose a teacher with seed {config.data_seed}, or set split_seed for both",
        )
    several = [{"seed": seed, "split_seed": config.data_seed} for seed in teacher.seeds]
    return tuple({**values, **changed} for changed in several or [{}])


def with_shortest_changes(config: ExperimentConfig, teacher: ExperimentConfig) -> ExperimentConfig:
    """The config of a pupil whose `changes` say nothing twice, however they were written.

    Args:
        config: of the pupil.
        teacher: its teacher as a whole config; the first of several.

    Raises:
        InputError: nothing is different, so that the model would teach itself.
    """
    spec = config.training.teacher
    assert spec is not None
    full = teacher.model_dump(mode="json")
    if spec.seeds:  # which come in place of these
        full |= {"seed": config.seed, "split_seed": config.split_seed}
    changes = difference(_without_teacher(config), full, full)
    if not changes and not spec.seeds:
        raise InputError(
            "the teacher has the config of its pupil", where=WHERE, fix="change something: {head: cross}"
        )
    spec = spec.model_copy(update={"changes": changes})
    return config.model_copy(update={"training": config.training.model_copy(update={"teacher": spec})})


def _without_teacher(config: ExperimentConfig) -> dict[str, Any]:
    values = config.model_dump(mode="json")
    values["training"]["teacher"] = None
    return values | {"prune": []}
