"""Benches: models and baselines on the same pairs, each in a process of its own, with what they cost."""

from grnpyg.studies.bench.run import run_suite
from grnpyg.studies.bench.suite import Suite, read_suite
from grnpyg.studies.bench.table import BenchTable, bench_table

__all__ = ["BenchTable", "Suite", "bench_table", "read_suite", "run_suite"]
