"""`grnpyg doctor`: what is installed and used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from grnpyg_cli.output import Json, print_json, print_table

PACKAGES = (
    "torch",
    "torch-geometric",
    "torch-scatter",
    "pytorch-lightning",
    "scanpy",
    "anndata",
    "igraph",
    "loompy",
)


def doctor(
    cluster: Annotated[
        bool, typer.Option("--cluster", help="Also what of SLURM, Ray, GPUs and file locks works here.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="With --cluster: folder of the run directories.")] = Path("runs"),
    as_json: Json = False,
) -> None:
    """Show versions, devices, optional packages and the state of the data cache.

    Example: grnpyg doctor --cluster
    """
    import importlib.metadata
    import platform

    import torch
    import torch_geometric.typing

    from grnpyg import __version__
    from grnpyg.data import catalog, prepared_cells

    def version(package: str) -> str | None:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None

    scatter = bool(torch_geometric.typing.WITH_TORCH_SCATTER)
    corrupt = [str(status.path) for status in catalog.check() if status.status == "corrupt"]
    facts: dict[str, Any] = {
        "grnpyg": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "scatter": "torch-scatter" if scatter else "torch (torch-scatter is not installed, not required)",
        "threads": torch.get_num_threads(),
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "cache": str(catalog.cache_dir()),
        "prepared_cells": prepared_cells.in_words(),
        "corrupt_files": corrupt,
    }
    if cluster:
        from grnpyg.studies import cluster_facts

        facts |= cluster_facts(runs)
    if as_json:
        print_json(facts)
        return
    rows = [[key, str(value) if value not in (None, []) else "-"] for key, value in facts.items()]
    print_table(["", "found"], rows, words=True)
