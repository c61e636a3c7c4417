"""Transductive split: edges are held out, nodes are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Literal

import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.transforms import RandomLinkSplit

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import forked, torch_generator
from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF, num_nodes
from grnpyg.splits.alternatives import LARGER, Alternative, TooFewError, options
from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.leakage import COLD_IN_UNIVERSE
from grnpyg.splits.link_split import LinkSplit
from grnpyg.splits.messages import with_messages


@splits.register("transductive")
class TransductiveSplit(Splitter):
    """Hold out known edges by PyG's `RandomLinkSplit`, then treat the nodes left without a training edge.

    `RandomLinkSplit` alone leaves nodes whose edges were all held out. They are candidates only because of
    their test edges, so a model could gain by scoring them higher.

    Args:
        val_ratio: share of the known edges for validation; 0 if no model is to be trained on the split.
        test_ratio: share of the known edges for the test; 0 if another database is to judge, as in
            `grnpyg eval --later`: all edges but those of the validation train.
        isolated: `move_back` gives a node without a training edge one of its held-out edges back;
            `set_aside` declares it cold and puts its edges in no subset; `leak` keeps it in the universe, as
            most published splits do, and marks every run with `cold-in-universe`.
    """

    def __init__(
        self,
        *,
        val_ratio: float = 0.15,
        test_ratio: float = 0.15,
        isolated: Literal["move_back", "set_aside", "leak"] = "move_back",
    ) -> None:
        if not (0 <= val_ratio < 1 and 0 <= test_ratio < 1 and 0 < val_ratio + test_ratio < 1):
            raise InputError(
                f"val_ratio {val_ratio} and test_ratio {test_ratio} leave no subset for each",
                where="split",
                fix="set both to 0 or more, one of them above 0, and their sum below 1",
            )
        self.val_ratio, self.test_ratio, self.isolated = val_ratio, test_ratio, isolated

    def alternatives(self) -> Iterable[Alternative]:
        """See `Splitter.alternatives`."""
        return itertools.islice(ways(self), 1, None)  # the first is this splitter itself

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.split`."""
        transform = RandomLinkSplit(
            num_val=self.val_ratio,
            num_test=self.test_ratio,
            edge_types=REGULATES,
            rev_edge_types=REGULATED_BY,
            add_negative_train_samples=False,
            neg_sampling_ratio=0.0,
        )
        with forked(seed, "split"):
            subsets = transform(data)
        wanted = {"train": True, "validation": self.val_ratio > 0, "test": self.test_ratio > 0}
        positives = {
            name: subset[REGULATES].edge_label_index
            for name, subset in zip(wanted, subsets, strict=True)
            if wanted[name]
        }
        moved, set_aside = 0, torch.empty(2, 0, dtype=torch.long)
        if self.isolated == "move_back":
            moved = _move_back(positives, num_nodes(data), seed)
        warm = {TF: positives["train"][0].unique(), GENE: positives["train"][1].unique()}
        if self.isolated == "set_aside":
            set_aside = _set_aside(positives, warm)
        if self.isolated == "leak":
            warm = {kind: torch.arange(int(data[kind].num_nodes)) for kind in warm}
        for name, edges in positives.items():
            if edges.size(1) == 0:
                if self.isolated != "leak":
                    _require_second_edges(data, name)
                raise TooFewError(
                    f"the {name} subset of the split is empty ({data[REGULATES].num_edges} edges in all)"
                )
        leaks = (COLD_IN_UNIVERSE,) if self.isolated == "leak" else ()
        messages = with_messages(data, positives["train"])
        return LinkSplit(messages, positives, warm, moved, set_aside, leaks=leaks)


def ways(splitter: TransductiveSplit, **chosen: str) -> Iterable[Alternative]:
    """Transductive splits to try in turn: as given, with larger subsets, with unseen nodes as candidates.

    Args:
        splitter: the first one.
        chosen: options to name before those of a way, for example `name="transductive"`.
    """
    for isolated in dict.fromkeys((splitter.isolated, "leak")):
        kind: dict[str, Any] = {} if isolated == splitter.isolated else {"isolated": isolated}
        note = " in place of the options of the split" if chosen else ""
        note += ", which leaves unseen nodes among the candidates and marks the run" if kind else ""
        for larger in (None, *LARGER):
            ratios = {} if larger is None else {"val_ratio": larger, "test_ratio": larger}
            for name in ("val_ratio", "test_ratio"):
                if not getattr(splitter, name):
                    ratios.pop(name, None)
            every = {"val_ratio": splitter.val_ratio, "test_ratio": splitter.test_ratio} | ratios
            yield options(**chosen, **kind, **ratios) + note, TransductiveSplit(**every, isolated=isolated)


def _require_second_edges(data: HeteroData, subset: str) -> None:
    """Refuse labels in which every edge is the only one of its TF or gene: held out, its node is unseen.

    Raises:
        TooFewError: every gene, or every edge's TF or gene, has no other edge.
    """
    edges = data[REGULATES].edge_index
    only = [torch.bincount(ends)[ends] == 1 for ends in edges]
    if (only[0] | only[1]).all():
        tfs = edges[0].unique().numel()
        node = "gene" if only[1].all() else "TF" if only[0].all() else "edge"
        count = "has one known edge" if node != "edge" else "is the only one of its TF or gene"
        edge, tf = (word if n == 1 else f"{word}s" for word, n in (("edge", edges.size(1)), ("TF", tfs)))
        size = f"{edges.size(1):,} {edge}, {tfs:,} {tf}"
        raise TooFewError(
            f"the {subset} subset of the split is empty: every {node} {count} ({size}), "
            "so that none can be held out",
            fix="use labels in which TFs share target genes",
        )


def _move_back(positives: dict[str, Tensor], sizes: tuple[int, int], seed: int) -> int:
    """Move a random held-out edge back to every node without a training edge; return how many moved."""
    names = [name for name in positives if name != "train"]
    sizes_held_out = [positives[name].size(1) for name in names]
    held_out = torch.cat([positives[name] for name in names], dim=1)
    order = torch.randperm(held_out.size(1), generator=torch_generator(seed, "split", "move_back"))
    degrees = [torch.bincount(positives["train"][end], minlength=sizes[end]) for end in (0, 1)]
    moves = torch.zeros(held_out.size(1), dtype=torch.bool)
    for edge in order.tolist():
        tf, gene = held_out[:, edge].tolist()
        if degrees[0][tf] == 0 or degrees[1][gene] == 0:
            moves[edge] = True
            degrees[0][tf] += 1
            degrees[1][gene] += 1
    positives["train"] = torch.cat([positives["train"], held_out[:, moves]], dim=1)
    subsets = zip(names, held_out.split(sizes_held_out, dim=1), moves.split(sizes_held_out), strict=True)
    positives.update({name: edges[:, ~moved] for name, edges, moved in subsets})
    return int(moves.sum())


def _set_aside(positives: dict[str, Tensor], warm: dict[str, Tensor]) -> Tensor:
    """Remove held-out edges with a cold end from their subsets and return them, (2, E)."""
    aside = []
    for name in [name for name in positives if name != "train"]:
        edges = positives[name]
        keep = torch.isin(edges[0], warm[TF]) & torch.isin(edges[1], warm[GENE])
        positives[name] = edges[:, keep]
        aside.append(edges[:, ~keep])
    return torch.cat(aside, dim=1)
