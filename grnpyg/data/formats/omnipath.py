"""Rows of OmniPath that are no regulation of a gene: links between proteins, or without a direction."""

from __future__ import annotations

import pandas as pd

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.formats.columns import plain_name

REGULATION = ("transcriptional", "mirna_transcriptional")
NO = ("0", "false")


def only_regulation(frame: pd.DataFrame, where: object) -> pd.DataFrame:
    """The rows of transcriptional regulation, where the table says what its rows are; what goes is said.

    Args:
        frame: as in the file.
        where: the file, for messages.

    Raises:
        InputError: no row is left.
    """
    columns = {plain_name(name): frame[name].str.lower() for name in frame.columns}
    keep = pd.Series(True, index=frame.index)
    if "type" in columns:
        keep &= columns["type"].isin(REGULATION) | columns["type"].eq("")
    if "is_directed" in columns:
        keep &= ~columns["is_directed"].isin(NO)
    if keep.all():
        return frame
    kinds = examples(sorted(set(columns["type"][~keep]))) if "type" in columns else "without a direction"
    what = f"{int((~keep).sum()):,} rows are no transcriptional regulation ({kinds})"
    if not keep.any():
        fix = "fetch OmniPath's transcriptional interactions, DoRothEA or CollecTRI"
        raise InputError(f"all {what}", where=where, fix=fix)
    warn(f"{what}: left out", where=where)
    return frame[keep].reset_index(drop=True)
