"""Every name that grnpyg writes: the columns of the network table, and the keys in an AnnData."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["string", "double", "boolean", "int"]


class Column(NamedTuple):
    """A column of the network table: the kind of its values, and what they are."""

    kind: Kind
    text: str


TF, TARGET = "TF", "target"
IMPORTANCE, PROBABILITY, KNOWN, SIGN = "importance", "probability", "known", "sign"
COLUMNS: dict[str, Column] = {
    TF: Column("string", "the regulator"),
    TARGET: Column("string", "the regulated gene"),
    IMPORTANCE: Column(
        "double", "raw logit, or the score of a baseline; the mean where several runs are used"
    ),
    PROBABILITY: Column("double", "that the pair is an edge; empty where it is not known"),
    KNOWN: Column("boolean", "an edge of the labels"),
    "rank": Column("int", "place among all pairs that were asked for, from 1"),
    "rank_in_tf": Column("int", "the same among the pairs of the TF"),
    "degree_rank": Column("double", "place of the pair by the product of the degrees of both ends"),
    SIGN: Column("int", "1 activation, -1 repression, 0 not known"),
    "sd": Column("double", "standard deviation of the importance over the runs; empty with one run"),
    "frequency": Column(
        "double", "share of the runs that have the pair among their best; empty with one run"
    ),
    "cold": Column("string", "`TF`, `target` or `both`: which end has no known edge"),
    "provenance": Column("string", "what the labels say of a known edge: their name and its confidence"),
}
"""The network table: one row a pair, best first. `TF` and `target` are needed; all others may be missing."""
SCORED_BY = "scored_by"
FURTHER: dict[str, Column] = {
    SCORED_BY: Column("string", "of a reranking: `rerank` or `retrieve`, the run that scored the pair"),
    "q_value": Column("double", "with `--fdr`: the q-value of a new edge; empty for a known one"),
}
"""Columns that stand behind the others, where they are asked for."""

BASE, BECAUSE = "base", "because_"
EXPLAINED: dict[str, Column] = {
    BASE: Column(
        "double", "importance of an average pair; with all `because_` columns it adds up to that of the pair"
    ),
    "because_degree": Column("double", "what the counts of known edges of both ends add to the importance"),
    "because_known_edges": Column(
        "double", "what the known edges around the pair add: shared targets, shared regulators, relatives"
    ),
    "because_knowledge": Column(
        "double", "what facts from outside the labels add: GO, domains, families, expression"
    ),
    "because_vectors": Column("double", "what the learned vectors of both ends add, which the head compares"),
}
"""The further columns of `predict --explain`, see `grnpyg.models.groups`."""
OWN = COLUMNS | FURTHER | EXPLAINED
"""Every column that a network table may have."""

NETWORK = "grnpyg"
EDGES = "edges"
ACTIVITY = "grnpyg_activity"
PADJ = "grnpyg_activity_padj"
MODALITY = "rna"
ANNDATA: dict[str, str] = {
    f'uns["{NETWORK}"]["{EDGES}"]': "the network table, whole",
    f'uns["{NETWORK}"]["version"]': "the version of grnpyg that wrote it",
    f'varp["{NETWORK}"]': "genes x genes, sparse: row TF, column target, value sign x weight "
    "(an unknown sign counts as +); edges between genes of `var_names`",
    f'obsm["{ACTIVITY}"]': "cells x TFs: activities, a DataFrame",
    f'obsm["{PADJ}"]': "cells x TFs: adjusted p-values, where the method gives some",
    f'uns["{ACTIVITY}"]': "method, smallest number of targets, state of the values, targets used of each TF",
}
"""Where the network and the activities are in an AnnData."""
MUDATA: dict[str, str] = {
    f'mod["{MODALITY}"]': "the genes, or the cells that were given, with the keys of the network above",
}
"""Where the network is in a MuData."""
