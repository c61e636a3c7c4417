"""The command that makes a network again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from grnpyg.core.config import ExperimentConfig
from grnpyg.pipeline.plan import UNSEEN
from grnpyg.recipes import BEST, read_recipe
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import merge

OWN = ("seed", "data.expression", "data.labels")  # keys that have an option of their own


def network_command(config: ExperimentConfig, summary: Mapping[str, Any], folder: Path) -> str:
    """The call of `grnpyg network` that has the same trainings and the same options.

    What differs from the recipe is given as `--set KEY=VALUE`.

    Args:
        config: of the first training.
        summary: of the network.
        folder: where it is.
    """
    values = {**read_recipe(BEST), "seed": config.seed}
    values["data"] = {"expression": config.data.expression, "labels": config.data.labels}
    words = ["grnpyg", "network", str(config.data.expression), "--labels", str(config.data.labels)]
    words += ["--seeds", str(len(summary["seeds"])), "--seed", str(summary["seeds"][0])]
    words += ["--top", str(summary.get("top"))]
    if summary.get("universe") == "measured":
        values = {**merge(values, UNSEEN), "fallback": False}
        words += ["--universe", "measured"]
        if summary.get("tfs"):
            words += ["--tfs", str(summary["tfs"])]
    plain = dict(_leaves(make_config(values).model_dump(mode="json")))
    for key, value in _leaves(config.model_dump(mode="json")):
        if key not in OWN and plain.get(key, _missing) != value:
            words += ["--set", f"{key}={json.dumps(value)}"]
    return shlex.join([*words, "-o", str(folder)])


_missing = object()


def _leaves(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of everything that is no section of a config."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield before + key, value
