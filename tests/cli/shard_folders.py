"""Networks in folders of parts, and in one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from cli.command import grnpyg


def merged(run: Path, *options: object) -> Path:
    assert grnpyg("predict", run, *options).code == 0
    return Path(str(options[options.index("-o") + 1]))


def assert_same_network(folder: Path, table: pd.DataFrame) -> None:
    from grnpyg.networks import read_network

    read = read_network(folder)
    expected = table[["TF", "target", "importance", "probability", "known"]]
    expected = expected.astype({"probability": np.float32})
    # a block of other TFs is another matrix product: on some processors it differs in the last bit
    assert read["importance"].is_monotonic_decreasing
    one, other = (t.sort_values(["TF", "target"], ignore_index=True) for t in (read, expected))
    pd.testing.assert_frame_equal(one, other, rtol=1e-5, atol=1e-5, check_dtype=False)
