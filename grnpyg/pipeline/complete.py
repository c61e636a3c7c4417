"""From a plan to a network: train, score, write; a second call goes on where the first one was stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from grnpyg.core.errors import GrnpygError, InputError, counted
from grnpyg.core.files import require_writable, sha256, write_text
from grnpyg.networks import predict
from grnpyg.networks.export import write_network
from grnpyg.pipeline.gains import gains
from grnpyg.pipeline.plan import NetworkPlan
from grnpyg.pipeline.regulons import regulon_edges
from grnpyg.resolve import config_hash
from grnpyg.runs import Run
from grnpyg.studies import Store, Study, read_study, run_studies
from grnpyg.studies.executors import Executor, OnEvent

STUDY, SUMMARY = "study.yaml", "summary.json"
NETWORK, REGULONS = "network.parquet", "regulons.gmt"
RUNS = "runs"


@dataclass(frozen=True)
class Completed:
    """A network that was written.

    Attributes:
        folder: where.
        summary: what it holds, as in `summary.json`.
    """

    folder: Path
    summary: dict[str, Any]

    @property
    def edges(self) -> pd.DataFrame:
        """The network table, best pair first."""
        return pd.read_parquet(self.folder / NETWORK)


def require_folder(folder: Path) -> None:
    """Refuse a place that no network can be written to, before any work.

    Raises:
        InputError: it is a file, or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", where=folder, fix="name a folder (-o)")
    require_writable(folder, "-o")


def write_plan(plan: NetworkPlan, folder: Path) -> Study:
    """Write the trainings of a plan as a study file, or check that the folder holds the same one.

    Raises:
        InputError: the folder cannot be written to, or holds the network of other choices.
    """
    file, other = folder / STUDY, "name another folder (-o)"
    require_folder(folder)
    foreign = [name for name in (NETWORK, REGULONS, SUMMARY) if (folder / name).exists()]
    if foreign and not file.exists():
        raise InputError(f"holds a {foreign[0]} that is not of a network here", where=folder, fix=other)
    if file.is_file():
        try:
            study = read_study(file)
        except InputError:
            raise InputError(f"holds another {STUDY}", where=folder, fix=other) from None
        wanted = {config_hash(plan.config.model_copy(update={"seed": seed})) for seed in plan.seeds}
        if {trial.hash for trial in study.trials} != wanted:
            what = "holds a network of other cells, edges or options"
            raise InputError(what, where=folder, fix=other)
        return study
    values = {
        "name": "network",
        "base": plan.config.model_dump(mode="json"),
        "axes": {"seed": list(plan.seeds)},
    }
    head = ["The trainings of a network; `grnpyg study` reads this file, too.", *plan.choices]
    text = "".join(f"# {line}\n" for line in head)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(file, text + yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
    return read_study(file)


def complete(
    plan: NetworkPlan,
    study: Study,
    folder: Path,
    executor: Executor,
    *,
    say: Callable[[str], None] = lambda line: None,
    on_event: OnEvent = lambda event: None,
    progress: bool = False,
) -> Completed:
    """Train the models of a plan, rank all pairs by their mean, and write the network.

    What is there already is not made again: finished trainings are found by the hash of their config, one
    that was stopped goes on from its last checkpoint, and a network that is whole is read. All files are
    written whole.

    Args:
        plan: from `make_plan`.
        study: its trainings, from `write_plan`.
        folder: of the network: `study.yaml`, `runs/`, `network.parquet`, `regulons.gmt` and `summary.json`.
        executor: where to train.
        say: gets a line at each step.
        on_event: is called with every event of the trainings.
        progress: show bars on stderr.

    Raises:
        InputError: data that cannot be used.
        GrnpygError: a training failed.
    """
    store = Store(folder / RUNS)
    there = sum(store.state(trial) == "done" for trial in study.trials)
    done = f", {there} of them there already" if there else ""
    say(f"step 1 of 3: {counted(len(study.trials), 'training')} in {folder / RUNS}{done}")
    outcome = run_studies([study], folder / RUNS, executor, on_event)
    if outcome.failed:
        trial, error = outcome.failed[0]
        raise GrnpygError(
            f"{len(outcome.failed)} of {counted(len(study.trials), 'training')} failed: {trial.name}: {error}"
        )
    if outcome.interrupted:
        trial, error = outcome.interrupted[0]
        raise GrnpygError(
            f"{len(outcome.interrupted)} of {len(study.trials)} trainings were interrupted: {trial.name}: "
            f"{error}. The same command goes on with them"
        )
    runs = [Run.load(folder / RUNS / trial.hash) for trial in study.trials]
    found = _whole(folder, runs, plan)
    if found is not None:
        say("steps 2 and 3: the network is there already")
        return found
    if (folder / SUMMARY).exists():
        say("the network there was made with other options, or a file of it has changed: it is made again")
    say("step 2 of 3: ranking")
    options = plan.options
    edges = predict(
        runs,
        top=options.top,
        with_known=True,
        universe=options.universe,
        tfs=options.tfs,
        progress=progress,
        say=say,
    )
    say(f"step 3 of 3: writing {NETWORK} and {REGULONS}")
    regulons = regulon_edges(edges)
    write_network(edges, folder / NETWORK)
    write_network(regulons, folder / REGULONS)
    summary = {
        **plan.to_dict(),
        "runs": [str(Path(RUNS) / run.path.name) for run in runs],
        "gains": gains(runs),
        "handed_out": [run.manifest.handed_out or "model" for run in runs],
        "edges": {"known": int(edges["known"].sum()), "new": int((~edges["known"]).sum())},
        "regulons": {"tfs": int(regulons["TF"].nunique()), "edges": len(regulons)},
        "files": {name: sha256(folder / name) for name in (NETWORK, REGULONS)},
    }
    write_text(folder / SUMMARY, json.dumps(summary, indent=2) + "\n")
    return Completed(folder, summary)


def _whole(folder: Path, runs: list[Run], plan: NetworkPlan) -> Completed | None:
    """The network in the folder, if it is that of these runs and its files are as they were written."""
    file = folder / SUMMARY
    if not file.is_file():
        return None
    try:
        summary = json.loads(file.read_text())
        same = summary["runs"] == [str(Path(RUNS) / run.path.name) for run in runs]
        same &= all(summary[key] == getattr(plan.options, key) for key in ("top", "universe", "tfs"))
        same &= all(sha256(folder / name) == digest for name, digest in summary["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Completed(folder, summary) if same else None
