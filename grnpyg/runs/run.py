"""A run directory: written whole or not at all, checked when it is read, never unpickled.

config.yaml          the experiment, every default written out
manifest.json        status, versions, inputs with SHA-256, counts, seconds, SHA-256 of the other files
graph.safetensors    all nodes with names and features, all known edges
split.safetensors    subsets, warm nodes, evaluation pairs
model.safetensors    the weights that the config keeps: those of the best epoch or of the last
epochs.parquet       one line per epoch
metrics.parquet      subset x setting x method (model or baseline) x metric
predictions.parquet  the logit of every evaluation pair
optimizer.safetensors  with --keep-optimizer: what Adam remembers of the kept weights
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch_geometric.data import HeteroData

from grnpyg.core.arguments import as_path
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import InputError, examples
from grnpyg.core.files import replace_folder, sha256
from grnpyg.core.registry import Registry
from grnpyg.core.trust import Trust, UntrustedError, trusting
from grnpyg.core.version import __version__
from grnpyg.data.graph import load_graph
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.models.pruned_widths import Spec, model_specs
from grnpyg.resolve import make_config
from grnpyg.runs.manifest import AGAIN, NAME, Manifest, Measured
from grnpyg.runs.tables import (
    EPOCHS,
    METRICS,
    PREDICTIONS,
    read_epochs,
    read_metrics,
    read_predictions,
    require_unchanged,
    selected,
)
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.split_file import Evaluation, load_split

FILES = (
    "config.yaml",
    "graph.safetensors",
    "split.safetensors",
    "model.safetensors",
    EPOCHS,
    METRICS,
    PREDICTIONS,
)
OPTIMIZER = "optimizer.safetensors"


@dataclass(frozen=True)
class Run:
    """A run directory that was read and verified.

    Attributes:
        path: the directory.
        manifest: what manifest.json says.
        config: the experiment.
        reused: it existed already when it was asked for.
    """

    path: Path
    manifest: Manifest
    config: ExperimentConfig
    reused: bool = False

    @classmethod
    def load(cls, path: str | Path, *, trust_plugins: bool = False, trust: Trust | None = None) -> Run:
        """Read a run directory and check the SHA-256 of every file.

        Args:
            path: the directory.
            trust_plugins: whether to import, and so to run, plug-ins that the run names and that the user's
                trust file does not list.
            trust: in place of `trust_plugins`, see `grnpyg.core.trust.trusting`.

        Raises:
            InputError: not a run, incomplete, changed after it was written, or with a plug-in that is not
                trusted.
        """
        path = as_path(path, "the folder of a run")
        if not path.is_dir():
            raise InputError(
                "no such run directory", where=path, fix="`grnpyg train` prints where its run is"
            )
        if not (path / NAME).exists() and (runs := sorted(path.glob(f"*/{NAME}"))):
            raise InputError(
                f"holds {len(runs):,} runs and is none itself",
                where=path,
                fix=f"name one of them: {examples([run.parent for run in runs], 5)}",
            )
        manifest = Manifest.load(path)
        for name in (*FILES, *([OPTIMIZER] if OPTIMIZER in manifest.files else [])):
            require_unchanged(path, name, manifest)
        try:
            with trusting(trust or ("all" if trust_plugins else "recorded")):
                config = make_config(_stored_config(path / "config.yaml"), where=path / "config.yaml")
                for registry, spec in ((encoders, manifest.encoder), (heads, manifest.head)):
                    if spec is not None:  # the weights are loaded into what the manifest names
                        registry.get(str(spec.get("name")))
        except UntrustedError as error:
            for recorded in manifest.inputs.values():
                if recorded["source"] == error.spec and recorded["sha256"] != error.digest:
                    raise InputError(
                        "was changed after the run was trained", where=error.path, fix=AGAIN
                    ) from None
            raise
        except InputError as error:
            theirs = manifest.versions.get("grnpyg", __version__)
            if theirs == __version__:
                raise
            what = f"{error.what} (a run of grnpyg {theirs}, this is {__version__})"
            raise InputError(
                what, where=error.where, fix=f"install grnpyg {theirs}, or train again with this version"
            ) from None
        return cls(path, manifest, config)

    @cached_property
    def graph(self) -> HeteroData:
        """The whole graph, with every known edge."""
        return load_graph(self.path / "graph.safetensors")

    @cached_property
    def split(self) -> LinkSplit:
        """The split that the run was trained on."""
        split = load_split(self.path / "split.safetensors", self.graph)[0]
        leaks = dict.fromkeys([*split.leaks, *self.config.leaks])  # runs before 0.2.0 do not name all
        return replace(split, leaks=tuple(leaks))

    @cached_property
    def evaluation(self) -> Evaluation:
        """Setting -> subset -> stored evaluation pairs."""
        stored = load_split(self.path / "split.safetensors", self.graph)[1]
        settings = [name for name in self.config.evaluation.negatives if name in stored]
        missing = [name for name in self.config.evaluation.negatives if name not in stored]
        if missing and (self.config.shortage == "refuse" or not settings):
            what = f"its split has no evaluation pairs of {examples(missing)}, which its config names"
            raise InputError(what, where=self.path, fix=AGAIN)
        return {setting: stored[setting] for setting in settings}

    def metrics(
        self,
        subset: str | None = None,
        settings: Collection[str] | None = None,
        methods: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """The stored metrics, one line each: `subset setting method metric value`.

        `run.metrics("test", ["uniform"], ["model"])` has the model's figures on uniform negatives.

        Args:
            subset: `validation`, `test`, `test_cold_tf`, ...; None: all.
            settings: kinds of evaluation negatives, `ranking` or `compression`; None: all.
            methods: `model` and baselines; None: all.
        """
        return selected(self._metrics, subset, settings, methods)

    @cached_property
    def _metrics(self) -> pd.DataFrame:
        return read_metrics(self.path, self.manifest)

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """One line per epoch: loss, validation metrics and seconds."""
        return read_epochs(self.path, self.manifest)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The stored logit of every evaluation pair: `setting subset TF target label logit`."""
        return read_predictions(self.path, self.manifest)

    @cached_property
    def moments(self) -> dict[str, torch.Tensor] | None:
        """What Adam remembered of the kept weights, see `training.moments`; None where it was not kept."""
        return _tensors(self.path / OPTIMIZER) if OPTIMIZER in self.manifest.files else None

    @property
    def specs(self) -> tuple[Spec, Spec]:
        """Encoder and head as they were built, with the widths that pruning left."""
        encoder, head = self.manifest.encoder, self.manifest.head
        if encoder is None or head is None:  # written before 0.2.0
            return model_specs(self.config)
        return encoder, head

    @cached_property
    def model(self) -> PairModel:
        """The predictor with the kept weights, on the CPU.

        Raises:
            InputError: the run of a baseline, a plug-in's file that is missing or was changed, or weights
                that do not fit or are not finite.
        """
        if self.config.baseline is not None:
            raise InputError(
                f"is the run of the baseline {self.config.model_name}, without encoder, head and weights",
                where=self.path,
                fix="use the run of a trained model",
            )
        self.require_same_source(encoders, self.config.encoder["name"])
        self.require_same_source(heads, self.config.head["name"])
        model = build_model(self.graph, *self.specs, self.config.seed, self.config.structure_options)
        weights = _tensors(self.path / "model.safetensors")
        if not_finite := [name for name, values in weights.items() if not values.isfinite().all()]:
            raise InputError(f"the weights {examples(not_finite)} are not finite", where=self.path, fix=AGAIN)
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(f"the weights do not fit the model ({reason})", where=self.path) from None
        return model

    def require_same_source(self, registry: Registry[Any], name: str) -> None:
        """Check that a plug-in's file is the one that the run was made with.

        Raises:
            InputError: it was changed.
        """
        recorded, source = self.manifest.inputs.get(registry.kind), registry.source(name)
        if recorded is not None and source is not None and sha256(source) != recorded["sha256"]:
            raise InputError("was changed after the run was trained", where=source, fix=AGAIN)


