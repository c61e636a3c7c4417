"""What a loss is worth under the dual encoder: stored rows of studies/losses.yaml and losses_lookup.yaml."""

from __future__ import annotations

from paired import beside, stored_rows, values

STUDIES = ("losses", "losses_lookup")


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {name: _table(name) for name in STUDIES}


def _table(name: str) -> str:
    """Every loss beside binary cross-entropy."""
    rows = stored_rows(name)
    seeds = len(values(rows, "model", "uniform", "loss"))
    return f"Seeds: {seeds}.\n\n{beside(rows, 'bce', 'loss')}"
