"""What a suite file says: a base config, and the models and baselines that are run on its pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from grnpyg.core.config import ExperimentConfig, Section, TrainingConfig
from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import InputError, unknown
from grnpyg.metrics.gains import ADDITIVE, DEGREE
from grnpyg.resolve import make_config
from grnpyg.studies.changes import merge
from grnpyg.studies.sources import config_of
from grnpyg.studies.study import Study, make_study
from grnpyg.studies.study_file import StudyFile

ENTRY, SEED = "entry", "seed"  # the axes of a suite's study
SAME = ("data", "split", "split_seed", "control")  # sections that decide the pairs, and no model may change
# the smallest model that there is, never trained: its run is there for the baselines
NO_MODEL: dict[str, Any] = {
    "encoder": {"name": "lookup", "embedding_dim": 1},
    "head": {"name": "dual", "hidden_channels": 1, "out_channels": 1},
    "loss": "bce",
    "training": TrainingConfig(max_epochs=0).model_dump(mode="json"),
    "prune": [],
}


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
        baselines: label -> `{name: ..., option: ...}`; the name is the label where it is left out. Or a list
            of names and such mappings.
        models: label -> change of the base config (encoder, head, loss, negatives, training, ...) or the path
            of one.
    """

    name: str | None = None
    base: dict[str, Any] | str
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field((42,), min_length=1)
    baselines: Annotated[dict[str, dict[str, Any] | None], BeforeValidator(_as_mapping)] = Field({})
    models: dict[str, dict[str, Any] | str | None] = Field({})


@dataclass(frozen=True)
class Suite:
    """A suite that was read and checked.

    Attributes:
        study: its trials, one for every entry and seed.
        rows: entry -> the row of its runs that is meant: `model`, or the name of the baseline.
    """

    study: Study
    rows: Mapping[str, str]


def read_suite(path: Path, seeds: tuple[int, ...] = ()) -> Suite:
    """Read a suite file and check the config of every entry; degree and additive are always among them.

    Args:
        path: the file.
        seeds: in place of those of the file.

    Raises:
        InputError: a key, component or option that is not known, no base, or a model that changes the pairs.
    """
    try:
        file = SuiteFile.model_validate(read_yaml(path))
    except ValidationError as error:
        raise _input_error(error, path) from None
    base = config_of(file.base, path, "base")
    shared = merge(base, {"evaluation": {"ranking": True, "baselines": []}})
    where = file.base if isinstance(file.base, str) else f"{path}: base"
    reference = make_config(shared, where=where)
    seeds = seeds or file.seeds
    if len(set(seeds)) < len(seeds):
        raise InputError("a seed is there twice", where=f"{path}: seeds")
    baselines = {DEGREE: None, ADDITIVE: None} | file.baselines
    if both := sorted(baselines.keys() & file.models.keys()):
        raise InputError(f"{both[0]!r} is a baseline and a model", where=path, fix="rename one of them")
    specs = {label: {"name": label, **(spec or {})} for label, spec in baselines.items()}
    changes: dict[str, Any] = {
        **{label: {} if change is None else change for label, change in file.models.items()},
        **{label: NO_MODEL | {"evaluation": {"baselines": [spec]}} for label, spec in specs.items()},
    }
    axes = {ENTRY: changes, SEED: list(seeds)}
    study = make_study(StudyFile(name=file.name, base=shared, axes=axes, over=(SEED,)), path)
    for trial in study.trials:
        _require_same_pairs(trial.levels[ENTRY], trial.config, reference, path)
    names = {label: str(spec["name"]) for label, spec in specs.items()}
    return Suite(study, dict.fromkeys(file.models, "model") | names)


def _require_same_pairs(entry: str, config: ExperimentConfig, base: ExperimentConfig, path: Path) -> None:
    changed = [name for name in SAME if getattr(config, name) != getattr(base, name)]
    for key in ("negatives", "ratio", "ranking"):
        if getattr(config.evaluation, key) != getattr(base.evaluation, key):
            changed.append(f"evaluation.{key}")
    if changed:
        raise InputError(
            f"changes {changed[0]}, which all entries share", where=f"{path}: {entry}", fix="change the base"
        )


def _input_error(error: ValidationError, path: Path) -> InputError:
    errors = error.errors()  # a key that is misspelt may be missing too: the misspelling says more
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    key = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return unknown("key", key, SuiteFile.model_fields, where=path)
    if first["type"] == "missing":
        return InputError(f"has no {key}", where=path, fix="name the config file that all entries share")
    place = [str(part) for part in first["loc"][1:] if part not in ("str", "dict[str,any]", "int")]
    text = first["msg"].removeprefix("Value error, ")
    return InputError(text, where=f"{path}: {'.'.join([key, *place])}")
