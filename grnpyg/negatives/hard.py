"""Hard negatives: one end of a positive is kept, the other replaced by a near or similar node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array
from torch import Tensor

from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import GENE, REGULATES, TF, num_nodes
from grnpyg.negatives.base import NegativeSampler, negatives
from grnpyg.negatives.candidates import Candidates, per_positive
from grnpyg.negatives.heuristics import pagerank, three_paths, unit_vectors
from grnpyg.splits.link_split import LinkSplit

SILENT = np.float32(-np.inf)  # the score of a candidate that a heuristic cannot rank

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]


@negatives.register("hard")
class HardNegatives(NegativeSampler):
    """Replace one end of a positive at a time by a candidate that heuristics rank high.

    HeaRT (Li et al., NeurIPS 2023, arXiv 2306.10453). Half the negatives of a positive replace its gene, half
    its TF; an odd one alternates between the two. The free candidates are ranked by weighted 3-paths and by
    personalised PageRank between them and the kept end, over the message edges only, and by the cosine of
    their expression with that of the end they replace; the best of these ranks counts. A heuristic ranks
    only candidates for which it has information (a path, expression). Those that none ranks come last. Ties
    are broken at random.

    Two things differ from HeaRT, apart from the graph being bipartite. The negatives of a subset are
    distinct, so each can be taken by one positive only. A score of 0 gives no rank. In HeaRT it gives the
    rank after the last, which beats the other heuristics whenever one heuristic ranks few candidates.

    Args:
        pool: a negative is drawn at random from this many of the hardest candidates. A positive gets at most
            this many for each end.
    """

    exact: ClassVar[bool] = False

    def __init__(self, *, pool: Annotated[int, Field(ge=1)] = 50) -> None:
        self.pool = pool

    def draw(self, split: LinkSplit, subset: str, excluded: Tensor, num: int, seed: int) -> Tensor:
        """See `NegativeSampler.draw`."""
        rng = numpy_generator(seed, "negatives", "hard")
        candidates = Candidates.of(split, subset, excluded)
        rows, columns = candidates.positions(split.positives[subset])
        counts = per_positive(rows.size, num, rng)
        odd = counts % 2
        new_genes = counts // 2 + odd * (odd.cumsum() % 2)
        from_tf, from_gene = _nearness(split, candidates)
        similar_tfs = _similarity(split, TF, candidates.tf)
        similar_genes = _similarity(split, GENE, candidates.gene)
        free = candidates.free
        drawn = []
        for i in rng.permutation(rows.size):  # so that no positive always chooses first
            row, column = rows[i], columns[i]
            if new_genes[i]:
                scores = [*(table[row] for table in from_tf), similar_genes(column)]
                genes = _choose(scores, free[row], new_genes[i], self.pool, rng)
                free[row, genes] = False
                drawn.append((np.full_like(genes, row), genes))
            if counts[i] > new_genes[i]:
                scores = [*(table[column] for table in from_gene), similar_tfs(row)]
                tfs = _choose(scores, free[:, column], counts[i] - new_genes[i], self.pool, rng)
                free[tfs, column] = False
                drawn.append((tfs, np.full_like(tfs, column)))
        return candidates.pairs(*np.concatenate(drawn, axis=1))


def _choose(
    scores: Sequence[Scores], free: NDArray[np.bool_], num: int, pool: int, rng: np.random.Generator
) -> Ids:
    """Draw `num` of the `pool` hardest free candidates, or as many as there are.

    Args:
        scores: (n,) per heuristic, higher = harder.
        free: (n,) which candidates may be drawn.
        num: how many.
        pool: how many of the hardest are drawn from.
        rng: source of the draw and of the order of ties.
    """
    best = np.full(free.size, np.inf)
    for score in scores:
        value = np.where(free, score, SILENT)
        # a candidate behind the first `pool` of a heuristic cannot be among the hardest by it
        last = np.partition(value, -pool)[-pool] if pool < value.size else SILENT
        top = np.flatnonzero((value >= last) & (value > SILENT))
        ahead = np.searchsorted(np.sort(-value[top]), -value[top])  # how many have a higher score
        best[top] = np.minimum(best[top], ahead)
    ranked = np.flatnonzero(best < np.inf)
    if ranked.size > pool:
        order = np.argpartition(best[ranked] + rng.random(ranked.size), pool)
        hardest = np.sort(ranked[order[:pool]])
    else:
        others = np.flatnonzero(free & np.isinf(best))
        some = rng.choice(others, min(pool - ranked.size, others.size), replace=False)
        hardest = np.concatenate([ranked, some])
    return rng.choice(hardest, min(num, hardest.size), replace=False)


def _nearness(split: LinkSplit, candidates: Candidates) -> tuple[list[Scores], list[Scores]]:
    """3-paths and PageRank on the message graph: tables (n, m) seen from the TFs, (m, n) from the genes."""
    tf, gene = split.graph[REGULATES].edge_index.numpy()
    edges = csr_array((np.ones(tf.size), (tf, gene)), shape=num_nodes(split.graph))
    inside = np.ix_(candidates.tf, candidates.gene)
    paths, shares = three_paths(edges)[inside], pagerank(edges)[inside]
    # of a walk from the gene; its own degree, the same for all TFs, is left out
    from_gene = shares * edges.sum(axis=1)[candidates.tf].astype(np.float32)[:, None]
    tables = [np.where(table > 0, table, SILENT) for table in (paths, shares, paths.T, from_gene.T)]
    return tables[:2], [np.ascontiguousarray(table) for table in tables[2:]]


def _similarity(split: LinkSplit, kind: str, ids: Ids) -> Callable[[int], Scores]:
    """A function of one position in `ids`: (n,) cosines of the expression of all `ids` with its own."""
    measured = split.graph[kind].has_expression.numpy()
    unit = unit_vectors(split.graph[kind].x.numpy(), measured)[ids]
    measured = measured[ids]

    def similarity(at: int) -> Scores:
        cosines: Scores = (unit @ unit[at]).astype(np.float32)
        return np.where(measured & measured[at], cosines, SILENT)

    return similarity
