from __future__ import annotations

import signal

import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.splits import LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph

# A shell that starts the tests in the background has them ignore Ctrl-C, which some of them send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    """On a busy machine a second thread costs tiny tensors ten times what it gains."""
    torch.set_num_threads(1)


@pytest.fixture
def graph() -> HeteroData:
    return small_graph()


@pytest.fixture
def split(graph: HeteroData) -> LinkSplit:
    return TransductiveSplit().split(graph, seed=0)
