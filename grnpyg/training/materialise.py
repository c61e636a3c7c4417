"""From a config to its run directory, the same way for training and for pruning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from torch_geometric.data import HeteroData

from grnpyg.core.arguments import as_path
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, warn
from grnpyg.core.files import require_writable, unlinked
from grnpyg.core.locks import BusyError, held, locked
from grnpyg.models.baselines import Baseline
from grnpyg.models.predictor import PairModel
from grnpyg.resolve import known_hashes
from grnpyg.runs import OPTIMIZER, Manifest, Run, write_run
from grnpyg.runs.place import find_run, is_damaged
from grnpyg.splits import LinkSplit
from grnpyg.splits.split_file import Evaluation
from grnpyg.training.fit import FitResult, accelerator_for
from grnpyg.training.ranks import Ranks
from grnpyg.training.record import fill_run
from grnpyg.training.run_dir import require_run
from grnpyg.training.scratch import LAST, empty, require_same_origin

BUSY = "another process is training this config"
Origin = dict[str, Any]


@dataclass(frozen=True)
class TrainOptions:
    """Where and how to train. The device and the number of devices decide the last bits of a result.

    Attributes:
        runs: folder of the run directories.
        device: `auto`, `cpu` or `cuda`.
        devices: how many; with `ranks` on each machine.
        resume: go on from an interrupted run. `auto`: whatever is there, as a program wants it that calls
            again and again: a run that is whole is handed back, one that is damaged is made again, and where
            there is nothing to go on from, the training starts.
        overwrite: replace a run, or forget an interrupted one.
        mend: replace a run whose files are missing or were changed, and say so.
        progress: show a bar on stderr.
        keep_optimizer: the run also holds what Adam remembers of the kept weights.
        notes: kept in the manifest, for example what the model was matched to.
        run_dir: the run directory, in place of one in `runs` that is named by the hash of its config.
        ranks: the processes of a launcher that train together, see `grnpyg.training.ranks.joined`.
        trackers: `mlflow`, `tensorboard` or `wandb`, or `name:place`, which mirror a training; see
            `grnpyg.training.trackers`. A run that is there already is not mirrored.
    """

    runs: Path = Path("runs")
    device: str = "auto"
    devices: int = 1
    resume: bool | Literal["auto"] = False
    overwrite: bool = False
    mend: bool = False
    progress: bool = False
    keep_optimizer: bool = False
    notes: tuple[str, ...] = ()
    run_dir: Path | None = None
    ranks: Ranks | None = None
    trackers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A folder that was given as a text becomes a path."""
        object.__setattr__(self, "runs", as_path(self.runs, "a folder of runs"))
        if self.run_dir is not None:
            path = as_path(self.run_dir, "a run directory")
            object.__setattr__(self, "run_dir", path if path.name not in ("", "..") else path.resolve())

    @property
    def mends(self) -> bool:
        """Whether a damaged run is made again."""
        return self.mend or self.resume == "auto"

    def place(self, config: ExperimentConfig) -> tuple[Path, Path, Path]:
        """Where the run of a config belongs, where it is made, and where an earlier one lies.

        Raises:
            InputError: a part of the path is a symbolic link, or the folder that is named holds anything else
                than a run of this config.
        """
        hashes = known_hashes(config)
        if self.run_dir is None:
            runs, name = self.runs, hashes[0]
            require_writable(runs, "--runs")
            found = unlinked(runs, find_run(runs, hashes).name)
        else:
            runs, name = self.run_dir.parent, self.run_dir.name
            found = self.run_dir
            require_run(found, hashes, overwrite=self.overwrite)
            require_writable(runs, "--run-dir")
        return unlinked(runs, name), unlinked(runs, ".partial", name), found


