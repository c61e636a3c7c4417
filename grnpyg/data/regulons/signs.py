"""How many known edges activate, repress, or say neither."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def sign_counts(edges: pd.DataFrame) -> dict[str, int | float]:
    """Edges by sign; `sign_contradicting` are those of the unknown ones whose rows say both.

    Args:
        edges: clean edges, see `grnpyg.data.regulons.regulon.Regulon`.
    """
    sign = edges["sign"] if "sign" in edges else pd.Series(0, index=edges.index)
    both = edges["contradicting"] if "contradicting" in edges else pd.Series(False, index=edges.index)
    return {
        "activating": int((sign > 0).sum()),
        "repressing": int((sign < 0).sum()),
        "sign_unknown": int((sign == 0).sum()),
        "sign_contradicting": int(both.sum()),
    }


def sign_sentence(counts: Mapping[str, int | float]) -> str:
    """The counts in a sentence."""
    up, down, unknown = (counts[name] for name in ("activating", "repressing", "sign_unknown"))
    if not up and not down:
        return "Signs: the labels do not tell activation from repression."
    both = counts["sign_contradicting"]
    said = f" ({both:,} of them because their rows contradict each other)" if both else ""
    return f"Signs: {up:,} known edges activate, {down:,} repress, {unknown:,} are unknown{said}."
