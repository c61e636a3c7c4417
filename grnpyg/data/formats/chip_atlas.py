"""ChIP-Atlas's target genes: one file a TF, with its binding scores in the columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.data.formats.columns import plain_name
from grnpyg.data.formats.rows import Rows
from grnpyg.data.formats.values import numbers

AVERAGE = "|Average"


def is_chip_atlas(listed: Sequence[str]) -> bool:
    """Whether the columns are `Target_genes`, `TF|Average` and the experiments."""
    return plain_name(listed[0]) == "target_genes" and any(name.endswith(AVERAGE) for name in listed)


def rows_from_chip_atlas(frame: pd.DataFrame, where: object) -> Rows:
    """The genes whose average score is not 0, with the score as weight.

    Raises:
        InputError: a score is no number.
    """
    genes, parts = frame[frame.columns[0]], []
    for column in (name for name in frame.columns if str(name).endswith(AVERAGE)):
        scores = numbers(frame[column], str(column), where)
        part = pd.DataFrame({"target": genes, "weight": scores})[scores.ne(0)]
        parts.append(part.assign(source=str(column).removesuffix(AVERAGE)))
    table = pd.concat(parts, ignore_index=True)[["source", "target", "weight"]]
    if table.empty:
        raise InputError("no average score of a target gene is above 0", where=where)
    tfs = ", ".join(sorted(set(table["source"])))
    return Rows(table, (f"Read as ChIP-Atlas: target genes of {tfs}, weights from the average score.",))
