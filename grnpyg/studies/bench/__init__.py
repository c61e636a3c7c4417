"""Benches: a suite of models and baselines as a study whose trials are measured."""

from grnpyg.studies.bench.costs import Costs
from grnpyg.studies.bench.run import run_suite
from grnpyg.studies.bench.suite import ENTRY, SEED, read_suite
from grnpyg.studies.bench.table import FIGURES, BenchTable, bench_table, lines, render

__all__ = [
    "ENTRY",
    "FIGURES",
    "SEED",
    "BenchTable",
    "Costs",
    "bench_table",
    "lines",
    "read_suite",
    "render",
    "run_suite",
]
