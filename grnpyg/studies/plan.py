"""The plan of a study: which run belongs to which trial, written down when the study begins.

`study run` writes `runs/.studies/<name>.json`. With it `study status` needs neither the components, which
import torch, nor the data, which decide the widths of matched trials. A plan fits as long as its stamp
equals the SHA-256 of what it was made from: the study file, the files and recipes that it names, the files of
plug-ins, and the version of grnpyg.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg.core.config_file import read_yaml
from grnpyg.core.files import sha256, sha256_of, write_text
from grnpyg.core.version import __version__
from grnpyg.recipes import PREFIX, recipe_path
from grnpyg.studies.trial import PlannedTrial

if TYPE_CHECKING:
    from grnpyg.studies.study import Study

FOLDER = ".studies"
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Plan:
    """What has to be known of a study to say how far it is.

    Attributes:
        study: its name.
        trials: in the order of the study.
    """

    study: str
    trials: tuple[PlannedTrial, ...]


def plan_of(study: Study) -> Plan:
    """The plan of a study; trials whose widths are not matched yet have no hash."""
    return Plan(
        study.name,
        tuple(
            PlannedTrial(
                study=trial.study,
                levels=trial.levels,
                over=trial.over,
                notes=trial.notes,
                hashes=trial.known_hashes,
            )
            for trial in study.trials
        ),
    )


def write_plan(study: Study, runs: Path) -> None:
    """Write the plan of a study that was read from a file; a file with the same content is left alone.

    Args:
        study: with its widths resolved.
        runs: folder of the run directories.
    """
    if study.file is None:
        return
    sources = sorted({*_named_files(read_yaml(study.file)), *_plug_ins(study)})
    content = {
        "study": study.name,
        "stamp": _stamp(study.file, sources),
        "sources": sources,
        "over": study.over,
        "trials": [
            {"levels": trial.levels, "hashes": trial.hashes, "notes": trial.notes} for trial in study.trials
        ],
    }
    path, text = runs / FOLDER / f"{study.name}.json", f"{json.dumps(content, indent=1)}\n"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)


def read_plan(file: Path, runs: Path) -> Plan | None:
    """The plan that `study run` wrote for a study file; None if there is none or it no longer fits.

    Raises:
        InputError: the study file cannot be read.
    """
    name = read_yaml(file).get("name") or file.stem
    try:
        content = json.loads((runs / FOLDER / f"{name}.json").read_text())
        if content["stamp"] != _stamp(file, _words(content["sources"])):
            return None
        return Plan(name, _planned(name, content))
    except UNREADABLE:
        return None


def planned_trials(study: str, runs: Path) -> tuple[PlannedTrial, ...]:
    """The trials of the plan that `study run` wrote last for a study of this name; none if there is none."""
    try:
        return _planned(study, json.loads((runs / FOLDER / f"{study}.json").read_text()))
    except UNREADABLE:
        return ()


def _planned(study: str, content: Any) -> tuple[PlannedTrial, ...]:
    over = _words(content["over"])
    return tuple(
        PlannedTrial(
            study=study,
            levels=dict(zip(t["levels"], _words(list(t["levels"].values())), strict=True)),
            over=over,
            notes=_words(t["notes"]),
            hashes=_words(t["hashes"]),
        )
        for t in content["trials"]
    )


def _words(values: Any) -> tuple[str, ...]:
    """A list of texts, as JSON has it."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("no list of words")
    return tuple(values)


def _stamp(file: Path, sources: Sequence[str]) -> str:
    """SHA-256 over the study file, what it names, and the version of grnpyg."""
    paths = [
        recipe_path(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else file.parent / name
        for name in sources
    ]
    return sha256_of(" ".join([__version__, *map(sha256, (file, *paths))]))


def _named_files(values: dict[str, Any]) -> Iterator[str]:
    """The config files and recipes that a study file names: as its base, or as the change of a level."""
    given = [values.get("base")]
    for levels in values["axes"].values():
        given += levels.values() if isinstance(levels, dict) else ()
    yield from (name for name in given if isinstance(name, str))


def _plug_ins(study: Study) -> Iterator[str]:
    """The files of components that are named as `module:Class`; their defaults are part of a config."""
    names = {name for trial in study.trials for name in _names(trial.config.model_dump(mode="json"))}
    for module, colon, _ in (name.removesuffix(".py").partition(":") for name in names):
        file = getattr(sys.modules.get(module.removesuffix(".py")), "__file__", None) if colon else None
        if file is not None:
            yield str(Path(file).resolve())


def _names(value: Any) -> Iterator[str]:
    """Every text of a nested config."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _names(item)
