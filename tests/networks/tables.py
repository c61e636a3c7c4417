"""A small network with every column, and the clients that read it."""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pytest

PAIRS = [("STAT1", "IRF1"), ("STAT1", "CXCL10"), ("SPI1", "CD19"), ("STAT1", "HLA-A"), ("IRF1", "B2M")]
REQUIRED = "GRNPYG_TEST_CLIENTS"  # set by `make test`: a client that is missing is then an error


def network(pairs: list[tuple[str, str]] = PAIRS) -> pd.DataFrame:
    """Pairs with every column of a network, best first; half of the scores are negative."""
    n = len(pairs)
    importance = np.linspace(3, -3, n).astype(np.float32)
    table = pd.DataFrame(pairs, columns=["TF", "target"]).astype(object)
    return table.assign(
        importance=importance,
        probability=1 / (1 + np.exp(-importance.astype(np.float64))),
        known=np.arange(n) % 2 == 0,
        rank=np.arange(1, n + 1),
        rank_in_tf=table.groupby("TF").cumcount() + 1,
        degree_rank=np.arange(n) + 0.5,
        sign=pd.array([(1, 0, -1)[i % 3] for i in range(n)], dtype="Int8"),
        sd=np.where(np.arange(n) % 2 == 0, 0.25, np.nan),
        frequency=np.nan,
        cold=["" if i % 2 else "TF" for i in range(n)],
        provenance=["dorothea:A" if i % 2 == 0 else "" for i in range(n)],
    )


def client(name: str) -> Any:
    """A package that reads what grnpyg writes; without it the test is skipped, but not in `make test`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get(REQUIRED):
            raise
        pytest.skip(f"needs {name}: pip install 'grnpyg[test]'")


def regulons_of_ctxcore() -> Any:
    """`ctxcore.genesig`, which pySCENIC reads regulons with.

    The package asks for its own version through pkg_resources, which setuptools no longer has.
    """
    stub: Any = types.ModuleType("pkg_resources")
    stub.DistributionNotFound = LookupError
    stub.get_distribution = lambda name: types.SimpleNamespace(version="")
    with pytest.MonkeyPatch.context() as patch:
        if "pkg_resources" not in sys.modules:
            patch.setitem(sys.modules, "pkg_resources", stub)
        return client("ctxcore.genesig")
