"""Effective rank of representations from their singular values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def spectrum(rows: NDArray[Any], *, centred: bool = False) -> NDArray[np.float64]:
    """Singular values of representations, (n, channels) -> (min(n, channels),), the largest first."""
    rows = np.asarray(rows, dtype=np.float64)
    if centred:
        rows = rows - rows.mean(axis=0)
    return np.linalg.svd(rows, compute_uv=False)


def participation_ratio(singular: NDArray[Any]) -> float:
    """(tr C)^2 / tr(C^2) of C = H^T H / n, from the singular values of H.

    The published measure. Range [1, channels]; equal to k where k directions have equal variance; nan where
    all values are 0.
    """
    eigenvalues = np.asarray(singular, dtype=np.float64) ** 2
    total = eigenvalues.sum()
    return max(1.0, float(total**2 / (eigenvalues**2).sum())) if total else float("nan")


def entropy_rank(singular: NDArray[Any]) -> float:
    """exp(entropy) of the singular values divided by their sum (Roy and Vetterli 2007, EUSIPCO).

    Range [1, channels]; equal to k where k values are equal and the others 0; nan where all are 0.
    """
    total = singular.sum()
    if not total:
        return float("nan")
    share = singular[singular > 0] / total
    return max(1.0, float(np.exp(-(share * np.log(share)).sum())))
