"""What the best heads lose with a quarter of their parameters: stored rows of studies/pruned.yaml."""

from __future__ import annotations

import pandas as pd
from paired import beside, parameters, stored_rows, values

WHOLE, TEACHER = ("dual", "additive_dual"), "cross"


def sections() -> dict[str, str]:
    """Marker -> text: for each head a table of the whole model and of what was made of it."""
    rows = stored_rows("pruned")
    parts = [f"Seeds: {len(values(rows, 'model', 'uniform'))}."]
    for head in WHOLE:
        own = rows[rows["head"].isin([head, TEACHER]) | rows["head"].str.startswith(f"{head}, ")]
        parts.append(beside(own, head, sizes={"parameters": parameters(own)}))
    return {"pruned": "\n\n".join([*parts, _kept(rows)])}


def _kept(rows: pd.DataFrame) -> str:
    """In how many trainings no epoch of fine-tuning was better on validation pairs than none."""
    own = rows[(rows["row"] == "model") & (rows["regime"] == "uniform") & rows["head"].str.contains("pruned")]
    none = (own["best_epoch"] == 0).groupby(own["head"], sort=False).agg(["sum", "size"])
    said = (f"`{head}` {kept} of {seeds}" for head, kept, seeds in none.itertuples())
    return f"Seeds that keep the pruned weights, no epoch of fine-tuning being better: {'; '.join(said)}."
