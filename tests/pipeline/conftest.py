"""The small project of the command line's tests, and SLURM's commands as scripts."""

from cli.conftest import make_h5ad, project, work
from slurm.fake import fake, meanwhile

__all__ = ["fake", "make_h5ad", "meanwhile", "project", "work"]
