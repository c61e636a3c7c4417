"""The small project of the command line's tests."""

from cli.conftest import make_h5ad, project, work

__all__ = ["make_h5ad", "project", "work"]
