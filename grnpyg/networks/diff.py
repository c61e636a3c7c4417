"""Compare two networks: how alike their tops are, and which edges come and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grnpyg.core.arguments import require_list, require_whole
from grnpyg.core.errors import InputError, examples
from grnpyg.data.pair_scores import PairScores, read_pair_scores
from grnpyg.metrics.rank_overlap import jaccard_at, places, rank_biased_overlap, weight_of_top
from grnpyg.networks.shards.read import is_shards, read_shards

DEPTHS = (100, 1_000, 10_000)
TOP = 1_000
P = 0.999
GAINED, LOST, KEPT = "gained", "lost", "kept"
Network = str | Path | pd.DataFrame


@dataclass(frozen=True, eq=False)
class NetworkDiff:
    """What distinguishes network B from network A, among the TFs and genes that both name.

    Attributes:
        counts: of A and B: `pairs`, `outside` (an end that the other network does not name), `known` (left
            out because they are known), `compared`, and `tied` (pairs with the score of the last of the top).
        tfs, genes: how many both name.
        jaccard: depth -> Jaccard index; only depths that both lists reach; if there is none, the length of
            the shorter one.
        rbo: extrapolated rank-biased overlap.
        p: its parameter.
        top: depth of `edges` and `per_tf`.
        edges: `TF target change rank_a rank_b score_a score_b`: the pairs of either top, lost ones first.
            Ranks are 1-based among the compared pairs; nan where a network does not list the pair.
        per_tf: `TF in_a in_b kept gained lost jaccard`, the TF with most changes first.
    """

    counts: Mapping[str, Mapping[str, int]]
    tfs: int
    genes: int
    jaccard: Mapping[int, float]
    rbo: float
    p: float
    top: int
    edges: pd.DataFrame
    per_tf: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, without the edges themselves."""
        changes = self.edges["change"].value_counts()
        return {
            "a": dict(self.counts["a"]),
            "b": dict(self.counts["b"]),
            "tfs": self.tfs,
            "genes": self.genes,
            "jaccard": {str(k): value for k, value in self.jaccard.items()},
            "rbo": self.rbo,
            "p": self.p,
            "weight_of_top": weight_of_top(self.p, self.top),
            "top": self.top,
            **{change: int(changes.get(change, 0)) for change in (GAINED, LOST, KEPT)},
            "per_tf": self.per_tf.to_dict("records"),
        }


def diff(
    a: Network,
    b: Network,
    *,
    depths: Sequence[int] = DEPTHS,
    top: int = TOP,
    p: float = P,
    new: bool = False,
    columns: Mapping[str, str] | None = None,
) -> NetworkDiff:
    """Compare two networks pair by pair: of two tissues, two seeds, two tools or two versions.

    Only pairs of TFs and genes that both networks name are compared; what is outside is counted. Pairs of the
    same score stand in the order of their names, in both lists.

    Args:
        a, b: tables of `grnpyg predict` or of other tools with a score, as files, folders of shards or in
            memory.
        depths: of the Jaccard index.
        top: depth at which edges are gained and lost.
        p: of the rank-biased overlap; its mean depth is 1 / (1 - p).
        new: leave out the known edges, which both tables have to mark (column `known`).
        columns: which column of both tables holds the source, the target or the weight.

    Raises:
        InputError: a table that cannot be read or has no scores, no pair in common names, or an argument out
            of range.

    Example:
        >>> a = pd.DataFrame({"TF": ["S", "S"], "target": ["x", "y"], "importance": [2.0, 1.0]})
        >>> round(diff(a, a).rbo, 6)
        1.0
    """
    require_list(depths, "depths", where="diff")
    for k in (*depths, top):
        require_whole(k, "depth", 1, where="diff")
    if not 0 < p < 1:
        raise InputError(f"p = {p:g} is not between 0 and 1", where="diff", fix=f"give for example {P}")
    read = [read_pair_scores(_opened(source), columns, known=new) for source in (a, b)]
    for one in read:
        if one.column is None:
            raise InputError(
                "has no scores, so that it has no top", where=one.where, fix="give --columns weight=COLUMN"
            )
    tables, counts, common = _common(*read, new=new)
    for table, count in zip(tables, counts.values(), strict=True):
        last = table["score"].iloc[min(top, len(table)) - 1]
        count["tied"] = int((table["score"] == last).sum())
    first, second = items = _items(tables)
    shortest = min(len(first), len(second))
    reached = [k for k in sorted(set(depths)) if k <= shortest] or [shortest]
    edges = _edges(tables, items, top)
    return NetworkDiff(
        counts,
        *common,
        {k: jaccard_at(first, second, k) for k in reached},
        rank_biased_overlap(first, second, p),
        p,
        top,
        edges,
        _per_tf(edges),
    )


