"""A suite file as a study: a base config, and the models and baselines that are run on its pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.data_config import Section
from grnpyg.core.errors import InputError
from grnpyg.metrics.gains import ADDITIVE, DEGREE
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import merge
from grnpyg.studies.sources import config_of, read_section
from grnpyg.studies.study import Study, make_study
from grnpyg.studies.study_file import StudyFile

ENTRY, SEED = "entry", "seed"  # the axes of a suite
SAME = ("data", "split", "split_seed", "control")  # sections that decide the pairs, which no model may change


def _as_mapping(value: Any) -> Any:
    """A list of baselines, names or mappings with one, as label -> options."""
    if not isinstance(value, list):
        return {} if value is None else value
    named = [({"name": item} if isinstance(item, str) else item) for item in value]
    if not all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in named):
        raise ValueError("a list of baselines holds names, or mappings with a name")
    labels = [item["name"] for item in named]
    if len(set(labels)) < len(labels):
        raise ValueError("a baseline is there twice: use a mapping, label: {name: ..., option: ...}")
    return dict(zip(labels, named, strict=True))


class SuiteFile(Section):
    """A suite as it is written down.

    Attributes:
        name: a word; the file's stem by default.
        base: a config file, relative to the suite, or a config: data, split and evaluation of every entry.
        seeds: every entry is run with each.
        baselines: label -> `{name: ..., option: ...}`; the name is the label if it is left out. Or a list of
            names and such mappings.
        models: label -> change of the base config (encoder, head, loss, negatives, training, ...) or the path
            of one.
    """

    name: str | None = None
    base: dict[str, Any] | str
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field((42,), min_length=1)
    baselines: Annotated[dict[str, dict[str, Any] | None], BeforeValidator(_as_mapping)] = Field({})
    models: dict[str, dict[str, Any] | str | None] = Field({})


def read_suite(path: Path, seeds: tuple[int, ...] = ()) -> Study:
    """Read a suite file as a study with the axes `entry` and `seed`, and check the config of every entry.

    Degree and additive are always among the entries.

    Args:
        path: the file.
        seeds: in place of those of the file.

    Raises:
        InputError: an unknown key, component or option, no base, or a model that changes the pairs.
    """
    file = read_section(SuiteFile, path)
    base = merge(config_of(file.base, path, "base"), {"evaluation": {"ranking": True, "baselines": []}})
    reference = make_config(base, where=file.base if isinstance(file.base, str) else f"{path}: base")
    seeds = seeds or file.seeds
    if len(set(seeds)) < len(seeds):
        raise InputError("a seed is there twice", where=f"{path}: seeds")
    baselines = dict.fromkeys((DEGREE, ADDITIVE)) | file.baselines
    if both := sorted(baselines.keys() & file.models.keys()):
        raise InputError(f"{both[0]!r} is a baseline and a model", where=path, fix="rename one of them")
    entries: dict[str, Any] = {label: change or {} for label, change in file.models.items()}
    for label, spec in baselines.items():
        entries[label] = {"baseline": {"name": label, **(spec or {})}, "prune": []}
    axes = {ENTRY: entries, SEED: list(seeds)}
    study = make_study(StudyFile(name=file.name, base=base, axes=axes, over=(SEED,)), path)
    for trial in study.trials:
        _require_same_pairs(trial.levels[ENTRY], trial.config, reference, path)
    return study


def _require_same_pairs(entry: str, config: ExperimentConfig, base: ExperimentConfig, path: Path) -> None:
    changed = [name for name in SAME if getattr(config, name) != getattr(base, name)]
    for key in ("negatives", "ratio", "ranking"):
        if getattr(config.evaluation, key) != getattr(base.evaluation, key):
            changed.append(f"evaluation.{key}")
    if changed:
        raise InputError(
            f"changes {changed[0]}, which all entries share", where=f"{path}: {entry}", fix="change the base"
        )
