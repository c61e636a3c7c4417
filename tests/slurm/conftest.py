"""The tiny study of tests/studies, SLURM's commands as scripts, and a real cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slurm.cluster import Cluster, cluster, missing
from slurm.fake import fake, meanwhile
from studies.conftest import base, labels, study, write

__all__ = ["REAL", "base", "fake", "labels", "meanwhile", "slurm", "study", "write"]
REAL = [
    pytest.mark.slurm,
    pytest.mark.skipif(
        bool(missing()), reason=f"needs slurm-wlm and munge: {', '.join(missing())} not found"
    ),
]


@pytest.fixture(scope="module")
def slurm() -> Iterator[Cluster]:
    """A cluster of one node with two processors, whose commands are found by everything that is started."""
    with cluster() as made, pytest.MonkeyPatch.context() as patch:
        for name, value in made.variables.items():
            patch.setenv(name, value)
        yield made
