"""What is refused as knowledge because it is, or comes from, the labels; and how much any source overlaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError, examples
from grnpyg.data.graph import GENE, REGULATES, TF

# Databases of TF -> gene edges, and sets of targets that are derived from them.
DATABASES = {
    "dorothea": "DoRothEA",
    "collectri": "CollecTRI",
    "trrust": "TRRUST",
    "regnetwork": "RegNetwork",
    "omnipath": "OmniPath",
    "htftarget": "hTFtarget",
    "chipatlas": "ChIP-Atlas",
    "encodetf": "ENCODE's TF targets",
    "encodeandchea": "ENCODE's and ChEA's TF targets",
    "chea": "ChEA",
    "tflink": "TFLink",
    "tfacts": "TFactS",
    "gtrd": "GTRD",
    "regulon": "regulons",
    "jasparpredicted": "targets predicted by JASPAR's motifs",
    "jasparpwm": "targets predicted by JASPAR's motifs",
    "transfacandjaspar": "targets predicted by TRANSFAC's and JASPAR's motifs",
    "transfacpredicted": "targets predicted by TRANSFAC's motifs",
    "transfaccurated": "TRANSFAC's targets",
}
SHORT = 6  # letters
C3 = re.compile(r"c3[._]?(tft|all)|msigdb.*c3")
BOTH, SOME = 0.5, 0.1  # of the file's pairs that are labels, and of the labels that it holds: it is a copy
COPIES = 0.5  # of the TFs whose targets are one of the file's sets: it is a copy
LIKE = 0.8  # common genes of a set and a TF's targets, as a share of both: the set is the regulon
FEWEST = 5  # targets of a TF that a set is compared with


def refuse_label_database(*texts: str, where: object) -> None:
    """Refuse a source that is named after a database of TF -> gene edges.

    Raises:
        InputError: one of the texts names one.
    """
    for text in texts:
        words = re.findall(r"[a-z0-9]+", text.lower())
        for word, name in DATABASES.items():
            # a short name is a word, ChEA_2016 or chea3; a long one may run through several, chip-atlas
            short = len(word) < SHORT
            if any(part.rstrip("0123456789") == word for part in words) if short else word in "".join(words):
                fix = "give it as --labels, or rename the file if it is something else"
                what = (
                    f"is named after {name}, which is TF -> gene edges: no knowledge from outside the labels"
                )
                raise InputError(what, where=where, fix=fix)
        if C3.search(text.lower()):
            fix = "use `--knowledge motif_sets`, whose overlap with the labels is known and reported"
            raise InputError("MSigDB's C3 sets are targets of TFs", where=where, fix=fix)


@dataclass(frozen=True)
class Overlap:
    """How much the TF-gene numbers of a source repeat the labels.

    Attributes:
        pairs: TF-gene pairs of the source.
        shared: of these, known edges.
        labels: known edges.
        expected: shared pairs that the degrees of TFs and genes alone would give.
    """

    pairs: int
    shared: int
    labels: int
    expected: float

    @property
    def odds(self) -> float:
        """Shared pairs over those that the degrees would give; 0 without pairs."""
        return self.shared / self.expected if self.expected else 0.0

    def to_dict(self) -> dict[str, float]:
        """Ready for JSON."""
        return {
            "pairs": self.pairs,
            "share_of_labels": round(self.shared / max(1, self.labels), 4),
            "share_of_pairs": round(self.shared / max(1, self.pairs), 4),
            "odds": round(self.odds, 3),
        }

    def __str__(self) -> str:
        of_pairs, of_labels = (100 * self.shared / max(1, total) for total in (self.pairs, self.labels))
        return (
            f"{self.shared:,} of its {self.pairs:,} TF-gene pairs are labels ({of_pairs:.1f} %; "
            f"{of_labels:.1f} % of the labels), {self.odds:.1f} times what the degrees alone would give"
        )


def overlap(graph: HeteroData, direct: Any) -> Overlap:
    """The pairs of a source that are known edges, and how many the degrees of both ends would give.

    Given d_tf d_gene / E as the chance of an edge, cut at 1.

    Args:
        graph: with all known edges.
        direct: (num_tfs, num_genes) sparse; an entry is a pair.
    """
    labels = _labels(graph)
    pairs = sp.coo_array(direct)
    tf, gene = pairs.coords
    shared = int((sp.csr_array((np.ones(tf.size), (tf, gene)), shape=labels.shape) * labels).sum())
    by_tf, by_gene = (np.asarray(labels.sum(axis=axis)).ravel() for axis in (1, 0))
    chance = np.minimum(1.0, by_tf[tf] * by_gene[gene] / max(1.0, by_tf.sum()))
    return Overlap(tf.size, shared, int(labels.sum()), float(chance.sum()))


def refuse_copy(graph: HeteroData, found: Overlap | None, sets: Any, *, where: object) -> None:
    """Refuse a user's file that holds the labels.

    Args:
        graph: with all known edges.
        found: overlap of its TF-gene pairs, if it has any.
        sets: (num_genes, num_sets) bool, sparse, which gene of the graph is in which of its sets; or None.
        where: the file.

    Raises:
        InputError: half of its pairs are labels and it has a tenth of them, or its sets are the regulons.
    """
    fix = "knowledge has to come from outside the labels: leave the file out, or give it as --labels"
    if found is not None and found.shared >= max(BOTH * found.pairs, SOME * found.labels, 1):
        raise InputError(f"holds the labels: {found}", where=where, fix=fix)
    if sets is None or not sets.shape[1]:
        return
    labels = _labels(graph)
    targets = np.asarray(labels.sum(axis=1)).ravel()
    large = np.flatnonzero(targets >= min(FEWEST, max(1, targets.max(initial=0))))
    sizes = np.asarray(sets.sum(axis=0)).ravel()
    common = (labels[large] @ sets.astype(np.float64)).tocoo()
    row, column = common.coords
    likeness = common.data / np.maximum(1, targets[large][row] + sizes[column] - common.data)
    copied = np.unique(large[row[likeness >= LIKE]])
    if copied.size and copied.size >= COPIES * large.size:
        names = examples(graph[TF].name[tf] for tf in copied)
        what = f"holds the labels: its sets are the known targets of {copied.size:,} TFs ({names})"
        raise InputError(what, where=where, fix=fix)


def _labels(graph: HeteroData) -> Any:
    """(num_tfs, num_genes) 1 for a known edge."""
    tf, gene = graph[REGULATES].edge_index.cpu().numpy()
    shape = (int(graph[TF].num_nodes), int(graph[GENE].num_nodes))
    return sp.csr_array((np.ones(tf.size), (tf, gene)), shape=shape)
