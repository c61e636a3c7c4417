"""Check that a split does not leak: every invariant has a name, which the error gives."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor

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
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

# the leaks that a split may declare (`LinkSplit.leaks`); all others are always refused
COLD_IN_UNIVERSE = "cold-in-universe"
HELD_OUT_IN_TRAINING = "held-out-in-training"
FALSE_NEGATIVE = "false-negative"

# of `balanced-before-splitting`: an imbalance of training, as a share of its pairs, that is no rounding, and
# how much smaller than it the imbalance of everything must be
NOTICEABLE, BALANCED = 0.02, 0.1
BELOW_CHANCE = 0.5  # and this share of the imbalance that random draws would have


def check(split: LinkSplit) -> None:
    """Check the positives and the message graph of a split.

    Raises:
        LeakageError: naming the first broken invariant of
            `bad-id`, `duplicate`, `shared-pair`, `message-edge` (the message edges are not exactly the
            training positives, or another edge type between TFs and genes holds a held-out pair; the numbers
            of a knowledge source, `direct_*`, come from outside the labels and may name any pair),
            `reverse-edge` (the reverse is not their mirror image), `not-a-candidate` (a pair outside its
            subset's universe), `cold-in-universe` (a warm node, or a subset's universe that is neither all
            warm nor all cold, has a node without training edge) and `trained-cold-node` (a subset of unseen
            nodes has one with a training edge).
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

    Raises:
        LeakageError: `held-out-in-training` (a pair of an evaluation set, or a held-out edge, under any
            label), `balanced-before-splitting` (every TF or gene has as many negatives as positives over all
            subsets together, but not in training: what training lacks, the test must hold), or any of
            `check_evaluation` but `shared-pair`. A split that declares `held-out-in-training` may share
            negatives, but never a known edge.
    """
    held_out = [*(split.positives[subset] for subset in split.held_out), split.set_aside]
    if HELD_OUT_IN_TRAINING not in split.leaks:
        held_out += [evaluated.edge_label_index for evaluated in evaluation.values()]
    _ids(split, pairs.edge_label_index, "the training set")
    message = f"{HELD_OUT_IN_TRAINING}: training holds"
    _disjoint(split, pairs.edge_label_index, torch.cat(held_out, dim=1), message)
    _labelled(split, pairs, "train", "the training set")
    for regime in dict.fromkeys(name.rpartition("/")[0] for name in evaluation):
        sets = [s for name, s in evaluation.items() if name.rpartition("/")[0] == regime]
        _balanced_inside(split, pairs, sets)


def _balanced_inside(split: LinkSplit, train: LabelledPairs, held_out: list[LabelledPairs]) -> None:
    """Refuse negatives balanced per node before the split, which reveal labels (Stock et al. 2025)."""
    index = torch.cat([train.edge_label_index, *(pairs.edge_label_index for pairs in held_out)], dim=1)
    label = torch.cat([train.edge_label, *(pairs.edge_label for pairs in held_out)]).double()
    ratio = float((label == 0).sum()) / max(1.0, float(label.sum()))
    weight = torch.where(label > 0.5, ratio, -1.0).double()
    in_training = torch.arange(label.numel()) < train.edge_label.numel()
    for kind, end, size in zip((TF, GENE), (0, 1), num_nodes(split.graph), strict=True):
        total, trained = (
            float(torch.bincount(index[end][rows], weight[rows], minlength=size).abs().sum())
            for rows in (torch.ones_like(in_training), in_training)
        )
        if (
            trained > NOTICEABLE * float(in_training.sum())
            and total < BALANCED * trained
            and (total < BELOW_CHANCE * _imbalance_by_chance(split, index, label > 0.5, end))
        ):
            raise LeakageError(
                f"balanced-before-splitting: over all subsets together every {kind} has as many negatives as "
                "positives, but not in training; draw the negatives inside each subset"
            )


def _imbalance_by_chance(split: LinkSplit, index: Tensor, known: Tensor, end: int) -> float:
    """The imbalance to expect of as many negatives drawn at random from all unlabelled pairs.

    Where most unlabelled pairs are drawn, it is that of the labels: the draws have no choice.

    Args:
        split: gives the universes.
        index: (2, num_pairs) the pairs of all subsets.
        known: (num_pairs,) which of them are known edges.
        end: 0 for the TFs, 1 for the genes.
    """
    size = num_nodes(split.graph)[end]
    candidates = torch.zeros(size, dtype=torch.float64)
    used = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1)
    used = used[:, torch.from_numpy(np.unique(pair_codes(split.graph, used).numpy(), return_index=True)[1])]
    seen: list[tuple[Tensor, Tensor]] = []
    for universe in (split.universe(subset) for subset in split.positives):
        if any(torch.equal(universe[0], u[0]) and torch.equal(universe[1], u[1]) for u in seen):
            continue
        seen.append(universe)
        candidates[universe[end]] += universe[1 - end].numel()
        inside = torch.isin(used[0], universe[0]) & torch.isin(used[1], universe[1])
        candidates -= torch.bincount(used[end][inside], minlength=size)
    num = float((~known).sum())
    share = num / max(1.0, float(candidates.sum()))
    positives = torch.bincount(index[end][known], minlength=size).double()
    bias = positives * num / max(1.0, float(known.sum())) - share * candidates
    return float((bias.square() + (1 - min(1.0, share)) * share * candidates).sqrt().sum())


def _labelled(split: LinkSplit, pairs: LabelledPairs, subset: str, name: str) -> None:
    if pairs.edge_label.shape != pairs.edge_label_index.shape[1:]:
        raise LeakageError(f"bad-id: {name} does not have one label per pair")
    if not ((pairs.edge_label == 0) | (pairs.edge_label == 1)).all():
        raise LeakageError(f"bad-id: {name} has a label that is neither 0 nor 1")
    _distinct(split, pairs.edge_label_index, name)
    known = split.known
    if subset != "train" and FALSE_NEGATIVE in split.leaks:
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
