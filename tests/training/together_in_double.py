"""Train seeds together and alone in float64, and compare all weights: `python together_in_double.py CONFIGS`.

CONFIGS is a JSON list of lists of configs. Prints how many epochs each seed took.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import torch

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.seeding import torch_generator
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.training.fit import fit
from grnpyg.training.prepare import Prepared, prepare
from grnpyg.training.together import fit_together


def built(ready: Prepared, config: ExperimentConfig) -> PairModel:
    return build_model(ready.grn.graph, config.encoder, config.head, config.seed)


def compare(configs: list[ExperimentConfig]) -> list[int]:
    """Number of epochs of each seed; fails if anything differs."""
    ready, lengths = prepare(configs[0]), []
    for kind in ("tf", "gene"):
        x = torch.randn(ready.grn.graph[kind].num_nodes, 5, generator=torch_generator(0, kind))
        ready.grn.graph[kind].x = ready.split.graph[kind].x = x
    together = fit_together([built(ready, config) for config in configs], ready, configs, device="cpu")
    for config, result in zip(configs, together, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            alone = fit(
                built(ready, config), ready.split, ready.evaluation, config, Path(folder), device="cpu"
            )
        assert result is not None
        assert (result.best_epoch, len(result.epochs)) == (alone.best_epoch, len(alone.epochs))
        for which, weights in alone.weights.items():
            assert result.weights[which].keys() == weights.keys()
            for name, values in weights.items():
                difference = (values - result.weights[which][name]).abs().max()
                assert values.dtype == torch.double
                assert difference < 1e-10, (config.model_name, config.seed, which, name, difference)
        lengths.append(len(alone.epochs))
    return lengths


if __name__ == "__main__":
    torch.set_default_dtype(torch.double)
    torch.Tensor.float = torch.Tensor.double  # type: ignore[method-assign]
    cases = json.loads(sys.argv[1])
    found = [compare([ExperimentConfig.model_validate(values) for values in case]) for case in cases]
    print(json.dumps(found))
