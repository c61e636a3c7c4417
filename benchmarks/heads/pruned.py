"""What the best heads lose with a quarter of their parameters: stored rows of studies/pruned.yaml."""

from __future__ import annotations

from paired import beside, parameters, stored_rows, values

WHOLE = ("dual", "additive_dual")


def sections() -> dict[str, str]:
    """Marker -> text: for each head a table of the whole model and of what is left of it."""
    rows = stored_rows("pruned")
    parts = [f"Seeds: {len(values(rows, 'model', 'uniform'))}."]
    for head in WHOLE:
        own = rows[(rows["head"] == head) | rows["head"].str.startswith(f"{head}, ")]
        parts.append(beside(own, head, sizes={"parameters": parameters(own)}))
    return {"pruned": "\n\n".join(parts)}
