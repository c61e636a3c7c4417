"""The bundled data: 559 human immune cells, the DoRothEA regulons A to C, and tables of gene names."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def path(name: str) -> Path:
    """Where the bundled file `name` lies, for example `path("immune.h5ad")`."""
    return Path(str(resources.files(__name__) / name))
