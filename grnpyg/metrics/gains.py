"""Names of the degree and additive baselines, and of the gains over them in every table."""

from __future__ import annotations

DEGREE, ADDITIVE = "degree_product", "additive"
DEGREES = (DEGREE, "tf_degree", "gene_degree")
ALWAYS = (*DEGREES, ADDITIVE)  # baselines shown with every score
GAINS = {"gain_over_degree": DEGREES, "gain_over_additive": (ADDITIVE,)}  # the best of them is subtracted


def renamed(metric: str) -> str:
    """The current name of a metric: runs and tables before 0.2.0 say lift for gain."""
    return metric.replace("lift_over_", "gain_over_")
