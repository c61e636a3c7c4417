"""What to do where labels are too few for a split: other options or another split, tried on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import torch
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError, LeakageError
from grnpyg.data.graph import ENCODED_BY, REGULATES, num_nodes
from grnpyg.splits.link_split import LinkSplit

LARGER = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45)  # shares to try where smaller ones hold out too little
FEWEST = 4  # unlabelled pairs that a split needs: a few negatives for training, validation and test
WORKS = "with these labels there works"


class Divides(Protocol):
    """A splitter, seen from here."""

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.divide`."""


Alternative = tuple[str, Divides]


class TooFewError(InputError):
    """A split cannot be made of these labels with these options; `Splitter.split` adds what can be done."""


def options(**given: object) -> str:
    """Options of a split as a command takes them.

    Example:
        >>> options(val_ratio=0.3, test_ratio=0.3)
        '`--set split.val_ratio=0.3 --set split.test_ratio=0.3`'
    """
    return f"`{' '.join(f'--set split.{name}={value}' for name, value in given.items())}`"


def advice(alternatives: Iterable[Alternative], data: HeteroData, seed: int) -> str | None:
    """The first alternative that works with this graph and seed; None: none of them does."""
    for text, splitter in alternatives:
        try:
            split = splitter.divide(data, seed)
        except (InputError, LeakageError):
            continue
        if split.negatives or all(_left(split, subset) >= FEWEST for subset in split.positives):
            return text
    return None


def nothing_works(data: HeteroData) -> str:
    """What to say where no alternative works."""
    edges, own = data[REGULATES].edge_index, data[ENCODED_BY].edge_index
    tfs, genes = num_nodes(data)
    if min(tfs, genes) > 1 and edges.size(1) >= tfs * genes - own.size(1):
        return (
            "these link every TF to every gene, so that no pair can be a negative: keep the strong ones with "
            "`--min-weight`, or give labels that name fewer pairs"
        )
    return (
        f"no split can be made of so few ({tfs:,} x {genes:,} nodes): give labels with more edges, in which "
        "TFs share target genes"
    )


def _left(split: LinkSplit, subset: str) -> int:
    """Unlabelled pairs of the subset's universe."""
    tf, gene = split.universe(subset)
    taken = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1).unique(dim=1)
    inside = torch.isin(taken[0], tf) & torch.isin(taken[1], gene)
    return tf.numel() * gene.numel() - int(inside.sum())
