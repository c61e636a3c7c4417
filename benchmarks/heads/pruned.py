"""What the best heads lose with a quarter of their parameters: stored rows of studies/pruned.yaml."""

from __future__ import annotations

from paired import beside, parameters, stored_rows, values

WHOLE, TEACHER = ("dual", "additive_dual"), "cross"


def sections() -> dict[str, str]:
    """Marker -> text: for each head a table of the whole model and of what was made of it."""
    rows = stored_rows("pruned")
    parts = [f"Seeds: {len(values(rows, 'model', 'uniform'))}."]
    for head in WHOLE:
        own = rows[rows["head"].isin([head, TEACHER]) | rows["head"].str.startswith(f"{head}, ")]
        parts.append(beside(own, head, sizes={"parameters": parameters(own)}))
    return {"pruned": "\n\n".join(parts)}
