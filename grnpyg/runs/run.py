"""A run directory: written whole or not at all, verified when it is read, never unpickled.

config.yaml          the experiment, every default written out
manifest.json        status, versions, inputs with SHA-256, counts, seconds, SHA-256 of the other files
graph.safetensors    all nodes with names and features, all known edges
split.safetensors    parts, warm nodes, evaluation pairs
model.safetensors    the weights that the config keeps: those of the best epoch or of the last
epochs.parquet       one row per epoch
metrics.parquet      part x regime x row (model or baseline) x metric
predictions.parquet  the logit of every evaluation pair
optimizer.safetensors  with --keep-optimizer: what Adam remembers of the kept weights
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors.torch import load_file
from torch_geometric.data import HeteroData

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import InputError
from grnpyg.data.graph import load_graph
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.predictor import LinkPredictor, build_model
from grnpyg.models.pruned_widths import model_specs
from grnpyg.resolve import make_config
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.split_file import Evaluation, load_split

FILES = (
    "config.yaml",
    "graph.safetensors",
    "split.safetensors",
    "model.safetensors",
    "epochs.parquet",
    "metrics.parquet",
    "predictions.parquet",
)
OPTIMIZER = "optimizer.safetensors"
AGAIN = "train again with --overwrite"


@dataclass(frozen=True)
class Run:
    """A run directory that was read and verified.

    Attributes:
        path: the directory.
        manifest: the content of manifest.json.
        config: the experiment.
        reused: it was there already when it was asked for.
    """

    path: Path
    manifest: dict[str, Any]
    config: ExperimentConfig
    reused: bool = False

    @classmethod
    def load(cls, path: Path) -> Run:
        """Read a run directory and verify every file's SHA-256.

        Raises:
            InputError: not a run, incomplete, or a file was changed after it was written.
        """
        if not path.is_dir():
            raise InputError(
                "no such run directory", where=path, fix="`grnpyg train` prints where its run is"
            )
        try:
            manifest = json.loads((path / "manifest.json").read_text())
            if _digest(manifest) != manifest["sha256"]:
                raise InputError("manifest.json was changed after the run was written", where=path, fix=AGAIN)
            hashes: dict[str, str] = manifest["files"]
        except FileNotFoundError:
            raise InputError("incomplete run: manifest.json is missing", where=path, fix=AGAIN) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError("manifest.json is not readable", where=path, fix=AGAIN) from None
        for name in (*FILES, *([OPTIMIZER] if OPTIMIZER in hashes else [])):
            file = path / name
            if not file.is_file():
                raise InputError(f"incomplete run: {name} is missing", where=path, fix=AGAIN)
            if sha256(file) != hashes.get(name):
                raise InputError(f"{name} was changed after the run was written", where=path, fix=AGAIN)
        return cls(path, manifest, make_config(read_yaml(path / "config.yaml"), where=path / "config.yaml"))

    @cached_property
    def graph(self) -> HeteroData:
        """The whole graph, with every known edge."""
        return load_graph(self.path / "graph.safetensors")

    @cached_property
    def split(self) -> LinkSplit:
        """The split that the run was trained on."""
        return load_split(self.path / "split.safetensors", self.graph)[0]

    @cached_property
    def evaluation(self) -> Evaluation:
        """Regime -> part -> stored evaluation pairs."""
        stored = load_split(self.path / "split.safetensors", self.graph)[1]
        return {regime: stored[regime] for regime in self.config.evaluation.negatives}

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The stored logit of every evaluation pair: regime, part, TF, target, label, logit."""
        return pd.read_parquet(self.path / "predictions.parquet")

    @cached_property
    def moments(self) -> dict[str, torch.Tensor] | None:
        """What Adam remembered of the kept weights, see `training.moments`; None where it was not kept."""
        path = self.path / OPTIMIZER
        return load_file(path) if OPTIMIZER in self.manifest["files"] else None

    @cached_property
    def model(self) -> LinkPredictor:
        """The predictor with the kept weights, on the CPU.

        Raises:
            InputError: a plug-in's file is not where it was, or was changed.
        """
        for registry, spec in ((encoders, self.config.encoder), (heads, self.config.head)):
            recorded = self.manifest["inputs"].get(registry.kind)
            source = registry.source(spec["name"])
            if recorded is not None and source is not None and sha256(source) != recorded["sha256"]:
                raise InputError("was changed after the run was trained", where=source, fix=AGAIN)
        config = self.config
        model = build_model(self.graph, *model_specs(config), config.seed, config.structure_options)
        try:
            model.load_state_dict(load_file(self.path / "model.safetensors"))
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(f"the weights do not fit the model ({reason})", where=self.path) from None
        return model


def write_run(
    target: Path, scratch: Path, manifest: dict[str, Any], fill: Callable[[Path], dict[str, Any]]
) -> Run:
    """Write a run directory beside its place and rename it into place when it is whole.

    Args:
        target: where the run belongs; a run that lies there is replaced.
        scratch: an own folder on the same file system, emptied first.
        manifest: everything but the hashes of the files.
        fill: writes the files of a run into the folder that it is given; returns what the manifest also says.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        manifest = manifest | fill(scratch)
    except BaseException:
        shutil.rmtree(scratch)
        raise
    names = [*FILES, *([OPTIMIZER] if (scratch / OPTIMIZER).exists() else [])]
    hashes = {name: sha256(scratch / name) for name in names}
    manifest = manifest | {"files": hashes}
    content = json.dumps(manifest | {"sha256": _digest(manifest)}, indent=2)
    (scratch / "manifest.json").write_text(f"{content}\n")
    for name in names:  # safetensors writes for the owner alone; a run is shared like any other file
        shutil.copymode(scratch / "manifest.json", scratch / name)
    if target.exists():
        replaced = scratch.with_name(f"{scratch.name}.replaced")
        shutil.rmtree(replaced, ignore_errors=True)
        target.rename(replaced)
        scratch.rename(target)
        shutil.rmtree(replaced)
    else:
        scratch.rename(target)
    return Run.load(target)


def _digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of a manifest's content without the digest itself."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def sha256(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def state_dict_for_file(model: LinkPredictor) -> dict[str, torch.Tensor]:
    """The weights as safetensors wants them."""
    return {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
