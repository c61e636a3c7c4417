"""Metrics: pure functions of arrays, which know nothing of graphs, models or runs."""
