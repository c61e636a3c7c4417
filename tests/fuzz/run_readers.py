"""Read the changed file of a run, as the commands do whose first step it is."""

from __future__ import annotations

import json
import os
import random
import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fuzz.mutate import of_json

from grnpyg.core import trust as trusted
from grnpyg.core.files import sha256, sha256_of
from grnpyg.evaluation import EvalOptions, evaluate
from grnpyg.models.predictor import build_model
from grnpyg.networks import predict
from grnpyg.runs import Manifest, Run
from grnpyg.studies import read_study
from grnpyg.studies.plan import read_plan
from grnpyg.studies.rows import read_rows, stored_hashes
from grnpyg.studies.search import read_tuning
from grnpyg.studies.search.journal import ModelTrials, opened
from grnpyg.studies.store import Store
from grnpyg.training.fit import fit
from grnpyg.training.scratch import LAST, require_same_origin


@cache
def run() -> Run:
    """The unchanged run, in the current folder."""
    return Run.load(Path("run"))


def seal(folder: Path) -> None:
    """Write a run's hashes anew, as an author who changes a run on purpose would."""
    content = json.loads(Path("run/manifest.json").read_text())
    content["files"] = {name: sha256(folder / name) for name in content["files"]}
    _sign(content, folder)


def _sign(content: dict[str, Any], folder: Path) -> None:
    content.pop("sha256", None)
    content["sha256"] = sha256_of(json.dumps(content, sort_keys=True))
    (folder / "manifest.json").write_text(json.dumps(content))


def manifest(path: Path) -> object:
    """A manifest, signed anew where it is an object at all."""
    Manifest.glance(path.parent)
    try:
        content = json.loads(path.read_text())
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        _sign(content, path.parent)
    loaded = Run.load(path.parent)
    return loaded.metrics(), predict(loaded, top=3)


def sealed(path: Path) -> object:
    """A run whose hashes fit."""
    seal(path.parent)
    return used(path)


def tables(path: Path) -> object:
    """The tables of a run."""
    seal(path.parent)
    loaded = Run.load(path.parent)
    loaded.metrics("test", ["uniform"], ["model"])
    return loaded.epochs, loaded.predictions, Manifest.load(path.parent)


def used(path: Path) -> object:
    """What `predict` and `eval` do with a run."""
    seal(path.parent)
    loaded = Run.load(path.parent)
    predict(loaded, top=3)
    evaluate(loaded, "test", EvalOptions(["uniform"], resamples=0))
    return loaded.moments


def resumed(path: Path) -> object:
    """Go on from a checkpoint."""
    whole = run()
    model = build_model(whole.graph, *whole.specs, whole.config.seed, None)
    return fit(model, whole.split, whole.evaluation, whole.config, path.parent)


def origin(path: Path) -> object:
    """What an interrupted run began with."""
    scratch = path.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    shutil.copyfile(path, scratch / "origin.json")
    (scratch / LAST).touch()
    return require_same_origin(scratch, {"device": "cpu"})


def failure(path: Path) -> object:
    """The record of a failed trial."""
    folder = path.parent / "store" / ".failed"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / "h.json")
    store, trial = Store(folder.parent), SimpleNamespace(hash="h", hashes=("h",))
    return store.error(trial), store.diverged(trial), store.state(trial)  # type: ignore[arg-type]


def trust(path: Path) -> object:
    """The user's list of plug-ins."""
    folder = path.parent / "config" / "grnpyg"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / "trusted.json")
    os.environ["XDG_CONFIG_HOME"] = str(folder.parent)
    with trusted.trusting("recorded"), trusted.importing("json:JSONDecoder"):
        return None


def plan(path: Path) -> object:
    """The plan of a study."""
    found = read_plan(Path("study.yaml"), path.parent.parent)
    store = Store(path.parent.parent)
    return (
        None if found is None else [(trial.name, store.state(trial)) for trial in found.trials if trial.hash]
    )


@cache
def _study() -> Any:
    return read_study(Path("study.yaml"))


def stored(path: Path) -> object:
    """The stored rows of a study."""
    stored_hashes(path)
    return read_rows(_study(), path, say=lambda line: None)


def journal(path: Path) -> object:
    """The journal of a tuning."""
    tuning = read_tuning(Path("tune.yaml"))
    with opened(path.parent) as storage:
        models = [ModelTrials(storage, tuning, candidate) for candidate in tuning.candidates]
        return [(model.finished, model.ask()) for model in models]


def of_journal(content: bytes, rng: random.Random) -> bytes:
    """Change one line of a journal."""
    lines = content.splitlines()
    at = rng.randrange(len(lines))
    lines[at] = of_json(lines[at], rng)
    return b"\n".join(lines) + b"\n"
