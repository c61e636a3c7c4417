"""A gene regulatory network: the graph, and a report on how it was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch_geometric.data import HeteroData

from grnpyg.core.data_config import DataConfig, FeatureConfig, KnowledgeConfig
from grnpyg.core.inputs import Input


@dataclass(frozen=True)
class DataReport:
    """Report on what was read, matched, renamed and left out. `print` shows it line by line.

    Attributes:
        counts: nodes, edges, density, and how much was left out.
        identifiers: how the names of labels and expression were matched, with every unmatched name.
        sentences: the same in words.
        warnings: what may be a mistake in the input, and what was left out, renamed or guessed.
    """

    counts: Mapping[str, int | float]
    identifiers: Mapping[str, Any]
    sentences: tuple[str, ...] = field(repr=False)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report, ready for JSON."""
        return {
            "identifiers": dict(self.identifiers),
            "counts": dict(self.counts),
            "report": list(self.sentences),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """The sentences, then the warnings, each of which begins with `warning:`."""
        return [*self.sentences, *(f"warning: {line}" for line in self.warnings)]

    def __str__(self) -> str:
        return "\n".join(self.sentences)


@dataclass(frozen=True)
class GRN:
    """Known TF -> gene edges and gene expression as one graph.

    Attributes:
        graph: `HeteroData` with node types `tf` and `gene`, see `grnpyg.data.build_graph`.
        report: what was read, matched and left out.
        data: what was read, as a section of a config.
        features: how genes are described, as a section of a config.
        seed: for clustering and principal components.
        inputs: role -> source and SHA-256 of objects given in memory; files are hashed when a run needs it.
        knowledge: which facts from outside the labels it holds, as a section of a config; None: none.
    """

    graph: HeteroData
    report: DataReport
    data: DataConfig
    features: FeatureConfig
    seed: int
    inputs: Mapping[str, Input] = field(default_factory=dict)
    knowledge: KnowledgeConfig | None = None

    def __repr__(self) -> str:
        counts = self.report.counts
        return f"GRN({counts['tfs']:,} TFs x {counts['genes']:,} genes, {counts['edges']:,} known edges)"
