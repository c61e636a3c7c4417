"""The options that say where trials are trained, and the executor that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from grnpyg.studies import Study
    from grnpyg.studies.executors import Executor

Name = Annotated[
    str | None,
    typer.Option(
        "--executor",
        help="Where to train: local, slurm, ray or my_file:MyExecutor. (default: local)",
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--executor-option", metavar="KEY=VALUE", help="Option of the executor, repeatable."),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="How many trials to train at a time. (default: 1; on a cluster, no limit)"),
]


def make_executor(
    name: str | None,
    assignments: list[str] | None,
    *,
    section: Mapping[str, Any] | None = None,
    detach: bool = False,
    **given: Any,
) -> Executor:
    """The executor that a command names, or the file of its study, with the options of both.

    Args:
        name: of `--executor`.
        assignments: of `--executor-option`.
        section: `{name: ..., option: ...}` of a study file; its options count for the executor that it names.
        detach: do not wait for the queue.
        given: options that the command has itself; None: not given.

    Raises:
        InputError: an unknown executor or option, or an option given twice.
    """
    from grnpyg.core import InputError
    from grnpyg.studies.executors import executors

    of_file = str((section or {}).get("name", "local"))
    section = {key: value for key, value in (section or {}).items() if key != "name"}
    name = name or of_file
    options = _pairs(assignments or [])
    own = {key: value for key, value in given.items() if value is not None}
    if twice := sorted(options.keys() & own.keys()):
        raise InputError(
            f"{twice[0]} is given twice", where="--executor-option", fix=f"leave --{twice[0]} out"
        )
    cls = executors.get(name)
    if detach and not cls.queues:
        raise InputError(
            f"the executor {name} has no queue to leave trials in",
            where="--detach",
            fix="add --executor slurm, or leave --detach out",
        )
    if detach:
        own["detach"] = True
    return executors.build(name, **{**(section if name == of_file else {}), **options, **own})


def section_of(studies: Iterable[Study], named: str | None) -> Mapping[str, Any] | None:
    """The executor that the files of the studies ask for, or their options of the one that is named.

    Raises:
        InputError: they ask for different ones.
    """
    from grnpyg.core import InputError

    asked = {study.name: dict(study.executor) for study in studies if study.executor is not None}
    found = {study: section for study, section in asked.items() if named in (None, section["name"])}
    first = next(iter(found.values()), None)
    if any(section != first for section in found.values()):
        what = f"the studies {' and '.join(found)} ask for different executors or options"
        raise InputError(what, where="executor", fix="run them one at a time")
    return first


def _pairs(assignments: list[str]) -> dict[str, str]:
    """`KEY=VALUE` texts as a mapping."""
    from grnpyg.core import InputError

    found: dict[str, str] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not (key := key.strip()) or not equals:
            where, fix = "--executor-option", "for example --executor-option time=2h"
            raise InputError(f"{text!r} is not KEY=VALUE", where=where, fix=fix)
        if key in found:
            raise InputError(f"{key} is given twice", where="--executor-option")
        found[key] = value
    return found


def names(key: str, assignments: list[str] | None) -> bool:
    """Whether an option of the executor is given."""
    return key in _pairs(assignments or [])


def at_a_time(executor: Executor) -> int:
    """How many trials an executor trains at a time, for an estimate of the time left."""
    return executor.jobs or 1
