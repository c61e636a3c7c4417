"""The names of the degree and additive baselines, and of the gains over them that every table begins with."""

from __future__ import annotations

DEGREE, ADDITIVE = "degree_product", "additive"
DEGREES = (DEGREE, "tf_degree", "gene_degree")
ALWAYS = (*DEGREES, ADDITIVE)  # baselines that no score is shown without
GAINS = {"gain_over_degree": DEGREES, "gain_over_additive": (ADDITIVE,)}  # the best of them is subtracted


def renamed(metric: str) -> str:
    """The name of a metric today: runs and tables before 0.2.0 call a gain a lift."""
    return metric.replace("lift_over_", "gain_over_")