@dataclass(frozen=True)
class Made:
    """A fitted model and everything that its run directory holds.

    Attributes:
        graph: all nodes and all known edges.
        split: what the model was trained on.
        evaluation: setting -> subset -> pairs.
        model: the predictor, or the baseline in its place.
        result: from `fit`.
        manifest: of the run, without the costs of baselines and the hashes of files.
        lines: further lines of the run's metrics, `subset setting method metric value`.
    """

    graph: HeteroData
    split: LinkSplit
    evaluation: Evaluation
    model: PairModel | Baseline
    result: FitResult
    manifest: Manifest
    lines: pd.DataFrame | None = None


@dataclass(frozen=True)
class Work:
    """How a run is made: what differs between training and pruning.

    Attributes:
        done: in a message: the run is already `trained` or `pruned`.
        origin: everything outside the config that decides the result, JSON-ready. Device and number of
            devices are added. An interrupted run goes on with the same origin only.
        usable: whether a complete run of the config can be used in place of a new one. It may raise an
            `InputError` that says why the run stands in the way.
        make: fits the model; is given the folder for checkpoints and the origin.
    """

    done: str
    origin: Origin
    usable: Callable[[Run], bool]
    make: Callable[[Path, Origin], Made]


def materialise(
    config: ExperimentConfig, options: TrainOptions, work: Work, say: Callable[[str], None]
) -> Run:
    """The run of a config: the one that exists, or a new one in `options.runs / config_hash(config)`.

    The work is done in `options.runs / ".partial" / config_hash(config)`, or beside `options.run_dir`, which
    one process at a time can hold. The folder stays only as long as there is a checkpoint to go on from.

    Args:
        config: the experiment.
        options: where and how.
        work: how the run is made.
        say: gets a line for the user now and then.

    Raises:
        InputError: an earlier run, an interrupted run or another process stands in the way, the folder cannot
            be written to, or the device is missing.
    """
    device = accelerator_for(options.device, options.devices, config, options.ranks)
    devices = options.devices if options.ranks is None else options.ranks.launch.size
    origin = {**work.origin, "device": device, "devices": devices}
    target, scratch, found = options.place(config)
    for name in (LAST, "run"):
        unlinked(scratch, name)
    if not options.overwrite and (earlier := _earlier(found, scratch, options, work)):
        named = "" if found == target else " (named by an earlier version)"
        say(f"already {work.done}: {found}{named}; --overwrite does it again")
        return replace(earlier, reused=True)
    with locked(scratch, BUSY):
        try:
            if options.overwrite:
                empty(scratch)
            require_same_origin(scratch, origin)
            made = work.make(scratch, origin)
            run = write_run(
                target,
                scratch / "run",
                made.manifest,
                lambda folder: fill_run(
                    folder,
                    config,
                    made.graph,
                    made.split,
                    made.evaluation,
                    made.model,
                    made.result,
                    made.lines,
                ),
            )
        except BaseException:
            if not (scratch / LAST).exists():
                empty(scratch)
            raise
        if not made.result.interrupted:
            empty(scratch)
    return run


def _earlier(target: Path, scratch: Path, options: TrainOptions, work: Work) -> Run | None:
    """The run that exists, if it can be used; a checkpoint that was left beside it is removed."""
    there, partial = target.exists() and any(target.iterdir()), (scratch / LAST).exists()
    if there and options.mends and is_damaged(target):
        warn("files of the run were missing or changed, so it was made again", where=target)
        there = False
    run = Run.load(target) if there else None
    if run is None or (partial and run.manifest.status != "complete"):
        if partial and not options.resume:
            if held(scratch):
                raise BusyError(BUSY, where=scratch)
            raise InputError(
                "an interrupted run of this config exists",
                where=scratch,
                fix="add --resume to go on with it, or --overwrite to start again",
            )
        return None
    if options.resume == "auto" and run.manifest.status != "complete":  # and its checkpoint is gone
        return None
    if not work.usable(run):
        return None
    if partial:  # the process was killed after the run was renamed into place
        with locked(scratch, BUSY):
            empty(scratch)
    return run


def has_optimizer(run: Run, options: TrainOptions) -> bool:
    """Whether a run holds what Adam remembers, or need not."""
    return not options.keep_optimizer or OPTIMIZER in run.manifest.files
