"""Negatives from inside a batch: the TF of one positive with the gene of another."""

from __future__ import annotations

import torch

from grnpyg.data.graph import ENCODED_BY, REGULATES, pair_codes
from grnpyg.negatives.base import first_of_each
from grnpyg.splits import LabelledPairs, LinkSplit


class Crossing:
    """Adds to a batch what `Loss.in_batch` asks for.

    Positive i meets the genes of the positives i + 1 to i + others of the batch, in its order and round its
    end, so its gene meets as many other TFs. What is a training edge or a TF with its own gene is left out,
    and so is what the batch holds already.

    Args:
        split: its graph holds the training edges.
        others: positives that each is crossed with.
    """

    def __init__(self, split: LinkSplit, others: int) -> None:
        self.graph, self.others = split.graph, others
        known = torch.cat([split.graph[kind].edge_index for kind in (REGULATES, ENCODED_BY)], dim=1)
        self.known = pair_codes(split.graph, known)

    def extend(self, pairs: LabelledPairs) -> LabelledPairs:
        """A batch with its crossed pairs at the end; each learns at the output of its TF's positive."""
        positive = (pairs.edge_label > 0.5).nonzero().squeeze(1)
        shifts = torch.arange(1, min(self.others, positive.numel() - 1) + 1)
        if not shifts.numel():
            return pairs
        first = positive.repeat(shifts.numel())
        second = torch.cat([positive.roll(-int(shift)) for shift in shifts])
        index = torch.stack([pairs.edge_label_index[0, first], pairs.edge_label_index[1, second]])
        codes = pair_codes(self.graph, index)
        there = torch.cat([self.known, pair_codes(self.graph, pairs.edge_label_index)])
        kept = first_of_each(codes)
        kept = kept[~torch.isin(codes[kept], there)]
        index, first = index[:, kept], first[kept]
        return LabelledPairs(
            torch.cat([pairs.edge_label_index, index], dim=1),
            torch.cat([pairs.edge_label, torch.zeros(first.numel())]),
            None if pairs.output is None else torch.cat([pairs.output, pairs.output[first]]),
        )
