"""The tiny study of tests/studies, and SLURM's commands as scripts."""

from __future__ import annotations

from slurm.fake import fake, meanwhile
from studies.conftest import base, labels, study, write

__all__ = ["base", "fake", "labels", "meanwhile", "study", "write"]
