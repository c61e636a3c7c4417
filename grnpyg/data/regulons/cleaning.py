"""Counts of the rows of known edges that cleaning keeps and removes."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class CleaningCounts:
    """Counts of kept and removed rows: `rows` is the sum of `missing` to `edges`.

    Args:
        rows: rows read.
        missing: rows without a name at one end.
        filtered: rows of another confidence level, or edges of TFs that a list leaves out.
        negatives: rows labelled 0, or of weight 0.
        weak: rows of a weight below the smallest asked for.
        self_loops: rows with a TF on itself.
        duplicates: rows merged into another one of the same pair.
        edges: rows left.
        sources: TFs with an edge left.
        targets: genes with an edge left.
    """

    rows: int
    missing: int
    filtered: int
    negatives: int
    weak: int
    self_loops: int
    duplicates: int
    edges: int
    sources: int
    targets: int

    def to_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    def lines(self) -> list[str]:
        """What was kept and, if anything was removed, what."""
        removed = {
            "without a name at one end": self.missing,
            "of other confidence levels or TFs": self.filtered,
            "labelled 0 or of weight 0": self.negatives,
            "of small weight": self.weak,
            "self-loops": self.self_loops,
            "merged duplicates": self.duplicates,
        }
        kept = (
            f"{self.rows:,} rows gave {self.edges:,} edges, {self.sources:,} TFs to {self.targets:,} genes."
        )
        gone = ", ".join(f"{what} {count:,}" for what, count in removed.items() if count)
        return [kept, f"Rows removed: {gone}."] if gone else [kept]
