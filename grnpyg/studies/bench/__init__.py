"""Benches: a suite of models and baselines as a study whose trials are measured."""

from grnpyg.studies.bench.run import run_suite
from grnpyg.studies.bench.suite import read_suite
from grnpyg.studies.bench.table import BenchTable, bench_table

__all__ = ["BenchTable", "bench_table", "read_suite", "run_suite"]