def _opened(network: Network) -> Network:
    """A folder of shards as a table, anything else as it is."""
    if isinstance(network, pd.DataFrame) or not is_shards(Path(network)):
        return network
    return read_shards(network)


def _common(
    first: PairScores, second: PairScores, *, new: bool
) -> tuple[list[pd.DataFrame], dict[str, dict[str, int]], tuple[int, int]]:
    """Both tables restricted to TFs and genes that both name, the counts, and how many names these are."""
    names = [set(first.table[end]) & set(second.table[end]) for end in ("source", "target")]
    tables, counts = [], {}
    for letter, one in zip("ab", (first, second), strict=True):
        table = one.table
        inside = table["source"].isin(names[0]) & table["target"].isin(names[1])
        known = table["known"] if new else pd.Series(False, index=table.index)
        tables.append(table[inside & ~known].reset_index(drop=True))
        counts[letter] = {
            "pairs": len(table),
            "outside": int((~inside).sum()),
            "known": int((inside & known).sum()),
            "compared": len(tables[-1]),
        }
    if min(map(len, tables)) == 0:
        shown = [examples(sorted(set(one.table["source"])), 3) for one in (first, second)]
        raise InputError(
            f"no pair of TFs and genes that both networks name is left (TFs {shown[0]}; {shown[1]})",
            where=f"{first.where} and {second.where}",
            fix="compare networks with the same kind of names" + (", or leave out --new" if new else ""),
        )
    return tables, counts, (len(names[0]), len(names[1]))


def _items(tables: Sequence[pd.DataFrame]) -> list[np.ndarray]:
    """Each table's pairs as numbers, the same pair the same number."""
    both = pd.concat([table[["source", "target"]] for table in tables], ignore_index=True)
    number = both.groupby(["source", "target"], sort=False).ngroup().to_numpy()
    return np.split(number, [len(tables[0])])


def _edges(tables: Sequence[pd.DataFrame], items: Sequence[np.ndarray], top: int) -> pd.DataFrame:
    parts = []
    for own, other, letters in ((0, 1, "ab"), (1, 0, "ba")):
        best = tables[own].head(top)
        there = places(items[own][: len(best)], items[other])
        listed = np.isfinite(there)
        score = np.full(len(best), np.nan)
        score[listed] = tables[other]["score"].to_numpy()[there[listed].astype(int)]
        here = pd.DataFrame(
            {
                "TF": best["source"],
                "target": best["target"],
                "change": np.where(there < top, KEPT, LOST if own == 0 else GAINED),
                f"rank_{letters[0]}": np.arange(1.0, len(best) + 1),
                f"rank_{letters[1]}": np.where(listed, there + 1, np.nan),
                f"score_{letters[0]}": best["score"],
                f"score_{letters[1]}": score,
            }
        )
        parts.append(here if own == 0 else here[here["change"] == GAINED])
    whole = pd.concat(parts, ignore_index=True)
    order = whole["change"].map({LOST: 0, GAINED: 1, KEPT: 2})
    keys = whole.assign(order=order, best=whole[["rank_a", "rank_b"]].min(axis=1))
    keys = keys.sort_values(["order", "best", "TF", "target"])
    columns = ["TF", "target", "change", "rank_a", "rank_b", "score_a", "score_b"]
    return whole.loc[keys.index, columns].reset_index(drop=True)


def _per_tf(edges: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(edges["TF"], edges["change"])
    counts = counts.reindex(columns=[KEPT, GAINED, LOST], fill_value=0)
    table = pd.DataFrame(
        {
            "TF": counts.index,
            "in_a": (counts[KEPT] + counts[LOST]).to_numpy(),
            "in_b": (counts[KEPT] + counts[GAINED]).to_numpy(),
            **{name: counts[name].to_numpy() for name in (KEPT, GAINED, LOST)},
        }
    )
    table["jaccard"] = table[KEPT] / (table[KEPT] + table[GAINED] + table[LOST])
    changes = table[GAINED] + table[LOST]
    return (
        table.assign(changes=changes)
        .sort_values(["changes", "TF"], ascending=[False, True], ignore_index=True)
        .drop(columns="changes")
    )
