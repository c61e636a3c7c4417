"""Numbers and settings in words."""

from __future__ import annotations

import math

SETTINGS = {
    "uniform": "any other pair",
    "same_tf": "other targets of the same TF",
    "degree_matched": "pairs of the same degrees",
    "hard": "pairs that heuristics rank high",
    "ranking": "all genes of each TF",
}
METHODS = {
    "model": "model",
    "degree_product": "degree (product)",
    "tf_degree": "degree of the TF",
    "gene_degree": "degree of the gene",
    "additive": "additive",
}


def number(value: object, digits: int = 3) -> str:
    """A number for a table; a dash if there is none.

    >>> number(0.12345), number(12000), number(None)
    ('0.123', '12,000', '-')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{float(str(value)):,.{digits}f}"


def with_interval(value: object, low: object, high: object) -> str:
    """A difference of AUROC with its interval, x 100.

    >>> with_interval(0.02, 0.01, None)
    '+2.0'
    """
    if value is None or value != value:
        return "-"
    text = f"{100 * float(str(value)):+.1f}"
    if low is None or high is None or low != low or high != high:
        return text
    return f"{text} [{100 * float(str(low)):+.1f}, {100 * float(str(high)):+.1f}]"


def setting(name: str) -> str:
    """What a setting's negatives are.

    >>> setting("uniform")
    'any other pair (uniform)'
    """
    return f"{SETTINGS[name]} ({name})" if name in SETTINGS else name.replace("_", " ")
