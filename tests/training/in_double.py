"""Train the model of a config in float64, alone or with the processes of a launcher, and save its weights.

    python in_double.py CONFIG WEIGHTS

Sums of two orders then differ by 1e-16 in place of 1e-7: what is left of a difference is a mistake.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.launch import launched
from grnpyg.models.predictor import build_model
from grnpyg.training.fit import fit
from grnpyg.training.prepare import prepare
from grnpyg.training.ranks import joined


def main(config_file: Path, weights: Path) -> None:
    """Train, and let the first process save."""
    torch.set_default_dtype(torch.double)
    torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]
    config = ExperimentConfig.model_validate_json(config_file.read_text())
    with joined(launched()) as ranks, tempfile.TemporaryDirectory() as folder:
        ready = prepare(config)
        model = build_model(ready.grn.graph, config.encoder, config.head, config.seed)
        devices = 1 if ranks is None else ranks.launch.devices
        fit(
            model,
            ready.split,
            ready.evaluation,
            config,
            Path(folder),
            device="cpu",
            devices=devices,
            ranks=ranks,
        )
        if ranks is None or ranks.first:
            save_file(model.state_dict(), weights)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