def write_run(target: Path, scratch: Path, manifest: Manifest, fill: Callable[[Path], Measured]) -> Run:
    """Write a run directory beside its place and rename it into place when it is whole.

    Args:
        target: where the run belongs; a run that lies there is replaced.
        scratch: an own folder on the same file system, emptied first.
        manifest: everything but what `fill` measures and the hashes of the files.
        fill: writes the files of a run into the folder that it is given.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        measured = fill(scratch)
    except BaseException:
        shutil.rmtree(scratch)
        raise
    names = [*FILES, *([OPTIMIZER] if (scratch / OPTIMIZER).exists() else [])]
    files = {name: sha256(scratch / name) for name in names}
    known = {"costs": measured.costs, "files": files}
    if measured.handed_out is not None:
        known["handed_out"] = measured.handed_out
    manifest.model_copy(update=known).write(scratch)
    for name in names:  # safetensors writes for the owner alone; a run is shared like any other file
        shutil.copymode(scratch / NAME, scratch / name)
    replace_folder(scratch, target)
    return Run.load(target, trust="remember")


def copy_run(run: Run, target: Path) -> Run:
    """Copy a run directory, whole or not at all.

    Args:
        run: from `Run.load`.
        target: a folder that does not exist yet.
    """
    scratch = target.with_name(f".{target.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(run.path, scratch)
    replace_folder(scratch, target)
    return Run.load(target)


def _stored_config(path: Path) -> dict[str, Any]:
    """The config of a run as it was meant: before 0.2.0 there was no scheme, and negatives spared pairs."""
    values = read_yaml(path)
    negatives = values.get("negatives")
    if isinstance(negatives, dict) and "scheme" not in negatives:
        values["negatives"] = {**negatives, "scheme": "sparing"}
    return values


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file, whose header is compared with the file's size before anything is read."""
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"not a readable file of weights ({error})", where=path, fix=AGAIN) from None


def state_dict_for_file(model: PairModel) -> dict[str, torch.Tensor]:
    """The weights as safetensors needs them: on the CPU and contiguous."""
    return {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
