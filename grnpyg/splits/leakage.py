"""Check that a split does not leak: every invariant has a name, which the error gives."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from grnpyg.core.config import SPARED
from grnpyg.core.errors import LeakageError
from grnpyg.data.graph import (
    ENCODED_BY,
    GENE,
    REGULATED_BY,
    REGULATES,
    TF,
    is_knowledge,
    num_nodes,
    pair_codes,
)
from grnpyg.splits.brought import balanced_before, spares_held_out
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

# the leaks that a split may declare (`LinkSplit.leaks`); all others are always refused
COLD_IN_UNIVERSE = "cold-in-universe"
HELD_OUT_IN_TRAINING = "held-out-in-training"
FALSE_NEGATIVE = "false-negative"


def check(split: LinkSplit) -> None:
    """Check the positives and the message graph of a split.

    Raises:
        LeakageError: naming the first broken invariant of
            `bad-id`, `duplicate`, `shared-pair`, `message-edge` (the message edges are not exactly the
            training positives, or another edge type between TFs and genes holds a held-out pair; the numbers
            of a knowledge source, `direct_*`, come from outside the labels and may name any pair),
            `reverse-edge` (the reverse is not their mirror image), `not-a-candidate` (a pair outside its
            subset's universe), `cold-in-universe` (a warm node, or a subset's universe that is neither all
            warm nor all cold, has a node without training edge), `trained-cold-node` (a subset of unseen
            nodes has one with a training edge), and of negatives that the split brings along
            `negatives-spare-held-out` (those of training avoid held-out edges more than chance explains) and
            `balanced-before-splitting` (every TF or gene has as many as positives over all subsets together,
            but not in training). Negatives that a sampler draws inside the subsets are not judged: they are
            honest by the way they are drawn.
    """
    graph = split.graph
    subsets = dict(split.positives) | {"set aside": split.set_aside}
    for name, pairs in subsets.items():
        _distinct(split, pairs, f"the {name} subset")
    _apart(split, subsets)
    _ids(split, graph[REGULATES].edge_index, "the message graph")
    _ids(split, graph[REGULATED_BY].edge_index.flip(0), "the reversed message graph")
    train = pair_codes(graph, split.positives["train"]).sort().values
    messages = pair_codes(graph, graph[REGULATES].edge_index).sort().values
    if not torch.equal(train, messages):
        raise LeakageError("message-edge: the message edges are not exactly the training positives")
    mirrored = pair_codes(graph, graph[REGULATED_BY].edge_index.flip(0)).sort().values
    if not torch.equal(messages, mirrored):
        raise LeakageError("reverse-edge: the reverse message edges are not the mirror image of the edges")
    held_out = torch.cat([pairs for name, pairs in subsets.items() if name != "train"], dim=1)
    for edge_type in graph.edge_types:
        if is_knowledge(edge_type):
            continue
        if {edge_type[0], edge_type[2]} == {TF, GENE} and edge_type != ENCODED_BY:
            edges = graph[edge_type].edge_index
            pairs = edges if edge_type[0] == TF else edges.flip(0)
            _disjoint(split, held_out, pairs, f"message-edge: {edge_type[1]} holds held-out pairs:")
    for kind, end in ((TF, 0), (GENE, 1)):
        warm = split.warm[kind]
        if not torch.equal(warm, warm.unique()):
            raise LeakageError(f"bad-id: the warm {kind} ids are not sorted and distinct")
        trained = split.positives["train"][end]
        if not torch.isin(warm, trained).all() and COLD_IN_UNIVERSE not in split.leaks:
            raise LeakageError(f"{COLD_IN_UNIVERSE}: a warm {kind} has no training edge")
        for name, universe in split.universes.items():
            _all_warm_or_all_cold(universe[end], warm, trained, f"the {kind} universe of the {name} subset")
    for name, pairs in split.positives.items():
        _candidates(split, pairs, name, f"the {name} subset")
    _check_brought(split)


def _all_warm_or_all_cold(universe: Tensor, warm: Tensor, trained: Tensor, name: str) -> None:
    if not torch.equal(universe, universe.unique()):
        raise LeakageError(f"bad-id: {name} is not sorted and distinct")
    is_warm = torch.isin(universe, warm)
    if is_warm.all():
        return
    if is_warm.any():
        raise LeakageError(f"{COLD_IN_UNIVERSE}: {name} mixes warm and cold nodes")
    if torch.isin(universe, trained).any():
        raise LeakageError(f"trained-cold-node: {name} holds a node with a training edge")


def check_evaluation(split: LinkSplit, evaluation: dict[str, LabelledPairs]) -> None:
    """Check evaluation sets, subset -> pairs, against the split and against each other.

    Raises:
        LeakageError: `bad-id`, `not-a-candidate`, `duplicate`, `false-negative` (a negative is a known
            edge), `wrong-positives` (they are not exactly the positives of the subset), or `shared-pair`
            (validation and test share one). In a split that declares `false-negative` a training edge may be
            a negative, but never a held-out one.
    """
    for name, pairs in evaluation.items():
        _labelled(split, pairs, name, f"the {name} set")
    _apart(split, {name: pairs.edge_label_index for name, pairs in evaluation.items()})


def check_training(split: LinkSplit, pairs: LabelledPairs, evaluation: dict[str, LabelledPairs]) -> None:
    """Check the training pairs, by themselves and against everything that is held out.

    A held-out pair may stand in training under label 0: training does not know that it is held out, and
    takes it as often as any other pair that is no training edge. Under label 1 it may not.

    Raises:
        LeakageError: `held-out-in-training` (a held-out edge, or a pair of an evaluation set, under label 1),
            `false-negative` (a negative is a training edge), or any of `check_evaluation` but `shared-pair`.
            In a split that declares `held-out-in-training` training edges may be in evaluation sets.
    """
    held_out = [*(split.positives[subset] for subset in split.held_out), split.set_aside]
    if HELD_OUT_IN_TRAINING not in split.leaks:
        held_out += [evaluated.edge_label_index for evaluated in evaluation.values()]
    _ids(split, pairs.edge_label_index, "the training set")
    message = f"{HELD_OUT_IN_TRAINING}: training holds as known edges"
    _disjoint(split, pairs.positives, torch.cat(held_out, dim=1), message)
    _labelled(split, pairs, "train", "the training set")


def _check_brought(split: LinkSplit) -> None:
    """Refuse negatives that came with the split and show that their maker looked at held-out edges."""
    if SPARED not in split.leaks and spares_held_out(split):
        raise LeakageError(
            f"{SPARED}: the split's own training negatives avoid the held-out edges, so that what is missing "
            "among them tells where these are"
        )
    if (kind := balanced_before(split)) is not None:
        raise LeakageError(
            f"balanced-before-splitting: over all subsets together every {kind} has as many negatives as "
            "positives, but not in training; draw the negatives inside each subset"
        )


def _labelled(split: LinkSplit, pairs: LabelledPairs, subset: str, name: str) -> None:
    if pairs.edge_label.shape != pairs.edge_label_index.shape[1:]:
        raise LeakageError(f"bad-id: {name} does not have one label per pair")
    if not ((pairs.edge_label == 0) | (pairs.edge_label == 1)).all():
        raise LeakageError(f"bad-id: {name} has a label that is neither 0 nor 1")
    _distinct(split, pairs.edge_label_index, name)
    known = split.known
    if subset == "train":
        known = split.of_training().known
    elif FALSE_NEGATIVE in split.leaks:
        known = torch.cat(
            [*(split.positives[held_out] for held_out in split.held_out), split.set_aside], dim=1
        )
    _disjoint(split, pairs.negatives, known, f"{FALSE_NEGATIVE}: {name} holds known edges as negatives:")
    expected = pair_codes(split.graph, split.positives[subset]).sort().values
    if not torch.equal(pair_codes(split.graph, pairs.positives).sort().values, expected):
        raise LeakageError(f"wrong-positives: {name} does not hold exactly the positives of its subset")
    _candidates(split, pairs.edge_label_index, subset, name)


def _distinct(split: LinkSplit, pairs: Tensor, name: str) -> None:
    _ids(split, pairs, name)
    codes = pair_codes(split.graph, pairs)
    if codes.unique().numel() != codes.numel():
        raise LeakageError(f"duplicate: {name} holds a pair twice")


def _ids(split: LinkSplit, pairs: Tensor, name: str) -> None:
    sizes = torch.tensor(num_nodes(split.graph)).unsqueeze(1)
    if pairs.numel() and bool(((pairs < 0) | (pairs >= sizes)).any()):
        raise LeakageError(f"bad-id: {name} holds an id outside the TFs or genes")


def _candidates(split: LinkSplit, pairs: Tensor, subset: str, name: str) -> None:
    if not split.is_candidate(pairs, subset).all():
        raise LeakageError(f"not-a-candidate: {name} holds a self-loop or a node outside its universe")


def _apart(split: LinkSplit, sets: dict[str, Tensor]) -> None:
    for first, second in itertools.combinations(sets, 2):
        _disjoint(split, sets[first], sets[second], f"shared-pair: {first} and {second} share")


def _disjoint(split: LinkSplit, first: Tensor, second: Tensor, message: str) -> None:
    shared = torch.isin(pair_codes(split.graph, first), pair_codes(split.graph, second))
    if shared.any():
        tf, gene = first[:, shared][:, 0].tolist()
        names = f"{split.graph[TF].name[tf]} -> {split.graph[GENE].name[gene]}"
        raise LeakageError(f"{message} {int(shared.sum())} pairs, for example {names}")
