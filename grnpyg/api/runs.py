"""Functions over run directories: what the command line calls, for Python code."""

from __future__ import annotations

from grnpyg.api.predictor import LinkPredictor
from grnpyg.compress.prune import prune
from grnpyg.evaluation.compare import compare
from grnpyg.experiment import run_experiment as train
from grnpyg.network.predict import predict

load = LinkPredictor.load

__all__ = ["compare", "load", "predict", "prune", "train"]
