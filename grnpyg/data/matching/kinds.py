"""Names in a table of gene symbols that are of another kind: microRNAs, clones, transcripts, ..."""

from __future__ import annotations

import re
from collections.abc import Collection

from grnpyg.core.errors import examples, warn

KINDS = {
    "microRNAs": re.compile(r"[a-z]{3,4}-(mir|let)-?\w[\w-]*|MIMAT\d+|MI\d{7}", re.IGNORECASE),
    "clones": re.compile(
        r"(RP|CT[ABCD]|XX|KB|GS|LA|LL|hR|CITF|yR)\w{0,5}-\w+\.\d+|(A[CDFLPJ]|B[XS]|C[RU]|FP|Z)\d{5,6}[.-]\d+"
    ),
    "unnamed loci": re.compile(r"LOC\d+"),
    "transcripts": re.compile(r"ENS[A-Z]{0,4}[TP]\d{11}(\.\d+)?|[NX][MRP]_\d{6,}(\.\d+)?"),
    "probes": re.compile(r"\w+(_[a-z])?_at|ILMN_\d+|A_\d\d_P\d+|cg\d{8}"),
    "regions": re.compile(r"chr\w{1,5}[:_-]\d+[-_]\d+"),
}


NO_NAMES_OF_GENES = KINDS | {
    "HGNC ids": re.compile(r"HGNC:\d+"),
    "UniProt entry names": re.compile(r"\w+_(HUMAN|MOUSE|RAT)"),
    "motifs of JASPAR": re.compile(r"MA\d{4}(\.\d+)?(_\S+)?"),
    "experiments of ENCODE": re.compile(r"\S*ENC(SR|FF)\d\w+"),
}


def kind_of_most(names: Collection[str]) -> str | None:
    """What most of the names are, other than symbols or ids of genes, such as `transcripts`; or None."""
    of = {kind: sum(map(bool, map(p.fullmatch, names))) for kind, p in NO_NAMES_OF_GENES.items()}
    most = max(of, key=lambda kind: of[kind])
    return most if 2 * of[most] > len(names) else None


def say_other_kinds(names: Collection[str], where: object) -> None:
    """Warn of names without expression that are no gene symbols, by kind with examples."""
    found = {kind: sorted(filter(pattern.fullmatch, names)) for kind, pattern in KINDS.items()}
    if parts := [f"{len(of):,} {kind} ({examples(of)})" for kind, of in found.items() if of]:
        warn(
            f"names of other kinds than gene symbols are among those without expression: {', '.join(parts)}",
            where=where,
            fix="they stay nodes of the graph; leave their rows out if they are not meant to be genes",
        )
