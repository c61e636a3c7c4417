"""Negatives that another database reports as edges, left out of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grnpyg.data.graph import pair_codes
from grnpyg.evaluation.other_labels import OtherLabels, read_other_labels
from grnpyg.runs import Run
from grnpyg.splits import LabelledPairs
from grnpyg.splits.split_file import Evaluation

LeftOut = dict[str, dict[str, int]]  # subset -> setting -> negatives


@dataclass(frozen=True)
class Elsewhere:
    """The pairs that another database reports and the labels of a run do not.

    Attributes:
        run: whose pairs they are.
        labels: of the other database; None: nothing is left out.
    """

    run: Run
    labels: OtherLabels | None

    @classmethod
    def of(cls, run: Run, source: str | None) -> Elsewhere:
        """Read a database.

        Raises:
            InputError: see `read_other_labels`.
        """
        if source is None:
            return cls(run, None)
        return cls(run, read_other_labels(run.graph, run.config.data, source, where="--known-elsewhere"))

    @property
    def pairs(self) -> Tensor:
        """(2, E) TF and gene ids."""
        if self.labels is None:
            return torch.empty(2, 0, dtype=torch.long)
        return self.labels.pairs[:, torch.from_numpy(~self.labels.known)]

    def without(self, sets: Evaluation) -> tuple[Evaluation, LeftOut]:
        """The evaluation pairs without these negatives, and how many are gone; positives stay."""
        if self.labels is None:
            return sets, {}
        codes = pair_codes(self.run.graph, self.pairs)
        kept: Evaluation = {setting: {} for setting in sets}
        gone: LeftOut = {}
        for setting, subsets in sets.items():
            for subset, pairs in subsets.items():
                reported = torch.isin(pair_codes(self.run.graph, pairs.edge_label_index), codes)
                keep = ~reported | (pairs.edge_label > 0.5)
                kept[setting][subset] = LabelledPairs(pairs.edge_label_index[:, keep], pairs.edge_label[keep])
                gone.setdefault(subset, {})[setting] = int((~keep).sum())
        return kept, gone

    def facts(self, left_out: LeftOut, subsets: Sequence[str]) -> dict[str, Any]:
        """JSON-ready: the labels, their counts, and what was left out of each subset and setting."""
        counts = {} if self.labels is None else self.labels.to_dict()
        return counts | {"left_out": {subset: left_out[subset] for subset in subsets}}
