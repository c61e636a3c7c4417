"""Known edges as one set of genes a TF: JSON and GMT."""

from __future__ import annotations

import json

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.formats.rows import ENDS, KINDS_HINT, Rows


def rows_from_json(text: str, where: object) -> Rows:
    """`{TF: [genes]}`; a TF without genes becomes a row without a target.

    Raises:
        InputError: not JSON, or JSON of another shape.
    """
    try:
        pairs = json.loads(text, object_pairs_hook=list)  # as pairs: a TF that occurs twice keeps both lists
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits, too
        raise InputError(f"is not valid JSON ({error})", where=where, fix=KINDS_HINT) from None
    if not all(
        isinstance(pair, tuple)
        and isinstance(pair[1], list)
        and all(isinstance(gene, str) for gene in pair[1])
        for pair in pairs
    ):
        raise InputError(
            "is JSON, but not {TF: [genes]}", where=where, fix='write {"TF": ["gene", ...], ...}'
        )
    return Rows(pd.DataFrame([(tf, gene) for tf, genes in pairs for gene in genes or [""]], columns=ENDS))


def rows_from_gmt(text: str, where: object) -> Rows:
    """GMT: a line is the TF, a description and the genes, separated by tabs.

    Raises:
        InputError: a line without genes.
    """
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        tf, *rest = line.split("\t")
        genes = [gene for gene in rest[1:] if gene.strip()]
        if line.strip() and not genes:
            what = f"line {number} ({tf[:40]!r}) has no genes"
            raise InputError(what, where=where, fix="a GMT line is name<TAB>description<TAB>gene<TAB>gene...")
        rows += [(tf, gene) for gene in genes]
    return Rows(pd.DataFrame(rows, columns=ENDS))
