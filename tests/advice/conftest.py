"""The small project of the command's tests, with a config that reads labels alone: it is quicker."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.conftest import make_h5ad, project, run, trained, work

__all__ = ["make_h5ad", "project", "run", "trained", "work"]

BARE = """\
data: {expression: null, labels: labels.tsv}
evaluation: {negatives: [uniform], baselines: [degree_product]}
encoder: {name: lookup, embedding_dim: 8}
head: {name: dual, hidden_channels: 16, out_channels: 8}
training: {max_epochs: 1, batch_size: 128, lr: 0.01}
"""


@pytest.fixture
def place(work: Path) -> Path:
    """The project as the current folder, with `bare.yaml` beside `small.yaml`."""
    (work / "bare.yaml").write_text(BARE)
    return work
