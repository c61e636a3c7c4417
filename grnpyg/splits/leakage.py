"""Proof that a split is clean: each invariant has a name, and a broken one is reported by it."""

from __future__ import annotations

import torch
from torch import Tensor

from grnpyg.data.graph import GENE, REGULATED_BY, REGULATES, TF, num_nodes, pair_codes
from grnpyg.errors import LeakageError
from grnpyg.splits.base import LabelledPairs, LinkSplit


def check(split: LinkSplit) -> None:
    """Check the positives and the message graph of a split.

    Raises:
        LeakageError: naming the first broken invariant of
            `bad-id`, `duplicate`, `shared-pair`, `message-edge` (the message edges are not exactly the
            training positives), `reverse-edge` (the reverse is not their mirror image), `not-a-candidate`
            (self-loop or cold end in a held-out part) and `cold-in-universe`.
    """
    graph = split.graph
    parts = dict(split.positives) | {"set aside": split.set_aside}
    for name, pairs in parts.items():
        _ids(split, pairs, name)
        codes = pair_codes(graph, pairs)
        if codes.unique().numel() != codes.numel():
            raise LeakageError(f"duplicate: the {name} part holds a pair twice")
    names = list(parts)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            _disjoint(split, parts[first], parts[second], f"shared-pair: {first} and {second} share")
    train = pair_codes(graph, split.positives["train"]).sort().values
    messages = pair_codes(graph, graph[REGULATES].edge_index).sort().values
    if not torch.equal(train, messages):
        raise LeakageError("message-edge: the message edges are not exactly the training positives")
    mirrored = pair_codes(graph, graph[REGULATED_BY].edge_index.flip(0)).sort().values
    if not torch.equal(messages, mirrored):
        raise LeakageError("reverse-edge: the reverse message edges are not the mirror image of the edges")
    for kind, end in ((TF, 0), (GENE, 1)):
        if not torch.isin(split.warm[kind], split.positives["train"][end]).all():
            raise LeakageError(f"cold-in-universe: a warm {kind} has no training edge")
    for name, pairs in split.positives.items():
        if not split.is_candidate(pairs).all():
            raise LeakageError(f"not-a-candidate: the {name} part holds a self-loop or a cold node")


def check_evaluation(split: LinkSplit, evaluation: dict[str, LabelledPairs]) -> None:
    """Check evaluation sets, part -> pairs, against the split and against each other.

    Raises:
        LeakageError: `not-a-candidate`, `duplicate`, `false-negative` (a negative is a known edge),
            `wrong-positives`, or `shared-pair` (validation and test share one).
    """
    for name, pairs in evaluation.items():
        _ids(split, pairs.edge_label_index, name)
        codes = pair_codes(split.graph, pairs.edge_label_index)
        if codes.unique().numel() != codes.numel():
            raise LeakageError(f"duplicate: the {name} set holds a pair twice")
        if not split.is_candidate(pairs.edge_label_index).all():
            raise LeakageError(f"not-a-candidate: the {name} set holds a self-loop or a cold node")
        _disjoint(split, pairs.negatives, split.known, f"false-negative: the {name} set holds as negative")
        held_out = pair_codes(split.graph, split.positives[name])
        if not torch.isin(pair_codes(split.graph, pairs.positives), held_out).all():
            raise LeakageError(f"wrong-positives: the {name} set holds positives of another part")
    names = list(evaluation)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            sets = evaluation[first].edge_label_index, evaluation[second].edge_label_index
            _disjoint(split, *sets, f"shared-pair: {first} and {second} share")


def check_training(split: LinkSplit, pairs: LabelledPairs, evaluation: dict[str, LabelledPairs]) -> None:
    """Check what the model is trained on against everything that is held out.

    Raises:
        LeakageError: `held-out-in-training` (a pair of an evaluation set, or a held-out edge, under any
            label) or `false-negative`.
    """
    held_out = [evaluated.edge_label_index for evaluated in evaluation.values()]
    held_out += [split.positives["validation"], split.positives["test"], split.set_aside]
    _disjoint(
        split, pairs.edge_label_index, torch.cat(held_out, dim=1), "held-out-in-training: training holds"
    )
    _disjoint(split, pairs.negatives, split.known, "false-negative: training holds as negative")


def _ids(split: LinkSplit, pairs: Tensor, name: str) -> None:
    sizes = torch.tensor(num_nodes(split.graph)).unsqueeze(1)
    if pairs.numel() and bool(((pairs < 0) | (pairs >= sizes)).any()):
        raise LeakageError(f"bad-id: the {name} part holds an id outside the TFs or genes")


def _disjoint(split: LinkSplit, first: Tensor, second: Tensor, message: str) -> None:
    shared = torch.isin(pair_codes(split.graph, first), pair_codes(split.graph, second))
    if shared.any():
        tf, gene = first[:, shared][:, 0].tolist()
        names = f"{split.graph[TF].name[tf]} -> {split.graph[GENE].name[gene]}"
        raise LeakageError(f"{message} {int(shared.sum())} pairs, for example {names}")
