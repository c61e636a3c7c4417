"""Judge the negatives that a split brings along: were they made without looking at what is held out?

Negatives that grnpyg draws itself are honest by the way they are drawn, whatever they add up to. Those that
come with a split were made elsewhere, so that only their numbers can tell. Both questions here are answered
with "no" only where an honest draw would practically never give such numbers.
"""

from __future__ import annotations

import math

import torch
from scipy.stats import chi2
from torch import Tensor

from grnpyg.data.graph import ENCODED_BY, GENE, TF, num_nodes, pair_codes
from grnpyg.splits.link_split import LinkSplit

IMPROBABLE = 1e-9
# an imbalance of training, as a share of its pairs, that is no rounding, and how much smaller than it the
# imbalance of all subsets together is where they were balanced before they were divided
NOTICEABLE, BALANCED = 0.02, 0.1
WHOLE = 1 / 12  # variance that counting in whole numbers hides
SETTLED = 1e-6  # variance of the number of a node's negatives where there is no choice


def spares_held_out(split: LinkSplit) -> bool:
    """Whether the training negatives of a split avoid held-out edges more than any blind draw does.

    A blind draw takes held-out edges as often as other pairs: of all pairs, or of those of the same TF or
    gene where it gives every TF or gene a number of its own. Of these expectations the smallest counts. With
    m expected and h <= m found, a draw without replacement has P(at most h) <= exp(h - m) (m / h)^h
    (Chernoff; Hoeffding 1963, section 6).
    """
    drawn = split.negatives.get("train")
    held_out = torch.cat([*(split.positives[subset] for subset in split.held_out), split.set_aside], dim=1)
    held_out = held_out[:, split.is_candidate(held_out)]
    if drawn is None or not (drawn.numel() and held_out.numel()):
        return False
    found = int(torch.isin(pair_codes(split.graph, drawn), pair_codes(split.graph, held_out)).sum())
    tf, gene = split.universe("train")
    own = split.graph[ENCODED_BY].edge_index
    used = torch.cat([split.positives["train"], split.unscored, own], dim=1).unique(dim=1)
    used = used[:, torch.isin(used[0], tf) & torch.isin(used[1], gene)]
    free = tf.numel() * gene.numel() - used.size(1)
    expected = [drawn.size(1) * held_out.size(1) / max(1, free)]
    for end, (ids, others) in enumerate(((tf, gene), (gene, tf))):
        counts = [_count(split, pairs, end) for pairs in (drawn, held_out, used)]
        left = torch.zeros_like(counts[0])
        left[ids] = others.numel() - counts[2][ids]
        expected.append(float((counts[0] * counts[1] / left.clamp(min=1)).sum()))
    mean = min(expected)
    if found >= mean:
        return False
    log_bound = found - mean + (found * math.log(mean / found) if found else 0.0)
    return bool(log_bound < math.log(IMPROBABLE))


def balanced_before(split: LinkSplit) -> str | None:
    """The kind of node whose negatives were balanced over all subsets before they were divided, if any.

    Every node has as many negatives as positives over all subsets together, but not in training: what a node
    lacks in training the test must hold (Stock et al. 2025). Negatives that are drawn at random differ from a
    node's positives by more: their squared differences over the variances of a uniform draw are at least
    about chi-squared, with fewer degrees of freedom where counts are small (Satterthwaite). A node says
    nothing if all its unlabelled pairs are drawn.
    """
    if split.negatives.keys() != split.positives.keys():
        return None
    positives, negatives = (torch.cat(list(of.values()), dim=1) for of in (split.positives, split.negatives))
    if not (positives.numel() and negatives.numel()):
        return None
    ratio = negatives.size(1) / positives.size(1)
    known, drawn = split.positives["train"], split.negatives["train"]
    candidates = _candidates(split)
    for end, kind in enumerate((TF, GENE)):
        total = _count(split, negatives, end) - ratio * _count(split, positives, end)
        in_training = (_count(split, drawn, end) - ratio * _count(split, known, end)).abs().sum()
        if in_training <= NOTICEABLE * (known.size(1) + drawn.size(1)):
            continue
        share = negatives.size(1) / float(candidates[end].sum().clamp(min=1))
        variance = share * (1 - share) * candidates[end]
        open_ = variance > SETTLED
        if float(total.abs().sum()) >= BALANCED * float(in_training) or not open_.any():
            continue
        squares = float(((total[open_].square() + WHOLE) / variance[open_]).sum())
        num = int(open_.sum())
        freedom = 2 * num**2 / float((2 + 1 / variance[open_]).sum())
        if chi2.cdf(squares * freedom / num, freedom) < IMPROBABLE:
            return kind
    return None


def _candidates(split: LinkSplit) -> tuple[Tensor, Tensor]:
    """(num_nodes,) unlabelled pairs of each TF, and of each gene, in the universes of the subsets."""
    used = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1).unique(dim=1)
    found = tuple(torch.zeros(size, dtype=torch.float64) for size in num_nodes(split.graph))
    seen: list[tuple[Tensor, Tensor]] = []
    for tf, gene in (split.universe(subset) for subset in split.positives):
        if any(torch.equal(tf, s[0]) and torch.equal(gene, s[1]) for s in seen):
            continue
        seen.append((tf, gene))
        inside = used[:, torch.isin(used[0], tf) & torch.isin(used[1], gene)]
        for end, (ids, others) in enumerate(((tf, gene), (gene, tf))):
            found[end][ids] += others.numel()
            found[end].sub_(_count(split, inside, end))
    return found[0], found[1]


def _count(split: LinkSplit, pairs: Tensor, end: int) -> Tensor:
    """(num_nodes,) how many of the pairs (2, N) each TF (end 0) or gene (end 1) has."""
    return torch.bincount(pairs[end], minlength=num_nodes(split.graph)[end]).double()
